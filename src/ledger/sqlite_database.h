#pragma once
#include <memory>
#include <string>

#include "ledger/database.h"

namespace kept::ledger {

struct SqliteOptions {
  std::string path;
  const char* vfs = nullptr;  ///< null: the disk
  bool read_only = false;
  int64_t cache_bytes = int64_t{1} << 30;  ///< of pages, at most: taken as they are read
};

/// A ledger's database in one file: WAL, synchronous=FULL, foreign keys on, no extension loading, no writable schema.
/// Statements of others than the ledger cannot come this way: an authorizer refuses to change or delete facts once the
/// schema stands. That is a guard against accident only: who can write the file can write anything into it. The file
/// and its log are their owner's alone (0600). What an unclean stop left in the log is brought into the file first.
/// Errors: io; not_found (read_only and no such file); conflict (somebody reads what an unclean stop left).
base::Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options);

}  // namespace kept::ledger
