#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/working_days.h"
#include "exchange/court_routes.h"
#include "exchange/feed_contract.h"
#include "model/vocabulary.h"
#include "simulation/simulate.h"

namespace kept::simulation {

/// What one feed sent.
struct FeedSent {
  std::string name;
  uint64_t batches = 0, rows = 0, events = 0;
};

/// Where feeds go, and what they need.
struct FeedsRequest {
  std::string folder;  ///< made; must be empty
  const exchange::FeedContracts* contracts = nullptr;
  const exchange::CourtRoutes* courts = nullptr;  ///< which courts there are, and when they publish their lists
  std::shared_ptr<const model::Vocabulary> vocabulary;
  calendar::WorkingDays working_days;
  Plan plan;
  std::function<std::string(std::string_view)> digest;  ///< SHA-256 in hexadecimal digits
};

/// A listener that writes what agencies would send: `FOLDER/FEED/000123.csv` (or .jsonl), numbered, one file for each
/// rhythm of the feed's contract, in the form that the contract's mapping reads; and `FOLDER/FEED/manifest.csv` with
/// `number,file,rows,sha256,from,to` for each. A feed sends a batch without rows when it has nothing to say, and none
/// at all while it is silent. Memory: one batch of each feed.
class FeedFiles : public Listener {
 public:
  /// Errors: io; invalid where the folder holds something, or a contract's mapping cannot be turned round.
  static base::Result<std::unique_ptr<FeedFiles>> create(FeedsRequest request);
  /// Ends every feed's last batch.
  virtual base::Result<std::vector<FeedSent>> finish() = 0;
};

}  // namespace kept::simulation
