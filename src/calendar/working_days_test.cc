#include "calendar/working_days.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kept::calendar {
namespace {

LocalDate on(const std::string& text) {
  auto date = parse_date(text);
  EXPECT_TRUE(date.ok()) << text;
  return date.ok() ? *date : LocalDate{};
}

BankHoliday holiday(const std::string& date, const std::string& announced = "", const std::string& withdrawn = "") {
  BankHoliday made = {on(date), "Holiday of " + date, std::nullopt, std::nullopt};
  if (!announced.empty()) made.announced_on = on(announced);
  if (!withdrawn.empty()) made.withdrawn_on = on(withdrawn);
  return made;
}

/// Parts of the real calendar that the tables below need; the whole of it is tested from its file.
WorkingDayCalendar small_calendar() {
  auto made = WorkingDayCalendar::make(
      on("2019-12-01"), on("2022-12-31"),
      {holiday("2019-12-25"), holiday("2019-12-26"), holiday("2020-01-01"), holiday("2020-04-10"),
       holiday("2020-04-13"), holiday("2020-05-04", "", "2019-12-10"), holiday("2020-05-08", "2019-12-10"),
       holiday("2020-12-25"), holiday("2020-12-28"), holiday("2022-06-02", "2020-11-12"),
       holiday("2022-06-03", "2020-11-12"), holiday("2022-05-30", "", "2020-11-12"),
       holiday("2022-09-19", "2022-09-10"), holiday("2022-12-26"), holiday("2022-12-27")});
  EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
  return *made;
}

TEST(WorkingDays, counts_days_as_they_were_known) {
  struct Row {
    const char* why;
    const char* known_on;
    const char* from;
    int32_t days;
    const char* after;   // empty: refused
    const char* before;  // empty: refused
  };
  const Row rows[] = {
      {"an ordinary Tuesday", "2022-12-31", "2020-02-04", 1, "2020-02-05", "2020-02-03"},
      {"day 0 on a Saturday", "2022-12-31", "2020-02-08", 1, "2020-02-10", "2020-02-07"},
      {"day 0 on a Sunday", "2022-12-31", "2020-02-09", 5, "2020-02-14", "2020-02-03"},
      {"day 0 on a holiday", "2022-12-31", "2019-12-25", 1, "2019-12-27", "2019-12-24"},
      {"no days: the day itself, weekend or not", "2022-12-31", "2020-02-08", 0, "2020-02-08", "2020-02-08"},
      {"over Christmas and New Year", "2022-12-31", "2019-12-24", 4, "2020-01-02", "2019-12-18"},
      {"over Easter", "2022-12-31", "2020-04-09", 1, "2020-04-14", "2020-04-08"},
      {"over a leap day", "2022-12-31", "2020-02-28", 1, "2020-03-02", "2020-02-27"},
      {"over the spring change of clocks", "2022-12-31", "2020-03-27", 1, "2020-03-30", "2020-03-26"},
      {"VE Day, before the move was announced: 4 May rests", "2019-12-09", "2020-05-01", 1, "2020-05-05", "2020-04-30"},
      {"VE Day, on the day of the announcement: 4 May works", "2019-12-10", "2020-05-01", 1, "2020-05-04",
       "2020-04-30"},
      {"VE Day, before: 8 May works", "2019-12-09", "2020-05-07", 1, "2020-05-08", "2020-05-06"},
      {"VE Day, after: 8 May rests", "2019-12-10", "2020-05-07", 1, "2020-05-11", "2020-05-06"},
      {"the Jubilee, before", "2020-11-11", "2022-05-27", 1, "2022-05-31", "2022-05-26"},
      {"the Jubilee, after: four days of rest", "2020-11-12", "2022-06-01", 1, "2022-06-06", "2022-05-31"},
      {"the State Funeral, the day before it was announced", "2022-09-09", "2022-09-16", 1, "2022-09-19", "2022-09-15"},
      {"the State Funeral, on the day it was announced", "2022-09-10", "2022-09-16", 1, "2022-09-20", "2022-09-15"},
      {"the last working day of the calendar", "2022-12-31", "2022-12-29", 1, "2022-12-30", "2022-12-28"},
      {"past the end: refused, never guessed", "2022-12-31", "2022-12-30", 1, "", "2022-12-29"},
      {"past the end from its last day", "2022-12-31", "2022-12-31", 1, "", "2022-12-30"},
      {"no days on the last day", "2022-12-31", "2022-12-31", 0, "2022-12-31", "2022-12-31"},
      {"before the start", "2022-12-31", "2019-12-02", 1, "2019-12-03", ""},
      {"no such day in the calendar, after it", "2022-12-31", "2023-01-01", 0, "", ""},
      {"no such day in the calendar, before it", "2022-12-31", "2019-11-30", 1, "", ""},
      {"more days than it has", "2022-12-31", "2020-01-01", 5000, "", ""},
      {"known long before anything was announced", "1990-01-01", "2022-09-16", 1, "2022-09-19", "2022-09-15"},
      {"known long after the calendar ends", "2090-01-01", "2022-09-16", 1, "2022-09-20", "2022-09-15"},
  };
  const WorkingDayCalendar calendar = small_calendar();
  for (const Row& row : rows) {
    const WorkingDays days = calendar.known_on(on(row.known_on));
    LocalDate found;
    EXPECT_EQ(days.nth_after(on(row.from), row.days, &found) ? to_string(found) : "", row.after) << row.why;
    EXPECT_EQ(days.nth_before(on(row.from), row.days, &found) ? to_string(found) : "", row.before)
        << row.why << ", back";
  }
}

TEST(WorkingDays, says_where_it_ends) {
  const WorkingDayCalendar calendar = small_calendar();
  const WorkingDays days = calendar.known_on(on("2022-01-01"));
  EXPECT_TRUE(days.covers(on("2019-12-01")));
  EXPECT_FALSE(days.covers(on("2019-11-30")));
  EXPECT_TRUE(days.covers(on("2022-12-31")));
  EXPECT_FALSE(days.covers(on("2023-01-01")));
  EXPECT_EQ(to_string(days.last()), "2022-12-31");
}

TEST(WorkingDays, days_of_knowledge_share_a_table_until_something_is_announced) {
  const WorkingDayCalendar calendar = small_calendar();
  EXPECT_EQ(calendar.epoch(on("2019-12-09")), 0);
  EXPECT_EQ(calendar.epoch(on("2019-12-10")), 1);
  EXPECT_EQ(calendar.epoch(on("2020-11-11")), 1);
  EXPECT_EQ(calendar.epoch(on("2020-11-12")), 2);
  EXPECT_EQ(calendar.epoch(on("2022-09-10")), 3);
  EXPECT_EQ(calendar.epoch(on("2100-01-01")), 3);
  for (LocalDate day = calendar.first(); day <= calendar.last(); day = day + 1) {
    const LocalDate start = calendar.epoch_start(day);
    ASSERT_LE(start, day);
    ASSERT_EQ(calendar.epoch(start), calendar.epoch(day)) << to_string(day);
    ASSERT_TRUE(start == calendar.first() || calendar.epoch(start - 1) != calendar.epoch(day)) << to_string(day);
  }
}

TEST(WorkingDays, names_the_holiday_in_force) {
  const WorkingDayCalendar calendar = small_calendar();
  EXPECT_EQ(calendar.holiday(on("2022-09-19"), on("2022-09-09")), nullptr);
  ASSERT_NE(calendar.holiday(on("2022-09-19"), on("2022-09-10")), nullptr);
  EXPECT_EQ(calendar.holiday(on("2022-09-19"), on("2022-09-10"))->title, "Holiday of 2022-09-19");
  ASSERT_NE(calendar.holiday(on("2020-05-04"), on("2019-12-09")), nullptr);
  EXPECT_EQ(calendar.holiday(on("2020-05-04"), on("2019-12-10")), nullptr);
  EXPECT_EQ(calendar.holiday(on("2020-05-05"), on("2019-12-10")), nullptr);
}

TEST(WorkingDays, a_copy_outlives_its_original) {
  std::optional<WorkingDayCalendar> original = small_calendar();
  const WorkingDayCalendar copy = *original;
  original.reset();
  LocalDate found;
  ASSERT_TRUE(copy.known_on(on("2022-09-10")).nth_after(on("2022-09-16"), 1, &found));
  EXPECT_EQ(to_string(found), "2022-09-20");
}

TEST(WorkingDays, a_calendar_that_breaks_a_rule_is_refused) {
  struct Row {
    const char* why;
    const char* first;
    const char* last;
    std::vector<BankHoliday> holidays;
    const char* says;
    std::optional<std::size_t> holiday;
  };
  const Row rows[] = {
      {"ends before it starts",
       "2020-01-02",
       "2020-01-01",
       {},
       "the calendar ends on 2020-01-01, before it starts on 2020-01-02",
       std::nullopt},
      {"a mistyped year", "0202-01-01", "2028-12-31", {}, "more than 400 years", std::nullopt},
      {"announced the day after",
       "2020-01-01",
       "2020-12-31",
       {holiday("2020-05-08", "2020-05-09")},
       "announced on 2020-05-09, after its own date",
       0},
      {"withdrawn the day after",
       "2020-01-01",
       "2020-12-31",
       {holiday("2020-05-04"), holiday("2020-05-05", "", "2020-05-06")},
       "withdrawn on 2020-05-06, after its own date",
       1},
      {"withdrawn before it was announced",
       "2020-01-01",
       "2020-12-31",
       {holiday("2020-05-04", "2020-03-01", "2020-03-01")},
       "not later than it was announced",
       0},
      {"before the start",
       "2020-01-01",
       "2020-12-31",
       {holiday("2019-12-31")},
       "lies outside the calendar, which runs from 2020-01-01 to 2020-12-31",
       0},
      {"after the end", "2020-01-01", "2020-12-31", {holiday("2021-01-01")}, "lies outside the calendar", 0},
      {"the same day twice",
       "2020-01-01",
       "2020-12-31",
       {holiday("2020-05-04"), holiday("2020-06-01"), holiday("2020-05-04")},
       "2020-05-04 is a bank holiday twice at once",
       2},
      {"again before it was withdrawn",
       "2020-01-01",
       "2020-12-31",
       {holiday("2020-05-04", "", "2020-03-02"), holiday("2020-05-04", "2020-03-01")},
       "twice at once",
       1},
      {"without a title",
       "2020-01-01",
       "2020-12-31",
       {{on("2020-05-04"), "", std::nullopt, std::nullopt}},
       "has no title",
       0},
  };
  for (const Row& row : rows) {
    const auto problem = WorkingDayCalendar::problem(on(row.first), on(row.last), row.holidays);
    ASSERT_TRUE(problem.has_value()) << row.why;
    EXPECT_NE(problem->message.find(row.says), std::string::npos) << row.why << ": " << problem->message;
    EXPECT_EQ(problem->holiday, row.holiday) << row.why;
    const auto made = WorkingDayCalendar::make(on(row.first), on(row.last), row.holidays);
    ASSERT_FALSE(made.ok()) << row.why;
    EXPECT_EQ(made.error().message, problem->message) << row.why;
    EXPECT_EQ(made.error().code, base::ErrorCode::invalid) << row.why;
  }
}

TEST(WorkingDays, what_stands_at_the_edge_of_a_rule_is_allowed) {
  struct Row {
    const char* why;
    std::vector<BankHoliday> holidays;
  };
  const Row rows[] = {
      {"announced on the day itself", {holiday("2020-05-08", "2020-05-08")}},
      {"withdrawn on the day itself", {holiday("2020-05-08", "", "2020-05-08")}},
      {"given back on the day it was withdrawn",
       {holiday("2020-05-04", "", "2020-03-01"), holiday("2020-05-04", "2020-03-01")}},
      {"on a Saturday: changes nothing", {holiday("2020-05-09")}},
      {"on the first and the last day", {holiday("2020-01-01"), holiday("2020-12-31")}},
      {"no holidays at all", {}},
  };
  for (const Row& row : rows) {
    const auto made = WorkingDayCalendar::make(on("2020-01-01"), on("2020-12-31"), row.holidays);
    EXPECT_TRUE(made.ok()) << row.why << ": " << (made.ok() ? "" : made.error().message);
  }
}

/// A calendar with holidays anywhere, some of them announced or withdrawn on some day.
WorkingDayCalendar any_calendar() {
  const LocalDate first = {*rc::gen::inRange(10'000, 20'000)};
  const LocalDate last = first + *rc::gen::inRange(0, 500);
  std::vector<BankHoliday> holidays;
  for (const int32_t day : *rc::gen::container<std::set<int32_t>>(rc::gen::inRange(first.days, last.days + 1))) {
    BankHoliday made = {{day}, "any", std::nullopt, std::nullopt};
    const int32_t kind = *rc::gen::inRange(0, 4);
    if (kind == 1) made.announced_on = LocalDate{day - *rc::gen::inRange(0, 400)};
    if (kind == 2) made.withdrawn_on = LocalDate{day - *rc::gen::inRange(0, 400)};
    holidays.push_back(made);
  }
  return WorkingDayCalendar::make(first, last, holidays).value();
}

RC_GTEST_PROP(WorkingDaysProperty, counting_forward_then_back_returns, ()) {
  const WorkingDayCalendar calendar = any_calendar();
  const WorkingDays days = calendar.known_on({*rc::gen::inRange(9'000, 21'000)});
  const LocalDate from = {*rc::gen::inRange(calendar.first().days, calendar.last().days + 1)};
  const int32_t n = *rc::gen::inRange(0, 80);
  LocalDate there;
  LocalDate back;
  RC_PRE(days.nth_after(from, n, &there));
  RC_ASSERT(days.between(from, there) == n);
  RC_ASSERT(n == 0 || days.is_working(there));
  if (days.is_working(from)) {
    RC_ASSERT(days.nth_before(there, n, &back));
    RC_ASSERT(back == from);
  } else if (n > 0 && days.nth_before(there, n, &back)) {
    // From a day of rest the way back ends on the working day before it.
    RC_ASSERT(back < from);
    RC_ASSERT(days.between(back, from) == 0);
  }
}

RC_GTEST_PROP(WorkingDaysProperty, a_table_is_a_count_one_day_at_a_time, ()) {
  const WorkingDayCalendar calendar = any_calendar();
  const LocalDate known_on = {*rc::gen::inRange(9'000, 21'000)};
  const WorkingDays days = calendar.known_on(known_on);
  const LocalDate from = {*rc::gen::inRange(calendar.first().days, calendar.last().days + 1)};
  int32_t counted = 0;
  LocalDate found;
  for (LocalDate day = from; day <= calendar.last(); day = day + 1) {
    const bool works = weekday(day) < 5 && calendar.holiday(day, known_on) == nullptr;
    RC_ASSERT(days.is_working(day) == works);
    if (day == from || !works) continue;
    ++counted;
    RC_ASSERT(days.nth_after(from, counted, &found));
    RC_ASSERT(found == day);
  }
  RC_ASSERT(!days.nth_after(from, counted + 1, &found));
}

}  // namespace
}  // namespace kept::calendar
