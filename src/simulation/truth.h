#pragma once
#include <cstdint>

#include "simulation/event_names.h"

namespace kept::simulation {

/// What became of a happening in the records. The words stand in the truth file (docs/formats/simulation.md).
enum class Fate : uint8_t {
  recorded,       ///< written down within a working day or so
  late,           ///< written down, but days or weeks later
  mistaken,       ///< written down wrongly; a correction followed (or the run ended before it)
  silent_feed,    ///< its feed was down and it was never sent
  backfilled,     ///< its feed was down and sent it when it was up again
  unwritten,      ///< nobody wrote it down
  after_the_end,  ///< written down after the last day of the run: not in the file
  never_happened  ///< written down, but it did not happen
};
inline constexpr const char* fate_words[] = {"recorded",   "late",      "mistaken",      "silent feed",
                                             "backfilled", "unwritten", "after the end", "never happened"};

/// One row of the truth: what really happened, and what became of it in the records.
struct Truth {
  Type type = Type::none;
  Feed feed = Feed::none;
  Fate fate = Fate::recorded;
  const char* about = nullptr;  ///< what was told, for a telling
  int64_t happened_at = 0;      ///< milliseconds UTC; for `never happened`: when it is said to have happened
  int64_t reached_at = 0;       ///< when it really reached the victim; 0: it is no telling, or it reached nobody
  uint32_t event = 0;           ///< id of the event that records it, 0 when there is none in the file
  uint32_t participant = 0, crime = 0, suspect = 0, hearing = 0;
};

}  // namespace kept::simulation
