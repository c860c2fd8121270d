#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/store_folder.h"
#include "base/result.h"
#include "ledger/entry.h"
#include "ledger/row_counts.h"

namespace kept::app {

using ledger::RowCounts;

/// How many batches that never came are named at most, of a feed or before a batch.
constexpr std::size_t missing_named = 1000;

/// A batch that waits for a person, because the day has more rows than the contract expects.
struct HeldBatch {
  uint64_t number = 0;
  uint64_t rows = 0;  ///< of it that were taken
};

/// One feed as it stands.
struct FeedState {
  std::string name, owner, contact, agency;
  uint64_t last_batch = 0;                       ///< the highest number of those taken whole
  int64_t last_at = 0;                           ///< when a batch last came, taken or held; 0: never
  std::optional<int64_t> silent_since;           ///< it should have sent by then
  std::vector<uint64_t> missing;                 ///< batch numbers that never came, at most `missing_named`
  uint64_t open_quarantine = 0;                  ///< rows put aside and not settled
  std::map<std::string, uint64_t> open_reasons;  ///< how many of them for each reason
  std::vector<HeldBatch> held;
  uint64_t held_above_rows = 0;            ///< of a day, by its contract; 0: never held
  uint64_t unknown_crimes = 0;             ///< that its facts speak of and nobody recorded yet
  std::vector<std::string> first_unknown;  ///< at most 6 of them
  /// Of the last batch with rows that say when they were recorded: how much younger than our receipt the youngest was.
  std::optional<int64_t> freshest_ms;
  /// Its rows used to come fresh, and now the freshest is that old: a clock that is behind, or times in another zone.
  std::optional<int64_t> behind_ms;
  RowCounts counts;

  /// Rows put aside because their times are ahead of ours.
  uint64_t ahead() const;
};
base::Result<std::vector<FeedState>> feed_states(Store& store, int64_t now);

/// The field of a batch's fact that says when the newest of its rows was recorded, by the sender's clock.
inline constexpr const char* newest_recorded_field = "newest_recorded_ms";
std::optional<int64_t> newest_recorded_of(const ledger::Entry& batch);

/// How old the freshest row of a batch was when it came (milliseconds), newest batch first: by how much the last ones
/// lie behind, where the feed used to be fresh. At least half of the `usual` batches before the last `recent` ones had
/// a row younger than half an hour, and none of those has one younger than 55 minutes; nothing otherwise.
std::optional<int64_t> fallen_behind(const std::vector<int64_t>& freshest_ms);

}  // namespace kept::app
