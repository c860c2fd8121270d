#pragma once
#include <cstdint>

#include "calendar/london_time.h"
#include "calendar/working_days.h"
#include "simulation/random.h"

namespace kept::simulation {

inline constexpr int64_t minute_ms = 60'000;
inline constexpr int64_t hour_ms = 60 * minute_ms;
inline constexpr int64_t day_ms = 24 * hour_ms;

/// When people in offices and on shifts do things, in London time.
class Office {
 public:
  explicit Office(const calendar::WorkingDays& days) : days_(days) {}

  bool is_working(calendar::LocalDate on) const { return days_.covers(on) && days_.is_working(on); }
  /// The nth working day after `from`; past the calendar's end, n days of the week without Saturday and Sunday.
  calendar::LocalDate working_day_after(calendar::LocalDate from, int32_t n) const {
    calendar::LocalDate on;
    if (days_.nth_after(from, n, &on)) return on;
    on = from;
    while (n > 0) {
      on = on + 1;
      if (calendar::weekday(on) < 5) --n;
    }
    return on;
  }
  /// Some minute between 08:30 and 17:30 of that day.
  static int64_t in_hours(Random& random, calendar::LocalDate on) {
    return minute_and_second(random, on, 8 * 60 + 30, 17 * 60 + 30);
  }
  /// Some minute between 07:00 and 22:00: those who work shifts ring later.
  static int64_t on_shift(Random& random, calendar::LocalDate on) {
    return minute_and_second(random, on, 7 * 60, 22 * 60);
  }
  /// In office hours of the nth working day after `from`, and never before `not_before`.
  int64_t working_time(Random& random, calendar::LocalDate from, int32_t n, int64_t not_before) const {
    const calendar::LocalDate on = n == 0 ? from : working_day_after(from, n);
    const int64_t at = in_hours(random, on);
    return at > not_before ? at : not_before + random.between(5, 150) * minute_ms;
  }

 private:
  // One draw a statement: the order in which a compiler takes the two sides of a sum is its own affair.
  static int64_t minute_and_second(Random& random, calendar::LocalDate on, int32_t first, int32_t last) {
    const int64_t minute = random.between(first, last);
    const int64_t second = random.below(60);
    return calendar::start_of(on) + minute * minute_ms + second * 1000;
  }

  calendar::WorkingDays days_;
};

}  // namespace kept::simulation
