#include "calendar/london_time.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace kept::calendar {
namespace {

constexpr int64_t ms_in_minute = 60'000;
constexpr int64_t ms_in_hour = 60 * ms_in_minute;
constexpr int64_t ms_in_day = 24 * ms_in_hour;
static_assert(ms_in_hour == inner::ms_in_hour && ms_in_day == inner::ms_in_day);

/// One change of London's clocks: from this UTC hour of this UTC day London is `offset_hours` ahead of UTC.
struct ClockChange {
  int32_t year;
  int32_t month;
  int32_t day;
  int32_t utc_hour;
  int32_t offset_hours;
};

// Every change of the offset from 1900 to 1995. The years of summer time all year (1968-71) and of double summer time
// (1941-47) are in it. Source: IANA time zone database, Europe/London; london_time_test.cc compares every one with the
// system's database.
// clang-format off
constexpr ClockChange history[] = {
    {1916, 5, 21, 2, 1}, {1916, 10, 1, 2, 0}, {1917, 4, 8, 2, 1}, {1917, 9, 17, 2, 0}, {1918, 3, 24, 2, 1},
    {1918, 9, 30, 2, 0}, {1919, 3, 30, 2, 1}, {1919, 9, 29, 2, 0}, {1920, 3, 28, 2, 1}, {1920, 10, 25, 2, 0},
    {1921, 4, 3, 2, 1}, {1921, 10, 3, 2, 0}, {1922, 3, 26, 2, 1}, {1922, 10, 8, 2, 0}, {1923, 4, 22, 2, 1},
    {1923, 9, 16, 2, 0}, {1924, 4, 13, 2, 1}, {1924, 9, 21, 2, 0}, {1925, 4, 19, 2, 1}, {1925, 10, 4, 2, 0},
    {1926, 4, 18, 2, 1}, {1926, 10, 3, 2, 0}, {1927, 4, 10, 2, 1}, {1927, 10, 2, 2, 0}, {1928, 4, 22, 2, 1},
    {1928, 10, 7, 2, 0}, {1929, 4, 21, 2, 1}, {1929, 10, 6, 2, 0}, {1930, 4, 13, 2, 1}, {1930, 10, 5, 2, 0},
    {1931, 4, 19, 2, 1}, {1931, 10, 4, 2, 0}, {1932, 4, 17, 2, 1}, {1932, 10, 2, 2, 0}, {1933, 4, 9, 2, 1},
    {1933, 10, 8, 2, 0}, {1934, 4, 22, 2, 1}, {1934, 10, 7, 2, 0}, {1935, 4, 14, 2, 1}, {1935, 10, 6, 2, 0},
    {1936, 4, 19, 2, 1}, {1936, 10, 4, 2, 0}, {1937, 4, 18, 2, 1}, {1937, 10, 3, 2, 0}, {1938, 4, 10, 2, 1},
    {1938, 10, 2, 2, 0}, {1939, 4, 16, 2, 1}, {1939, 11, 19, 2, 0}, {1940, 2, 25, 2, 1}, {1941, 5, 4, 1, 2},
    {1941, 8, 10, 1, 1}, {1942, 4, 5, 1, 2}, {1942, 8, 9, 1, 1}, {1943, 4, 4, 1, 2}, {1943, 8, 15, 1, 1},
    {1944, 4, 2, 1, 2}, {1944, 9, 17, 1, 1}, {1945, 4, 2, 1, 2}, {1945, 7, 15, 1, 1}, {1945, 10, 7, 2, 0},
    {1946, 4, 14, 2, 1}, {1946, 10, 6, 2, 0}, {1947, 3, 16, 2, 1}, {1947, 4, 13, 1, 2}, {1947, 8, 10, 1, 1},
    {1947, 11, 2, 2, 0}, {1948, 3, 14, 2, 1}, {1948, 10, 31, 2, 0}, {1949, 4, 3, 2, 1}, {1949, 10, 30, 2, 0},
    {1950, 4, 16, 2, 1}, {1950, 10, 22, 2, 0}, {1951, 4, 15, 2, 1}, {1951, 10, 21, 2, 0}, {1952, 4, 20, 2, 1},
    {1952, 10, 26, 2, 0}, {1953, 4, 19, 2, 1}, {1953, 10, 4, 2, 0}, {1954, 4, 11, 2, 1}, {1954, 10, 3, 2, 0},
    {1955, 4, 17, 2, 1}, {1955, 10, 2, 2, 0}, {1956, 4, 22, 2, 1}, {1956, 10, 7, 2, 0}, {1957, 4, 14, 2, 1},
    {1957, 10, 6, 2, 0}, {1958, 4, 20, 2, 1}, {1958, 10, 5, 2, 0}, {1959, 4, 19, 2, 1}, {1959, 10, 4, 2, 0},
    {1960, 4, 10, 2, 1}, {1960, 10, 2, 2, 0}, {1961, 3, 26, 2, 1}, {1961, 10, 29, 2, 0}, {1962, 3, 25, 2, 1},
    {1962, 10, 28, 2, 0}, {1963, 3, 31, 2, 1}, {1963, 10, 27, 2, 0}, {1964, 3, 22, 2, 1}, {1964, 10, 25, 2, 0},
    {1965, 3, 21, 2, 1}, {1965, 10, 24, 2, 0}, {1966, 3, 20, 2, 1}, {1966, 10, 23, 2, 0}, {1967, 3, 19, 2, 1},
    {1967, 10, 29, 2, 0}, {1968, 2, 18, 2, 1}, {1971, 10, 31, 2, 0}, {1972, 3, 19, 2, 1}, {1972, 10, 29, 2, 0},
    {1973, 3, 18, 2, 1}, {1973, 10, 28, 2, 0}, {1974, 3, 17, 2, 1}, {1974, 10, 27, 2, 0}, {1975, 3, 16, 2, 1},
    {1975, 10, 26, 2, 0}, {1976, 3, 21, 2, 1}, {1976, 10, 24, 2, 0}, {1977, 3, 20, 2, 1}, {1977, 10, 23, 2, 0},
    {1978, 3, 19, 2, 1}, {1978, 10, 29, 2, 0}, {1979, 3, 18, 2, 1}, {1979, 10, 28, 2, 0}, {1980, 3, 16, 2, 1},
    {1980, 10, 26, 2, 0}, {1981, 3, 29, 1, 1}, {1981, 10, 25, 1, 0}, {1982, 3, 28, 1, 1}, {1982, 10, 24, 1, 0},
    {1983, 3, 27, 1, 1}, {1983, 10, 23, 1, 0}, {1984, 3, 25, 1, 1}, {1984, 10, 28, 1, 0}, {1985, 3, 31, 1, 1},
    {1985, 10, 27, 1, 0}, {1986, 3, 30, 1, 1}, {1986, 10, 26, 1, 0}, {1987, 3, 29, 1, 1}, {1987, 10, 25, 1, 0},
    {1988, 3, 27, 1, 1}, {1988, 10, 23, 1, 0}, {1989, 3, 26, 1, 1}, {1989, 10, 29, 1, 0}, {1990, 3, 25, 1, 1},
    {1990, 10, 28, 1, 0}, {1991, 3, 31, 1, 1}, {1991, 10, 27, 1, 0}, {1992, 3, 29, 1, 1}, {1992, 10, 25, 1, 0},
    {1993, 3, 28, 1, 1}, {1993, 10, 24, 1, 0}, {1994, 3, 27, 1, 1}, {1994, 10, 23, 1, 0}, {1995, 3, 26, 1, 1},
    {1995, 10, 22, 1, 0},};
// clang-format on

constexpr int32_t first_year_of_rule = 1996;  // last Sundays of March and October, at 01:00 UTC
constexpr int32_t last_year_of_table = 2099;

/// Same arithmetic as local_date(), here at compile time and for years after 1600 only.
constexpr int32_t day_number(int32_t year, int32_t month, int32_t day) {
  const int32_t y = year - (month <= 2 ? 1 : 0);
  return y * 365 + y / 4 - y / 100 + y / 400 + (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1 - 719468;
}
static_assert(day_number(1970, 1, 1) == 0 && day_number(2000, 3, 1) == 11017);

/// Day number of the last Sunday of a month of 31 days.
constexpr int32_t last_sunday(int32_t year, int32_t month) {
  const int32_t last = day_number(year, month, 31);
  return last - (last + 4) % 7;  // 1970-01-01 was a Thursday: (days + 4) % 7 is 0 on a Sunday
}
static_assert(last_sunday(2026, 3) == day_number(2026, 3, 29) && last_sunday(2026, 10) == day_number(2026, 10, 25));

constexpr int32_t table_begin = day_number(1900, 1, 1);
constexpr int32_t table_end = day_number(last_year_of_table + 1, 1, 1);

/// One byte a UTC day: bits 0-1 the hours London is ahead at the end of that day; bits 2-3 the UTC hour at which that
/// day's change happens, 0 on days without one. London's clocks have only ever changed at 01:00 or 02:00 UTC, so what
/// stands at the end of a UTC day also decides at which instant of it the next London date begins.
class DayTable {
 public:
  constexpr DayTable() {
    for (const ClockChange& change : history) {
      add(day_number(change.year, change.month, change.day), change.utc_hour, change.offset_hours);
    }
    for (int32_t year = first_year_of_rule; year <= last_year_of_table; ++year) {
      add(last_sunday(year, 3), 1, 1);
      add(last_sunday(year, 10), 1, 0);
    }
    fill_to(table_end);
  }
  constexpr const uint8_t* from(int32_t utc_day) const {
    return &bytes_[static_cast<std::size_t>(utc_day - table_begin)];
  }
  constexpr uint8_t operator[](int32_t utc_day) const {
    return bytes_[static_cast<std::size_t>(utc_day - table_begin)];
  }

 private:
  constexpr void fill_to(int32_t utc_day) {
    for (; next_ < utc_day; ++next_) bytes_[static_cast<std::size_t>(next_ - table_begin)] = offset_;
  }
  constexpr void add(int32_t utc_day, int32_t utc_hour, int32_t offset_hours) {
    fill_to(utc_day);
    offset_ = static_cast<uint8_t>(offset_hours);
    bytes_[static_cast<std::size_t>(next_++ - table_begin)] = static_cast<uint8_t>(offset_hours | (utc_hour << 2));
  }

  std::array<uint8_t, table_end - table_begin> bytes_{};
  int32_t next_ = table_begin;
  uint8_t offset_ = 0;
};

constexpr DayTable day_table;

/// The byte of a UTC day that the table does not hold: Greenwich time before it, the rule of 1996 after it.
uint8_t byte_by_rule(int64_t utc_day) {
  if (utc_day < table_begin) return 0;
  const LocalDate in_year_9999_at_most = {static_cast<int32_t>(std::min<int64_t>(utc_day, day_number(9999, 12, 31)))};
  const int32_t day = in_year_9999_at_most.days;
  const int32_t year = year_month_day(in_year_9999_at_most).year;
  const int32_t forward = last_sunday(year, 3);
  const int32_t back = last_sunday(year, 10);
  const int32_t offset = day >= forward && day < back ? 1 : 0;
  return static_cast<uint8_t>(offset | (day == forward || day == back ? 1 << 2 : 0));
}

inline uint8_t byte_of(int64_t utc_day) {
  if (utc_day >= table_begin && utc_day < table_end) [[likely]]
    return day_table[static_cast<int32_t>(utc_day)];
  return byte_by_rule(utc_day);
}

/// An instant as its UTC day and the milliseconds into it.
struct UtcMoment {
  int64_t day;
  int64_t into_day;
};

inline UtcMoment utc(int64_t at_ms) {
  const int64_t day = at_ms / ms_in_day;
  const int64_t rest = at_ms % ms_in_day;
  return rest < 0 ? UtcMoment{day - 1, rest + ms_in_day} : UtcMoment{day, rest};
}

}  // namespace

namespace inner {

const uint8_t* const from_1970 = day_table.from(0);
static_assert(table_end == days_in_table);

LocalDate london_date_elsewhere(int64_t at_ms) {
  const UtcMoment at = utc(at_ms);
  const int64_t offset = (byte_of(at.day) & 3) * ms_in_hour;
  return {static_cast<int32_t>(at.day + (at.into_day + offset >= ms_in_day ? 1 : 0))};
}

int64_t start_of_elsewhere(LocalDate date) {
  return date.days * ms_in_day - (byte_of(int64_t{date.days} - 1) & 3) * ms_in_hour;
}

}  // namespace inner

int32_t london_offset_minutes(int64_t at_ms) {
  const UtcMoment at = utc(at_ms);
  const uint8_t today = byte_of(at.day);
  const int64_t changes_at = (today >> 2) * ms_in_hour;
  const bool before_change = at.into_day < changes_at;
  return 60 * ((before_change ? byte_of(at.day - 1) : today) & 3);
}

}  // namespace kept::calendar
