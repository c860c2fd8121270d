#pragma once
#include <cstdint>

#include "calendar/local_date.h"

namespace kept::calendar {

/// The London date on which an instant falls. Units: milliseconds since 1970-01-01T00:00Z.
/// Exact for 1900-2099 by a committed table (double summer time of the 1940s and summer time all year of 1968-71
/// included); before it Greenwich time, after it the rule of 1996 (last Sundays of March and October, 01:00 UTC).
/// Bounds: years 0001-9999. Fast: one division and one byte, no zone look-up.
inline LocalDate london_date(int64_t at_ms);
/// First millisecond of a London date (midnight local; the clocks never change at London midnight).
inline int64_t start_of(LocalDate date);
/// Last millisecond of a London date.
inline int64_t end_of(LocalDate date) { return start_of(date + 1) - 1; }
/// Minutes London is ahead of UTC at that instant: 0 or 60 (120 in the double summer time of 1941-47).
int32_t london_offset_minutes(int64_t at_ms);

// What follows is how; it stands here so that the engine's inner loop can have it without a call.
namespace inner {
constexpr int64_t ms_in_day = 86'400'000;
constexpr int64_t ms_in_hour = 3'600'000;
/// Days from 1970 on that `from_1970` covers.
constexpr int32_t days_in_table = 47'482;  // to 2099-12-31
/// One byte a UTC day: bits 0-1 the hours London is ahead at the end of that day.
extern const uint8_t* const from_1970;
LocalDate london_date_elsewhere(int64_t at_ms);
int64_t start_of_elsewhere(LocalDate date);
}  // namespace inner

inline LocalDate london_date(int64_t at_ms) {
  const auto at = static_cast<uint64_t>(at_ms);
  const uint64_t day = at / inner::ms_in_day;
  if (day >= static_cast<uint64_t>(inner::days_in_table)) [[unlikely]]
    return inner::london_date_elsewhere(at_ms);
  const uint64_t into_day = at - day * inner::ms_in_day + (inner::from_1970[day] & 3u) * inner::ms_in_hour;
  return {static_cast<int32_t>(day + (into_day >= inner::ms_in_day ? 1 : 0))};
}

inline int64_t start_of(LocalDate date) {
  // Midnight of a date falls at the end of the UTC day before it, or at the very start of its own: no change lies
  // between.
  if (date.days < 1 || date.days > inner::days_in_table) [[unlikely]]
    return inner::start_of_elsewhere(date);
  return date.days * inner::ms_in_day - (inner::from_1970[date.days - 1] & 3) * inner::ms_in_hour;
}

}  // namespace kept::calendar
