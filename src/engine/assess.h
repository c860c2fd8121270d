#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/coverage.h"
#include "engine/prepared_rules.h"
#include "engine/trace.h"
#include "model/event_table.h"
#include "model/obligation.h"

namespace kept::engine {

/// The two clocks to ask with (design 4), and what feeds were complete.
struct AssessOptions {
  int64_t as_at = 0;  ///< where the clock stands, milliseconds UTC; must lie on or before the calendar's end
  std::optional<int64_t> recorded_by;  ///< only what had been recorded by then; absent: everything
  const Coverage* coverage = nullptr;  ///< null: complete
  int threads = 1;
};

/// Where obligations go, a participant at a time, in the order of participant symbols (cases owed as such come after
/// all participants).
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void take(const model::Obligation* first, std::size_t count) = 0;
  /// Called once per participant before its obligations, with the index into RuleBook::applicability (or -1: no such
  /// rules), for people linked as victims or named in any event. Obligations follow only for those under the Code.
  virtual void participant(uint32_t /*symbol*/, int32_t /*applicability_class*/) {}
  /// A sink of the same kind for another thread, and taking back what it gathered. Joined in participant order.
  virtual std::unique_ptr<Sink> fork() = 0;
  virtual void join(Sink& part) = 0;
};

/// What the run saw beside the obligations. Every number is reported; none is an error.
struct Tally {
  uint64_t events = 0;       ///< rows in the table
  uint64_t after_as_at = 0;  ///< not yet happened at as_at
  uint64_t after_recorded_by = 0;
  uint64_t corrections = 0, retractions = 0;
  uint64_t waiting = 0;       ///< corrections or retractions whose target has not arrived: without effect
  uint64_t cycles = 0;        ///< corrections that point at each other: refused
  uint64_t repeated_ids = 0;  ///< (source, id) seen again: the first recorded stands
  uint64_t without_link =
      0;  ///< events about a suspect or hearing with no crime recorded for them: a task, not a guess (C2)
  uint64_t read_by_duty = 0;  ///< events some duty or the engine reads
  uint64_t participants = 0;
  std::vector<uint64_t> by_class;  ///< participants by RuleBook::applicability
  uint64_t obligations = 0;
};

/// Judges every obligation in the table. Pure: the same inputs give the same obligations whatever the order of rows.
/// Errors: not_covered when as_at lies past the calendar's end.
base::Result<Tally> assess(const RuleBook& book, const model::EventTable& table, const AssessOptions& options,
                           Sink& sink);

/// Judges only these participants and the cases of these hearings, both as symbols of the table and in ascending order:
/// what a ledger does when an event arrives. The table must hold every event that bears on them; what else it holds
/// changes nothing for them. Obligations of a case have participant 0. Errors: as assess.
base::Result<Tally> assess_some(const PreparedRules& rules, const model::EventTable& table,
                                const AssessOptions& options, std::span<const uint32_t> participants,
                                std::span<const uint32_t> hearings, Sink& sink);

/// Judges one participant again, recording each step. `obligation` selects by the same fields as found in the earlier
/// run (participant, duty, trigger_row, interval). Errors: not_found.
base::Result<Explanation> explain(const RuleBook& book, const model::EventTable& table, const AssessOptions& options,
                                  const model::Obligation& obligation);

/// The last `recorded_at` of the table: the default as_at for files. 0 for an empty table.
int64_t last_recorded_at(const model::EventTable& table);

}  // namespace kept::engine
