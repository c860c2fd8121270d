#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// What one cause changed in what somebody is owed. Views live until the call returns.
struct DifferenceRow {
  int64_t subject = 0;       ///< as JudgedRow::subject
  uint64_t entry = 0;        ///< the position of the cause in the audit
  std::string_view changes;  ///< bytes whose meaning this room does not know
};

/// The table `difference`: one row for a subject and a cause. Errors of all: io.
class DifferenceTable {
 public:
  explicit DifferenceTable(Database& database) : database_(database) {}

  /// Adds rows; a later one of the same subject and cause stands in the place of the earlier.
  base::Status write(std::span<const DifferenceRow> rows);
  /// Visits every row, in no order.
  base::Status each(const std::function<base::Status(const DifferenceRow& row)>& visit);

 private:
  Database& database_;
};

}  // namespace kept::ledger
