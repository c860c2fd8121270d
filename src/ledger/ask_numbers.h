#pragma once
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// The first column of every row of an answer, which must hold numbers. Errors: io.
base::Result<std::vector<int64_t>> ask_numbers(Database& database, const Statement& statement,
                                               std::initializer_list<In> parameters);
/// The first column of an answer of one row. Errors: io; invalid where there is none.
base::Result<int64_t> ask_number(Database& database, const Statement& statement, std::initializer_list<In> parameters);

}  // namespace kept::ledger
