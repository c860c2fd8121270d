// The part of RowChecker that turns a mapping, or a heading in the project's own form, into a plan.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "exchange/mapped_rows.h"
#include "exchange/row_checker.h"

namespace kept::exchange {
namespace {

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 40; ++i) {
    if (i != 0) out += ", ";
    out += shown(names[i], 60);
  }
  if (names.size() > 40) out += ", ...";
  return out;
}

std::string meant(std::string_view name, const std::vector<std::string>& names) {
  const std::string near = closest(name, names);
  return near.empty() ? std::string() : fmt::format(" (did you mean \"{}\"?)", shown(near, 60));
}

}  // namespace

const std::array<std::string_view, RowChecker::target_count> RowChecker::target_names = {
    "id",          "source",   "crime",       "urn",    "participant", "suspect",  "hearing",  "occurred_at",
    "occurred_on", "known_at", "recorded_at", "agency", "actor",       "corrects", "retracts", "type"};

std::string closest(std::string_view text, const std::vector<std::string>& names) {
  if (text.size() > 80) return {};
  const std::string wanted = slug(text);
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, wanted.size() / 3) + 1;
  for (const auto& name : names) {
    const std::string other = slug(name);
    if (other.size() > wanted.size() + best_distance || wanted.size() > other.size() + best_distance) continue;
    const std::size_t found = distance(wanted, other);
    if (found < best_distance) {
      best_distance = found;
      best = name;
    }
  }
  return best;
}

std::string slug(std::string_view text) {
  std::string out;
  bool gap = false;
  for (const char c : text) {
    const bool upper = c >= 'A' && c <= 'Z';
    const bool word =
        upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
    if (!word) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += '_';
    gap = false;
    out += upper ? static_cast<char>(c + 32) : c;
  }
  return out;
}

base::Error RowChecker::at_line(int line, std::string message) const {
  if (mapping_ == nullptr) return base::invalid(fmt::format("{}: {}", file_, message));
  return base::invalid(fmt::format("{}:{}: {}", mapping_->file, line, message));
}

void RowChecker::learn_types() {
  using namespace model;
  for (const EventType& type : vocabulary_->types()) {
    TypeFacts facts;
    facts.needs = type.needs;
    facts.may = static_cast<uint8_t>(type.carries | type.needs);
    if (!type.key.empty()) facts.may |= carries_key;
    facts.field.assign(vocabulary_->fields().size(), 0);
    for (const uint16_t field : type.fields) facts.field[field] = 1;
    for (const uint16_t field : type.needed_fields) facts.field[field] = 2;
    facts.must = static_cast<uint16_t>(std::count(facts.field.begin(), facts.field.end(), uint8_t{2}));
    types_.push_back(std::move(facts));
  }
}

base::Result<RowChecker> RowChecker::make(Reading& reading, const Mapping* mapping, const std::string& file,
                                          const std::vector<std::string>* heading) {
  RowChecker checker(reading);
  checker.mapping_ = mapping;
  checker.file_ = file;
  checker.has_heading_ = heading != nullptr;
  checker.learn_types();
  const std::size_t bound = reading.request.limits.columns;
  if (heading != nullptr) {
    if (heading->size() > bound) {
      return base::Error{base::ErrorCode::too_large,
                         fmt::format("{}: {} columns; at most {} are read: leave out what is not needed", file,
                                     heading->size(), bound)};
    }
    for (const auto& name : *heading) {
      const auto [at, added] = checker.index_.emplace(name, static_cast<uint32_t>(checker.names_.size()));
      if (!added && mapping == nullptr) {
        return base::invalid(
            fmt::format("{}: the column \"{}\" is named twice in the heading; keep one", file, shown(name, 60)));
      }
      checker.names_.push_back(name);
    }
  }
  const base::Status planned = mapping == nullptr ? checker.plan_own_form(heading) : checker.plan_mapping(*mapping);
  if (!planned) return planned.error();
  for (Plan& plan : checker.plans_) {
    static constexpr Reference all[] = {{to_participant, model::carries_participant},
                                        {to_crime, model::carries_crime},
                                        {to_suspect, model::carries_suspect},
                                        {to_hearing, model::carries_hearing},
                                        {to_urn, model::carries_urn}};
    for (const Reference& reference : all) {
      if (plan.to[reference.target].kind != ValueSource::Kind::absent) plan.references.push_back(reference);
    }
  }
  checker.values_.resize(checker.names_.size(), nullptr);
  std::sort(checker.wanted_.begin(), checker.wanted_.end());
  checker.wanted_.erase(std::unique(checker.wanted_.begin(), checker.wanted_.end()), checker.wanted_.end());
  if (heading != nullptr && mapping != nullptr && checker.wanted_.size() < checker.names_.size()) {
    std::vector<std::string> unused;
    for (uint32_t i = 0; i < checker.names_.size(); ++i) {
      if (!std::binary_search(checker.wanted_.begin(), checker.wanted_.end(), i)) unused.push_back(checker.names_[i]);
    }
    const std::string note = fmt::format("{}: the mapping does not use these columns: {}", file, list_of(unused));
    if (reading.result.notes.size() < 100) reading.result.notes.push_back(note);
  }
  return checker;
}

/// Adds to the heading, behind the file's own, a column for each key and field that the column `detail` may hold: those
/// that have none of their own.
void RowChecker::plan_packed(std::vector<std::string>* heading) {
  const auto packed = index_.find("detail");
  if (packed == index_.end()) return;
  packed_column_ = packed->second;
  wanted_.push_back(packed_column_);
  const auto add = [&](const std::string& name) {
    const std::string full = "detail." + name;
    if (name.empty() || index_.contains(name) || index_.contains(full)) return;
    index_.emplace(full, static_cast<uint32_t>(names_.size() + packed_names_.size()));
    packed_names_.push_back(full);
    heading->push_back(full);
  };
  for (const auto& type : vocabulary_->types()) add(type.key);
  for (const auto& field : vocabulary_->fields()) add(field.name);
}

base::Status RowChecker::plan_own_form(const std::vector<std::string>* heading) {
  readers_.push_back(TimeReader::iso());
  forms_.emplace_back();
  plans_.emplace_back();
  Plan& plan = plans_.back();
  std::vector<std::string> known(target_names.begin(), target_names.end());
  for (const auto& type : vocabulary_->types()) {
    if (!type.key.empty() && std::find(known.begin(), known.end(), type.key) == known.end()) known.push_back(type.key);
  }
  const std::size_t keys_end = known.size();
  for (const auto& field : vocabulary_->fields()) {
    if (std::find(known.begin(), known.end(), field.name) == known.end()) known.push_back(field.name);
  }
  std::vector<std::string> given = heading != nullptr ? *heading : known;
  if (heading != nullptr) plan_packed(&given);
  for (const std::string& name : given) {
    if (heading != nullptr && index_.at(name) == packed_column_) continue;
    // A field may be written with or without `detail.` before it.
    const std::string plain = name.starts_with("detail.") ? name.substr(7) : name;
    const auto found = std::find(known.begin(), known.end(), plain);
    if (found == known.end()) {
      return base::invalid(fmt::format(
          "{}: the column \"{}\" is not part of an event: neither one of id, source, type, crime, urn, "
          "participant, suspect, hearing, "
          "occurred_at, occurred_on, known_at, recorded_at, agency, actor, corrects, retracts, nor a key or field of "
          "the vocabulary{}; "
          "correct the heading, or describe the file in a mapping (docs/formats/mappings.md)",
          file_, shown(name, 60), meant(plain, known)));
    }
    Source source;
    source.kind = ValueSource::Kind::column;
    source.name = name;
    const auto position = static_cast<std::size_t>(found - known.begin());
    if (heading != nullptr) {
      source.column = index_.at(name);
    } else {
      source.column = static_cast<uint32_t>(names_.size());
      index_.emplace(name, source.column);
      index_.emplace("detail." + name, source.column);
      names_.push_back(name);
    }
    if (source.column < names_.size()) wanted_.push_back(source.column);
    if (position < target_count) {
      plan.to[position] = std::move(source);
    } else if (position < keys_end) {
      plan.keys.push_back({plain, std::move(source)});
    } else {
      plan.details.push_back({static_cast<uint16_t>(vocabulary_->field_id(plain)), std::move(source)});
    }
  }
  for (const Target needed : {to_type, to_occurred_at}) {
    if (plan.to[needed].kind != ValueSource::Kind::absent) continue;
    if (needed == to_occurred_at && plan.to[to_occurred_on].kind != ValueSource::Kind::absent) continue;
    return base::invalid(
        fmt::format("{}: there is no column `{}`; the columns are: {}. A table with other names is read with a mapping "
                    "(docs/formats/mappings.md)",
                    file_, target_names[needed], list_of(given)));
  }
  return base::Done{};
}

/// How many columns the mapping has where the heading names none of them; 0 where it names one.
std::size_t RowChecker::columns_of_mapping() const {
  const auto rows = MappedRows::make(*mapping_, reading_->request.vocabulary);
  if (!rows) return 0;
  const auto& wanted = rows->heading();
  const bool names_one =
      std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) { return index_.contains(name); });
  return names_one ? 0 : wanted.size();
}

base::Result<uint32_t> RowChecker::column(const std::string& name, int line) {
  const auto found = index_.find(name);
  if (found != index_.end()) {
    wanted_.push_back(found->second);
    return found->second;
  }
  if (has_heading_) {
    if (const std::size_t columns = columns_of_mapping(); columns != 0)
      return base::invalid(fmt::format(
          "{}: its first line names none of the {} columns of {}: the heading is missing, or the file is another "
          "feed's (the line is not shown: it may say something of somebody)",
          file_, columns, mapping_->file));
    return at_line(line, fmt::format("{} has no column \"{}\"{}; its columns are: {}", file_, shown(name, 60),
                                     meant(name, names_), list_of(names_)));
  }
  const auto index = static_cast<uint32_t>(names_.size());
  if (index >= reading_->request.limits.columns) return at_line(line, "the mapping names too many columns");
  index_.emplace(name, index);
  names_.push_back(name);
  wanted_.push_back(index);
  return index;
}

base::Result<RowChecker::Source> RowChecker::source_of(const ValueSource& from, const std::string& fills) {
  Source source;
  source.kind = from.kind;
  source.name = from.kind == ValueSource::Kind::column ? from.text : fills;
  if (from.times) {
    auto reader = TimeReader::make(*from.times);
    if (!reader) return at_line(from.line, reader.error().message);
    source.times = readers_.size();
    readers_.push_back(std::move(reader).value());
    forms_.push_back(*from.times);
  }
  switch (from.kind) {
    case ValueSource::Kind::absent:
      break;
    case ValueSource::Kind::constant:
      source.text = from.text;
      break;
    case ValueSource::Kind::column: {
      const auto index = column(from.text, from.line);
      if (!index) return index.error();
      source.column = *index;
      break;
    }
    case ValueSource::Kind::pattern: {
      std::string text;
      const std::string& pattern = from.text;
      for (std::size_t i = 0; i < pattern.size(); ++i) {
        if ((pattern[i] == '{' || pattern[i] == '}') && i + 1 < pattern.size() && pattern[i + 1] == pattern[i]) {
          text += pattern[i++];
          continue;
        }
        if (pattern[i] != '{') {
          text += pattern[i];
          continue;
        }
        const std::size_t end = pattern.find('}', i);
        if (end == std::string::npos) {
          return at_line(
              from.line,
              fmt::format("the pattern \"{}\" opens a brace and does not close it; a brace itself is written {{{{",
                          shown(pattern, 60)));
        }
        if (!text.empty()) source.parts.push_back({-1, std::move(text)});
        text.clear();
        const std::string name = pattern.substr(i + 1, end - i - 1);
        if (name == "n" && !index_.contains("n")) {
          source.parts.push_back({-2, {}});
        } else {
          const auto index = column(name, from.line);
          if (!index) return index.error();
          source.parts.push_back({static_cast<int32_t>(*index), {}});
        }
        i = end;
      }
      if (!text.empty()) source.parts.push_back({-1, std::move(text)});
      break;
    }
  }
  return source;
}

base::Status RowChecker::add_source(Plan& plan, const std::string& name, const ValueSource& from) {
  auto source = source_of(from, name);
  if (!source) return source.error();
  const auto target = std::find(target_names.begin(), target_names.end(), name);
  if (target != target_names.end()) {
    plan.to[static_cast<std::size_t>(target - target_names.begin())] = std::move(source).value();
    return base::Done{};
  }
  bool is_key = false;
  for (const auto& type : vocabulary_->types()) is_key = is_key || type.key == name;
  if (is_key) {
    std::erase_if(plan.keys, [&](const KeySource& key) { return key.key == name; });
    plan.keys.push_back({name, std::move(source).value()});
    return base::Done{};
  }
  const std::string plain = name.starts_with("detail.") ? name.substr(7) : name;
  const int32_t field = vocabulary_->field_id(plain);
  if (field < 0) {
    std::vector<std::string> known(target_names.begin(), target_names.end());
    for (const auto& type : vocabulary_->types()) known.push_back(type.key);
    for (const auto& each : vocabulary_->fields()) known.push_back(each.name);
    return at_line(from.line,
                   fmt::format("`{}` is neither a part of an event nor a key or field of the rules' vocabulary{}",
                               shown(name, 60), meant(plain, known)));
  }
  std::erase_if(plan.details, [&](const DetailSource& detail) { return detail.field == field; });
  plan.details.push_back({static_cast<uint16_t>(field), std::move(source).value()});
  return base::Done{};
}

base::Result<RowChecker::Choice> RowChecker::choice_of(const TypeChoice& choice) {
  const model::EventType* type = vocabulary_->find(choice.type);
  if (type == nullptr) {
    std::vector<std::string> names;
    for (const auto& each : vocabulary_->types()) names.push_back(each.name);
    return at_line(choice.line, fmt::format("the rules' vocabulary has no type of event `{}`{}", shown(choice.type, 60),
                                            meant(choice.type, names)));
  }
  Choice out;
  out.type = vocabulary_->type_index(type->first_code);
  for (const auto& [name, value] : choice.details) {
    const int32_t field = vocabulary_->field_id(name);
    if (field < 0 || types_[out.type].field[static_cast<std::size_t>(field)] == 0) {
      std::vector<std::string> names;
      for (const uint16_t each : type->fields) names.push_back(vocabulary_->fields()[each].name);
      for (const uint16_t each : type->needed_fields) names.push_back(vocabulary_->fields()[each].name);
      return at_line(choice.line,
                     fmt::format("`{}` has no field `{}`{}", choice.type, shown(name, 60), meant(name, names)));
    }
    out.details.emplace_back(static_cast<uint16_t>(field), value);
  }
  return out;
}

base::Result<RowChecker::Table> RowChecker::table_of(const TypeTable& from) {
  Table table;
  const auto index = column(from.column, from.line);
  if (!index) return index.error();
  table.column = *index;
  table.name = from.column;
  table.by_name = from.by_name;
  table.unlisted_ignored = from.unlisted_ignored;
  for (const auto& [value, choice] : from.table) {
    auto made = choice_of(choice);
    if (!made) return made.error();
    table.choice_of.emplace(value, static_cast<uint32_t>(table.choices.size()));
    table.choices.push_back(std::move(made).value());
  }
  if (!from.by_name) return table;
  for (std::size_t i = 0; i < vocabulary_->types().size(); ++i) {
    const auto& type = vocabulary_->types()[i];
    const auto [at, added] = type_by_slug_.emplace(slug(type.name), static_cast<uint16_t>(i));
    if (!added && at->second != i) {
      return at_line(from.line, fmt::format("by_name cannot tell `{}` from `{}`; list the values in a table instead",
                                            vocabulary_->types()[at->second].name, type.name));
    }
  }
  return table;
}

base::Result<RowChecker::Test> RowChecker::test_of(const RowTest& from) {
  const auto index = column(from.column, from.line);
  if (!index) return index.error();
  Test test;
  test.column = *index;
  test.values = from.values;
  test.negated = from.negated;
  return test;
}

base::Status RowChecker::plan_mapping(const Mapping& mapping) {
  auto times = TimeReader::make(mapping.times);
  if (!times) return at_line(1, times.error().message);
  readers_.push_back(std::move(times).value());
  forms_.push_back(mapping.times);

  std::vector<EventMapping> events = mapping.events;
  if (events.empty()) events.emplace_back();
  for (const auto& event : events) {
    plans_.emplace_back();
    Plan& plan = plans_.back();
    std::map<std::string, ValueSource> fields = mapping.fields;
    if (!mapping.case_column.empty()) {
      ValueSource by_case;
      by_case.kind = ValueSource::Kind::column;
      by_case.text = mapping.case_column;
      by_case.line = 1;
      fields.try_emplace("participant", by_case);
      if (mapping.link_each_case) fields.try_emplace("crime", by_case);
    }
    for (const auto& [name, from] : event.fields) fields[name] = from;
    for (const auto& [name, from] : fields) {
      if (from.kind == ValueSource::Kind::absent) continue;
      const base::Status added = add_source(plan, name, from);
      if (!added) return added;
    }
    const auto& types = event.types ? event.types : mapping.types;
    const auto& type = event.type || event.types ? event.type : mapping.type;
    if (type) {
      auto choice = choice_of(*type);
      if (!choice) return choice.error();
      plan.fixed = std::move(choice).value();
    } else if (types) {
      auto table = table_of(*types);
      if (!table) return table.error();
      plan.types = std::move(table).value();
    } else if (plan.to[to_type].kind == ValueSource::Kind::absent) {
      return at_line(event.line == 0 ? 1 : event.line,
                     "nothing says which type of event a row is: add `type:`, or `types:` with a column and a table "
                     "(or by_name: yes)");
    }
    if (plan.to[to_occurred_at].kind == ValueSource::Kind::absent &&
        plan.to[to_occurred_on].kind == ValueSource::Kind::absent) {
      return at_line(event.line == 0 ? 1 : event.line,
                     "nothing says when an event occurred: add `occurred_at: COLUMN` to columns");
    }
    for (const auto& test : event.when) {
      auto made = test_of(test);
      if (!made) return made.error();
      plan.when.push_back(std::move(made).value());
    }
    // One event for each date column: an event whose own date is empty did not happen.
    plan.when_occurred = !mapping.events.empty() && event.when.empty();
  }
  for (const auto& test : mapping.only) {
    auto made = test_of(test);
    if (!made) return made.error();
    only_.push_back(std::move(made).value());
  }
  link_cases_ = mapping.link_each_case;
  for (const auto& [name, table] : mapping.values) {
    const auto found = index_.find(name);
    if (found == index_.end()) {
      if (!has_heading_) continue;
      return at_line(1, fmt::format("`values` names the column \"{}\", which {} does not have{}", shown(name, 60),
                                    file_, meant(name, names_)));
    }
    value_tables_.emplace_back(table.begin(), table.end());
    values_.resize(names_.size(), nullptr);
    values_[found->second] = &value_tables_.back();
    if (std::find(wanted_.begin(), wanted_.end(), found->second) == wanted_.end()) continue;
    SeenValues& seen = reading_->seen_values.at(name);
    seen.watch();
    watches_.push_back({found->second, &seen, {}});
  }
  return base::Done{};
}

int32_t RowChecker::slot(std::string_view name) const {
  const auto found = index_.find(std::string(name));
  if (found != index_.end()) return static_cast<int32_t>(found->second);
  return mapping_ != nullptr ? not_used : not_known;
}

}  // namespace kept::exchange
