#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/mapping.h"
#include "model/moment.h"

namespace kept::exchange {

/// Why a text is not a time.
enum class TimeProblem : uint8_t {
  none,
  form,          ///< in none of the accepted forms
  no_such,       ///< 30 February, 25:00
  out_of_range,  ///< a year outside 1900-2199
  no_zone,       ///< a local time, and no zone is named
  gap,           ///< skipped when the clocks went forward
  overlap,       ///< occurred twice when the clocks went back
};

/// Reads times in the forms of one `TimeForm`. Not for two threads at once (it remembers the last stretch of its zone).
class TimeReader {
 public:
  /// Errors: invalid, naming a format that cannot be read or a zone the system's tzdata does not know.
  static base::Result<TimeReader> make(const TimeForm& form);
  /// The project's own: `parse_moment`'s forms.
  static TimeReader iso();
  TimeReader(TimeReader&&) noexcept;
  TimeReader& operator=(TimeReader&&) noexcept;
  ~TimeReader();

  TimeProblem read(std::string_view text, model::Moment* moment);
  /// Milliseconds of a clock in the form's zone (UTC where none is named and `utc_without_zone`).
  TimeProblem from_local(int64_t local_ms, bool utc_without_zone, model::Moment* moment);
  /// The forms in words, for a message.
  const std::string& accepts() const;

 private:
  struct State;
  explicit TimeReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The date a column of times last had: events mostly come in order of time, so that the next is often on the same day.
struct LastDate {
  std::array<char, 10> text{};  ///< YYYY-MM-DD, once known
  int64_t starts_ms = 0;
};

/// `YYYY-MM-DDTHH:MM:SS[.mmm]Z` exactly, the commonest form, in a few nanoseconds. False for anything else, right or
/// wrong.
bool read_plain_instant(const char* text, std::size_t size, LastDate* last, int64_t* at_ms);

/// True when both ends lie in the years 1900-2199.
bool in_range(const model::Moment& moment);

}  // namespace kept::exchange
