#pragma once
#include <functional>
#include <memory>

#include "base/result.h"
#include "exchange/row_block.h"
#include "exchange/row_checker.h"

namespace kept::exchange {

/// Gives a file's blocks in their order, then null.
using NextBlock = std::function<base::Result<std::unique_ptr<RowBlock>>()>;

/// Reads all blocks through `checker`. With two threads or more, `next` runs on a thread of its own, a few blocks ahead
/// of the table, and all share the checks of the columns; what comes out is the same for any number. `after` is told of
/// each block that is in the table, on the caller's thread. Errors: those of `next` and of the checker, in the order of
/// the rows.
base::Status take_blocks(RowChecker& checker, int threads, const NextBlock& next,
                         const std::function<void(const RowBlock&)>& after);

}  // namespace kept::exchange
