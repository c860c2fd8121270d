#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "calendar/london_time.h"

namespace kept::model {

/// How exactly a time is known (design 3, C30).
enum class Precision : uint8_t {
  instant,  ///< a point in time, UTC
  date,     ///< one London date
  coarse,   ///< a month, a year, or a range
};

/// When something happened, as exactly as it was recorded.
/// Shape: the first and the last possible millisecond, equal for an instant. Units: milliseconds since 1970 UTC.
struct Moment {
  int64_t lo_ms = 0;
  int64_t hi_ms = 0;
  Precision precision = Precision::instant;

  calendar::LocalDate on() const { return calendar::london_date(lo_ms); }
  bool operator==(const Moment&) const = default;
  static Moment instant(int64_t at_ms) { return {at_ms, at_ms, Precision::instant}; }
  static Moment date(calendar::LocalDate on) { return {calendar::start_of(on), calendar::end_of(on), Precision::date}; }
};

/// Reads `2026-03-02T10:00:00Z` (any offset, fractional seconds to the millisecond), `2026-03-02`, `2026-03`, `2026`,
/// or `FROM..TO` of these. Errors: invalid, naming the text and the accepted forms. A local time without offset is
/// refused here (a mapping names the zone).
base::Result<Moment> parse_moment(std::string_view text);
/// The shortest text that `parse_moment` reads back to the same moment.
std::string to_string(const Moment& moment);
/// `2026-03-02T10:00:00Z`, with milliseconds only when there are any.
std::string instant_text(int64_t at_ms);

}  // namespace kept::model
