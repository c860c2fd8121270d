#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/database.h"
#include "ledger/row_counts.h"

namespace kept::ledger {

/// A feed as its batches left it.
struct FeedRow {
  std::string name;
  int64_t key = 0;          ///< what batches call it by
  uint64_t contract = 0;    ///< the position of its newest contract among the facts
  uint64_t last_batch = 0;  ///< the highest number of a complete batch; 0: none
  int64_t last_at = 0;      ///< when the newest of them was received, UTC milliseconds; 0: none
  RowCounts counts;         ///< of all its batches
};

/// The table `feed`. It follows from the facts and can be made again. Errors of all: io.
class FeedTable {
 public:
  explicit FeedTable(Database& database) : database_(database) {}

  base::Result<std::optional<FeedRow>> find(std::string_view name);
  /// All, by name.
  base::Result<std::vector<FeedRow>> all();
  /// A feed that sent nothing yet.
  base::Status add(std::string_view name, uint64_t contract);
  base::Status set_contract(std::string_view name, uint64_t contract);
  base::Status add_counts(std::string_view name, const RowCounts& counts);
  /// A batch is complete: of number and time the later stay.
  base::Status note_batch(std::string_view name, uint64_t number, int64_t received_at);

 private:
  Database& database_;
};

}  // namespace kept::ledger
