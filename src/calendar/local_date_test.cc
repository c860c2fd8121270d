#include "calendar/local_date.h"

#include <date/date.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>
#include <vector>

namespace kept::calendar {
namespace {

LocalDate on(const std::string& text) {
  auto date = parse_date(text);
  EXPECT_TRUE(date.ok()) << text;
  return date.ok() ? *date : LocalDate{};
}

TEST(LocalDate, agrees_with_an_independent_calendar_on_every_day_of_1_to_9999) {
  const int32_t first = local_date({1, 1, 1}).days;
  const int32_t last = local_date({9999, 12, 31}).days;
  for (int32_t day = first; day <= last; ++day) {
    const date::sys_days other{date::days{day}};
    const date::year_month_day expected{other};
    const YearMonthDay ours = year_month_day({day});
    const bool same = ours.year == static_cast<int>(expected.year()) &&
                      ours.month == static_cast<int32_t>(static_cast<unsigned>(expected.month())) &&
                      ours.day == static_cast<int32_t>(static_cast<unsigned>(expected.day())) &&
                      local_date(ours).days == day && exists(ours) &&
                      weekday({day}) == static_cast<int32_t>(date::weekday{other}.iso_encoding()) - 1;
    ASSERT_TRUE(same) << "day " << day << ": " << to_string({day});
  }
}

TEST(LocalDate, days_that_exist) {
  struct Row {
    const char* why;
    YearMonthDay date;
    bool expected;
  };
  const Row rows[] = {
      {"the leap day of an ordinary leap year", {2024, 2, 29}, true},
      {"a common year has no 29 February", {2023, 2, 29}, false},
      {"a century is a common year", {1900, 2, 29}, false},
      {"a fourth century is a leap year", {2000, 2, 29}, true},
      {"30 February never", {2024, 2, 30}, false},
      {"a month of 30 days", {2026, 4, 31}, false},
      {"a month of 31 days", {2026, 3, 31}, true},
      {"no month 0", {2026, 0, 1}, false},
      {"no month 13", {2026, 13, 1}, false},
      {"no day 0", {2026, 1, 0}, false},
      {"no year 0", {0, 1, 1}, false},
      {"the last year", {9999, 12, 31}, true},
      {"after the last year", {10000, 1, 1}, false},
  };
  for (const Row& row : rows) EXPECT_EQ(exists(row.date), row.expected) << row.why;
}

TEST(LocalDate, months_are_added_to_the_same_day_or_the_months_last) {
  struct Row {
    const char* why;
    const char* from;
    int32_t months;
    const char* expected;
  };
  const Row rows[] = {
      {"the same day number", "2026-01-15", 1, "2026-02-15"},
      {"31 January plus a month, common year", "2026-01-31", 1, "2026-02-28"},
      {"31 January plus a month, leap year", "2024-01-31", 1, "2024-02-29"},
      {"31 March plus a month", "2026-03-31", 1, "2026-04-30"},
      {"the last of February is not carried to the last of March", "2026-02-28", 1, "2026-03-28"},
      {"over the year's end", "2026-12-31", 2, "2027-02-28"},
      {"a leap day plus a year", "2024-02-29", 12, "2025-02-28"},
      {"a leap day plus four years", "2024-02-29", 48, "2028-02-29"},
      {"no months", "2026-08-31", 0, "2026-08-31"},
      {"back from 31 March", "2026-03-31", -1, "2026-02-28"},
      {"back over the year's start", "2026-01-31", -2, "2025-11-30"},
      {"two years, as criminal injuries compensation counts them", "2024-06-30", 24, "2026-06-30"},
  };
  for (const Row& row : rows) EXPECT_EQ(to_string(add_months(on(row.from), row.months)), row.expected) << row.why;
}

TEST(LocalDate, eve_of_a_birthday) {
  struct Row {
    const char* why;
    const char* born;
    int32_t age;
    const char* expected;
  };
  const Row rows[] = {
      {"the day before", "2008-05-10", 18, "2026-05-09"},
      {"born on the first of a month", "2008-03-01", 20, "2028-02-29"},
      {"born on the first of a month, common year", "2008-03-01", 18, "2026-02-28"},
      {"born on New Year's Day", "2008-01-01", 18, "2025-12-31"},
      {"born on a leap day, birthday in a leap year", "2008-02-29", 20, "2028-02-28"},
      {"born on a leap day, the 28th in a common year too", "2008-02-29", 18, "2026-02-28"},
      {"born before 1970", "1934-07-02", 18, "1952-07-01"},
  };
  for (const Row& row : rows) EXPECT_EQ(to_string(eve_of_birthday(on(row.born), row.age)), row.expected) << row.why;
}

TEST(LocalDate, the_eve_of_a_birthday_lies_within_its_bounds) {
  // Every day of 24 years that begin with a leap day, through the common year 1900; every age of a life.
  for (LocalDate born = on("1888-02-29"); born <= on("1912-02-29"); born = born + 1)
    for (int32_t age = 0; age <= 120; ++age) {
      const LocalDate eve = eve_of_birthday(born, age);
      ASSERT_LE(earliest_eve_of_birthday(born, age), eve) << to_string(born) << ", " << age;
      ASSERT_LE(eve, latest_eve_of_birthday(born, age)) << to_string(born) << ", " << age;
    }
}

TEST(LocalDate, only_dates_written_in_full_are_read) {
  struct Row {
    const char* why;
    std::string text;
    const char* says;
  };
  const Row rows[] = {
      {"nothing", "", "\"\" is not a date: its shape is wrong"},
      {"the British order", "31/03/2026", "its shape is wrong"},
      {"one digit missing", "2026-3-31", "its shape is wrong"},
      {"a time after it", "2026-03-31T00:00:00Z", "its shape is wrong"},
      {"a space before it", " 2026-03-31", "its shape is wrong"},
      {"a sign in a field", "2026-+3-31", "something other than digits"},
      {"a letter O for a nought", "2O26-03-31", "something other than digits"},
      {"no such day", "2026-02-29", "\"2026-02-29\" is not a date: there is no such day; write YYYY-MM-DD"},
      {"month 13", "2026-13-01", "there is no such day"},
      {"year 0", "0000-01-01", "there is no such day"},
      {"a byte that is no digit", std::string("2026-03-\x00\xff", 10), "something other than digits"},
      {"very long text is cut", std::string(100'000, '9'), "...\""},
  };
  for (const Row& row : rows) {
    const auto read = parse_date(row.text);
    ASSERT_FALSE(read.ok()) << row.why;
    EXPECT_NE(read.error().message.find(row.says), std::string::npos) << row.why << ": " << read.error().message;
    EXPECT_LT(read.error().message.size(), 200U) << row.why;
  }
  EXPECT_EQ(on("1970-01-01").days, 0);
  EXPECT_EQ(on("0001-01-01").days, -719162);
  EXPECT_EQ(on("9999-12-31").days, 2932896);
}

RC_GTEST_PROP(LocalDateProperty, a_date_written_is_the_date_read, ()) {
  const LocalDate date = {*rc::gen::inRange(-719162, 2932897)};
  RC_ASSERT(parse_date(to_string(date)).value() == date);
}

RC_GTEST_PROP(LocalDateProperty, adding_months_lands_in_that_month_and_never_past_the_day_number, ()) {
  const LocalDate date = {*rc::gen::inRange(-20'000, 60'000)};
  const int32_t months = *rc::gen::inRange(-600, 600);
  const YearMonthDay before = year_month_day(date);
  const YearMonthDay after = year_month_day(add_months(date, months));
  RC_ASSERT(after.year * 12 + after.month == before.year * 12 + before.month + months);
  RC_ASSERT(after.day <= before.day);
  RC_ASSERT(after.day == before.day || after.day >= 28);
  RC_ASSERT(after.day == before.day || !exists({after.year, after.month, after.day + 1}));
}

}  // namespace
}  // namespace kept::calendar
