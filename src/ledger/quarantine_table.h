#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// A row of a batch that was put aside. Views live until the call returns.
struct QuarantineRow {
  uint64_t position = 0;  ///< of the entry among the facts that holds it
  uint64_t batch = 0;     ///< BatchRow::key
  uint64_t row = 0;       ///< in the batch, from 1
  std::string_view reason;
  std::optional<uint64_t> settled;  ///< the position of the fact that settles it
};

/// The table `quarantine`. It follows from the facts and can be made again. Errors of all: io.
class QuarantineTable {
 public:
  using Visit = std::function<base::Status(const QuarantineRow& row)>;
  /// With the feed it came from, and the batch as the sender numbers it.
  using VisitNamed =
      std::function<base::Status(const QuarantineRow& row, std::string_view feed_name, uint64_t batch_number)>;

  explicit QuarantineTable(Database& database) : database_(database) {}

  base::Status add(std::span<const QuarantineRow> rows);
  /// One that is settled already stays as it is.
  base::Status settle(uint64_t position, uint64_t settled);

  /// Visits all rows, by position.
  base::Status each(const Visit& visit);
  /// Visits the row at a position, if there is one.
  base::Status find(uint64_t position, const VisitNamed& visit);
  /// Visits at most `most` rows of one feed (empty: of all), newest first.
  base::Status newest(std::string_view feed_name, bool open_only, uint64_t most, const VisitNamed& visit);
  /// Visits at most `most` rows of one batch (BatchRow::key), settled or not, in its order.
  base::Status of_batch(uint64_t batch, uint64_t most, const Visit& visit);
  /// How many rows of a batch were put aside for each reason, settled or not.
  base::Result<std::map<std::string, uint64_t>> reasons_of_batch(uint64_t batch);
  /// How many of a feed (FeedRow::key) are not settled, for each reason.
  base::Result<std::map<std::string, uint64_t>> open_reasons(int64_t feed);

 private:
  Database& database_;
};

}  // namespace kept::ledger
