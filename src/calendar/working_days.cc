#include "calendar/working_days.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <utility>

namespace kept::calendar {
namespace {

bool in_force(const BankHoliday& holiday, LocalDate known_on) {
  return (!holiday.announced_on || *holiday.announced_on <= known_on) &&
         (!holiday.withdrawn_on || known_on < *holiday.withdrawn_on);
}

bool ever_together(const BankHoliday& a, const BankHoliday& b) {
  const auto ends_before = [](const BankHoliday& earlier, const BankHoliday& later) {
    return earlier.withdrawn_on && later.announced_on && *earlier.withdrawn_on <= *later.announced_on;
  };
  return !ends_before(a, b) && !ends_before(b, a);
}

bool is_weekend(LocalDate date) { return weekday(date) >= 5; }

/// The rule that a holiday breaks by itself, in words; empty when it breaks none.
std::string broken_rule(LocalDate first, LocalDate last, const BankHoliday& holiday) {
  const std::string on = to_string(holiday.on);
  if (holiday.title.empty())
    return fmt::format("the bank holiday of {} has no title; give it the name it was announced under", on);
  if (holiday.on < first || holiday.on > last) {
    return fmt::format(
        "the bank holiday of {} lies outside the calendar, which runs from {} to {}; move the calendar's first or last "
        "date, or remove the holiday",
        on, to_string(first), to_string(last));
  }
  if (holiday.announced_on && *holiday.announced_on > holiday.on) {
    return fmt::format(
        "the bank holiday of {} is announced on {}, after its own date; a day that has passed cannot become a holiday: "
        "correct announced_on",
        on, to_string(*holiday.announced_on));
  }
  if (holiday.withdrawn_on && *holiday.withdrawn_on > holiday.on) {
    return fmt::format(
        "the bank holiday of {} is withdrawn on {}, after its own date; a holiday that has passed cannot be taken "
        "back: correct withdrawn_on",
        on, to_string(*holiday.withdrawn_on));
  }
  if (holiday.announced_on && holiday.withdrawn_on && *holiday.withdrawn_on <= *holiday.announced_on) {
    return fmt::format(
        "the bank holiday of {} is withdrawn on {}, not later than it was announced ({}); correct one of the two dates",
        on, to_string(*holiday.withdrawn_on), to_string(*holiday.announced_on));
  }
  return {};
}

}  // namespace

std::optional<WorkingDayCalendar::Problem> WorkingDayCalendar::problem(LocalDate first, LocalDate last,
                                                                       const std::vector<BankHoliday>& holidays) {
  if (last < first) {
    return Problem{std::nullopt, fmt::format("the calendar ends on {}, before it starts on {}; exchange first and last",
                                             to_string(last), to_string(first))};
  }
  // A calendar is a table of a number a day; a mistyped year must not become gigabytes.
  constexpr int32_t longest_days = 400 * 366;
  if (last.days - int64_t{first.days} > longest_days) {
    return Problem{std::nullopt,
                   fmt::format("the calendar runs from {} to {}, more than 400 years; correct first or last",
                               to_string(first), to_string(last))};
  }
  for (std::size_t i = 0; i < holidays.size(); ++i) {
    std::string broken = broken_rule(first, last, holidays[i]);
    if (!broken.empty()) return Problem{i, std::move(broken)};
  }
  std::vector<std::size_t> by_date(holidays.size());
  for (std::size_t i = 0; i < by_date.size(); ++i) by_date[i] = i;
  std::stable_sort(by_date.begin(), by_date.end(),
                   [&](std::size_t a, std::size_t b) { return holidays[a].on < holidays[b].on; });
  for (std::size_t i = 0; i < by_date.size(); ++i) {
    for (std::size_t j = i + 1; j < by_date.size() && holidays[by_date[j]].on == holidays[by_date[i]].on; ++j) {
      const BankHoliday& kept = holidays[by_date[i]];
      const BankHoliday& again = holidays[by_date[j]];
      if (!ever_together(kept, again)) continue;
      return Problem{by_date[j], fmt::format("{} is a bank holiday twice at once: \"{}\" and \"{}\"; keep one, or date "
                                             "when one was withdrawn and the other announced",
                                             to_string(again.on), kept.title, again.title)};
    }
  }
  return std::nullopt;
}

base::Result<WorkingDayCalendar> WorkingDayCalendar::make(LocalDate first, LocalDate last,
                                                          std::vector<BankHoliday> holidays) {
  if (auto broken = problem(first, last, holidays)) return base::invalid(std::move(broken->message));

  WorkingDayCalendar calendar;
  calendar.first_ = first;
  calendar.last_ = last;
  std::stable_sort(holidays.begin(), holidays.end(),
                   [](const BankHoliday& a, const BankHoliday& b) { return a.on < b.on; });
  calendar.holidays_ = std::move(holidays);
  for (const BankHoliday& holiday : calendar.holidays_) {
    if (holiday.announced_on) calendar.changes_.push_back(*holiday.announced_on);
    if (holiday.withdrawn_on) calendar.changes_.push_back(*holiday.withdrawn_on);
  }
  std::sort(calendar.changes_.begin(), calendar.changes_.end());
  calendar.changes_.erase(std::unique(calendar.changes_.begin(), calendar.changes_.end()), calendar.changes_.end());

  // Two arrays an epoch: the running count by day, and the days by their count.
  const std::size_t days = static_cast<std::size_t>(last.days - first.days) + 1;
  auto tables = std::make_shared<std::vector<std::vector<int32_t>>>();
  for (std::size_t epoch = 0; epoch <= calendar.changes_.size(); ++epoch) {
    std::vector<bool> rest(days, false);
    for (std::size_t i = 0; i < days; ++i) rest[i] = is_weekend(first + static_cast<int32_t>(i));
    for (const BankHoliday& holiday : calendar.holidays_) {
      // Before the first change stands for "any earlier day": nothing dated was announced, nothing withdrawn.
      const bool counts = epoch == 0 ? !holiday.announced_on : in_force(holiday, calendar.changes_[epoch - 1]);
      if (counts) rest[static_cast<std::size_t>(holiday.on.days - first.days)] = true;
    }
    std::vector<int32_t> count(days + 1, 0);
    std::vector<int32_t> nth(
        1, first.days - 1);  // counted from 1; the place before the first working day is never returned
    for (std::size_t i = 0; i < days; ++i) {
      count[i + 1] = count[i] + (rest[i] ? 0 : 1);
      if (!rest[i]) nth.push_back(first.days + static_cast<int32_t>(i));
    }
    tables->push_back(std::move(count));
    tables->push_back(std::move(nth));
  }
  for (std::size_t epoch = 0; epoch <= calendar.changes_.size(); ++epoch) {
    WorkingDays view;
    view.count_ = (*tables)[2 * epoch].data();
    view.nth_ = (*tables)[2 * epoch + 1].data();
    view.total_ = (*tables)[2 * epoch].back();
    view.first_ = first;
    view.last_ = last;
    assert((*tables)[2 * epoch + 1].size() == static_cast<std::size_t>(view.total_) + 1);
    calendar.views_.push_back(view);
  }
  calendar.tables_ = std::move(tables);
  return calendar;
}

int32_t WorkingDayCalendar::epoch(LocalDate day) const {
  return static_cast<int32_t>(std::upper_bound(changes_.begin(), changes_.end(), day) - changes_.begin());
}

LocalDate WorkingDayCalendar::epoch_start(LocalDate day) const {
  const int32_t changes = epoch(day);
  const LocalDate since = changes == 0 ? first_ : changes_[static_cast<std::size_t>(changes) - 1];
  return std::max(first_, since);
}

const BankHoliday* WorkingDayCalendar::holiday(LocalDate on, LocalDate known_on) const {
  auto found = std::lower_bound(holidays_.begin(), holidays_.end(), on,
                                [](const BankHoliday& holiday, LocalDate date) { return holiday.on < date; });
  for (; found != holidays_.end() && found->on == on; ++found) {
    if (in_force(*found, known_on)) return &*found;
  }
  return nullptr;
}

}  // namespace kept::calendar
