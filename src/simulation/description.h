#pragma once
#include <string>
#include <vector>

#include "base/result.h"
#include "calendar/working_days.h"
#include "simulation/parameters.h"
#include "simulation/simulate.h"

namespace kept::simulation {

/// A seed figure with what the simulation made of it.
struct Comparison {
  std::string measure;    ///< in plain words
  const Figure* figure;   ///< whose line and words are cited
  std::string wanted;     ///< as the seed has it, in the measure's unit
  std::string simulated;  ///< with its counts
  std::string allowed;    ///< the range that passes
  bool within = false;
};

/// The runs behind docs/simulation.md: 20,000 victims each.
Plan main_plan();     ///< 2017-2019, level after the falls
Plan earlier_plan();  ///< 2014, before them

std::vector<Comparison> compare(const Tally& main, const Tally& earlier);

/// docs/simulation.md. Deterministic: the same program gives the same bytes. Errors: those of `simulate`.
base::Result<std::string> describe(const calendar::WorkingDays& working_days);

}  // namespace kept::simulation
