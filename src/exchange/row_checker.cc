#include "exchange/row_checker.h"

#include "exchange/plain_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace kept::exchange {
namespace {

using model::FieldKind;
using model::Moment;

constexpr uint64_t suggestions_worked_out = 1000;
constexpr std::size_t events_from_a_row = 64;

}  // namespace

std::string text_of(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::text:
      return std::string(cell.text());
    case Cell::Kind::whole:
      return std::to_string(cell.number);
    case Cell::Kind::real:
      if (std::floor(cell.real) == cell.real && std::fabs(cell.real) < 9e15)
        return std::to_string(static_cast<int64_t>(cell.real));
      return fmt::format("{}", cell.real);
    case Cell::Kind::yes_no:
      return cell.number != 0 ? "yes" : "no";
    case Cell::Kind::date:
      if (cell.number < -25567 || cell.number >= 84006) return fmt::format("day {}", cell.number);
      return calendar::to_string(calendar::LocalDate{static_cast<int32_t>(cell.number)});
    case Cell::Kind::instant:
    case Cell::Kind::local: {
      if (!in_range(Moment::instant(cell.number))) return fmt::format("millisecond {}", cell.number);
      std::string text = model::instant_text(cell.number);
      if (cell.kind == Cell::Kind::local) text.pop_back();
      return text;
    }
  }
  return {};
}

std::string_view RowChecker::keep(std::string text) {
  if (kept_used_ == kept_.size()) kept_.emplace_back();
  kept_[kept_used_] = std::move(text);
  return kept_[kept_used_++];
}

std::string_view RowChecker::text_for(const Cell& cell) {
  return cell.kind == Cell::Kind::text ? cell.text() : keep(text_of(cell));
}

/// The value as it stands in the file: without blanks at its ends, and nothing where the mapping says that it means
/// nothing.
Cell RowChecker::given(uint32_t column, const Cell* cells) {
  Cell cell = cells[column];
  if (mapping_ == nullptr) return cell;
  if (cell.kind == Cell::Kind::text) cell = Cell::of(trimmed(cell.text()));
  if (mapping_->absent.empty() || !cell.present()) return cell;
  const std::string_view text = text_for(cell);
  return std::find(mapping_->absent.begin(), mapping_->absent.end(), text) == mapping_->absent.end() ? cell : Cell();
}

/// The value as the mapping's tables of values turn it.
Cell RowChecker::cell_of(uint32_t column, const Cell* cells) {
  const Cell cell = given(column, cells);
  if (mapping_ == nullptr || values_[column] == nullptr || !cell.present()) return cell;
  const auto found = values_[column]->find(std::string(text_for(cell)));
  return found == values_[column]->end() ? cell : Cell::of(found->second);
}

Cell RowChecker::mapped_value_of(Source& source, const Cell* cells) {
  switch (source.kind) {
    case ValueSource::Kind::absent:
      return {};
    case ValueSource::Kind::constant:
      return Cell::of(source.text);
    case ValueSource::Kind::column:
      return cell_of(source.column, cells);
    case ValueSource::Kind::pattern: {
      std::string text;
      bool any = false;
      for (const auto& part : source.parts) {
        if (part.column == -1) {
          text += part.text;
        } else if (part.column == -2) {
          text += std::to_string(reading_->result.counts.rows);
          any = true;
        } else {
          const Cell cell = cell_of(static_cast<uint32_t>(part.column), cells);
          any = any || cell.present();
          if (cell.present()) text += text_for(cell);
        }
        if (text.size() > reading_->request.limits.field_bytes) break;
      }
      // A pattern of nothing but empty columns is no value.
      if (!any && !source.parts.empty()) return {};
      return Cell::of(keep(std::move(text)));
    }
  }
  return {};
}

bool RowChecker::fail(RejectReason reason, const Source& source, const Cell& value, std::string why) {
  fault_ = {reason, source.name, text_of(value), std::move(why), false};
  return false;
}

bool RowChecker::fail(RejectReason reason, std::string_view field, std::string why) {
  fault_ = {reason, std::string(field), {}, std::move(why), false};
  return false;
}

bool RowChecker::passes(const Test& test, const Cell* cells) {
  const Cell cell = given(test.column, cells);
  if (test.values.empty()) return cell.present() != test.negated;
  const std::string_view text = text_for(cell);
  const bool listed = std::find(test.values.begin(), test.values.end(), text) != test.values.end();
  return listed != test.negated;
}

RowChecker::Verdict RowChecker::type_of(Plan& plan, const Cell* cells, Pending* out, const Choice** choice) {
  *choice = nullptr;
  uint32_t index = 0;
  if (plan.fixed) {
    *choice = &*plan.fixed;
    index = plan.fixed->type;
  } else if (plan.types) {
    Table& table = *plan.types;
    const Cell cell = given(table.column, cells);
    const std::string_view text = text_for(cell);
    constexpr uint32_t unlisted = std::numeric_limits<uint32_t>::max();
    constexpr uint32_t named = 1u << 31;
    uint32_t found = unlisted;
    if (!table.cache.find(text, &found)) {
      const auto listed = table.choice_of.find(std::string(text));
      if (listed != table.choice_of.end()) {
        found = listed->second;
        reading_->type_values.listed(table.name, text);
      } else if (table.by_name) {
        const auto by_slug = type_by_slug_.find(slug(text));
        if (by_slug != type_by_slug_.end()) {
          found = by_slug->second | named;
          reading_->type_values.named(table.name);
        }
      }
      table.cache.remember(text, found);
    }
    if (found == unlisted) {
      if (table.unlisted_ignored) {
        unlisted_in_ = &table;
        unlisted_.assign(text);
        return Verdict::ignored;
      }
      reading_->type_values.unlisted(table.name, text, false);
      fault_ = {text.empty() ? RejectReason::missing : RejectReason::unlisted_value, table.name, std::string(text),
                "the mapping's `types` does not list this value; add it, or say `unlisted: ignore`", false};
      return Verdict::rejected;
    }
    if ((found & named) != 0) {
      index = found & ~named;
    } else {
      *choice = &table.choices[found];
      index = table.choices[found].type;
    }
  } else {
    Source& source = plan.to[to_type];
    const Cell cell = value_of(source, cells);
    if (!cell.present()) {
      fail(RejectReason::missing, source, cell, "an event needs a type");
      return Verdict::rejected;
    }
    const std::string_view text = text_for(cell);
    if (!source.cache.find(text, &index)) {
      const model::EventType* type = vocabulary_->find(text);
      if (type == nullptr) {
        std::string why = "the vocabulary has no such type of event";
        if (reading_->suggestions++ < suggestions_worked_out) {
          std::vector<std::string> names;
          for (const auto& each : vocabulary_->types()) names.push_back(each.name);
          const std::string near = closest(text, names);
          if (!near.empty()) why += fmt::format("; did you mean {}?", near);
        }
        why += "; the types are listed in docs/events.md, or in the vocabulary of your own rules";
        fail(RejectReason::unknown_type, source, cell, std::move(why));
        return Verdict::rejected;
      }
      index = vocabulary_->type_index(type->first_code);
      source.cache.remember(text, index);
    }
  }
  out->row.code = vocabulary_->types()[index].first_code;
  return Verdict::event;
}

bool RowChecker::time_of(Source& source, const Cell& cell, std::string_view fills, Moment* out) {
  TimeProblem problem = TimeProblem::none;
  switch (cell.kind) {
    case Cell::Kind::text: {
      int64_t at_ms = 0;
      if (read_plain_instant(cell.data, cell.size, &source.last_date, &at_ms)) {
        *out = Moment::instant(at_ms);
        return true;
      }
      problem = readers_[source.times].read(cell.text(), out);
      break;
    }
    case Cell::Kind::instant:
      *out = Moment::instant(cell.number);
      if (!in_range(*out)) problem = TimeProblem::out_of_range;
      break;
    case Cell::Kind::local:
      problem = readers_[source.times].from_local(cell.number, true, out);
      break;
    case Cell::Kind::date:
      if (cell.number < -25567 || cell.number >= 84006) {
        problem = TimeProblem::out_of_range;
      } else {
        *out = Moment::date(calendar::LocalDate{static_cast<int32_t>(cell.number)});
      }
      break;
    case Cell::Kind::whole:
    case Cell::Kind::real:
      problem = readers_[source.times].read(text_for(cell), out);
      break;
    case Cell::Kind::yes_no:
      problem = TimeProblem::form;
      break;
  }
  switch (problem) {
    case TimeProblem::none:
      return true;
    case TimeProblem::form:
      return fail(
          RejectReason::bad_time, source, cell,
          fmt::format("{} is not a time in an accepted form; write {}", fills, readers_[source.times].accepts()));
    case TimeProblem::no_such:
      return fail(RejectReason::bad_time, source, cell,
                  fmt::format("{} names a day or a time of day that does not exist", fills));
    case TimeProblem::out_of_range:
      return fail(RejectReason::out_of_range, source, cell,
                  fmt::format("{} lies outside the years 1900 to 2199", fills));
    case TimeProblem::no_zone:
      return fail(RejectReason::bad_time, source, cell,
                  fmt::format("{} is a local time and nothing says of which zone; add its offset (Z or +01:00), or "
                              "name the zone in a mapping "
                              "(zone: Europe/London)",
                              fills));
    case TimeProblem::gap:
      return fail(RejectReason::clock_gap, source, cell,
                  fmt::format("{} never happened: the clocks went forward over it; correct it at the source", fills));
    case TimeProblem::overlap:
      return fail(
          RejectReason::clock_overlap, source, cell,
          fmt::format("{} happened twice, when the clocks went back; the mapping may say ambiguous: earlier or later",
                      fills));
  }
  return false;
}

bool RowChecker::detail_of(uint16_t field_id, const Cell& cell, Source* source, Pending* out) {
  const model::Field& field = vocabulary_->fields()[field_id];
  PendingDetail detail{field_id, field.kind, 0, {}, {}, source != nullptr ? &source->cache : nullptr};
  const auto bad = [&](RejectReason reason, std::string why) {
    fault_ = {reason, source != nullptr ? source->name : field.name, text_of(cell), std::move(why), field.personal};
    return false;
  };
  switch (field.kind) {
    case FieldKind::text:
      // Checked for size like every cell. The engine reads no free text: the table has no room for it.
      if (reading_->request.whole == nullptr) return true;
      detail.text = text_for(cell);
      break;
    case FieldKind::yes_no:
      if (cell.kind == Cell::Kind::yes_no) {
        detail.value = cell.number;
      } else if (!yes_or_no(text_for(cell), &detail.value)) {
        return bad(RejectReason::bad_yes_no, fmt::format("{} is yes or no", field.name));
      }
      break;
    case FieldKind::number: {
      NumberProblem problem = NumberProblem::none;
      if (cell.kind == Cell::Kind::whole) {
        detail.value = cell.number;
        if (cell.number > largest_number || cell.number < -largest_number) problem = NumberProblem::range;
      } else {
        problem = whole_number(text_for(cell), &detail.value);
      }
      if (problem == NumberProblem::form)
        return bad(RejectReason::bad_number, fmt::format("{} is a whole number", field.name));
      if (problem == NumberProblem::range)
        return bad(RejectReason::out_of_range, fmt::format("{} is too large a number", field.name));
      break;
    }
    case FieldKind::word: {
      const std::string_view text = text_for(cell);
      uint32_t index = 0;
      if (source == nullptr || !source->cache.find(text, &index)) {
        const auto found = std::find(field.words.begin(), field.words.end(), text);
        if (found == field.words.end()) {
          std::string words;
          for (const auto& word : field.words) words += (words.empty() ? "" : ", ") + word;
          return bad(RejectReason::bad_word, fmt::format("{} is one of: {}", field.name, words));
        }
        index = static_cast<uint32_t>(found - field.words.begin());
        if (source != nullptr) source->cache.remember(text, index);
      }
      detail.value = index;
      break;
    }
    case FieldKind::code:
      detail.text = text_for(cell);
      if (detail.text.size() > reading_->request.limits.reference_bytes) {
        return bad(RejectReason::too_large, fmt::format("{} is a short code of at most {} bytes", field.name,
                                                        reading_->request.limits.reference_bytes));
      }
      break;
    case FieldKind::date: {
      Source own;
      own.name = field.name;
      if (!time_of(source != nullptr ? *source : own, cell, field.name, &detail.moment)) {
        fault_.personal = field.personal;
        return false;
      }
      break;
    }
  }
  out->details.push_back(detail);
  return true;
}

bool RowChecker::name_fits(const Cell& cell, const Source& source) {
  if (cell.size <= reading_->request.limits.reference_bytes) return true;
  return fail(RejectReason::too_large, source, cell,
              fmt::format("a reference has at most {} bytes", reading_->request.limits.reference_bytes));
}

bool RowChecker::refer(Source& source, const Cell* cells, uint8_t bit, std::string_view called,
                       const model::EventType& type, const TypeFacts& facts, Pending* out) {
  Cell cell = value_of(source, cells);
  if (!cell.present()) return true;
  if ((facts.may & bit) == 0) {
    // A mapping gives the same references to every type of event; the project's own form says exactly what it means.
    if (mapping_ != nullptr) {
      ++reading_->result.counts.values_left_out;
      return true;
    }
    return fail(RejectReason::not_carried, source, cell,
                fmt::format("{} does not carry a {}; leave the cell empty", type.name, called));
  }
  if (cell.kind != Cell::Kind::text && cell.kind != Cell::Kind::whole) cell = Cell::of(keep(text_of(cell)));
  if (!name_fits(cell, source)) return false;
  out->carried |= bit;
  out->reference[place_of(bit)] = cell;
  return true;
}

bool RowChecker::references(Plan& plan, const Cell* cells, const model::EventType& type, const TypeFacts& facts,
                            Pending* out) {
  out->carried = 0;
  for (const Reference& reference : plan.references) {
    if (!refer(plan.to[reference.target], cells, reference.bit, target_names[reference.target], type, facts, out))
      return false;
  }
  for (auto& key : plan.keys) {
    const uint8_t bit = key.key == type.key ? uint8_t{model::carries_key} : uint8_t{0};
    if (!refer(key.source, cells, bit, key.key, type, facts, out)) return false;
  }
  const uint8_t absent = static_cast<uint8_t>(facts.needs & ~out->carried);
  if (absent == 0 || !out->row.retracts.empty()) return true;
  static constexpr Target by_place[] = {to_crime, to_urn, to_participant, to_suspect, to_hearing};
  const std::size_t place = place_of(absent);
  if (place >= std::size(by_place))
    return fail(RejectReason::missing, type.key, fmt::format("{} needs a {}", type.name, type.key));
  const std::string called(target_names[by_place[place]]);
  const std::string& column = plan.to[by_place[place]].name;
  return fail(RejectReason::missing, column.empty() ? called : column, fmt::format("{} needs a {}", type.name, called));
}

RowChecker::Source& RowChecker::occurred_source(Plan& plan, const Cell* cells, Cell* cell) {
  *cell = value_of(plan.to[to_occurred_at], cells);
  Source& on = plan.to[to_occurred_on];
  if (cell->present() || on.kind == ValueSource::Kind::absent) return plan.to[to_occurred_at];
  *cell = value_of(on, cells);
  return cell->present() || plan.to[to_occurred_at].kind == ValueSource::Kind::absent ? on : plan.to[to_occurred_at];
}

RowChecker::Verdict RowChecker::build(Plan& plan, const Cell* cells, Pending* out) {
  for (const Test& test : plan.when) {
    if (!passes(test, cells)) return Verdict::nothing;
  }
  Cell occurred_cell;
  Source& occurred = occurred_source(plan, cells, &occurred_cell);
  if (plan.when_occurred && !occurred_cell.present()) return Verdict::nothing;

  model::EventRow& row = out->row;
  const Choice* choice = nullptr;
  const Verdict typed = type_of(plan, cells, out, &choice);
  if (typed != Verdict::event) return typed;
  const uint16_t type_index = vocabulary_->type_index(row.code);
  const model::EventType& type = vocabulary_->types()[type_index];
  const TypeFacts& facts = types_[type_index];
  out->plan = &plan;

  if (!occurred_cell.present()) {
    fail(RejectReason::missing, occurred, occurred_cell, "an event needs the time when it occurred");
    return Verdict::rejected;
  }
  const bool by_date = &occurred == &plan.to[to_occurred_on];
  if (!time_of(occurred, occurred_cell, by_date ? "occurred_on" : "occurred_at", &row.occurred))
    return Verdict::rejected;
  if (mapping_ == nullptr && !by_date && value_of(plan.to[to_occurred_on], cells).present()) {
    fail(RejectReason::contradiction, "occurred_on",
         "occurred_at says when it was; occurred_on is for what is known only by date, month or year: give one");
    return Verdict::rejected;
  }
  row.has_known = false;
  if (Source& known = plan.to[to_known_at]; known.kind != ValueSource::Kind::absent) {
    const Cell cell = value_of(known, cells);
    row.has_known = cell.present();
    if (row.has_known && !time_of(known, cell, "known_at", &row.known)) return Verdict::rejected;
  }
  row.recorded_assumed = true;
  row.recorded_at = row.occurred.lo_ms;
  if (Source& recorded = plan.to[to_recorded_at]; recorded.kind != ValueSource::Kind::absent) {
    const Cell cell = value_of(recorded, cells);
    if (cell.present()) {
      Moment moment;
      if (!time_of(recorded, cell, "recorded_at", &moment)) return Verdict::rejected;
      if (moment.precision == model::Precision::coarse) {
        fail(RejectReason::bad_time, recorded, cell,
             "recorded_at is an instant or a date: a system knows the day on which it was told");
        return Verdict::rejected;
      }
      row.recorded_at = moment.lo_ms;
      row.recorded_assumed = false;
    }
  }

  const auto id_text = [&](Target target, std::string_view* into) {
    *into = {};
    Source& source = plan.to[target];
    if (source.kind == ValueSource::Kind::absent) return true;
    const Cell cell = value_of(source, cells);
    if (!cell.present()) return true;
    *into = text_for(cell);
    return name_fits(Cell::of(*into), source);
  };
  if (!id_text(to_id, &row.id) || !id_text(to_corrects, &row.corrects) || !id_text(to_retracts, &row.retracts))
    return Verdict::rejected;
  if (!row.corrects.empty() || !row.retracts.empty()) {
    if (!row.corrects.empty() && !row.retracts.empty()) {
      fail(RejectReason::contradiction, "corrects", "an event corrects or retracts, not both; send two events");
      return Verdict::rejected;
    }
    if (!row.id.empty() && (row.corrects == row.id || row.retracts == row.id)) {
      fail(RejectReason::contradiction, row.corrects.empty() ? "retracts" : "corrects",
           "an event cannot correct or retract itself; name the earlier event");
      return Verdict::rejected;
    }
  }
  const auto short_name = [&](Target target, Cell* into) {
    *into = {};
    Source& source = plan.to[target];
    if (source.kind == ValueSource::Kind::absent) return true;
    Cell cell = value_of(source, cells);
    if (cell.kind != Cell::Kind::text) cell = Cell::of(keep(text_of(cell)));
    *into = cell;
    return name_fits(cell, source);
  };
  if (!short_name(to_source, &out->source) || !short_name(to_agency, &out->agency) ||
      !short_name(to_actor, &out->actor))
    return Verdict::rejected;
  if (!references(plan, cells, type, facts, out)) return Verdict::rejected;

  out->details.clear();
  uint16_t must = 0;
  if (choice != nullptr) {
    for (const auto& [field, value] : choice->details) {
      if (!detail_of(field, Cell::of(value), nullptr, out)) return Verdict::rejected;
      must = static_cast<uint16_t>(must + (facts.field[field] == 2 ? 1 : 0));
    }
  }
  for (DetailSource& detail : plan.details) {
    const Cell cell = value_of(detail.source, cells);
    if (!cell.present()) continue;
    const uint8_t carried = facts.field[detail.field];
    if (carried == 0) {
      if (mapping_ != nullptr) {
        ++reading_->result.counts.values_left_out;
        continue;
      }
      fail(RejectReason::not_carried, detail.source, cell,
           fmt::format("{} does not carry {}; leave the cell empty", type.name,
                       vocabulary_->fields()[detail.field].name));
      fault_.personal = vocabulary_->fields()[detail.field].personal;
      return Verdict::rejected;
    }
    if (choice != nullptr && std::any_of(choice->details.begin(), choice->details.end(),
                                         [&](const auto& each) { return each.first == detail.field; })) {
      continue;  // the table of types says it more exactly
    }
    if (!detail_of(detail.field, cell, &detail.source, out)) return Verdict::rejected;
    must = static_cast<uint16_t>(must + (carried == 2 ? 1 : 0));
  }
  if (must < facts.must && row.retracts.empty()) {
    for (const uint16_t field : type.needed_fields) {
      const std::string& name = vocabulary_->fields()[field].name;
      const bool given =
          std::any_of(out->details.begin(), out->details.end(), [&](const auto& each) { return each.field == field; });
      if (given || vocabulary_->fields()[field].kind == FieldKind::text) continue;
      fail(RejectReason::missing, name, fmt::format("{} needs the field {}", type.name, name));
      return Verdict::rejected;
    }
    const auto text_field = std::find_if(type.needed_fields.begin(), type.needed_fields.end(), [&](uint16_t field) {
      return vocabulary_->fields()[field].kind == FieldKind::text;
    });
    const std::string name =
        text_field == type.needed_fields.end() ? std::string() : vocabulary_->fields()[*text_field].name;
    fail(RejectReason::missing, name, fmt::format("{} needs the field {}", type.name, name));
    return Verdict::rejected;
  }
  if (type.distinguished_by >= 0) {
    for (auto it = out->details.begin(); it != out->details.end(); ++it) {
      if (it->field != type.distinguished_by) continue;
      row.code = static_cast<uint16_t>(type.first_code + 1 + it->value);
      out->details.erase(it);
      break;
    }
  }
  return Verdict::event;
}

uint32_t RowChecker::symbol(model::Symbols& symbols, const Cell& cell) {
  if (cell.kind == Cell::Kind::whole) {
    if (cell.number >= 0 && cell.number <= std::numeric_limits<uint32_t>::max()) {
      return symbols.code_of_number(static_cast<uint32_t>(cell.number));
    }
    return symbols.code(text_of(cell));
  }
  return cell.size == 0 ? 0 : symbols.code(cell.text());
}

uint32_t RowChecker::cached_symbol(model::Symbols& symbols, const Cell& cell, WordCache& cache) {
  if (cell.size == 0) return 0;
  uint32_t code = 0;
  if (cache.find(cell.text(), &code)) return code;
  code = symbols.code(cell.text());
  cache.remember(cell.text(), code);
  return code;
}

// Names become codes only once the row is known to be good, so that a rejected row leaves nothing behind.
void RowChecker::resolve(Pending* pending) {
  model::EventTable& table = reading_->result.table;
  model::EventRow& row = pending->row;
  const auto code = [&](uint8_t bit, model::Symbols& symbols) {
    return (pending->carried & bit) != 0 ? symbol(symbols, pending->reference[place_of(bit)]) : 0;
  };
  row.participant = code(model::carries_participant, table.participants);
  row.crime = code(model::carries_crime, table.crimes);
  row.suspect = code(model::carries_suspect, table.suspects);
  row.hearing = code(model::carries_hearing, table.hearings);
  row.key = code(model::carries_key, table.keys);
  row.urn = code(model::carries_urn, table.urns);
  row.source = cached_symbol(table.sources, pending->source, pending->plan->to[to_source].cache);
  row.agency = cached_symbol(table.agencies, pending->agency, pending->plan->to[to_agency].cache);
  pending->values.clear();
  for (const PendingDetail& detail : pending->details) {
    int64_t value = detail.value;
    if (detail.kind == FieldKind::code) {
      const Cell cell = Cell::of(detail.text);
      value = detail.cache != nullptr ? cached_symbol(table.codes, cell, *detail.cache) : table.codes.code(detail.text);
    } else if (detail.kind == FieldKind::date) {
      value = table.add_moment(detail.moment);
    }
    pending->values.push_back({detail.field, value});
  }
  row.detail = pending->values.data();
  row.detail_count = pending->values.size();
}

bool RowChecker::same_content(uint32_t at, const model::EventRow& other) const {
  const model::EventTable& table = reading_->result.table;
  if (table.code(at) != other.code || table.occurred(at) != other.occurred || table.has_known(at) != other.has_known ||
      table.recorded_at(at) != other.recorded_at || table.recorded_assumed(at) != other.recorded_assumed ||
      table.participant(at) != other.participant || table.crime(at) != other.crime ||
      table.suspect(at) != other.suspect || table.hearing(at) != other.hearing || table.key(at) != other.key ||
      table.agency(at) != other.agency || table.urn(at) != other.urn || table.corrects(at) != other.corrects ||
      table.retracts(at) != other.retracts) {
    return false;
  }
  if (other.has_known && table.known(at) != other.known) return false;
  const model::Details here = table.detail(at);
  if (here.size() != other.detail_count) return false;
  // Columns may stand in another order in the second file.
  for (std::size_t i = 0; i < other.detail_count; ++i) {
    const model::DetailValue& value = other.detail[i];
    const bool is_date = vocabulary_->fields()[value.field].kind == FieldKind::date;
    bool same = false;
    for (const model::DetailValue each : here) {
      if (each.field != value.field) continue;
      same = is_date ? table.moment(each.value) == table.moment(value.value) : each.value == value.value;
      break;
    }
    if (!same) return false;
  }
  return true;
}

void RowChecker::note_case(const Pending& pending) {
  const model::EventRow& row = pending.row;
  if (row.participant == 0) return;
  if (row.participant >= reading_->cases.size()) reading_->cases.resize(row.participant + std::size_t{1});
  Reading::FirstEvent& first = reading_->cases[row.participant];
  uint32_t crime = row.crime;
  if (crime == 0)
    crime = symbol(reading_->result.table.crimes, pending.reference[place_of(model::carries_participant)]);
  if (first.seen && first.occurred.lo_ms <= row.occurred.lo_ms) return;
  first = {true, row.occurred, crime, row.source, row.agency};
}

// A row that the mapping sets aside still says how far the log reaches, and that its case exists: it may be the case's
// first event.
void RowChecker::note_set_aside(const Cell* cells) {
  Plan& plan = plans_.front();
  Pending& out = pending_.front();
  Cell occurred;
  Source& source = occurred_source(plan, cells, &occurred);
  if (!occurred.present() || !time_of(source, occurred, {}, &out.row.occurred)) return;
  ReadResult& result = reading_->result;
  Moment recorded = out.row.occurred;
  const Cell recorded_cell = value_of(plan.to[to_recorded_at], cells);
  if (recorded_cell.present() && !time_of(plan.to[to_recorded_at], recorded_cell, {}, &recorded)) return;
  if (result.last_recorded_at == 0 || recorded.lo_ms > result.last_recorded_at)
    result.last_recorded_at = recorded.lo_ms;
  if (!link_cases_) return;
  Cell& participant = out.reference[place_of(model::carries_participant)];
  participant = value_of(plan.to[to_participant], cells);
  const Cell crime = value_of(plan.to[to_crime], cells);
  const std::size_t bound = reading_->request.limits.reference_bytes;
  if (!participant.present() || participant.size > bound || crime.size > bound) return;
  out.row.participant = symbol(result.table.participants, participant);
  out.row.crime = crime.present() ? symbol(result.table.crimes, crime) : 0;
  out.row.source = out.row.agency = 0;
  note_case(out);
}

/// Lays the row out with what its column `detail` holds.
bool RowChecker::unpack(const Cell* cells) {
  unpacked_.assign(cells, cells + names_.size());
  unpacked_.resize(names_.size() + packed_names_.size());
  const Cell& packed = cells[packed_column_];
  if (!packed.present()) return true;
  if (!packed_.read(text_for(packed))) {
    const PackedDetails::Fault& fault = packed_.fault();
    const std::string name = fault.name.empty() ? "detail" : "detail." + shown(fault.name, 200);
    return fail(fault.reason, name, fault.why);
  }
  for (const PackedDetails::Entry& entry : packed_.entries()) {
    const auto found = index_.find(fmt::format("detail.{}", entry.name));
    if (found == index_.end() || found->second < names_.size()) {
      return fail(RejectReason::unknown_field, "detail." + shown(entry.name, 200),
                  "not a key or field of the vocabulary, or one that has a column of its own in this file; correct the "
                  "name, or describe the file in a mapping");
    }
    unpacked_[found->second] = Cell::of(entry.value);
  }
  return true;
}

bool RowChecker::take(const Cell* cells, uint64_t line, std::string_view raw) {
  ReadResult& result = reading_->result;
  ReadCounts& counts = result.counts;
  ++counts.rows;
  kept_used_ = 0;
  line_ = line;
  for (Watch& watch : watches_) {
    if (!watch.seen->settled()) watch.note(text_for(given(watch.column, cells)));
  }
  const std::size_t bound = reading_->request.limits.field_bytes;
  // A row shorter than the bound has no field longer than it.
  for (const uint32_t column : wanted_) {
    if (!raw.empty() && raw.size() <= bound) break;
    if (cells[column].size > bound) {
      fault_ = {RejectReason::too_large, names_[column], std::string(cells[column].data, 200),
                fmt::format("a field has at most {} bytes; this one has {}", bound, cells[column].size), false};
      const int32_t field = vocabulary_->field_id(names_[column]);
      fault_.personal = (field >= 0 && vocabulary_->fields()[static_cast<std::size_t>(field)].personal) ||
                        column == packed_column_;  // it may hold personal fields
      return reject_row(cells, line, raw);
    }
  }
  if (packed_column_ != nothing_packed) {
    if (!unpack(cells)) return reject_row(cells, line, raw);
    cells = unpacked_.data();
  }
  for (const Test& test : only_) {
    if (!passes(test, cells)) {
      ++counts.ignored;
      return true;
    }
  }
  std::size_t made = 0;
  bool set_aside = false;
  if (pending_.empty()) pending_.resize(1);
  for (Plan& plan : plans_) {
    if (made == events_from_a_row) break;
    if (made == pending_.size()) pending_.emplace_back();
    const Verdict verdict = build(plan, cells, &pending_[made]);
    if (verdict == Verdict::rejected) return reject_row(cells, line, raw);
    if (verdict == Verdict::event) ++made;
    set_aside = set_aside || verdict == Verdict::ignored;
  }
  if (made == 0) {
    ++counts.ignored;
    if (set_aside) {
      reading_->type_values.unlisted(unlisted_in_->name, unlisted_, true);
      note_set_aside(cells);
    }
    return true;
  }

  if (reading_->request.whole != nullptr) return hand_over(made, cells, raw);

  std::size_t twice = 0;
  for (std::size_t i = 0; i < made; ++i) {
    Pending& pending = pending_[i];
    resolve(&pending);
    if (pending.row.id.empty()) continue;
    const uint32_t earlier = reading_->duplicates.find(result.table, pending.row.source, pending.row.id);
    if (earlier == Duplicates::none) continue;
    if (!same_content(earlier, pending.row)) {
      fault_ = {RejectReason::conflict, pending.plan->to[to_id].name, std::string(pending.row.id),
                fmt::format("event number {} of this input has the same source and id and says something else; a "
                            "change is sent as a new "
                            "event with `corrects`",
                            earlier + 1),
                false};
      return reject_row(cells, line, raw);
    }
    pending.row.id = {};
    pending.row.code = std::numeric_limits<uint16_t>::max();  // already in the table
    ++twice;
  }
  for (std::size_t i = 0; i < made; ++i) {
    const Pending& pending = pending_[i];
    if (pending.row.code == std::numeric_limits<uint16_t>::max()) continue;
    if (result.table.size() == model::EventTable::none - 2) {
      error_ = base::Error{base::ErrorCode::too_large,
                           fmt::format("{}:{}: more than four thousand million events; split the input", file_, line)};
      return false;
    }
    const uint32_t at = result.table.append(pending.row);
    if (!pending.row.id.empty()) {
      reading_->duplicates.add(result.table, at, pending.row.source, pending.row.id);
    } else {
      result.places.note(at, counts.rows, 1);
    }
    if (pending.row.recorded_assumed) ++counts.recorded_assumed;
    ++counts.events;
    if (result.last_recorded_at == 0 || pending.row.recorded_at > result.last_recorded_at)
      result.last_recorded_at = pending.row.recorded_at;
    if (link_cases_) note_case(pending);
  }
  ++(twice == made ? counts.duplicates : counts.taken);
  return true;
}

std::string RowChecker::joined(const Cell* cells) const {
  std::string text;
  for (const uint32_t column : wanted_) {
    if (!cells[column].present()) continue;
    if (!text.empty()) text += ", ";
    text += names_[column] + "=" + text_of(cells[column]).substr(0, 1000);
    if (text.size() > 65536) break;
  }
  return text;
}

bool RowChecker::reject_row(const Cell* cells, uint64_t line, std::string_view raw) {
  const Fault fault = fault_;
  const std::string text = raw.empty() ? joined(cells) : std::string();
  ReadCounts& counts = reading_->result.counts;
  ++counts.rejected;
  ++counts.by_reason[static_cast<std::size_t>(fault.reason)];
  const std::string_view value = fault.personal ? std::string_view() : std::string_view(fault.value);
  if (reading_->request.strict) {
    std::string message = fmt::format("{}:{}: ", file_, line);
    if (!fault.field.empty()) message += fault.field;
    if (!value.empty()) message += fmt::format(" \"{}\"", shown(value, 60));
    if (!fault.field.empty()) message += ": ";
    error_ = base::invalid(message + fault.why);
    return false;
  }
  if (reading_->request.rejects == nullptr) return true;
  const base::Status taken =
      reading_->request.rejects->take({file_, counts.rows, line, fault.field, value, fault.personal, fault.reason, fault.why,
                                       raw.empty() ? std::string_view(text) : raw});
  if (taken) return true;
  error_ = taken.error();
  return false;
}

bool RowChecker::reject(uint64_t line, std::string_view row, RejectReason reason, std::string_view field,
                        std::string_view value, std::string_view why) {
  ++reading_->result.counts.rows;
  fault_ = {reason, std::string(field), std::string(value.substr(0, 1000)), std::string(why), false};
  return reject_row(nullptr, line, row.empty() ? std::string_view(" ") : row);
}

}  // namespace kept::exchange
