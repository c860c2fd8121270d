#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "calendar/working_days.h"
#include "rules/calendar_file.h"

namespace kept::app {

/// Why a day was counted or skipped.
enum class DayReason {
  day_zero,      ///< the day asked about: never counted, whatever day it is
  working_day,   ///< counted
  weekend,       ///< skipped
  bank_holiday,  ///< skipped; `holidays` says which and when it was announced
};

/// One day between the question's date and the answer.
struct CountedDay {
  calendar::LocalDate on;
  DayReason reason;
  int32_t number;  ///< 1 for the first working day; 0 on days that are not counted
  /// Every row the calendar has for this day: the holiday in force and, on other days, one announced too late to be
  /// known or already moved elsewhere.
  std::vector<calendar::BankHoliday> holidays;
};

/// What to count.
struct CalendarQuestion {
  calendar::LocalDate from;                     ///< day 0
  int32_t working_days;                         ///< 0 or more
  bool back;                                    ///< count towards the past
  std::optional<calendar::LocalDate> known_on;  ///< what was known on that day; none: everything the calendar holds
};

/// A date with each day on the way to it.
struct CalendarAnswer {
  CalendarQuestion question;
  calendar::LocalDate date;
  std::vector<CountedDay> days;  ///< from day 0 to `date`, both included, in the order counted
  /// The date with everything the calendar holds, where that differs from what was known on `known_on`.
  std::optional<calendar::LocalDate> date_known_later;
};

/// Counts and shows every day of the count.
/// Errors: `invalid` for a count below zero; `not_covered`, naming both ends, when the date or the answer lies outside
/// the calendar.
base::Result<CalendarAnswer> count_working_days(const rules::CalendarFile& calendar, const CalendarQuestion& question);

/// The holidays of one year, or of every year; withdrawn ones are among them with their dates.
/// Errors: `not_covered` for a year the calendar does not hold.
base::Result<std::vector<calendar::BankHoliday>> list_holidays(const rules::CalendarFile& calendar,
                                                               std::optional<int32_t> year);

/// The calendar of England and Wales that comes with the program.
std::string default_calendar_path();

}  // namespace kept::app
