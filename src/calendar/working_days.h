#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/local_date.h"

namespace kept::calendar {

/// One bank holiday as data. A holiday without `announced_on` has been known for years ahead; one with it counts only
/// for readers who ask on or after that day; one with `withdrawn_on` counts only for those who ask before that day (a
/// holiday that was moved).
struct BankHoliday {
  LocalDate on;
  std::string title;
  std::optional<LocalDate> announced_on;
  std::optional<LocalDate> withdrawn_on;
  bool recalled =
      false;  ///< the announced or withdrawn date is from memory, still to be verified; shown wherever it matters
};

/// Working days as they were known on one day. Cheap to copy: a view into its calendar, which must outlive it.
/// Every answer outside [first, last] of the calendar is refused by `covers`; callers check it, nothing is guessed.
class WorkingDays {
 public:
  bool covers(LocalDate date) const { return date >= first_ && date <= last_; }
  LocalDate last() const { return last_; }
  /// Precondition: covers(date).
  bool is_working(LocalDate date) const { return count_[index(date)] != count_[index(date) - 1]; }
  /// Working days after `from` up to and including `to`; precondition: both covered, from <= to.
  int32_t between(LocalDate from, LocalDate to) const { return count_[index(to)] - count_[index(from)]; }
  /// The nth working day after `from` (its own day is day 0; n = 0 is `from` itself, whatever day it is).
  /// Returns false when that lies past the calendar's end or before its start.
  bool nth_after(LocalDate from, int32_t n, LocalDate* out) const {
    if (!covers(from)) return false;
    if (n == 0) {
      *out = from;
      return true;
    }
    const int32_t wanted = count_[index(from)] + n;
    if (wanted > total_) return false;
    out->days = nth_[wanted];
    return true;
  }
  /// The nth working day before `from`, counted back. Same refusals.
  bool nth_before(LocalDate from, int32_t n, LocalDate* out) const {
    if (!covers(from)) return false;
    if (n == 0) {
      *out = from;
      return true;
    }
    const int32_t wanted = count_[index(from) - 1] - n + 1;
    if (wanted < 1) return false;
    out->days = nth_[wanted];
    return true;
  }

 private:
  friend class WorkingDayCalendar;
  std::size_t index(LocalDate date) const { return static_cast<std::size_t>(date.days - first_.days + 1); }
  const int32_t* count_ =
      nullptr;  ///< count_[i]: working days from the calendar's first day up to day i-1 inclusive (count_[0] = 0)
  const int32_t* nth_ = nullptr;  ///< nth_[k]: day number of the kth working day, k from 1
  int32_t total_ = 0;
  LocalDate first_;
  LocalDate last_;
};

/// The bank holidays of England and Wales over a stated span, as dated knowledge.
/// Errors: a holiday announced after its own date, twice the same date in force, or outside the span is refused with
/// its line.
class WorkingDayCalendar {
 public:
  static base::Result<WorkingDayCalendar> make(LocalDate first, LocalDate last, std::vector<BankHoliday> holidays);
  /// The first rule that these holidays break, for a reader that knows the line of each; nothing when `make` would
  /// succeed.
  struct Problem {
    std::optional<std::size_t> holiday;  ///< which of `holidays`; none: the span itself
    std::string message;
  };
  static std::optional<Problem> problem(LocalDate first, LocalDate last, const std::vector<BankHoliday>& holidays);
  LocalDate first() const { return first_; }
  LocalDate last() const { return last_; }
  const std::vector<BankHoliday>& holidays() const { return holidays_; }
  /// What was known on that day. Two days between which nothing was announced or withdrawn share one table (`epoch`).
  WorkingDays known_on(LocalDate day) const { return views_[static_cast<std::size_t>(epoch(day))]; }
  int32_t epoch(LocalDate day) const;
  /// The first day, not before the calendar's own, on which as much was known as on `day`.
  LocalDate epoch_start(LocalDate day) const;
  /// The holiday in force on `on` as known on `known_on`, or null.
  const BankHoliday* holiday(LocalDate on, LocalDate known_on) const;

 private:
  LocalDate first_, last_;
  std::vector<BankHoliday> holidays_;
  std::vector<LocalDate>
      changes_;  ///< sorted days on which something was announced or withdrawn; epoch = how many are <= day
  std::vector<WorkingDays> views_;
  std::shared_ptr<const std::vector<std::vector<int32_t>>>
      tables_;  ///< storage behind views_; shared so that copies stay valid
};

}  // namespace kept::calendar
