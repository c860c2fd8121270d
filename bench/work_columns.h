#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "model/event_table.h"

namespace kept::bench {

/// The fixed work's Parquet as it is typed: whole columns into the table, no mapping and no reject, as the peers read
/// it. Errors: those of columns::ParquetReader; invalid for a type outside 1 to work_types.
base::Result<model::EventTable> read_work_parquet(const std::string& path,
                                                  const std::shared_ptr<const model::Vocabulary>& vocabulary);

}  // namespace kept::bench
