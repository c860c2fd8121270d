#include "rules/calendar_file.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "calendar/london_time.h"

namespace kept::rules {
namespace {

using calendar::BankHoliday;
using calendar::LocalDate;
using calendar::to_string;

constexpr const char* own_calendar = KEPT_SOURCE_DIR "/rules/calendars/england-and-wales.yaml";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

const std::string good =
    "calendar: test\n"                                                                     // 1
    "title: A calendar for tests\n"                                                        // 2
    "first: 2020-01-01\n"                                                                  // 3
    "last: 2020-12-31\n"                                                                   // 4
    "source: {title: made up, url: https://example.org, read: recalled}\n"                 // 5
    "licence: none needed\n"                                                               // 6
    "holidays:\n"                                                                          // 7
    "  - {on: 2020-01-01, title: New Year}\n"                                              // 8
    "  - {on: 2020-05-04, title: Early May, withdrawn_on: 2019-06-07, read: recalled}\n"   // 9
    "  - {on: 2020-05-08, title: Early May, announced_on: 2019-06-07, read: official}\n";  // 10

TEST(CalendarFile, a_calendar_is_read) {
  const auto file = parse_calendar_file(good, "test.yaml");
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(file->id, "test");
  EXPECT_EQ(file->source_url, "https://example.org");
  EXPECT_EQ(to_string(file->calendar.first()), "2020-01-01");
  EXPECT_EQ(to_string(file->calendar.last()), "2020-12-31");
  ASSERT_EQ(file->calendar.holidays().size(), 3U);
  const BankHoliday& moved = file->calendar.holidays()[1];
  EXPECT_EQ(to_string(moved.on), "2020-05-04");
  ASSERT_TRUE(moved.withdrawn_on.has_value());
  EXPECT_EQ(to_string(*moved.withdrawn_on), "2019-06-07");
  EXPECT_TRUE(moved.recalled);
  EXPECT_FALSE(file->calendar.holidays()[2].recalled);
}

TEST(CalendarFile, a_mistake_is_named_with_its_line_and_the_mend) {
  struct Row {
    const char* why;
    std::string text;
    const char* begins;
    const char* says;
  };
  const Row rows[] = {
      {"announced after its own date", replaced(good, "announced_on: 2019-06-07", "announced_on: 2020-05-09"),
       "test.yaml:10: ",
       "announced on 2020-05-09, after its own date; a day that has passed cannot become a holiday: correct "
       "announced_on"},
      {"withdrawn after its own date", replaced(good, "withdrawn_on: 2019-06-07", "withdrawn_on: 2020-05-05"),
       "test.yaml:9: ", "correct withdrawn_on"},
      {"ends before it starts", replaced(good, "last: 2020-12-31", "last: 2019-12-31"),
       "test.yaml:4: ", "before it starts on 2020-01-01"},
      {"the same day twice", good + "  - {on: 2020-01-01, title: Again}\n",
       "test.yaml:11: ", "2020-01-01 is a bank holiday twice at once: \"New Year\" and \"Again\"; keep one"},
      {"outside the calendar", good + "  - {on: 2021-01-01, title: Next year}\n",
       "test.yaml:11: ", "lies outside the calendar"},
      {"an unknown key of a holiday", replaced(good, "read: official", "seen: official"),
       "test.yaml:10: ", "a holiday has no key \"seen\"; it may have: on, title, announced_on, withdrawn_on, read"},
      {"an unknown key of the calendar", good + "region: wales\n",
       "test.yaml:11: ", "a calendar has no key \"region\""},
      {"a key given twice", replaced(good, "title: New Year", "title: New Year, title: Other"),
       "test.yaml:8: ", "\"title\" is given twice in a holiday; keep one"},
      {"first given twice", good + "first: 2020-01-01\n", "test.yaml:11: ", "given twice in a calendar"},
      {"no title", replaced(good, ", title: New Year", ""), "test.yaml:8: ", "a holiday has no `title:`; add it"},
      {"no licence", replaced(good, "licence: none needed\n", ""), "test.yaml:1: ", "a calendar has no `licence:`"},
      {"no source", replaced(good, "source: {title: made up, url: https://example.org, read: recalled}\n", ""),
       "test.yaml:1: ", "no `source:`"},
      {"a source that does not say how it was read", replaced(good, ", read: recalled}\nlicence", "}\nlicence"),
       "test.yaml:5: ", "a source has no `read:`"},
      {"a date that does not exist", replaced(good, "on: 2020-01-01", "on: 2020-02-30"),
       "test.yaml:8: ", "`on:` \"2020-02-30\" is not a date: there is no such day"},
      {"a date in the British order", replaced(good, "first: 2020-01-01", "first: 01/01/2020"),
       "test.yaml:3: ", "write YYYY-MM-DD"},
      {"dated without saying how that was read", replaced(good, ", read: official", ""),
       "test.yaml:10: ", "a holiday has no `read:`"},
      {"read in a way that is not known", replaced(good, "read: official", "read: yes"),
       "test.yaml:10: ", "write one of: official, reproduction, recalled"},
      {"read, with nothing dated", replaced(good, "title: New Year", "title: New Year, read: official"),
       "test.yaml:8: ", "has neither; remove it"},
      {"holidays that are no list", replaced(good, "holidays:\n", "holidays: none\nlist:\n"),
       "test.yaml:8: ", "a calendar has no key \"list\""},
      {"holidays given as text", good.substr(0, good.find("holidays:")) + "holidays: none\n",
       "test.yaml:7: ", "must be a list"},
      {"a holiday that is a bare date", good + "  - 2020-06-01\n",
       "test.yaml:11: ", "a holiday must be a list of `key: value`"},
      {"text that is not YAML", good + "  - {on: 2020-06-01\n", "test.yaml:", "this is not YAML"},
      {"a list at the top", "- 1\n", "test.yaml:1: ", "a calendar must be a list of `key: value`"},
      {"nothing", "", "test.yaml:1: ", "this one holds none"},
      {"two calendars", good + "---\n" + good, "test.yaml:1: ", "this one holds several"},
      {"deeply nested", std::string(100'000, '['), "test.yaml:", "this is not YAML"},
  };
  for (const Row& row : rows) {
    const auto file = parse_calendar_file(row.text, "test.yaml");
    ASSERT_FALSE(file.ok()) << row.why;
    EXPECT_EQ(file.error().code, base::ErrorCode::invalid) << row.why;
    EXPECT_EQ(file.error().message.rfind(row.begins, 0), 0U) << row.why << ": " << file.error().message;
    EXPECT_NE(file.error().message.find(row.says), std::string::npos) << row.why << ": " << file.error().message;
  }
}

TEST(CalendarFile, a_file_that_cannot_be_read_is_refused) {
  EXPECT_EQ(read_calendar("/nowhere/calendar.yaml").error().code, base::ErrorCode::not_found);
  EXPECT_EQ(read_calendar(KEPT_SOURCE_DIR).error().code, base::ErrorCode::not_found);
  const auto huge = parse_calendar_file(std::string((4U << 20) + 1, '#'), "huge.yaml");
  ASSERT_FALSE(huge.ok());
  EXPECT_EQ(huge.error().code, base::ErrorCode::too_large);
}

TEST(CalendarOfEnglandAndWales, holds_eight_holidays_or_more_in_every_year_from_2012) {
  const auto file = read_calendar_file(own_calendar);
  ASSERT_TRUE(file.ok()) << file.error().message;
  EXPECT_EQ(to_string(file->calendar.first()), "2012-01-01");
  EXPECT_GE(to_string(file->calendar.last()), "2028-12-31");
  std::map<int32_t, int32_t> kept;
  for (const BankHoliday& holiday : file->calendar.holidays()) {
    if (!holiday.withdrawn_on) ++kept[year_month_day(holiday.on).year];
  }
  for (int32_t year = 2012; year <= year_month_day(file->calendar.last()).year; ++year)
    EXPECT_GE(kept[year], 8) << year;
  EXPECT_EQ(kept[2012], 9) << "the Diamond Jubilee";
  EXPECT_EQ(kept[2022], 10) << "the Platinum Jubilee and the State Funeral";
  EXPECT_EQ(kept[2023], 9) << "the Coronation";
}

TEST(CalendarOfEnglandAndWales, reaches_twelve_months_ahead) {
  // Fails from 1 January 2028 on purpose: docs/how-to/add-a-bank-holiday.md says how to extend the calendar.
  const auto file = read_calendar_file(own_calendar);
  ASSERT_TRUE(file.ok()) << file.error().message;
  const auto now =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  const LocalDate in_a_year = calendar::add_months(calendar::london_date(now.count()), 12);
  EXPECT_GE(to_string(file->calendar.last()), to_string(in_a_year)) << "extend rules/calendars/england-and-wales.yaml";
}

TEST(CalendarOfEnglandAndWales, holds_the_rows_it_was_restated_from) {
  const std::string csv = KEPT_SOURCE_DIR "/../shared/law/bank-holidays.csv";
  if (!std::filesystem::exists(csv)) GTEST_SKIP() << "needs ../shared: law/bank-holidays.csv";
  const auto ours = read_calendar(own_calendar);
  ASSERT_TRUE(ours.ok()) << ours.error().message;

  std::ifstream rows(csv);
  std::string line;
  std::getline(rows, line);
  if (!line.empty() && line.back() == '\r') line.pop_back();
  ASSERT_EQ(line,
            "date,weekday,division,title,govuk_notes,special_note,in_govuk_json_copy,matches_rule,source,announced_on,"
            "withdrawn_on,announced_read");
  const auto shown = [](const std::optional<LocalDate>& date) { return date ? to_string(*date) : std::string(); };
  // What was announced after that table was made, and the years after its end, are ours alone.
  std::vector<BankHoliday> restated;
  for (const BankHoliday& holiday : ours->holidays()) {
    const bool is_newer = holiday.announced_on && to_string(*holiday.announced_on) > "2026-02-25";
    if (!is_newer && to_string(holiday.on) <= "2028-12-31") restated.push_back(holiday);
  }
  std::size_t row = 0;
  for (; std::getline(rows, line); ++row) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == ',') {
        cells.emplace_back();
      } else {
        cells.back().push_back(c);
      }
    }
    ASSERT_EQ(cells.size(), 12U) << line;
    ASSERT_LT(row, restated.size());
    const BankHoliday& holiday = restated[row];
    std::string title = cells[3];
    if (!cells[4].empty()) {
      cells[4][0] = static_cast<char>(cells[4][0] - 'A' + 'a');
      title += " (" + cells[4] + ")";
    }
    EXPECT_EQ(to_string(holiday.on), cells[0]);
    EXPECT_EQ(holiday.title, title) << line;
    EXPECT_EQ(shown(holiday.announced_on), cells[9]) << line;
    EXPECT_EQ(shown(holiday.withdrawn_on), cells[10]) << line;
    EXPECT_EQ(holiday.recalled ? "recalled" : "", cells[11]) << line;
  }
  EXPECT_EQ(row, restated.size());
}

}  // namespace
}  // namespace kept::rules
