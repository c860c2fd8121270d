#include "exchange/mapped_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "calendar/london_time.h"
#include "exchange/rejects.h"
#include "exchange/row_checker.h"
#include "model/moment.h"

namespace kept::exchange {
namespace {

constexpr const char* shared_references[] = {"crime", "participant", "suspect", "hearing"};

/// `text` with nothing but one column in braces: what stands before and behind it, and its name.
struct OneColumn {
  std::string before, column, behind;
};
std::optional<OneColumn> one_column(const std::string& pattern) {
  const std::size_t open = pattern.find('{');
  const std::size_t close = pattern.find('}');
  if (open == std::string::npos || close == std::string::npos || close < open ||
      pattern.find('{', open + 1) != std::string::npos || pattern.find('}', close + 1) != std::string::npos)
    return std::nullopt;
  OneColumn out{pattern.substr(0, open), pattern.substr(open + 1, close - open - 1), pattern.substr(close + 1)};
  if (out.column == "n" || out.column.empty()) return std::nullopt;
  return out;
}

/// The local clock of London or UTC in a strptime-like form; nothing where the form has a part that is not written.
std::optional<std::string> formatted(const std::string& format, int64_t at_ms, bool in_london) {
  if (in_london) at_ms += calendar::london_offset_minutes(at_ms) * int64_t{60'000};
  int64_t days = at_ms / 86'400'000;
  int64_t rest = at_ms % 86'400'000;
  if (rest < 0) {
    rest += 86'400'000;
    --days;
  }
  const auto date = calendar::year_month_day(calendar::LocalDate{static_cast<int32_t>(days)});
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    switch (format[++i]) {
      case 'Y':
        out += fmt::format("{:04}", static_cast<int>(date.year));
        break;
      case 'm':
        out += fmt::format("{:02}", static_cast<int>(date.month));
        break;
      case 'd':
        out += fmt::format("{:02}", static_cast<int>(date.day));
        break;
      case 'H':
        out += fmt::format("{:02}", rest / 3'600'000);
        break;
      case 'M':
        out += fmt::format("{:02}", rest / 60'000 % 60);
        break;
      case 'S':
        out += fmt::format("{:02}", rest / 1000 % 60);
        break;
      case 'f':
        out += fmt::format("{:03}", rest % 1000);
        break;
      case '%':
        out += '%';
        break;
      default:
        return std::nullopt;
    }
  }
  return out;
}

}  // namespace

base::Result<MappedRows> MappedRows::make(const Mapping& mapping, std::shared_ptr<const model::Vocabulary> vocabulary) {
  MappedRows rows(mapping, std::move(vocabulary));
  if (const base::Status learned = rows.learn_entries(); !learned.ok()) return learned.error();
  rows.learn_columns();
  return rows;
}

base::Status MappedRows::learn_entries() {
  const auto unsupported = [&](int line, std::string message) {
    return base::Error{base::ErrorCode::unsupported, fmt::format("{}:{}: {}", mapping_->file, line, message)};
  };
  if (mapping_->link_each_case) return unsupported(1, "rows cannot be made for a mapping that adds links of its own");
  const auto entry_of = [&](const EventMapping* event) {
    Entry entry;
    for (const auto& [name, source] : mapping_->fields) entry.fields[name] = &source;
    const bool own = event != nullptr && (event->type || event->types);
    const auto& type = own ? event->type : mapping_->type;
    const auto& table = own ? event->types : mapping_->types;
    entry.fixed = type ? &*type : nullptr;
    entry.table = table ? &*table : nullptr;
    if (event == nullptr) return entry;
    for (const auto& [name, source] : event->fields) entry.fields[name] = &source;
    entry.when = event->when;
    entry.when_occurred = event->when.empty();
    return entry;
  };
  if (mapping_->events.empty()) entries_.push_back(entry_of(nullptr));
  for (const auto& event : mapping_->events) entries_.push_back(entry_of(&event));
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    for (const auto& [name, source] : entry.fields) {
      if (source->kind == ValueSource::Kind::pattern && !one_column(source->text))
        return unsupported(source->line, fmt::format("{} is made of several columns: it cannot be turned round", name));
      if (!is_time(name) || readers_.contains(source)) continue;
      auto reader = TimeReader::make(source->times ? *source->times : mapping_->times);
      if (!reader) return reader.error();
      readers_.emplace(source, std::move(reader).value());
    }
    if (entry.fixed != nullptr) ways_[entry.fixed->type].push_back({i, entry.fixed, {}});
    if (entry.table == nullptr) continue;
    std::set<std::string> listed;
    for (const auto& [value, choice] : entry.table->table) {
      ways_[choice.type].push_back({i, &choice, value});
      listed.insert(slug(value));
    }
    if (!entry.table->by_name) continue;
    for (const auto& type : vocabulary_->types()) {
      if (!listed.contains(slug(type.name))) ways_[type.name].push_back({i, nullptr, type.name});
    }
  }
  // What a row says in its type needs no column.
  for (auto& [type, ways] : ways_) {
    std::stable_sort(ways.begin(), ways.end(), [](const Way& a, const Way& b) {
      const auto details = [](const Way& way) { return way.choice == nullptr ? 0 : way.choice->details.size(); };
      return details(a) > details(b);
    });
  }
  return base::Done{};
}

void MappedRows::learn_columns() {
  std::vector<std::pair<int, std::string>> named;  // line, column
  const auto add = [&](int line, const std::string& name) { named.emplace_back(line, name); };
  const auto add_table = [&](const TypeTable* table) {
    if (table != nullptr) add(table->line, table->column);
  };
  for (const Entry& entry : entries_) {
    for (const auto& [name, source] : entry.fields) {
      if (source->kind == ValueSource::Kind::column) add(source->line, source->text);
      if (source->kind == ValueSource::Kind::pattern) add(source->line, one_column(source->text)->column);
    }
    add_table(entry.table);
    for (const RowTest& test : entry.when) add(test.line, test.column);
  }
  for (const RowTest& test : mapping_->only) add(test.line, test.column);
  if (!mapping_->case_column.empty()) add(0, mapping_->case_column);
  std::stable_sort(named.begin(), named.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [line, name] : named) {
    if (columns_.emplace(name, static_cast<uint32_t>(heading_.size())).second) heading_.push_back(name);
  }
  if (mapping_->header.empty()) return;
  heading_ = mapping_->header;
  columns_.clear();
  for (std::size_t i = 0; i < heading_.size(); ++i) columns_.emplace(heading_[i], static_cast<uint32_t>(i));
}

bool MappedRows::is_time(const std::string& name) const {
  if (name == "occurred_at" || name == "occurred_on" || name == "known_at" || name == "recorded_at") return true;
  const int32_t field = vocabulary_->field_id(name);
  return field >= 0 && vocabulary_->fields()[static_cast<std::size_t>(field)].kind == model::FieldKind::date;
}

bool MappedRows::carries(const model::EventType& type, const std::string& name, const model::Vocabulary& vocabulary) {
  static const std::map<std::string, uint8_t, std::less<>> bits = {{"crime", model::carries_crime},
                                                                   {"urn", model::carries_urn},
                                                                   {"participant", model::carries_participant},
                                                                   {"suspect", model::carries_suspect},
                                                                   {"hearing", model::carries_hearing}};
  if (const auto bit = bits.find(name); bit != bits.end()) return (type.carries & bit->second) != 0;
  if (name == type.key) return true;
  for (const auto& other : vocabulary.types()) {
    if (other.key == name) return false;
  }
  const int32_t field = vocabulary.field_id(name);
  if (field < 0) return true;  // a part that every event has
  return std::find(type.fields.begin(), type.fields.end(), static_cast<uint16_t>(field)) != type.fields.end();
}

base::Result<std::string> MappedRows::written_time(const ValueSource& source, const std::string& value) {
  const auto moment = model::parse_moment(value);
  if (!moment) return moment.error();
  const TimeForm& form = source.times ? *source.times : mapping_->times;
  TimeReader& reader = readers_.at(&source);
  const bool in_london = form.zone == "Europe/London";
  const auto try_form = [&](const std::string& text) {
    model::Moment back;
    return reader.read(text, &back) == TimeProblem::none && back == *moment;
  };
  for (const auto& format : form.formats) {
    const auto text = format == "iso" ? std::optional(value) : formatted(format, moment->lo_ms, in_london);
    if (text && try_form(*text)) return *text;
  }
  if (form.formats.empty() && try_form(value)) return value;
  return base::invalid(fmt::format("{}:{}: the time {} can be written in none of its forms; add iso to them",
                                   mapping_->file, source.line, value));
}

base::Result<std::string> MappedRows::written(const std::string& name, const ValueSource& source,
                                              const std::string& value) {
  std::string text = value;
  if (is_time(name)) {
    auto time = written_time(source, value);
    if (!time) return time.error();
    text = std::move(time).value();
  }
  if (source.kind == ValueSource::Kind::constant) {
    if (text == source.text) return text;
    return base::invalid(fmt::format("{}:{}: {} is always \"{}\" there, not \"{}\"", mapping_->file, source.line, name,
                                     shown(source.text, 60), shown(text, 60)));
  }
  if (source.kind == ValueSource::Kind::pattern) {
    const OneColumn pattern = *one_column(source.text);
    if (!text.starts_with(pattern.before) || !text.ends_with(pattern.behind) ||
        text.size() <= pattern.before.size() + pattern.behind.size()) {
      return base::invalid(fmt::format("{}:{}: {} \"{}\" is not of the form {}", mapping_->file, source.line, name,
                                       shown(text, 60), source.text));
    }
    return text.substr(pattern.before.size(), text.size() - pattern.before.size() - pattern.behind.size());
  }
  if (const auto table = mapping_->values.find(source.text); table != mapping_->values.end()) {
    const auto known =
        std::find_if(table->second.begin(), table->second.end(), [&](const auto& pair) { return pair.second == text; });
    if (known != table->second.end()) return known->first;
    const bool means_other =
        std::any_of(table->second.begin(), table->second.end(), [&](const auto& pair) { return pair.first == text; });
    if (means_other) {
      return base::invalid(fmt::format("{}: no value of \"{}\" stands for \"{}\"; add it to its `values`",
                                       mapping_->file, source.text, shown(text, 60)));
    }
  }
  const bool nothing = std::find(mapping_->absent.begin(), mapping_->absent.end(), text) != mapping_->absent.end();
  if (nothing || text.front() == ' ' || text.back() == ' ') {
    return base::invalid(
        fmt::format("{}: \"{}\" would not be read back from \"{}\"", mapping_->file, shown(text, 60), source.text));
  }
  return text;
}

base::Result<MappedRows::Cells> MappedRows::cells_for(const Way& way, const NamedValues& event,
                                                      const model::EventType& type) {
  const Entry& entry = entries_[way.entry];
  Cells cells;
  cells.entry = way.entry;
  const auto set = [&](const std::string& name, std::string text) {
    const uint32_t at = column(name);
    const auto had =
        std::find_if(cells.set.begin(), cells.set.end(), [&](const auto& pair) { return pair.first == at; });
    if (had != cells.set.end()) return had->second == text;
    cells.set.emplace_back(at, std::move(text));
    return true;
  };
  const auto clash = [&](const std::string& name) {
    return base::invalid(
        fmt::format("{}: an event {} would need two values of \"{}\"", mapping_->file, type.name, name));
  };
  std::set<std::string, std::less<>> told = {"type"};
  if (way.choice != nullptr) {
    for (const auto& [field, value] : way.choice->details) {
      const auto has = event.find(field);
      if (has == event.end() || has->second != value)
        return base::invalid(fmt::format("{}: no row gives {} with such a {}", mapping_->file, type.name, field));
      told.insert(field);
    }
  }
  if (entry.table != nullptr && (way.choice == nullptr || !way.value.empty())) set(entry.table->column, way.value);
  // The project's own names for the time of an event are one; a mapping may have a column each.
  for (const auto& [given, value] : event) {
    if (told.contains(given)) continue;
    auto name = given;
    auto field = entry.fields.find(name);
    if (field == entry.fields.end()) field = entry.fields.find("detail." + name);
    if (field == entry.fields.end()) {
      return base::invalid(
          fmt::format("{}: a row that gives {} has no column for {}", mapping_->file, type.name, name));
    }
    auto text = written(name, *field->second, value);
    if (!text) return text.error();
    const ValueSource& source = *field->second;
    if (source.kind == ValueSource::Kind::constant) continue;
    const std::string into = source.kind == ValueSource::Kind::pattern ? one_column(source.text)->column : source.text;
    if (!set(into, std::move(text).value())) return clash(into);
  }
  for (const auto* tests : {&entry.when, &mapping_->only}) {
    for (const RowTest& test : *tests) {
      if (!test.negated && !test.values.empty() && !set(test.column, test.values.front())) {
        const uint32_t at = column(test.column);
        const auto had = std::find_if(cells.set.begin(), cells.set.end(), [&](const auto& p) { return p.first == at; });
        if (std::find(test.values.begin(), test.values.end(), had->second) == test.values.end())
          return clash(test.column);
      }
    }
  }
  cells.reads = &reads_of(way.entry, type);
  return cells;
}

const std::vector<uint32_t>& MappedRows::reads_of(std::size_t at, const model::EventType& type) {
  Entry& entry = entries_[at];
  const auto [known, first] = entry.reads.try_emplace(&type);
  std::vector<uint32_t>& reads = known->second;
  if (!first) return reads;
  for (const RowTest& test : entry.when) reads.push_back(column(test.column));
  for (const RowTest& test : mapping_->only) reads.push_back(column(test.column));
  if (entry.table != nullptr) reads.push_back(column(entry.table->column));
  for (const auto& [name, source] : entry.fields) {
    if (source->kind == ValueSource::Kind::constant || !carries(type, name, *vocabulary_)) continue;
    reads.push_back(
        column(source->kind == ValueSource::Kind::pattern ? one_column(source->text)->column : source->text));
  }
  return reads;
}

bool MappedRows::passes(const RowTest& test, const Row& row) const {
  const std::string& cell = row[column(test.column)];
  const bool holds = test.values.empty() ? !cell.empty()
                                         : std::find(test.values.begin(), test.values.end(), cell) != test.values.end();
  return holds != test.negated;
}

bool MappedRows::fires(const Entry& entry, const Row& row) const {
  for (const RowTest& test : entry.when) {
    if (!passes(test, row)) return false;
  }
  const auto filled = [&](const char* name) {
    const auto field = entry.fields.find(name);
    if (field == entry.fields.end()) return false;
    const ValueSource& source = *field->second;
    if (source.kind == ValueSource::Kind::constant) return true;
    return !row[column(source.kind == ValueSource::Kind::pattern ? one_column(source.text)->column : source.text)]
                .empty();
  };
  if (entry.when_occurred && !filled("occurred_at") && !filled("occurred_on")) return false;
  if (entry.fixed != nullptr || entry.table == nullptr) return true;
  return !entry.table->unlisted_ignored || !row[column(entry.table->column)].empty();
}

bool MappedRows::joins(const Cells& cells, std::size_t at, const NamedValues& event) const {
  const Made& made = made_[at];
  const Row& row = rows_[at];
  if (std::find(made.entries.begin(), made.entries.end(), cells.entry) != made.entries.end()) return false;
  Row joined = row;
  for (const auto& [place, text] : cells.set) {
    if (!row[place].empty() && row[place] != text) return false;
    if (row[place].empty() && std::find(made.reads.begin(), made.reads.end(), place) != made.reads.end()) return false;
    joined[place] = text;
  }
  // What the new event leaves empty must be empty in the row.
  for (const uint32_t place : *cells.reads) {
    const bool set =
        std::any_of(cells.set.begin(), cells.set.end(), [&](const auto& pair) { return pair.first == place; });
    if (!set && !row[place].empty()) return false;
  }
  // One person's facts on one line: another reference that differs belongs to a line of its own.
  const Entry& entry = entries_[cells.entry];
  for (const char* name : shared_references) {
    const auto field = entry.fields.find(name);
    const auto value = event.find(name);
    if (field == entry.fields.end() || value == event.end()) continue;
    if (field->second->kind == ValueSource::Kind::column && row[column(field->second->text)] != value->second)
      return false;
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const bool wanted =
        i == cells.entry || std::find(made.entries.begin(), made.entries.end(), i) != made.entries.end();
    if (fires(entries_[i], joined) != wanted) return false;
  }
  return true;
}

base::Status MappedRows::add(const NamedValues& event) {
  const auto named = event.find("type");
  const model::EventType* type = named == event.end() ? nullptr : vocabulary_->find(named->second);
  if (type == nullptr) return base::invalid("an event needs a type that the vocabulary has");
  const auto ways = ways_.find(type->name);
  if (ways == ways_.end()) return base::invalid(fmt::format("{}: no row of it gives {}", mapping_->file, type->name));
  std::optional<Cells> cells;
  std::optional<base::Error> first_problem;
  for (const Way& way : ways->second) {
    auto made = cells_for(way, event, *type);
    if (made) {
      cells = std::move(made).value();
      break;
    }
    if (!first_problem || way.choice == nullptr || way.choice->details.empty()) first_problem = made.error();
  }
  if (!cells) return *first_problem;

  std::vector<std::string> keys;
  for (const char* name : shared_references) {
    const auto value = event.find(name);
    if (value != event.end()) keys.push_back(fmt::format("{} {}", name, value->second));
  }
  const auto remember = [&](std::size_t row) {
    for (const auto& key : keys) last_row_[key] = row;
    made_[row].entries.push_back(cells->entry);
    made_[row].reads.insert(made_[row].reads.end(), cells->reads->begin(), cells->reads->end());
    for (const auto& [place, text] : cells->set) rows_[row][place] = text;
  };
  if (entries_.size() > 1) {
    for (const auto& key : keys) {
      const auto row = last_row_.find(key);
      if (row == last_row_.end() || !joins(*cells, row->second, event)) continue;
      remember(row->second);
      return base::Done{};
    }
  }
  Row row(heading_.size());
  for (const auto& [place, text] : cells->set) row[place] = text;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    if (fires(entries_[i], row) != (i == cells->entry)) {
      return base::invalid(fmt::format("{}: a row for {} {} another entry of `events` too", mapping_->file, type->name,
                                       i == cells->entry ? "does not fulfil its own entry, or fulfils" : "fulfils"));
    }
  }
  rows_.push_back(std::move(row));
  made_.emplace_back();
  remember(rows_.size() - 1);
  return base::Done{};
}

void MappedRows::clear() {
  rows_.clear();
  made_.clear();
  last_row_.clear();
}

std::string MappedRows::line(const Row& cells) const {
  const char separator = mapping_->separator.value_or(',');
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out += separator;
    const std::string& cell = cells[i];
    const bool plain = cell.find_first_of("\"'\r\n") == std::string::npos && cell.find(separator) == std::string::npos;
    if (plain || mapping_->quote == '\0') {
      out += cell;
      continue;
    }
    out += mapping_->quote;
    for (const char c : cell) {
      if (c == mapping_->quote) out += c;
      out += c;
    }
    out += mapping_->quote;
  }
  return out += "\r\n";
}

}  // namespace kept::exchange
