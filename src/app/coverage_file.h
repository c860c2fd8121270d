#pragma once
#include <string>

#include "base/result.h"
#include "engine/coverage.h"
#include "model/event_table.h"

namespace kept::app {

/// Reads which feeds were complete, and when: CSV with the heading `provider,type,from,to`.
/// `provider` is an agency as events name it, `type` a type of event or `*` for all, `from` and `to` London dates of
/// occurrence, both included; an empty `from` or `to` leaves that side open. What no line names is not covered.
/// Agencies that the events never name are added to `table`.
/// Errors: io or not_found (the file), invalid, naming file, line, value and the mend.
base::Result<engine::Coverage> read_coverage_file(const std::string& path, model::EventTable* table);

/// The same from text; `path` is only named in messages.
base::Result<engine::Coverage> read_coverage(const std::string& text, const std::string& path,
                                             model::EventTable* table);

}  // namespace kept::app
