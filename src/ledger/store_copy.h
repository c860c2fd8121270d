#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/database.h"
#include "ledger/ledger.h"

namespace kept::ledger {

using CopyProgress = std::function<void(uint64_t rows)>;

/// The rows of each table of a store, by its name.
struct TableRows {
  std::string table;
  uint64_t rows = 0;
  bool operator==(const TableRows&) const = default;
};
/// Counts the rows of every table, by name of the table. Precondition: one of the two databases is SQLite; `like` is
/// the one whose tables are meant.
base::Result<std::vector<TableRows>> count_rows(Database& database, Database& like);

/// Copies all rows of every table, in the order of their keys. What a table of `to` held before is refused but for the
/// list of steps of its shape, which is replaced. Precondition: both have the same shape, one of them is SQLite; `from`
/// is in a transaction that reads one moment; `to` is in none. `rows_a_commit` 0: all in one transaction.
/// Errors: io.
base::Status copy_store(Database& from, Database& to, uint64_t rows_a_commit, const CopyProgress& progress);

/// Whether a database holds nothing of any ledger: no tables, or none of whose rows cannot be made again.
/// Errors: those of plan_migrations.
base::Result<bool> is_empty(Database& database);

/// Makes of a database in SQLite a file that is read where nothing beside it can be written: no log belongs to it.
/// Precondition: nobody else has it open. Errors: io.
base::Status make_single_file(Database& database);

/// What was read of a store's two trees, leaf by leaf.
struct TreesRead {
  struct OfTree {
    uint64_t size = 0;
    Hash root = empty_root();
    int64_t last_received_at = 0;  ///< of the last entry; 0: none
  };
  std::array<OfTree, 2> trees;  ///< facts, audit
  std::vector<std::string> wrong;
};
using EntryVisit = std::function<base::Status(TreeName tree, uint64_t position, const Entry& entry)>;

/// Reads every fact and audit entry, holds each against its leaf, makes the trees again and holds them against the
/// nodes that are stored and, where they are as long, the heads. Errors: io; whatever `visit` (null: none) says.
base::Result<TreesRead> read_trees(Database& database, const HeadsRead& heads, const EntryVisit& visit,
                                   const CopyProgress& progress);

}  // namespace kept::ledger
