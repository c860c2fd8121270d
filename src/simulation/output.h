#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "simulation/simulate.h"

namespace kept::simulation {

/// The three files of one run.
struct OutputPaths {
  std::string events;    ///< as given: `london.parquet`
  std::string truth;     ///< `london-truth.parquet`; empty: none is written
  std::string coverage;  ///< `london-coverage.csv`
};
/// Errors: unsupported, when the name does not end in `.parquet`, `.csv` or `.jsonl`.
base::Result<OutputPaths> output_paths(const std::string& events_path, bool with_truth);

/// A listener that writes events and truth as they come, in the project's own event form (what `kept assess` reads
/// without a mapping). Memory: a few thousand rows.
class Output : public Listener {
 public:
  static base::Result<std::unique_ptr<Output>> create(const OutputPaths& paths);
  /// Ends both files, and writes the coverage.
  virtual base::Status finish(const Silences& silences, calendar::LocalDate from, calendar::LocalDate to) = 0;
};

}  // namespace kept::simulation
