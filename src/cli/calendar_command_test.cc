#include "cli/calendar_command.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

#include "cli/run_words_test.h"

namespace kept::cli {
namespace {

Said run(std::vector<std::string> words) {
  return run_words(std::move(words), [](CLI::App& app, int* exit_code) { add_calendar_command(app, exit_code); });
}

TEST(CalendarCommand, shows_each_day_counted_or_skipped) {
  const Said said = run({"calendar", "add", "2022-09-16", "2"});
  EXPECT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(said.out,
            "2022-09-21  Wednesday 21 September 2022\n"
            "\n"
            "2 working days after Friday 16 September 2022, with every holiday the calendar holds.\n"
            "\n"
            "  2022-09-16  Friday     day 0, not counted\n"
            "  2022-09-17  Saturday   skipped: weekend\n"
            "  2022-09-18  Sunday     skipped: weekend\n"
            "  2022-09-19  Monday     skipped: Bank Holiday for the State Funeral of Queen Elizabeth II, announced "
            "2022-09-10 [that date is from memory, to be verified]\n"
            "  2022-09-20  Tuesday    1\n"
            "  2022-09-21  Wednesday  2\n"
            "\n"
            "Calendar: Bank holidays in England and Wales, 2012-01-01 to 2028-12-31. Source: GOV.UK bank holidays, "
            "division england-and-wales.\n");
}

TEST(CalendarCommand, says_what_was_known_and_what_came_later) {
  struct Row {
    const char* why;
    std::vector<std::string> words;
    const char* says;
  };
  const Row rows[] = {
      {"the date comes first",
       {"calendar", "add", "2022-09-16", "1", "--known-on", "2022-09-09"},
       "2022-09-19  Monday 19 September 2022\n"},
      {"as known on",
       {"calendar", "add", "2022-09-16", "1", "--known-on", "2022-09-09"},
       "1 working day after Friday 16 September 2022, as known on Friday 9 September 2022.\n"},
      {"announced later",
       {"calendar", "add", "2022-09-16", "1", "--known-on", "2022-09-09"},
       "With what was announced later it is Tuesday 20 September 2022.\n"},
      {"a holiday not yet known",
       {"calendar", "add", "2022-09-16", "1", "--known-on", "2022-09-09"},
       "1 (not yet known: Bank Holiday for the State Funeral of Queen Elizabeth II, later announced 2022-09-10"},
      {"a holiday moved away",
       {"calendar", "add", "2020-05-01", "1"},
       "1 (no longer: Early May bank holiday, withdrawn 2019-06-07"},
      {"a holiday to be moved away",
       {"calendar", "add", "2020-05-01", "1", "--known-on", "2019-01-01"},
       "skipped: Early May bank holiday, later withdrawn 2019-06-07"},
      {"counting back", {"calendar", "add", "2020-05-05", "1", "--back"}, "1 working day before Tuesday 5 May 2020"},
      {"a year's holidays",
       {"calendar", "list", "2020"},
       "2020-05-08  Friday     Early May bank holiday (VE day), announced 2019-06-07"},
      {"one that was moved",
       {"calendar", "list", "2020"},
       "2020-05-04  Monday     (not a holiday) Early May bank holiday, withdrawn 2019-06-07"},
      {"its licence", {"calendar", "list"}, "Open Government Licence v3.0"},
  };
  for (const Row& row : rows) {
    const Said said = run(row.words);
    EXPECT_EQ(said.exit_code, 0) << row.why << ": " << said.err;
    EXPECT_NE(said.out.find(row.says), std::string::npos) << row.why << ":\n" << said.out;
  }
}

TEST(CalendarCommand, a_refusal_is_words_and_exit_code_2) {
  struct Row {
    const char* why;
    std::vector<std::string> words;
    const char* says;
  };
  const Row rows[] = {
      {"past the end",
       {"calendar", "add", "2028-12-29", "1"},
       "kept calendar: 1 working day after 2028-12-29 lies outside the calendar england-and-wales, which runs from "
       "2012-01-01 to 2028-12-31; nothing is guessed"},
      {"no such day", {"calendar", "add", "2026-02-29", "1"}, "\"2026-02-29\" is not a date: there is no such day"},
      {"no such day of knowledge",
       {"calendar", "add", "2026-02-27", "1", "--known-on", "yesterday"},
       "\"yesterday\" is not a date"},
      {"a negative count", {"calendar", "add", "2026-02-27", "-1"}, "give 0 or more, and --back"},
      {"a year it does not hold", {"calendar", "list", "2029"}, "the year 2029 lies outside"},
      {"no such file",
       {"calendar", "list", "--calendar", "/nowhere.yaml"},
       "/nowhere.yaml: there is no such calendar file"},
  };
  for (const Row& row : rows) {
    const Said said = run(row.words);
    EXPECT_EQ(said.exit_code, 2) << row.why << said.out;
    EXPECT_EQ(said.out, "") << row.why;
    EXPECT_NE(said.err.find(row.says), std::string::npos) << row.why << ": " << said.err;
  }
}

}  // namespace
}  // namespace kept::cli
