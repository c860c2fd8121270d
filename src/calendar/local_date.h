#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kept::calendar {

/// One date in Europe/London.
/// Shape: a day number. Units: days since 1970-01-01 (a Thursday); negative before.
struct LocalDate {
  int32_t days = 0;
  auto operator<=>(const LocalDate&) const = default;
  LocalDate operator+(int32_t n) const { return {days + n}; }
  LocalDate operator-(int32_t n) const { return {days - n}; }
};

/// Year, month 1-12, day 1-31 of the proleptic Gregorian calendar.
struct YearMonthDay {
  int32_t year;
  int32_t month;
  int32_t day;
  auto operator<=>(const YearMonthDay&) const = default;
};

YearMonthDay year_month_day(LocalDate date);
/// Precondition: a real date (asserted).
LocalDate local_date(YearMonthDay date);
/// True for a date that exists: 2023-02-29 does not. Bounds: years 0001-9999.
bool exists(YearMonthDay date);
/// 0 Monday ... 6 Sunday.
int32_t weekday(LocalDate date);
/// The same day number `months` later, or the month's last day when it has none (31 January + 1 month = 28 or 29
/// February). Source: design 4, limits in months and years.
LocalDate add_months(LocalDate date, int32_t months);
/// The day before the `age`th birthday of somebody born on `born_on`. Born on 29 February: the 28th, in a common year
/// too, where the birthday falls on 1 March.
LocalDate eve_of_birthday(LocalDate born_on, int32_t age);
/// The days between which that eve lies whatever the leap years: told without the calendar, for the many who are years
/// from it.
inline LocalDate earliest_eve_of_birthday(LocalDate born_on, int32_t age) { return {born_on.days + 365 * age - 1}; }
inline LocalDate latest_eve_of_birthday(LocalDate born_on, int32_t age) { return {born_on.days + 366 * age}; }
/// Reads YYYY-MM-DD exactly; refuses anything else, naming the text.
base::Result<LocalDate> parse_date(std::string_view text);
std::string to_string(LocalDate date);

}  // namespace kept::calendar
