#pragma once
#include <string>

#include "base/result.h"
#include "model/event_table.h"

namespace kept::exchange {

/// Writes events in the project's own form, as `read_events` reads it without a mapping: `.csv`, `.jsonl` or `.parquet`
/// by the path's ending. Columns nobody uses are left out. Free text was never in the table and is not written. Errors:
/// io, naming the path; unsupported for another ending.
base::Status write_events(const model::EventTable& table, const std::string& path);

}  // namespace kept::exchange
