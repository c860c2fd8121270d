#pragma once
#include <cstdint>
#include <functional>

#include "base/result.h"
#include "calendar/local_date.h"
#include "calendar/working_days.h"
#include "simulation/fact.h"
#include "simulation/feeds.h"
#include "simulation/tally.h"
#include "simulation/truth.h"

namespace kept::simulation {

/// What to make up.
struct Plan {
  uint64_t victims = 0;  ///< people linked to a crime otherwise than as a witness only; exactly so many
  uint64_t seed = 0;
  calendar::LocalDate from, to;  ///< first crimes are reported on these days; nothing recorded after `to` is written
};
inline constexpr uint64_t most_victims = 20'000'000;

/// Where the events and the truth go, in the order of their recording.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual base::Status event(const Fact& fact) = 0;
  virtual base::Status truth(const Truth& truth) = 0;
};

/// Which feeds fall silent in this plan, and when.
Silences silences_of(const Plan& plan);

struct Simulated {
  Tally tally;
  Silences silences;
};

/// Plays London through from `plan.from` to `plan.to` and hands over what agencies recorded, in the order in which they
/// recorded it. The same plan and calendar give the same events on every machine. Memory: what is still to happen to
/// those whose matters are open. Errors: invalid (no victims, too many, days out of order), not_covered (the calendar
/// of working days does not reach), and the listener's.
base::Result<Simulated> simulate(const Plan& plan, const calendar::WorkingDays& working_days, Listener& listener,
                                 const std::function<void(uint64_t victims_done)>& progress = {});

}  // namespace kept::simulation
