#pragma once
#include <cstdint>

#include "calendar/local_date.h"
#include "simulation/recording.h"
#include "simulation/tally.h"

namespace kept::simulation {

/// Makes up one story - a household, its crimes over time, and who accuses whom - whose first crime is reported on
/// `day`, and plays every crime of it through. `room` is how many new victims it may have. Returns how many it had, at
/// least one.
uint64_t tell_story(Recording& recording, Random& random, Tally& tally, calendar::LocalDate day, uint64_t room);

}  // namespace kept::simulation
