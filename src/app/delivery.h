#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/intake.h"
#include "base/result.h"

namespace kept::app {

/// Batches of many feeds, as they lie in a folder: one folder a feed, with a `manifest.csv` (number, file, rows,
/// sha256, from, to) beside its batches. What `kept simulate --feeds` writes, and what an agency may hand over on a
/// disk.
struct Delivery {
  struct Batch {
    std::string feed, path, digest;
    uint64_t number = 0, rows = 0;
    int64_t until = 0;  ///< the end of what it covers: when it was sent
  };
  std::vector<Batch> batches;  ///< in the order in which they were sent

  /// Errors: not_found (no folder, or none with a manifest); invalid, naming file and line.
  static base::Result<Delivery> read(const std::string& folder);
};

struct DeliveryTally {
  uint64_t batches = 0;
  std::vector<std::string> held;     ///< feed and number of those that wait for a person
  std::vector<std::string> refused;  ///< which batches were refused as a whole, and why
  RowCounts counts;
  LiveTally live;
};

/// Takes every batch as if it came when it was sent; time passes in between, midnight by midnight. `first_load`: none
/// of it speaks. Goes on where it stopped: batches that are complete are passed over. A batch that is refused as a
/// whole stops none of the others. Errors: io.
base::Result<DeliveryTally> take_delivery(Store& store, const Delivery& delivery, bool first_load,
                                          const std::function<void(uint64_t done, uint64_t total)>& progress);

}  // namespace kept::app
