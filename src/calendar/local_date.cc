#include "calendar/local_date.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

namespace kept::calendar {
namespace {

constexpr bool is_leap(int32_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

constexpr int32_t days_in_month(int32_t year, int32_t month) {
  constexpr std::array<int32_t, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : lengths[static_cast<std::size_t>(month - 1)];
}

// Eras of 400 years from 1 March, so that a leap day is the last of its year.
// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil and civil_from_days.
constexpr int32_t days_before_epoch = 719468;  // from 0000-03-01 to 1970-01-01
constexpr int32_t days_in_era = 146097;

int32_t day_number(YearMonthDay date) {
  const int32_t year = date.year - (date.month <= 2 ? 1 : 0);
  const int32_t era = (year >= 0 ? year : year - 399) / 400;
  const int32_t year_of_era = year - era * 400;
  const int32_t day_of_year = (153 * (date.month > 2 ? date.month - 3 : date.month + 9) + 2) / 5 + date.day - 1;
  const int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * days_in_era + day_of_era - days_before_epoch;
}

/// The text as it may be repeated in a message: short, printable.
std::string shown(std::string_view text) {
  constexpr std::size_t longest = 40;
  std::string out;
  for (const char c : text.substr(0, longest)) out += (c >= ' ' && c <= '~') ? c : '?';
  if (text.size() > longest) out += "...";
  return out;
}

}  // namespace

YearMonthDay year_month_day(LocalDate date) {
  const int64_t shifted = int64_t{date.days} + days_before_epoch;
  const int64_t era = (shifted >= 0 ? shifted : shifted - (days_in_era - 1)) / days_in_era;
  const auto day_of_era = static_cast<int32_t>(shifted - era * days_in_era);
  const int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int32_t month_from_march = (5 * day_of_year + 2) / 153;
  const int32_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
  const int32_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {static_cast<int32_t>(era * 400) + year_of_era + (month <= 2 ? 1 : 0), month, day};
}

LocalDate local_date(YearMonthDay date) {
  assert(exists(date));
  return {day_number(date)};
}

bool exists(YearMonthDay date) {
  return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= days_in_month(date.year, date.month);
}

int32_t weekday(LocalDate date) {
  const int32_t remainder = date.days % 7;  // 1970-01-01 was a Thursday, 3
  return remainder < -3 ? remainder + 10 : (remainder + 3) % 7;
}

LocalDate add_months(LocalDate date, int32_t months) {
  const YearMonthDay from = year_month_day(date);
  const int32_t from_year_zero = from.year * 12 + from.month - 1 + months;
  const int32_t year = from_year_zero >= 0 ? from_year_zero / 12 : -((11 - from_year_zero) / 12);
  const int32_t month = from_year_zero - year * 12 + 1;
  return {day_number({year, month, std::min(from.day, days_in_month(year, month))})};
}

LocalDate eve_of_birthday(LocalDate born_on, int32_t age) {
  const YearMonthDay born = year_month_day(born_on);
  // The day before, counted on from the month's first: of a 29 February the 28th, in a common year too.
  return {day_number({born.year + age, born.month, 1}) + born.day - 2};
}

base::Result<LocalDate> parse_date(std::string_view text) {
  const auto refuse = [&](std::string_view why) {
    return base::invalid(
        fmt::format("\"{}\" is not a date: {}; write YYYY-MM-DD, for example 2026-03-31", shown(text), why));
  };
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return refuse("its shape is wrong");
  const auto number = [&](std::size_t begin, std::size_t end) {
    int32_t value = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (text[i] < '0' || text[i] > '9') return -1;
      value = value * 10 + (text[i] - '0');
    }
    return value;
  };
  const YearMonthDay read = {number(0, 4), number(5, 7), number(8, 10)};
  if (read.year < 0 || read.month < 0 || read.day < 0) return refuse("it holds something other than digits");
  if (!exists(read)) return refuse("there is no such day");
  return local_date(read);
}

std::string to_string(LocalDate date) {
  const YearMonthDay parts = year_month_day(date);
  if (parts.year < 0 || parts.year > 9999) return fmt::format("{:04}-{:02}-{:02}", parts.year, parts.month, parts.day);
  // By hand: whoever reads facts back writes each of their times to compare it.
  std::string text = "0000-00-00";
  const auto put = [&text](std::size_t last, int32_t value) {
    for (; value != 0; value /= 10) text[last--] = static_cast<char>('0' + value % 10);
  };
  put(3, parts.year);
  put(6, parts.month);
  put(9, parts.day);
  return text;
}

}  // namespace kept::calendar
