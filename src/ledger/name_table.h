#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// Keys of names, in ascending order. Errors of both: io.
/// Everybody and everything that something may be owed to: people and hearings.
base::Result<std::vector<int64_t>> named_subjects(Database& database);
base::Result<std::vector<int64_t>> named_crimes(Database& database);

}  // namespace kept::ledger
