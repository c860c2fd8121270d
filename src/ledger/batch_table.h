#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/database.h"
#include "ledger/row_counts.h"

namespace kept::ledger {

enum class BatchState : uint8_t { receiving = 1, complete = 2, held = 3 };

/// A batch of a feed, as far as it was taken.
struct BatchRow {
  uint64_t key = 0;     ///< what facts call it by
  int64_t feed = 0;     ///< FeedRow::key
  uint64_t number = 0;  ///< as the sender numbers them, from 1
  std::string digest;   ///< SHA-256 of its bytes, in hexadecimal
  BatchState state = BatchState::receiving;
  int64_t received_at = 0;  ///< UTC milliseconds
  uint64_t next_row = 1;    ///< rows before it were taken
  RowCounts counts;
  std::optional<uint64_t> entry;  ///< the position of its receipt among the facts, once it is complete
};

/// The table `batch`. Errors of all: io.
class BatchTable {
 public:
  explicit BatchTable(Database& database) : database_(database) {}

  base::Result<std::optional<BatchRow>> find(int64_t feed, uint64_t number);
  /// The number of a batch of these bytes that was begun and not ended.
  base::Result<std::optional<uint64_t>> unfinished(int64_t feed, std::string_view digest);
  /// Whether a complete batch of any feed had these bytes.
  base::Result<bool> is_taken(std::string_view digest);
  /// The position of a batch's receipt among the facts; none: it is not complete, or there is no such batch.
  base::Result<std::optional<uint64_t>> entry_of(uint64_t key);
  base::Result<uint64_t> next_key();
  base::Result<uint64_t> count();
  /// Rows of a feed received from one moment to another, both included, but for those of batch `except`.
  base::Result<uint64_t> rows_between(int64_t feed, int64_t from, int64_t to, uint64_t except);

  /// Visits the batches of a feed, by number.
  base::Status each_of(std::string_view feed_name, const std::function<base::Status(const BatchRow& row)>& visit);
  /// Visits all batches of feeds that are there, by key.
  using Visit = std::function<base::Status(std::string_view feed_name, const BatchRow& row)>;
  base::Status each(const Visit& visit);

  /// A batch of which nothing was taken yet: key, feed, number, digest and received_at of `row`.
  base::Status add(const BatchRow& row);
  /// More of it was taken: what `counts` adds, and where it stands now.
  base::Status advance(uint64_t key, uint64_t next_row, const RowCounts& counts, BatchState state);
  base::Status set_entry(uint64_t key, uint64_t entry);

 private:
  Database& database_;
};

}  // namespace kept::ledger
