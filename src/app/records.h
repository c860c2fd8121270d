#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/assess.h"
#include "exchange/read_events.h"

namespace kept::app {

/// What somebody asks to be judged, in the words of the command line. Shared by `assess` and `explain`: the same
/// request gives the same obligations under the same names.
struct RecordsRequest {
  std::vector<std::string> files;
  std::string rules;                       ///< a folder of rules; empty: the Code's own
  std::string calendar;                    ///< a file of bank holidays; empty: the folder's own, else England and Wales
  std::string mapping;                     ///< empty: the project's own form of events
  std::string coverage;                    ///< CSV provider,type,from,to; empty: inferred from the events
  std::optional<std::string> as_at;        ///< a date (its end) or an instant; none: the last recorded_at
  std::optional<std::string> recorded_by;  ///< the same; none: everything
  bool strict = false;                     ///< the first rejected row stops everything, with an error that names it
  int threads = 1;
  std::function<void(uint64_t done, uint64_t total)> progress;  ///< bytes read
};

/// How it is known on which days feeds were complete.
enum class CoverageOrigin : uint8_t { given, inferred, finished_log };

/// Rules and events, read and ready to be judged.
struct Records {
  engine::RuleBook book;
  exchange::ReadResult read;
  std::unique_ptr<engine::Coverage> coverage;
  CoverageOrigin coverage_origin = CoverageOrigin::inferred;
  engine::AssessOptions options;  ///< its coverage points to the one above
  bool as_at_given = false;
};

/// Reads rules, mapping, events and coverage. `rejects`: where rejected rows go; null: they are counted.
/// `stopped_by_reject`, where given, becomes true when `strict` stopped at a rejected row. Errors: those of the
/// readers, and invalid for a time or a coverage line that cannot be read.
base::Result<Records> read_records(const RecordsRequest& request, exchange::Rejects* rejects,
                                   bool* stopped_by_reject = nullptr);

/// `2024-12-31` is the end of that London day; an instant is itself. Errors: invalid, naming the option and the forms
/// it takes.
base::Result<int64_t> clock_time(const std::string& text, const std::string& option);

}  // namespace kept::app
