#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "app/stored_obligation.h"
#include "base/result.h"
#include "engine/rule_book.h"
#include "ledger/database.h"

namespace kept::app {

struct LiveTally;

/// What is still to be said to somebody, or asked of somebody: a row for each obligation that stood undone when it was
/// first seen. Delivery comes later; until then a row is work that nobody may lose sight of.
enum class OutboxState : uint8_t {
  waiting = 1,  ///< not done: open, overdue, or nobody can tell
  done = 2,     ///< it was done, in time or late
  ended = 3,    ///< it need not be done any more: declined, lapsed, withdrawn, excused for good, the person died
};
/// What an obligation is to the outbox.
OutboxState outbox_state(const StoredObligation& obligation);
/// `waiting`, `done`, `ended`.
const char* outbox_state_word(OutboxState state);
/// May this duty have a row? Windows are the victim's own, and a chain's legs stand for themselves.
bool has_outbox_row(const engine::Duty& duty);
/// The name of an obligation among one person's rows; the same for the same obligation, whoever judges it.
std::string outbox_name(const StoredObligation& obligation);
/// The duty of a row by its name, an index into the rules in use; engine::no_duty: the rules no longer have it.
uint16_t outbox_duty(std::string_view obligation, const engine::RuleBook& book);

/// Gathers what changes mean to the outbox, and writes it.
class OutboxChanges {
 public:
  /// `live`: rows that are new may speak one day; otherwise they are history and never do (C1).
  OutboxChanges(bool live, int64_t now) : live_(live), now_(now) {}
  /// `silent`: this person's new rows are because of history; `historic`: facts that are, by position.
  void take(int64_t subject, const std::vector<ObligationChange>& changes, const engine::RuleBook& book, bool silent,
            const std::unordered_set<uint64_t>& historic);
  base::Status write(ledger::Database& database, LiveTally* tally);

 private:
  struct Row {
    int64_t subject;
    std::string name;
    OutboxState state;
    int64_t due_at;
    bool has_due;
    bool live;
    model::Act act;
    int64_t agency;
  };
  bool live_;
  int64_t now_;
  std::vector<Row> added_, settled_;
};

/// The outbox held against the obligations it came from.
struct OutboxReport {
  uint64_t rows = 0, waiting = 0, live_waiting = 0, done = 0, ended = 0;
  uint64_t overdue_waiting = 0;  ///< waiting past their due moment
  uint64_t lacking = 0;          ///< obligations undone without a row
  uint64_t astray = 0;           ///< rows that say otherwise than the obligation, or have none
  uint64_t undescribed = 0;      ///< rows that do not say what is to be done or by whom, or say it wrongly
};
base::Result<OutboxReport> reconcile_outbox(ledger::Database& database, const engine::RuleBook& book, int64_t now);

/// Says of every row what is to be done and by whom, by the rules in use: for rows that an earlier build wrote, and for
/// rules that say it otherwise. Inside a transaction. Returns how many were changed.
base::Result<uint64_t> describe_outbox(ledger::Database& database, const engine::RuleBook& book);

}  // namespace kept::app
