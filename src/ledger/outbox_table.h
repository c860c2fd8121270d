#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// What is still to be said to somebody, or once was. Views live until the call returns.
struct OutboxRow {
  int64_t subject = 0;            ///< as JudgedRow::subject
  std::string_view obligation;    ///< its name among the subject's
  int64_t state = 0;              ///< a number below 256 whose meaning this room does not know
  std::optional<int64_t> due_at;  ///< UTC milliseconds, as `since`
  bool live = false;              ///< it may speak one day; otherwise it is history
  int64_t since = 0;              ///< when it was first put here
  int64_t act = 0;     ///< what is to be done: a number below 256 whose meaning this room does not know; 0: not said
  int64_t agency = 0;  ///< key of the name of whom it is owed by; 0: not said, or nobody
};

/// Rows that have these in common.
struct OutboxCount {
  int64_t agency = 0, act = 0, state = 0;
  bool live = false;
  bool is_past = false;  ///< its due moment has passed
  uint64_t rows = 0;
};

/// The table `outbox`: one row for a subject and the name of an obligation. Errors of all: io.
class OutboxTable {
 public:
  explicit OutboxTable(Database& database) : database_(database) {}

  /// Adds rows. Of one that is there the state, due moment, act and agency change, and it stays as live and as old as
  /// it was.
  base::Status add(std::span<const OutboxRow> rows);
  /// Changes state, due moment, act and agency of those that are there; a row that is not there is left so.
  base::Status settle(std::span<const OutboxRow> rows);
  /// Puts these in the place of all that is there.
  base::Status replace_all(std::span<const OutboxRow> rows);
  /// Says of rows that are there what is to be done and by whom, and nothing else.
  base::Status describe(std::span<const OutboxRow> rows);
  /// Visits every row, in no order.
  base::Status each(const std::function<base::Status(const OutboxRow& row)>& visit);
  /// How many rows are alike. `now`: those that wait for an earlier moment are counted apart.
  base::Result<std::vector<OutboxCount>> counts(int64_t now);

 private:
  Database& database_;
};

}  // namespace kept::ledger
