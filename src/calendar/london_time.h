#pragma once
#include <cstdint>

#include "calendar/local_date.h"

namespace kept::calendar {

/// The London date on which an instant falls. Units: milliseconds since 1970-01-01T00:00Z.
/// Exact for 1900-2099 by a committed table (double summer time of the 1940s and summer time all year of 1968-71 included);
/// before it Greenwich time, after it the rule of 1996 (last Sundays of March and October, 01:00 UTC). Bounds: years 0001-9999.
/// Fast: one division and one byte, no zone look-up.
LocalDate london_date(int64_t at_ms);
/// First millisecond of a London date (midnight local; the clocks never change at London midnight).
int64_t start_of(LocalDate date);
/// Last millisecond of a London date.
inline int64_t end_of(LocalDate date) { return start_of(date + 1) - 1; }
/// Minutes London is ahead of UTC at that instant: 0 or 60 (120 in the double summer time of 1941-47).
int32_t london_offset_minutes(int64_t at_ms);

}  // namespace kept::calendar
