#include "app/calendar_answer.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace kept::app {
namespace {

using calendar::LocalDate;

LocalDate on(const std::string& text) { return calendar::parse_date(text).value(); }

const rules::CalendarFile& england_and_wales() {
  static const rules::CalendarFile file = rules::read_calendar_file(default_calendar_path()).value();
  return file;
}

CalendarQuestion question(const std::string& from, int32_t days, const std::string& known_on = "", bool back = false) {
  return {on(from), days, back, known_on.empty() ? std::nullopt : std::optional<LocalDate>(on(known_on))};
}

TEST(CalendarAnswer, dates_of_the_code) {
  struct Row {
    const char* why;
    CalendarQuestion question;
    const char* date;
    const char* later;  // empty: nothing announced later changes it
  };
  const Row rows[] = {
      {"arrested on Friday, the State Funeral on Monday", question("2022-09-16", 1), "2022-09-20", ""},
      {"the same, asked the day before it was announced", question("2022-09-16", 1, "2022-09-09"), "2022-09-19",
       "2022-09-20"},
      {"the same, asked on the day it was announced", question("2022-09-16", 1, "2022-09-10"), "2022-09-20", ""},
      {"five days over the State Funeral", question("2022-09-16", 5), "2022-09-26", ""},
      {"over Christmas and New Year", question("2026-12-22", 5), "2026-12-31", ""},
      {"a substitute day for Boxing Day", question("2026-12-24", 1), "2026-12-29", ""},
      {"Christmas and Boxing Day both on a weekend", question("2027-12-24", 1), "2027-12-29", ""},
      {"New Year on a Saturday", question("2027-12-31", 1), "2028-01-04", ""},
      {"over Easter", question("2026-04-02", 1), "2026-04-07", ""},
      {"the latest Easter in the calendar", question("2019-04-18", 1), "2019-04-23", ""},
      {"8 May 2020 in place of 4 May", question("2020-05-01", 5), "2020-05-11", ""},
      {"8 May 2020 before the move was announced", question("2020-05-01", 5, "2019-06-06"), "2020-05-11", ""},
      {"4 May 2020 before the move was announced", question("2020-05-01", 1, "2019-06-06"), "2020-05-05", "2020-05-04"},
      {"the Diamond Jubilee", question("2012-06-01", 1), "2012-06-06", ""},
      {"the Platinum Jubilee", question("2022-06-01", 1), "2022-06-06", ""},
      {"the Platinum Jubilee before it was announced", question("2022-05-27", 2, "2020-11-11"), "2022-06-01",
       "2022-05-31"},
      {"the Coronation", question("2023-05-05", 1), "2023-05-09", ""},
      {"back over the Coronation", question("2023-05-09", 1, "", true), "2023-05-05", ""},
      {"back over the Coronation, before it was announced", question("2023-05-09", 1, "2022-11-05", true), "2023-05-08",
       "2023-05-05"},
      {"no days on a Sunday", question("2026-03-29", 0), "2026-03-29", ""},
      {"the last day there is", question("2028-12-28", 1), "2028-12-29", ""},
  };
  for (const Row& row : rows) {
    const auto answer = count_working_days(england_and_wales(), row.question);
    ASSERT_TRUE(answer.ok()) << row.why << ": " << answer.error().message;
    EXPECT_EQ(to_string(answer->date), row.date) << row.why;
    EXPECT_EQ(answer->date_known_later ? to_string(*answer->date_known_later) : "", row.later) << row.why;
  }
}

TEST(CalendarAnswer, every_day_on_the_way_is_counted_or_skipped_with_a_reason) {
  const auto answer = count_working_days(england_and_wales(), question("2022-09-16", 2));
  ASSERT_TRUE(answer.ok());
  struct Row {
    const char* why;
    const char* on;
    DayReason reason;
    int32_t number;
    std::size_t holidays;
  };
  const Row rows[] = {
      {"its own day", "2022-09-16", DayReason::day_zero, 0, 0},
      {"Saturday", "2022-09-17", DayReason::weekend, 0, 0},
      {"Sunday", "2022-09-18", DayReason::weekend, 0, 0},
      {"the State Funeral", "2022-09-19", DayReason::bank_holiday, 0, 1},
      {"Tuesday", "2022-09-20", DayReason::working_day, 1, 0},
      {"Wednesday", "2022-09-21", DayReason::working_day, 2, 0},
  };
  ASSERT_EQ(answer->days.size(), std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    EXPECT_EQ(to_string(answer->days[i].on), rows[i].on) << rows[i].why;
    EXPECT_EQ(answer->days[i].reason, rows[i].reason) << rows[i].why;
    EXPECT_EQ(answer->days[i].number, rows[i].number) << rows[i].why;
    EXPECT_EQ(answer->days[i].holidays.size(), rows[i].holidays) << rows[i].why;
  }
}

TEST(CalendarAnswer, what_the_calendar_does_not_know_is_refused) {
  struct Row {
    const char* why;
    CalendarQuestion question;
    base::ErrorCode code;
    const char* says;
  };
  const Row rows[] = {
      {"past the end", question("2028-12-29", 1), base::ErrorCode::not_covered,
       "1 working day after 2028-12-29 lies outside the calendar england-and-wales, which runs from 2012-01-01 to "
       "2028-12-31"},
      {"from a day after the end", question("2029-01-01", 0), base::ErrorCode::not_covered, "2029-01-01 lies outside"},
      {"from a day before the start", question("2011-12-31", 1), base::ErrorCode::not_covered,
       "2011-12-31 lies outside"},
      {"back past the start", question("2012-01-03", 1, "", true), base::ErrorCode::not_covered,
       "1 working day before 2012-01-03"},
      {"a count beyond any calendar", question("2026-01-01", 2'147'483'647), base::ErrorCode::not_covered,
       "2147483647 working days after"},
      {"a count below zero", question("2026-01-01", -1), base::ErrorCode::invalid, "give 0 or more"},
  };
  for (const Row& row : rows) {
    const auto answer = count_working_days(england_and_wales(), row.question);
    ASSERT_FALSE(answer.ok()) << row.why;
    EXPECT_EQ(answer.error().code, row.code) << row.why;
    EXPECT_NE(answer.error().message.find(row.says), std::string::npos) << row.why << ": " << answer.error().message;
  }
}

TEST(CalendarAnswer, holidays_are_listed_by_year) {
  const auto jubilee = list_holidays(england_and_wales(), 2022);
  ASSERT_TRUE(jubilee.ok());
  EXPECT_EQ(jubilee->size(), 11U) << "eight, the Jubilee, the State Funeral, and the spring holiday that was moved";
  const auto all = list_holidays(england_and_wales(), std::nullopt);
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->size(), england_and_wales().calendar.holidays().size());
  const auto later = list_holidays(england_and_wales(), 2029);
  ASSERT_FALSE(later.ok());
  EXPECT_EQ(later.error().code, base::ErrorCode::not_covered);
}

}  // namespace
}  // namespace kept::app
