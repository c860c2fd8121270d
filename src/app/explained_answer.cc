// Whether the record is complete, what was tried where a fact is missing, and the answer.
#include <fmt/format.h>

#include <algorithm>

#include "app/assess_files.h"
#include "app/explained.h"
#include "app/spoken_time.h"
#include "calendar/london_time.h"

namespace kept::app {
namespace {

using calendar::LocalDate;
using engine::Step;
using model::Due;
using model::Obligation;
using model::Outcome;
using model::Reason;

/// Why the outcome is what it is, from content/.
std::string reason_words(const Explained& of) {
  return of.words.say(fmt::format("reason.{}", model::reason_key(of.one.reason)));
}

std::string missing_fact(const Explained& of) {
  return of.one.missing_code == 0 ? of.say("missing_unnamed") : of.table.vocabulary().code_name(of.one.missing_code);
}

/// The last day of the gap that begins on its first day, at most the day asked about.
LocalDate gap_end(const Explained& of) {
  const uint16_t type = of.table.vocabulary().type_index(of.one.missing_code);
  const LocalDate asked_on = calendar::london_date(of.records.options.as_at);
  LocalDate last{of.one.missing_on};
  LocalDate ignored{};
  while (last < asked_on && of.records.options.coverage != nullptr &&
         of.records.options.coverage->first_gap(of.one.missing_agency, type, last + 1, last + 1, &ignored))
    last = last + 1;
  return last;
}

/// What was not known, said once: a receipt, a reference, or a time.
void add_missing(PlainText& page, const Explained& of) {
  const bool named = of.one.missing_code != 0 || (of.one.outcome == Outcome::cannot_tell && of.one.missing_agency != 0);
  if (!named || of.one.missing_on != 0) return;  // a gap is said where the record is looked at
  const char* key = of.has(Step::Kind::no_known_at)           ? "missing_receipt"
                    : of.one.reason == Reason::middle_unknown ? "missing_middle"
                    : of.has(Step::Kind::unsure_key)          ? "missing_reference"
                                                              : "missing_time";
  const std::string from = of.one.missing_agency == 0
                               ? std::string()
                               : of.say("missing_from", {{"agency", of.events.agency(of.one.missing_agency)}});
  page.sentence(of.say(key, {{"fact", missing_fact(of)}, {"from", from}}));
}

void add_lateness(PlainText& page, const Explained& of) {
  const int64_t days = of.one.late_ms / 86'400'000;
  const auto counted = [](int64_t count, const char* unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  switch (of.one.late_unit) {
    case model::LateUnit::none:
      break;
    case model::LateUnit::working_days:
      page.sentence(of.say("late_working_days",
                           {{"count", counted(of.one.late_by, "working day")}, {"days", counted(days, "day")}}));
      break;
    case model::LateUnit::days:
      page.sentence(of.say("late_days", {{"count", counted(of.one.late_by, "calendar day")}}));
      break;
    case model::LateUnit::hours:
      page.sentence(of.say("late_hours", {{"hours", counted(of.one.late_ms / 3'600'000, "hour")},
                                          {"minutes", counted(of.one.late_ms / 60'000 % 60, "minute")}}));
      break;
  }
}

/// Does a sentence above already say what the flag says?
bool is_said(const Explained& of, uint32_t flag) {
  switch (flag) {
    case model::flag_enhanced:
    case model::flag_edition_by_assumption:
    case model::flag_no_agreement:
    case model::flag_inherited_due:
    case model::flag_inferred_coverage:
      return true;
    case model::flag_entitled_not_recognised:
    case model::flag_enhanced_recorded_later:
      return !of.enhanced_differs();
    case model::flag_moved_after_due:
      return of.has(Step::Kind::moved_later);
    case model::flag_told_ahead:
      return of.has(Step::Kind::told_ahead);
    case model::flag_joined_later:
      return of.has(Step::Kind::joined_later);
    case model::flag_middle_before_trigger:
      return of.has(Step::Kind::middle_before);
    case model::flag_wish_withdrawn:
      return of.has(Step::Kind::decline_ended);
    case model::flag_decline_noted:
      return of.has(Step::Kind::decline_too_late);
    default:
      return false;
  }
}

void add_outcome(PlainText& page, const Explained& of) {
  const std::string name = of.outcome_word(of.one.outcome);
  const bool by_reason = of.one.outcome == Outcome::not_owed || of.one.outcome == Outcome::lapsed ||
                         of.one.outcome == Outcome::cannot_tell;
  if (by_reason && of.one.reason != Reason::none) {
    page.sentence(of.say("outcome", {{"outcome", name}, {"means", reason_words(of)}}));
    return;
  }
  const char* const kept = of.one.due_on.kind == Due::Kind::none ? "kept_no_due" : "kept_in_time";
  page.sentence(of.say(
      "outcome", {{"outcome", name},
                  {"means", of.one.outcome == Outcome::kept
                                ? of.say(kept)
                                : of.words.say(fmt::format("outcome.{}.means", model::outcome_key(of.one.outcome)))}}));
  if (of.one.outcome == Outcome::kept && of.one.reason == Reason::middle_unknown) {
    page.sentence(of.say("kept_by_end"));
    return;
  }
  if (of.one.reason != Reason::none && of.one.reason != Reason::not_involved)
    page.sentence(of.say("outcome_reason", {{"reason", reason_words(of)}}));
}

/// One possible case that was tried where a fact is missing.
struct Reading {
  int64_t trigger = 0, start = 0;
  uint32_t act = Obligation::no_row;  ///< what would have done it
  int64_t act_at = 0;
  Outcome outcome = Outcome::cannot_tell;
  bool operator==(const Reading&) const = default;
};

/// Each once, in the order in which they were tried.
std::vector<Reading> readings(const Explained& of) {
  std::vector<Reading> out;
  Reading next;
  for (const Step& step : of.steps) {
    if (step.kind == Step::Kind::reading_act) {
      next.start = step.value;
      next.act = step.row;
      next.act_at = step.at;
    } else if (step.kind == Step::Kind::reading) {
      next.trigger = step.at;
      next.outcome = static_cast<Outcome>(step.value);
      if (std::find(out.begin(), out.end(), next) == out.end()) out.push_back(next);
    }
  }
  return out;
}

/// Which time gave which outcome, of the times that differ between the readings.
void add_each_reading(PlainText& page, const Explained& of, const std::vector<Reading>& tried) {
  const auto differs = [&](auto same) {
    return std::any_of(tried.begin(), tried.end(), [&](const Reading& one) { return !same(one, tried.front()); });
  };
  using R = Reading;
  const bool triggers = differs([](const R& a, const R& b) { return a.trigger == b.trigger; });
  const bool starts = differs([](const R& a, const R& b) { return a.start - a.trigger == b.start - b.trigger; }) &&
                      differs([](const R& a, const R& b) { return a.start == b.start; });
  const bool outcomes = differs([](const R& a, const R& b) { return a.outcome == b.outcome; });
  const bool acts = outcomes && differs([](const R& a, const R& b) { return a.act == b.act && a.act_at == b.act_at; });
  std::vector<std::string> items;
  for (const Reading& one : tried) {
    std::string what;
    const auto add = [&](const std::string& part) { what += (what.empty() ? "" : " and ") + part; };
    if (triggers) add(of.say("reading_trigger", {{"when", instant_words(one.trigger)}}));
    if (starts) add(of.say("reading_clock", {{"when", instant_words(one.start)}}));
    if (acts && one.act == Obligation::no_row) add(of.say("reading_no_act"));
    if (acts && one.act != Obligation::no_row)
      add(of.say(
          "reading_act",
          {{"event", of.events.event(one.act)}, {"named", of.named(one.act)}, {"when", instant_words(one.act_at)}}));
    if (what.empty()) return;
    const std::string item = of.say("reading", {{"what", what}, {"outcome", of.outcome_word(one.outcome)}});
    if (std::find(items.begin(), items.end(), item) == items.end()) items.push_back(item);
  }
  constexpr std::size_t shown = 10;
  for (std::size_t i = 0; i < std::min(shown, items.size()); ++i) page.item(items[i]);
  if (items.size() > shown) page.item(of.say("more_readings", {{"count", std::to_string(items.size() - shown)}}));
}

}  // namespace

void add_coverage(PlainText& page, const Explained& of) {
  page.section(of.say("section_coverage"));
  switch (of.records.coverage_origin) {
    case CoverageOrigin::given:
      page.sentence(of.say("coverage_given"));
      break;
    case CoverageOrigin::inferred:
      page.sentence(of.say("coverage_inferred"));
      break;
    case CoverageOrigin::finished_log:
      page.sentence(of.say("coverage_finished"));
      return;
  }
  if (of.one.missing_on == 0) {
    page.sentence(of.say("covered"));
    return;
  }
  const LocalDate first{of.one.missing_on};
  const LocalDate last = of.one.missing_code == 0 ? first : gap_end(of);
  const std::string span = first == last ? of.say("gap_day", {{"on", long_date(first)}})
                                         : of.say("gap_days", {{"from", long_date(first)}, {"to", long_date(last)}});
  page.sentence(
      of.say(of.one.missing_agency == 0 ? "gap_unnamed" : "gap",
             {{"agency", of.events.agency(of.one.missing_agency)}, {"fact", missing_fact(of)}, {"span", span}}));
}

void add_readings(PlainText& page, const Explained& of) {
  const std::vector<Reading> tried = readings(of);
  if (tried.size() < 2 && of.one.reason != Reason::rule_u) return;
  page.section(of.say("section_readings"));
  page.sentence(of.say("readings"));
  add_each_reading(page, of, tried);
  std::string outcomes;
  int count = 0;
  for (int i = 0; i < model::outcome_count; ++i) {
    if ((of.one.rule_u_outcomes >> i & 1) == 0) continue;
    outcomes += (count++ == 0 ? "" : " or ") + of.outcome_word(static_cast<Outcome>(i));
  }
  if (count > 0) page.sentence(of.say("readings_outcomes", {{"outcomes", outcomes}}));
  page.sentence(of.say(of.one.reason == Reason::rule_u ? "readings_differ"
                       : count <= 1                    ? "readings_one"
                                                       : "readings_failures"));
}

void add_answer(PlainText& page, const Explained& of) {
  page.section(of.say("section_outcome"));
  if (of.is_window()) {
    static const char* const states[] = {"", "used", "lapsed", "open", "cannot_tell"};
    page.sentence(of.say(fmt::format("window_{}", states[static_cast<int>(of.one.window)]).c_str()));
    if (of.one.reason == Reason::ended_by_death)
      page.sentence(of.say("outcome_reason", {{"reason", reason_words(of)}}));
  } else {
    add_outcome(page, of);
  }
  if (of.one.outcome == Outcome::late) add_lateness(page, of);
  if (of.one.outcome == Outcome::overdue && of.one.due_on.kind == Due::Kind::date) {
    const int64_t days = calendar::london_date(of.records.options.as_at).days - of.one.due_on.value;
    page.sentence(of.say("overdue_since", {{"days", fmt::format("{} day{}", days, days == 1 ? "" : "s")},
                                           {"as_at", clock_words(of.records.options.as_at)}}));
  }
  add_missing(page, of);
  for (uint32_t rest = of.one.flags; rest != 0; rest &= rest - 1) {
    const uint32_t flag = rest & ~(rest - 1);
    if (is_said(of, flag)) continue;
    std::string key = model::flag_name(flag);
    std::replace(key.begin(), key.end(), ' ', '_');
    if (key == "recorded_time_assumed") key = "recorded_assumed";
    page.item(of.words.say(fmt::format("flag.{}", key)), 2);
  }
  page.section("");
  if (!of.records.read.places.empty()) page.sentence(of.say("rows_counted"), 0);
  page.sentence(of.say("footer"), 0);
}

}  // namespace kept::app
