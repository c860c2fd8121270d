#pragma once
#include <memory>
#include <string>

#include "ledger/database.h"

namespace kept::ledger {

struct SqliteOptions {
  std::string path;
  const char* vfs = nullptr;  ///< null: the disk
  bool read_only = false;
  int64_t cache_bytes = int64_t{256} << 20;
};

/// A ledger's database in one file: WAL, synchronous=FULL, foreign keys on, no extension loading, no writable schema.
/// Statements of others than the ledger cannot come this way: an authorizer refuses to change or delete facts once the
/// schema stands. That is a guard against accident only: who can write the file can write anything into it.
/// Errors: io; not_found (read_only and no such file).
base::Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options);

}  // namespace kept::ledger
