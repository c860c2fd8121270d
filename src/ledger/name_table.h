#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// The keys of everybody and everything that something may be owed to: people and hearings, in ascending order.
/// Errors: io.
base::Result<std::vector<int64_t>> named_subjects(Database& database);

}  // namespace kept::ledger
