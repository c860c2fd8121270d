#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "model/event_table.h"

namespace kept::bench {

/// Writes the fixed work's events as a column file grouped by participant and in order of time: what is left to do is
/// judging. Names of participants must be numbers, as the work's are. Errors: io.
base::Status write_work_grouped(const model::EventTable& table, const std::string& path);

/// Reads it back: columns mapped and taken whole. The vocabulary must be the one it was written with. Errors: those of
/// columns::ColumnFile; invalid where a column does not fit the others.
base::Result<model::EventTable> read_work_grouped(const std::string& path,
                                                  const std::shared_ptr<const model::Vocabulary>& vocabulary);

}  // namespace kept::bench
