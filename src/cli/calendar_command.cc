#include "cli/calendar_command.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

namespace kept::cli {
namespace {

using app::CalendarAnswer;
using app::CalendarQuestion;
using app::CountedDay;
using app::DayReason;
using calendar::BankHoliday;
using calendar::LocalDate;

constexpr int refused = 2;

std::string weekday_name(LocalDate date) {
  constexpr std::array<const char*, 7> names = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                "Friday", "Saturday", "Sunday"};
  return names[static_cast<std::size_t>(weekday(date))];
}

std::string long_date(LocalDate date) {
  constexpr std::array<const char*, 12> months = {"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
  const calendar::YearMonthDay parts = year_month_day(date);
  return fmt::format("{} {} {} {}", weekday_name(date), parts.day, months[static_cast<std::size_t>(parts.month - 1)],
                     parts.year);
}

/// When a one-off holiday was announced or moved; what lies after `known_on` is said to come later.
std::string dated(const BankHoliday& holiday, LocalDate known_on) {
  const auto said = [&](const char* word, LocalDate on) {
    return fmt::format(", {}{} {}", known_on < on ? "later " : "", word, to_string(on));
  };
  std::string words;
  if (holiday.announced_on) words += said("announced", *holiday.announced_on);
  if (holiday.withdrawn_on) words += said("withdrawn", *holiday.withdrawn_on);
  if (holiday.recalled) words += " [that date is from memory, to be verified]";
  return words;
}

/// What the calendar says about a day beyond its weekday, as known on `known_on`.
std::string holiday_words(const CountedDay& day, LocalDate known_on) {
  std::string words;
  for (const BankHoliday& holiday : day.holidays) {
    const bool too_early = holiday.announced_on && known_on < *holiday.announced_on;
    const bool moved = holiday.withdrawn_on && *holiday.withdrawn_on <= known_on;
    if (!words.empty()) words += "; ";
    words += too_early ? "not yet known: " : moved ? "no longer: " : "";
    words += holiday.title + dated(holiday, known_on);
  }
  return words;
}

std::string day_words(const CountedDay& day, LocalDate known_on) {
  const std::string holiday = holiday_words(day, known_on);
  switch (day.reason) {
    case DayReason::day_zero:
      return "day 0, not counted" + (holiday.empty() ? "" : " (" + holiday + ")");
    case DayReason::working_day:
      return fmt::format("{}{}", day.number, holiday.empty() ? "" : " (" + holiday + ")");
    case DayReason::weekend:
      return "skipped: weekend" + (holiday.empty() ? "" : " (" + holiday + ")");
    case DayReason::bank_holiday:
      return "skipped: " + holiday;
  }
  return {};
}

int refuse(const base::Error& error) {
  fmt::print(stderr, "kept calendar: {}\n", error.message);
  return refused;
}

struct Options {
  std::string date;
  int32_t working_days = 0;
  bool back = false;
  std::string known_on;
  std::string calendar_path;
  std::optional<int32_t> year;
};

int run_add(const Options& options) {
  const auto file = rules::read_calendar_file(options.calendar_path);
  if (!file) return refuse(file.error());
  const auto from = calendar::parse_date(options.date);
  if (!from) return refuse(from.error());
  CalendarQuestion question = {*from, options.working_days, options.back, std::nullopt};
  if (!options.known_on.empty()) {
    const auto known_on = calendar::parse_date(options.known_on);
    if (!known_on) return refuse(known_on.error());
    question.known_on = *known_on;
  }
  const auto answer = app::count_working_days(*file, question);
  if (!answer) return refuse(answer.error());
  fmt::print("{}", calendar_text(*answer, *file));
  return 0;
}

int run_list(const Options& options) {
  const auto file = rules::read_calendar_file(options.calendar_path);
  if (!file) return refuse(file.error());
  const auto holidays = app::list_holidays(*file, options.year);
  if (!holidays) return refuse(holidays.error());
  fmt::print("{}", holidays_text(*holidays, *file));
  return 0;
}

}  // namespace

std::string calendar_text(const CalendarAnswer& answer, const rules::CalendarFile& file) {
  const CalendarQuestion& question = answer.question;
  const LocalDate known_on = question.known_on.value_or(file.calendar.last());
  std::string text = fmt::format("{}  {}\n\n", to_string(answer.date), long_date(answer.date));
  text += fmt::format("{} working day{} {} {}, {}.\n", question.working_days, question.working_days == 1 ? "" : "s",
                      question.back ? "before" : "after", long_date(question.from),
                      question.known_on ? "as known on " + long_date(*question.known_on)
                                        : std::string("with every holiday the calendar holds"));
  if (answer.date_known_later) {
    text += fmt::format("With what was announced later it is {}.\n", long_date(*answer.date_known_later));
  }
  text += '\n';
  for (const CountedDay& day : answer.days) {
    text += fmt::format("  {}  {:<9}  {}\n", to_string(day.on), weekday_name(day.on), day_words(day, known_on));
  }
  text += fmt::format("\nCalendar: {}, {} to {}. Source: {}.\n", file.title, to_string(file.calendar.first()),
                      to_string(file.calendar.last()), file.source_title);
  return text;
}

std::string holidays_text(const std::vector<BankHoliday>& holidays, const rules::CalendarFile& file) {
  std::string text;
  for (const BankHoliday& holiday : holidays) {
    text += fmt::format("{}  {:<9}  {}{}{}\n", to_string(holiday.on), weekday_name(holiday.on),
                        holiday.withdrawn_on ? "(not a holiday) " : "", holiday.title,
                        dated(holiday, file.calendar.last()));
  }
  text += fmt::format("\nCalendar: {}, {} to {}. Source: {}. {}.\n", file.title, to_string(file.calendar.first()),
                      to_string(file.calendar.last()), file.source_title, file.licence);
  return text;
}

void add_calendar_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  options->calendar_path = app::default_calendar_path();
  CLI::App* calendar = app.add_subcommand("calendar", "Working days and bank holidays, as known on any day");
  calendar->require_subcommand(1);

  CLI::App* add = calendar->add_subcommand(
      "add", "The date some working days after (or before) a date, with each day counted or skipped and why");
  add->add_option("date", options->date, "The day that is day 0, YYYY-MM-DD")->required();
  add->add_option("days", options->working_days, "How many working days")->required();
  add->add_flag("--back", options->back, "Count towards the past");
  add->add_option("--known-on", options->known_on, "Use only holidays announced by this day, YYYY-MM-DD");
  add->add_option("--calendar", options->calendar_path, "A calendar file other than England and Wales");
  add->callback([options, exit_code] { *exit_code = run_add(*options); });

  CLI::App* list =
      calendar->add_subcommand("list", "The bank holidays, with when one-off ones were announced or moved");
  list->add_option("year", options->year, "Only this year");
  list->add_option("--calendar", options->calendar_path, "A calendar file other than England and Wales");
  list->callback([options, exit_code] { *exit_code = run_list(*options); });
}

}  // namespace kept::cli
