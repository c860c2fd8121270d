#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "simulation/feed_files.h"
#include "simulation/output.h"
#include "simulation/simulate.h"

namespace kept::app {

/// Records to make up, and where to put them.
struct SimulationRequest {
  simulation::Plan plan;
  std::string out;                                              ///< `.parquet`, `.csv` or `.jsonl`; empty: none
  std::string feeds;                                            ///< a new folder for batches by feed; empty: none
  bool with_truth = true;                                       ///< what really happened, beside it
  std::string calendar;                                         ///< a file of bank holidays; empty: England and Wales
  std::function<void(uint64_t done, uint64_t total)> progress;  ///< victims
};

struct SimulationAnswer {
  simulation::OutputPaths paths;
  simulation::Simulated simulated;
  std::vector<simulation::FeedSent> feeds;  ///< by contract, those that a simulated system sends
};

/// The folder of the feed contracts that come with the program: feeds/ in KEPT_HOME, or where it was built.
std::string built_in_feeds();

/// Makes up London's records and writes them, the truth beside them and the days on which each feed was up.
/// Errors: those of `simulation::simulate`, the calendar's and the disk's.
base::Result<SimulationAnswer> simulate_london(const SimulationRequest& request);

/// The page that sets the simulation's figures beside those of the seed documents (docs/simulation.md): runs 20,000
/// victims of 2017-2019 and 20,000 of 2014. Errors: as above.
base::Result<std::string> describe_simulation(const std::string& calendar);

}  // namespace kept::app
