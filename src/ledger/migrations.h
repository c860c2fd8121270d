#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// One step of a store's shape. Numbered from 1, never changed once released: its checksum is kept with the store.
struct Migration {
  int number;
  const char* name;
  const char* script;
};
std::span<const Migration> migrations();

/// What stands between a store and this build.
struct MigrationPlan {
  int stands_at = 0;                       ///< 0: an empty database
  std::vector<const Migration*> to_apply;  ///< in order
};

/// Errors: unsupported (the store is newer than this build, in words); conflict (a migration that was applied reads
/// otherwise in this build); io.
base::Result<MigrationPlan> plan_migrations(Database& database);
/// Applies each in a transaction of its own and records it. Killed between two, the next plan goes on where it stopped.
base::Status apply_migrations(Database& database, const MigrationPlan& plan, int64_t now);

}  // namespace kept::ledger
