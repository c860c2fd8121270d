#pragma once
#include <cstdint>
#include <optional>

#include "calendar/working_days.h"

namespace kept::exchange {

/// When a feed is expected to send, on London clocks. Shape: the minutes of a day from `from_minute` (included) to
/// `to_minute` (not included).
struct WorkingTime {
  bool working_days_only = false;
  int32_t from_minute = 0, to_minute = 24 * 60;
};

/// How often a batch comes.
struct Rhythm {
  enum class Unit : uint8_t { hours, days, working_days };
  int32_t every = 1;
  Unit unit = Unit::days;
  WorkingTime within;  ///< hours and days count only here; a day is as long as its working time
};

/// The instant at that minute of a London day, 0 to 24 * 60.
int64_t at_minute(calendar::LocalDate on, int32_t minute);

/// The instant by which `times` rhythms of working time have gone by since `since_ms`; nothing where the calendar of
/// working days ends before that. A day's working time ends later by the clocks' change on the two days that have one.
std::optional<int64_t> after_rhythms(const Rhythm& rhythm, int32_t times, int64_t since_ms,
                                     const calendar::WorkingDays& working_days);

/// From when a feed that last sent at `last_ms` counts as silent: twice its rhythm, at most 24 hours after the batch
/// was due. Nothing where the calendar ends before that.
std::optional<int64_t> silent_from(const Rhythm& rhythm, int64_t last_ms, const calendar::WorkingDays& working_days);

}  // namespace kept::exchange
