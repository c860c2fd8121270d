#include "app/explained.h"

#include <fmt/format.h>

#include <algorithm>

#include "calendar/london_time.h"
#include "html/number_text.h"

namespace kept::app {

using calendar::LocalDate;
using engine::Step;
using model::Obligation;

Explained::Explained(const engine::Explanation& explanation, const Records& from, const html::Words& said)
    : steps(explanation.steps),
      one(explanation.obligation),
      records(from),
      book(from.book),
      table(from.read.table),
      duty(from.book.duties[explanation.obligation.duty]),
      words(said),
      events(from.read.table) {
  if (!table.any_corrections()) return;
  for (uint32_t row = 0; row < table.size(); ++row)
    for (const std::string_view named : {table.corrects(row), table.retracts(row)})
      if (!named.empty()) replaced_.emplace(table.source(row), named);
}

std::string Explained::say(const char* key, Places places) const {
  return words.say(fmt::format("explain.{}", key), places);
}

std::string Explained::say_of(const char* key, uint32_t row) const {
  return say(key, {{"event", events.event(row)},
                   {"details", events.details(row)},
                   {"when", events.when(row)},
                   {"keys", events.keys(row)},
                   {"agency", events.agency(table.agency(row))},
                   {"named", named(row)},
                   {"entered", events.entered_at(row)}});
}

std::string Explained::named(uint32_t row) const {
  if (!table.given_id(row).empty()) {
    const std::string source = events.source(row);
    return say(source.empty() ? "named_without_source" : "named", {{"id", table.id(row)}, {"source", source}});
  }
  const auto place = records.read.places.of(row);
  if (!place) return say("named_added");
  return say("named_row", {{"row", html::grouped(static_cast<int64_t>(place->row))}, {"file", place->file}});
}

std::string Explained::outcome_word(model::Outcome outcome) const {
  return words.say(fmt::format("outcome.{}.name", model::outcome_key(outcome)));
}

const Step* Explained::find(Step::Kind kind) const {
  for (const Step& step : steps) {
    if (step.kind == kind) return &step;
  }
  return nullptr;
}

std::vector<uint32_t> Explained::rows(Step::Kind kind) const {
  std::vector<uint32_t> out;
  for (const Step& step : steps) {
    if (step.kind == kind && step.row != Obligation::no_row && std::find(out.begin(), out.end(), step.row) == out.end())
      out.push_back(step.row);
  }
  return out;
}

bool Explained::never_arose() const {
  return one.reason == model::Reason::condition_false || one.reason == model::Reason::died_before ||
         one.reason == model::Reason::with_not_owed;
}

const engine::DatedLimit& Explained::dated(const engine::Duty& of) const {
  LocalDate on = calendar::london_date(table.lo_ms(one.trigger_row));
  if (one.interval > 0) on = std::max(on, calendar::london_date(one.start_at));
  const engine::DatedLimit* found = &of.limits.front();
  for (const engine::DatedLimit& limit : of.limits) {
    if (limit.from <= on && on <= limit.to) found = &limit;
  }
  return *found;
}

const engine::TimeLimit& Explained::limit(const engine::Duty& of) const {
  return flagged(model::flag_enhanced) ? dated(of).enhanced : dated(of).standard;
}

bool Explained::enhanced_differs() const {
  const auto differs = [&](const engine::Duty& of) { return !(dated(of).standard == dated(of).enhanced); };
  return is_chain() ? differs(book.duties[duty.leg_one]) || differs(book.duties[duty.leg_two]) : differs(duty);
}

const engine::Pattern& Explained::trigger() const {
  return is_chain() ? book.duties[duty.leg_one].trigger : duty.trigger;
}

const std::vector<engine::Pattern>& Explained::fulfilled_by() const {
  return is_chain() ? book.duties[duty.leg_two].fulfilled_by : duty.fulfilled_by;
}

bool Explained::concerns_us(uint32_t row) const {
  if (one.participant != 0 && table.participant(row) == one.participant) return true;
  if (table.participant(row) != 0) return false;
  if (one.crime != 0 && table.crime(row) == one.crime) return true;
  return one.hearing != 0 && table.hearing(row) == one.hearing;
}

bool Explained::is_replaced(uint32_t row) const {
  return !replaced_.empty() && replaced_.contains({table.source(row), table.id(row)});
}

bool Explained::fits(const engine::Pattern& pattern, uint32_t row) const {
  if (std::find(pattern.codes.begin(), pattern.codes.end(), table.code(row)) == pattern.codes.end()) return false;
  return std::all_of(pattern.tests.begin(), pattern.tests.end(), [&](const engine::FieldTest& test) {
    int64_t value = 0;
    const bool there = table.detail_value(row, test.field, &value);
    if (test.compare == engine::Compare::is_absent) return !there;
    if (!there) return false;
    const bool is_code = table.vocabulary().fields()[test.field].kind == model::FieldKind::code;
    const auto equals = [&](int64_t wanted) {
      return is_code ? wanted >= 0 && wanted < static_cast<int64_t>(book.code_words.size()) &&
                           table.codes.name(static_cast<uint32_t>(value)) ==
                               book.code_words[static_cast<std::size_t>(wanted)]
                     : value == wanted;
    };
    switch (test.compare) {
      case engine::Compare::equal:
        return equals(test.value);
      case engine::Compare::not_equal:
        return !equals(test.value);
      case engine::Compare::less:
        return value < test.value;
      case engine::Compare::less_or_equal:
        return value <= test.value;
      case engine::Compare::greater:
        return value > test.value;
      case engine::Compare::greater_or_equal:
        return value >= test.value;
      case engine::Compare::one_of:
        return std::any_of(test.values.begin(), test.values.end(), equals);
      case engine::Compare::is_absent:
        return false;
    }
    return false;
  });
}

const char* Explained::barred(uint32_t row) const {
  // A fact that was replaced is no fact, whatever else might be said of it.
  if (is_replaced(row)) return "why_corrected";
  static const std::pair<Step::Kind, const char*> recorded[] = {
      {Step::Kind::unsure_key, "why_unsure_key"},
      {Step::Kind::unsure_time, "why_unsure_time"},
  };
  for (const auto& [kind, key] : recorded) {
    const std::vector<uint32_t> named = rows(kind);
    if (std::find(named.begin(), named.end(), row) != named.end()) return key;
  }
  const uint32_t trigger = one.trigger_row;
  const model::Moment at = table.occurred(row);
  if (records.options.recorded_by && table.recorded_at(row) > *records.options.recorded_by) return "why_recorded_later";
  if (at.lo_ms > records.options.as_at) return "why_not_yet";
  if (calendar::london_date(table.recorded_at(row)) < at.on()) return "why_plan";
  const auto differs = [&](uint8_t bit, uint32_t a, uint32_t b) {
    return (duty.same & bit) != 0 && a != 0 && b != 0 && a != b;
  };
  if (one.crime != 0 && table.crime(row) != 0 && table.crime(row) != one.crime) return "why_other_crime";
  if (differs(engine::same_suspect, table.suspect(trigger), table.suspect(row))) return "why_other_suspect";
  if (differs(engine::same_hearing, table.hearing(trigger), table.hearing(row))) return "why_other_hearing";
  if (differs(engine::same_key, table.key(trigger), table.key(row))) return "why_other_key";
  if (one.interval > 1 && at.on() <= calendar::london_date(one.start_at)) return "why_interval";
  if (duty.earlier_counts) return nullptr;
  const model::Moment began = table.occurred(trigger);
  if (at.precision == model::Precision::coarse && at.lo_ms < began.lo_ms && at.hi_ms >= began.lo_ms)
    return "why_may_be_before";
  if (at.hi_ms < began.lo_ms || at.on() < began.on()) return "why_before";
  if (at.precision == model::Precision::instant && began.precision == model::Precision::instant &&
      at.lo_ms < began.lo_ms)
    return "why_before";
  if (began.precision == model::Precision::coarse && at.lo_ms <= began.hi_ms) return "why_trigger_vague";
  return nullptr;
}

std::string unmarked(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '`'), text.end());
  return text;
}

}  // namespace kept::app
