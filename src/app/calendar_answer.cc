#include "app/calendar_answer.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

namespace kept::app {
namespace {

using calendar::BankHoliday;
using calendar::LocalDate;
using calendar::WorkingDays;

base::Error not_covered(const rules::CalendarFile& file, const std::string& what) {
  return {base::ErrorCode::not_covered,
          fmt::format("{} lies outside the calendar {}, which runs from {} to {}; nothing is guessed beyond it: use a "
                      "calendar that reaches further "
                      "(--calendar FILE; docs/how-to/add-a-bank-holiday.md says how to extend one)",
                      what, file.id, to_string(file.calendar.first()), to_string(file.calendar.last()))};
}

bool nth(const WorkingDays& days, const CalendarQuestion& question, LocalDate* out) {
  return question.back ? days.nth_before(question.from, question.working_days, out)
                       : days.nth_after(question.from, question.working_days, out);
}

std::vector<BankHoliday> rows_of(const calendar::WorkingDayCalendar& calendar, LocalDate on) {
  std::vector<BankHoliday> rows;
  for (const BankHoliday& holiday : calendar.holidays()) {
    if (holiday.on == on) rows.push_back(holiday);
  }
  return rows;
}

}  // namespace

base::Result<CalendarAnswer> count_working_days(const rules::CalendarFile& file, const CalendarQuestion& question) {
  const calendar::WorkingDayCalendar& calendar = file.calendar;
  if (question.working_days < 0) {
    return base::invalid(
        fmt::format("{} working days cannot be counted; give 0 or more, and --back to count towards the past",
                    question.working_days));
  }
  // No holiday is announced after its own date, so on the calendar's last day everything in it is known.
  const LocalDate everything = calendar.last();
  const LocalDate known_on = question.known_on.value_or(everything);
  const WorkingDays days = calendar.known_on(known_on);
  if (!days.covers(question.from)) return not_covered(file, to_string(question.from));

  CalendarAnswer answer = {question, question.from, {}, std::nullopt};
  const bool is_long = question.working_days > calendar.last().days - calendar.first().days;
  if (is_long || !nth(days, question, &answer.date)) {
    return not_covered(
        file, fmt::format("{} working day{} {} {}", question.working_days, question.working_days == 1 ? "" : "s",
                          question.back ? "before" : "after", to_string(question.from)));
  }
  LocalDate later;
  if (nth(calendar.known_on(everything), question, &later) && later != answer.date) answer.date_known_later = later;

  const int32_t step = question.back ? -1 : 1;
  int32_t number = 0;
  for (LocalDate day = question.from;; day = day + step) {
    CountedDay counted = {day, DayReason::day_zero, 0, rows_of(calendar, day)};
    if (day != question.from) {
      if (days.is_working(day)) {
        counted.reason = DayReason::working_day;
        counted.number = ++number;
      } else {
        counted.reason = calendar.holiday(day, known_on) != nullptr ? DayReason::bank_holiday : DayReason::weekend;
      }
    }
    answer.days.push_back(std::move(counted));
    if (day == answer.date) break;
  }
  assert(number == question.working_days);
  return answer;
}

base::Result<std::vector<BankHoliday>> list_holidays(const rules::CalendarFile& file, std::optional<int32_t> year) {
  if (!year) return file.calendar.holidays();
  const int32_t first = year_month_day(file.calendar.first()).year;
  const int32_t last = year_month_day(file.calendar.last()).year;
  if (*year < first || *year > last) return not_covered(file, fmt::format("the year {}", *year));
  std::vector<BankHoliday> holidays;
  for (const BankHoliday& holiday : file.calendar.holidays()) {
    if (year_month_day(holiday.on).year == *year) holidays.push_back(holiday);
  }
  return holidays;
}

std::string default_calendar_path() { return KEPT_SOURCE_DIR "/rules/calendars/england-and-wales.yaml"; }

}  // namespace kept::app
