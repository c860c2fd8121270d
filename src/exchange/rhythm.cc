#include "exchange/rhythm.h"

#include <algorithm>

#include "calendar/london_time.h"

namespace kept::exchange {
namespace {

constexpr int64_t minute_ms = 60'000;
constexpr int64_t day_ms = 24 * 60 * minute_ms;

}  // namespace

int64_t at_minute(calendar::LocalDate on, int32_t minute) {
  if (minute == 24 * 60) return calendar::start_of(on + 1);
  const int64_t plain = calendar::start_of(on) + minute * minute_ms;
  const int64_t start_offset = calendar::london_offset_minutes(calendar::start_of(on));
  // The clocks change in the small hours: what lies behind the change is that much nearer to or further from midnight.
  return plain + (start_offset - calendar::london_offset_minutes(plain)) * minute_ms;
}

std::optional<int64_t> after_rhythms(const Rhythm& rhythm, int32_t times, int64_t since_ms,
                                     const calendar::WorkingDays& working_days) {
  const WorkingTime& within = rhythm.within;
  const bool only_working = within.working_days_only || rhythm.unit == Rhythm::Unit::working_days;
  const int64_t a_day = (within.to_minute - within.from_minute) * minute_ms;
  int64_t left = rhythm.every * times * (rhythm.unit == Rhythm::Unit::hours ? 60 * minute_ms : a_day);
  for (calendar::LocalDate day = calendar::london_date(since_ms);; day = day + 1) {
    if (!working_days.covers(day)) return std::nullopt;
    if (only_working && !working_days.is_working(day)) continue;
    const int64_t opens = std::max(since_ms, at_minute(day, within.from_minute));
    const int64_t closes = at_minute(day, within.to_minute);
    if (closes <= opens) continue;
    // Days are counted as days: a whole one is one, however long the change of clocks made it.
    const bool whole = rhythm.unit != Rhythm::Unit::hours && opens == at_minute(day, within.from_minute);
    const int64_t worth = whole ? a_day : closes - opens;
    if (worth >= left) return whole && worth == left ? closes : opens + left;
    left -= worth;
  }
}

std::optional<int64_t> silent_from(const Rhythm& rhythm, int64_t last_ms, const calendar::WorkingDays& working_days) {
  const auto due = after_rhythms(rhythm, 1, last_ms, working_days);
  if (!due) return std::nullopt;
  const auto twice = after_rhythms(rhythm, 2, last_ms, working_days);
  return twice ? std::min(*twice, *due + day_ms) : *due + day_ms;
}

}  // namespace kept::exchange
