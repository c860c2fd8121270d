#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"
#include "exchange/byte_source.h"
#include "exchange/mapping.h"
#include "exchange/row_checker.h"

namespace kept::exchange {

/// Told the bytes taken from the disk so far.
using Progress = std::function<void(uint64_t bytes)>;

// One reader a form. Each reads a whole file into `reading`; `file` stands for it in messages. `mapping` null: the
// project's own form (for XES: the names that every event log uses). Errors: a file that cannot be read on, or
// `strict`'s first reject.
base::Status read_csv(Reading& reading, const Mapping* mapping, const std::string& file, ByteSource& source,
                      const Progress& progress);
base::Status read_jsonl(Reading& reading, const Mapping* mapping, const std::string& file, ByteSource& source,
                        const Progress& progress);
base::Status read_court_events(Reading& reading, const Mapping* mapping, const std::string& file, ByteSource& source,
                               const Progress& progress);
base::Status read_court_list(Reading& reading, const Mapping* mapping, const std::string& file, ByteSource& source,
                             const Progress& progress);
base::Status read_xes(Reading& reading, const Mapping* mapping, const std::string& file, ByteSource& source,
                      const Progress& progress);
base::Status read_parquet(Reading& reading, const Mapping* mapping, const std::string& file, const Progress& progress);

/// The mapping for an XES log that has none: trace `concept:name` is the case, event `concept:name` the type by name,
/// `time:timestamp` when.
Mapping xes_mapping();

/// After the last file: the links that `link: each case` adds.
base::Status add_case_links(Reading& reading, const Mapping& mapping);

}  // namespace kept::exchange
