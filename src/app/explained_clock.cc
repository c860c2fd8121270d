// The clock: where it starts, what is counted, where it ends.
#include <fmt/format.h>

#include <algorithm>

#include "app/assess_files.h"
#include "app/explained.h"
#include "app/spoken_time.h"
#include "calendar/london_time.h"
#include "rules/wording.h"

namespace kept::app {
namespace {

using calendar::LocalDate;
using engine::Step;
using engine::TimeLimit;
using model::Due;
using model::Obligation;

/// The latest agreement on how often to be in touch, made by this interval's start.
void add_agreement(PlainText& page, const Explained& of) {
  const model::EventTable& table = of.table;
  uint32_t latest = Obligation::no_row;
  for (uint32_t row = 0; row < table.size(); ++row) {
    if (table.vocabulary().meaning_of(table.code(row)) != model::Meaning::contact_agreed || !of.concerns_us(row))
      continue;
    if (table.lo_ms(row) > of.one.start_at || of.is_replaced(row)) continue;
    if (latest == Obligation::no_row || table.lo_ms(row) >= table.lo_ms(latest)) latest = row;
  }
  if (latest == Obligation::no_row || of.flagged(model::flag_no_agreement)) {
    page.sentence(of.say("not_agreed"));
    return;
  }
  page.sentence(of.say("agreed", {{"every", of.events.detail(latest, "every")},
                                  {"unit", of.events.detail(latest, "unit")},
                                  {"event", of.events.event(latest)},
                                  {"when", of.events.when(latest)},
                                  {"named", of.named(latest)}}));
}

/// The event on the due date that ends the time in which it can be done.
void add_until(PlainText& page, const Explained& of, LocalDate due) {
  page.sentence(of.say("until", {{"events", unmarked(rules::patterns_words(of.duty.until, false, of.book))}}));
  for (uint32_t row = 0; row < of.table.size(); ++row) {
    const bool ends = of.table.occurred(row).on() == due && of.concerns_us(row) && !of.is_replaced(row) &&
                      std::any_of(of.duty.until.begin(), of.duty.until.end(),
                                  [&](const engine::Pattern& pattern) { return of.fits(pattern, row); });
    if (!ends) continue;
    page.sentence(of.say_of("until_event", row));
    return;
  }
}

/// Each day from the start to the due date as the calendar has it; long counts are shortened in their middle.
void add_counted_days(PlainText& page, const Explained& of, LocalDate start, LocalDate due, int32_t allowed) {
  const LocalDate asked_on = calendar::london_date(of.records.options.as_at);
  const calendar::WorkingDays days = of.book.calendar->known_on(asked_on);
  if (!days.covers(start) || !days.covers(due) || due < start) return;
  constexpr int32_t shown_whole = 45;
  const bool shorten = due.days - start.days > shown_whole;
  int32_t counted = 0;
  for (LocalDate on = start + 1; on <= due; on = on + 1) {
    const bool working = days.is_working(on);
    if (working) ++counted;
    if (shorten && on.days - start.days > 20 && due.days - on.days > 10) {
      if (on.days - start.days == 21) page.item("...");
      if (working || calendar::weekday(on) >= 5) continue;
    }
    if (working) {
      page.item(of.say("day_counted", {{"on", long_date(on)}, {"number", std::to_string(counted)}}));
    } else if (const calendar::BankHoliday* holiday = of.book.calendar->holiday(on, asked_on);
               holiday != nullptr && calendar::weekday(on) < 5) {
      const std::string announced =
          holiday->announced_on ? of.say("day_announced", {{"announced", rules::date_words(*holiday->announced_on)}})
                                : std::string();
      page.item(of.say("day_holiday", {{"on", long_date(on)}, {"holiday", holiday->title}, {"announced", announced}}));
    } else {
      page.item(of.say("day_weekend", {{"on", long_date(on)}}));
    }
  }
  if (counted == allowed) return;
  const char* const why = of.flagged(model::flag_inherited_due) ? "days_inherited"
                          : of.duty.pausable                    ? "days_held"
                                                                : "days_other";
  page.sentence(of.say("days_differ", {{"count", fmt::format("{} working {}", counted, counted == 1 ? "day" : "days")},
                                       {"why", of.say(why)}}));
}

/// How the due date follows from the start, where it follows from counting.
void add_count(PlainText& page, const Explained& of, LocalDate start, LocalDate due) {
  if (of.is_chain()) {
    const TimeLimit& first = of.limit(of.book.duties[of.duty.leg_one]);
    const TimeLimit& second = of.limit(of.book.duties[of.duty.leg_two]);
    if (first.kind == TimeLimit::Kind::working_days && second.kind == TimeLimit::Kind::working_days) {
      page.sentence(
          of.say("counted_chain", {{"first", std::to_string(first.count)}, {"second", std::to_string(second.count)}}));
      add_counted_days(page, of, start, due, first.count + second.count);
    }
    return;
  }
  const TimeLimit& length = of.limit(of.duty);
  switch (length.kind) {
    case TimeLimit::Kind::working_days:
      add_counted_days(page, of, start, due, length.count);
      break;
    case TimeLimit::Kind::days:
    case TimeLimit::Kind::weeks:
      page.sentence(of.say("calendar_days"));
      break;
    case TimeLimit::Kind::months:
    case TimeLimit::Kind::years:
      page.sentence(of.say("calendar_months"));
      break;
    case TimeLimit::Kind::before:
      page.sentence(of.say("counted_back", {{"field", of.book.vocabulary->fields()[length.field].name},
                                            {"when", of.events.detail(of.one.trigger_row, length.field)}}));
      break;
    case TimeLimit::Kind::no_number:
      if (!of.duty.until.empty()) add_until(page, of, due);
      break;
    case TimeLimit::Kind::hours:
    case TimeLimit::Kind::until_age:
    case TimeLimit::Kind::agreed:
    case TimeLimit::Kind::with_duty:
      break;
  }
}

/// Is the start's own day passed over, so that day 1 is the next?
bool counts_days(const Explained& of) {
  if (of.is_chain()) return true;
  switch (of.limit(of.duty).kind) {
    case TimeLimit::Kind::days:
    case TimeLimit::Kind::weeks:
    case TimeLimit::Kind::working_days:
      return true;
    default:
      return false;
  }
}

}  // namespace

void add_clock(PlainText& page, const Explained& of) {
  page.section(of.say("section_clock"));
  if (of.has(Step::Kind::told_ahead)) page.sentence(of.say("told_ahead"));
  for (const uint32_t row : of.rows(Step::Kind::middle_before)) page.sentence(of.say_of("middle_before", row));
  if (const Step* joined = of.find(Step::Kind::joined_later))
    page.sentence(of.say("joined_later", {{"when", instant_words(joined->at)}}));
  if (const Step* unknown = of.find(Step::Kind::no_known_at))
    page.sentence(of.say("no_known_at", {{"from", instant_words(unknown->at)}, {"to", instant_words(unknown->value)}}));
  if (const Step* again = of.find(Step::Kind::decline_ended))
    page.sentence(of.say("restarted", {{"when", instant_words(again->at)}}));
  if (of.one.interval == 1) page.sentence(of.say("interval_first"));
  if (of.one.interval > 1) page.sentence(of.say("interval_next", {{"interval", std::to_string(of.one.interval)}}));
  if (of.table.occurred(of.one.trigger_row).precision == model::Precision::coarse)
    page.sentence(of.say("started_vague"));
  const LocalDate start = calendar::london_date(of.one.start_at);
  page.sentence(of.one.due_on.kind == Due::Kind::instant
                    ? of.say("started_plain", {{"when", instant_words(of.one.start_at)}})
                    : of.say(counts_days(of) ? "started" : "started_plain", {{"when", "on " + long_date(start)}}));
  const bool by_agreement = !of.is_chain() && of.limit(of.duty).kind == TimeLimit::Kind::agreed;
  if (by_agreement) add_agreement(page, of);
  if (of.one.due_on.kind == Due::Kind::date) {
    const LocalDate due{static_cast<int32_t>(of.one.due_on.value)};
    add_count(page, of, start, due);
    page.sentence(of.say(of.is_window() ? "closes_date" : "due_date", {{"on", long_date(due)}}));
    if (of.one.first_due_on.kind == Due::Kind::date && of.one.first_due_on != of.one.due_on)
      page.sentence(
          of.say("first_due", {{"on", long_date(LocalDate{static_cast<int32_t>(of.one.first_due_on.value)})}}));
  } else if (of.one.due_on.kind == Due::Kind::instant) {
    page.sentence(
        of.say(of.is_window() ? "closes_instant" : "due_instant", {{"at", instant_words(of.one.due_on.value)}}));
  } else {
    page.sentence(of.say(by_agreement             ? "due_with_update"
                         : !of.duty.until.empty() ? "due_until"
                                                  : "due_none",
                         {{"events", unmarked(rules::patterns_words(of.duty.until, false, of.book))}}));
  }
  if (const Step* step = of.find(Step::Kind::moved_later)) {
    const std::string due = step->day != 0 ? "on " + long_date(LocalDate{step->day}) : instant_words(step->at);
    page.sentence(of.say("moved_later", {{"due", due},
                                         {"event", of.events.event(step->row)},
                                         {"when", of.events.when(step->row)},
                                         {"named", of.named(step->row)}}));
  }
  if (of.flagged(model::flag_inherited_due)) page.sentence(of.say("inherited"));
}

}  // namespace kept::app
