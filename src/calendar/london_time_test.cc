#include "calendar/london_time.h"

#include <date/tz.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace kept::calendar {
namespace {

constexpr int64_t ms_in_hour = 3'600'000;
constexpr int64_t ms_in_day = 24 * ms_in_hour;

int64_t floor_day(int64_t ms) { return ms / ms_in_day - (ms % ms_in_day < 0 ? 1 : 0); }

/// What the system's time zone database says, through date-tz.
int64_t database_offset_ms(int64_t at_ms) {
  static const date::time_zone* const london = date::locate_zone("Europe/London");
  const date::sys_time<std::chrono::milliseconds> at{std::chrono::milliseconds{at_ms}};
  return std::chrono::duration_cast<std::chrono::milliseconds>(london->get_info(at).offset).count();
}

/// An instant judged by ours and by an offset known from elsewhere.
testing::AssertionResult agrees(int64_t at_ms, int64_t offset_ms) {
  const int64_t expected_day = floor_day(at_ms + offset_ms);
  if (london_date(at_ms).days == expected_day && london_offset_minutes(at_ms) * 60'000 == offset_ms) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "at " << at_ms << " ms: date " << to_string(london_date(at_ms))
                                     << " and offset " << london_offset_minutes(at_ms) << " min, expected "
                                     << to_string({static_cast<int32_t>(expected_day)}) << " and "
                                     << offset_ms / 60'000;
}

int64_t ms_of(int year, unsigned month, unsigned day) {
  return int64_t{local_date({year, static_cast<int32_t>(month), static_cast<int32_t>(day)}).days} * ms_in_day;
}

TEST(LondonTime, agrees_with_the_database_at_every_hour_of_1900_to_2037) {
  for (int64_t at = ms_of(1900, 1, 1); at < ms_of(2038, 1, 1); at += ms_in_hour) {
    const int64_t before = database_offset_ms(at - 1);
    const int64_t after = database_offset_ms(at);
    ASSERT_TRUE(agrees(at - 1, before));
    ASSERT_TRUE(agrees(at, after));
    if (before != after) {
      ASSERT_TRUE(agrees(at + 1, after));
    }
  }
}

TEST(LondonTime, is_right_a_millisecond_either_side_of_every_change_of_1972_to_2037) {
  int32_t changes = 0;
  const date::time_zone* const london = date::locate_zone("Europe/London");
  const date::sys_seconds end{std::chrono::seconds{ms_of(2038, 1, 1) / 1000}};
  for (date::sys_seconds at{std::chrono::seconds{ms_of(1972, 1, 1) / 1000}}; at < end;) {
    const date::sys_info info = london->get_info(at);
    at = info.end;
    if (at >= end) break;
    const int64_t change = int64_t{at.time_since_epoch().count()} * 1000;
    const int64_t before = database_offset_ms(change - 1);
    const int64_t after = database_offset_ms(change);
    EXPECT_NE(before, after);
    EXPECT_TRUE(agrees(change - 1, before));
    EXPECT_TRUE(agrees(change, after));
    EXPECT_TRUE(agrees(change + 1, after));
    // The day of a change has 23 or 25 hours, and both of its midnights are where the database puts them.
    const LocalDate day = london_date(change);
    EXPECT_EQ(end_of(day) + 1 - start_of(day), 24 * ms_in_hour - (after - before)) << to_string(day);
    EXPECT_TRUE(agrees(start_of(day), before));
    EXPECT_TRUE(agrees(start_of(day) - 1, before));
    EXPECT_TRUE(agrees(end_of(day), after));
    EXPECT_TRUE(agrees(end_of(day) + 1, after));
    ++changes;
  }
  constexpr int32_t years = 2037 - 1972 + 1;
  EXPECT_EQ(changes, 2 * years);
}

TEST(LondonTime, follows_the_rule_in_the_years_after_the_database_ends) {
  using date::last;
  using date::Sunday;
  for (int year = 1996; year <= 2400; ++year) {
    const auto at_one = [&](unsigned month) {
      const date::sys_days day{date::year{year} / date::month{month} / Sunday[last]};
      return int64_t{day.time_since_epoch().count()} * ms_in_day + ms_in_hour;
    };
    EXPECT_TRUE(agrees(at_one(3) - 1, 0)) << year;
    EXPECT_TRUE(agrees(at_one(3), ms_in_hour)) << year;
    EXPECT_TRUE(agrees(ms_of(year, 7, 1) - 1, ms_in_hour)) << year;
    EXPECT_TRUE(agrees(at_one(10) - 1, ms_in_hour)) << year;
    EXPECT_TRUE(agrees(at_one(10), 0)) << year;
    EXPECT_TRUE(agrees(ms_of(year, 12, 31), 0)) << year;
  }
}

TEST(LondonTime, a_date_starts_where_its_day_starts) {
  for (int32_t day = local_date({1900, 1, 1}).days; day <= local_date({2400, 12, 31}).days; ++day) {
    ASSERT_EQ(london_date(start_of({day})).days, day) << to_string({day});
    ASSERT_EQ(london_date(start_of({day}) - 1).days, day - 1) << to_string({day});
    ASSERT_EQ(end_of({day}) + 1, start_of({day + 1})) << to_string({day});
  }
}

TEST(LondonTime, known_instants) {
  struct Row {
    const char* why;
    int64_t at;
    const char* date;
    int32_t offset_minutes;
  };
  const Row rows[] = {
      {"the epoch: British Standard Time, an hour ahead all winter", 0, "1970-01-01", 60},
      {"the last millisecond of 1969 in London was at 23:00 UTC", -ms_in_hour - 1, "1969-12-31", 60},
      {"New Year 1970 in London", -ms_in_hour, "1970-01-01", 60},
      {"Christmas 1968 at 23:30 UTC is Boxing Day in London", ms_of(1968, 12, 25) + 23 * ms_in_hour + ms_in_hour / 2,
       "1968-12-26", 60},
      {"double summer time: 22:00 UTC is the next day", ms_of(1944, 6, 5) + 22 * ms_in_hour, "1944-06-06", 120},
      {"double summer time: a millisecond earlier is not", ms_of(1944, 6, 5) + 22 * ms_in_hour - 1, "1944-06-05", 120},
      {"before summer time was thought of", ms_of(1910, 7, 1) + 23 * ms_in_hour + ms_in_hour / 2, "1910-07-01", 0},
      {"before the table", ms_of(1837, 6, 20), "1837-06-20", 0},
      {"a summer night of 2026, five to midnight in London", ms_of(2026, 7, 1) + 22 * ms_in_hour + 55 * 60'000,
       "2026-07-01", 60},
      {"ten minutes later", ms_of(2026, 7, 1) + 23 * ms_in_hour + 5 * 60'000, "2026-07-02", 60},
      {"a winter night of 2026", ms_of(2026, 12, 1) + 23 * ms_in_hour + 55 * 60'000, "2026-12-01", 0},
      {"the night before the clocks go forward", ms_of(2026, 3, 28) + 23 * ms_in_hour + ms_in_hour / 2, "2026-03-28",
       0},
      {"the night after", ms_of(2026, 3, 29) + 23 * ms_in_hour + ms_in_hour / 2, "2026-03-30", 60},
      {"the first 01:30 of the autumn night", ms_of(2026, 10, 25) + ms_in_hour / 2, "2026-10-25", 60},
      {"the second 01:30 of the autumn night", ms_of(2026, 10, 25) + 3 * ms_in_hour / 2, "2026-10-25", 0},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(to_string(london_date(row.at)), row.date) << row.why;
    EXPECT_EQ(london_offset_minutes(row.at), row.offset_minutes) << row.why;
  }
}

TEST(LondonTime, is_defined_for_any_number) {
  for (const int64_t at :
       {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max(), ms_of(9999, 12, 31)}) {
    const int32_t offset = london_offset_minutes(at);
    EXPECT_TRUE(offset == 0 || offset == 60) << at;
    static_cast<void>(london_date(at));
  }
}

}  // namespace
}  // namespace kept::calendar
