#include "app/outbox.h"

#include <fmt/format.h>

#include <charconv>
#include <deque>
#include <optional>
#include <unordered_map>

#include "app/live_obligations.h"
#include "calendar/london_time.h"
#include "ledger/judged_table.h"
#include "ledger/outbox_table.h"

namespace kept::app {
namespace {

bool due_moment(const model::Due& due, int64_t* at) {
  if (due.kind == model::Due::Kind::none) return false;
  *at = due.kind == model::Due::Kind::date ? calendar::end_of(calendar::LocalDate{static_cast<int32_t>(due.value)})
                                           : due.value;
  return true;
}

std::string row_key(int64_t subject, std::string_view obligation) { return fmt::format("{}/{}", subject, obligation); }

/// Every obligation that a row of the outbox may stand for, and whose it is.
base::Status each_owed(ledger::Database& database, const engine::RuleBook& book,
                       const std::function<void(int64_t subject, const StoredObligation& obligation)>& visit) {
  return ledger::JudgedTable(database).each([&](const ledger::JudgedRow& row) -> base::Status {
    const auto obligations = decode_obligations(row.obligations);
    if (!obligations) return obligations.error();
    for (const StoredObligation& o : *obligations)
      if (has_outbox_row(book.duties[o.duty])) visit(row.subject, o);
    return base::Done{};
  });
}

}  // namespace

OutboxState outbox_state(const StoredObligation& obligation) {
  using model::Outcome;
  switch (obligation.outcome) {
    case Outcome::open:
    case Outcome::overdue:
    case Outcome::cannot_tell:
    case Outcome::excused:
      return obligation.fulfilled != StoredObligation::no_position ? OutboxState::done : OutboxState::waiting;
    case Outcome::kept:
    case Outcome::late:
      return OutboxState::done;
    case Outcome::not_owed:
    case Outcome::withdrawn_after_due:
    case Outcome::lapsed:
    case Outcome::declined:
    case Outcome::missed:
      break;
  }
  return OutboxState::ended;
}

const char* outbox_state_word(OutboxState state) {
  switch (state) {
    case OutboxState::waiting:
      return "waiting";
    case OutboxState::done:
      return "done";
    case OutboxState::ended:
      break;
  }
  return "ended";
}

bool has_outbox_row(const engine::Duty& duty) { return duty.kind == engine::DutyKind::duty; }

std::string outbox_name(const StoredObligation& o) {
  return fmt::format("{}.{}.{}.{}.{}", o.duty, o.trigger + 1, o.interval, o.crime, o.hearing);
}

void OutboxChanges::take(int64_t subject, const std::vector<ObligationChange>& changes, const engine::RuleBook& book,
                         bool silent, const std::unordered_set<uint64_t>& historic) {
  for (const ObligationChange& change : changes) {
    const StoredObligation& o = change.is ? change.after : change.before;
    if (!has_outbox_row(book.duties[o.duty])) continue;
    Row row{subject,
            outbox_name(o),
            change.is ? outbox_state(o) : OutboxState::ended,
            0,
            false,
            live_ && !silent && historic.count(o.trigger) == 0,
            book.duties[o.duty].act,
            o.agency};
    row.has_due = due_moment(o.due_on, &row.due_at);
    if (row.state == OutboxState::waiting) {
      added_.push_back(std::move(row));
    } else if (change.was) {
      settled_.push_back(std::move(row));
    }
  }
}

base::Status OutboxChanges::write(ledger::Database& database, LiveTally* tally) {
  const auto table_row = [&](const Row& row) {
    return ledger::OutboxRow{
        row.subject, row.name, static_cast<int64_t>(row.state), row.has_due ? std::optional(row.due_at) : std::nullopt,
        row.live,    now_,     static_cast<int64_t>(row.act),   row.agency};
  };
  ledger::OutboxTable table(database);
  std::vector<ledger::OutboxRow> rows;
  for (const Row& row : added_) rows.push_back(table_row(row));
  base::Status done = table.add(rows);
  rows.clear();
  for (const Row& row : settled_) rows.push_back(table_row(row));
  if (done) done = table.settle(rows);
  tally->outbox_added += added_.size();
  tally->outbox_settled += settled_.size();
  return done;
}

base::Result<OutboxReport> reconcile_outbox(ledger::Database& database, const engine::RuleBook& book, int64_t now) {
  OutboxReport report;
  struct Expected {
    OutboxState state;
    model::Act act;
    int64_t agency;
    bool seen = false;
  };
  std::unordered_map<std::string, Expected> expected;
  base::Status done = each_owed(database, book, [&](int64_t subject, const StoredObligation& o) {
    expected.emplace(row_key(subject, outbox_name(o)), Expected{outbox_state(o), book.duties[o.duty].act, o.agency});
  });
  if (!done) return done.error();
  done = ledger::OutboxTable(database).each([&](const ledger::OutboxRow& row) -> base::Status {
    ++report.rows;
    const auto state = static_cast<OutboxState>(row.state);
    report.done += state == OutboxState::done;
    report.ended += state == OutboxState::ended;
    if (state == OutboxState::waiting) {
      ++report.waiting;
      report.live_waiting += row.live;
      report.overdue_waiting += row.due_at && *row.due_at < now;
    }
    const auto found = expected.find(row_key(row.subject, row.obligation));
    // A row of an obligation that is no more has ended, and stays.
    if (found == expected.end() ? state != OutboxState::ended : found->second.state != state) ++report.astray;
    if (found != expected.end()) {
      found->second.seen = true;
      report.undescribed += row.act != static_cast<int64_t>(found->second.act) || row.agency != found->second.agency;
    }
    return base::Done{};
  });
  if (!done) return done.error();
  for (const auto& [key, each] : expected) report.lacking += each.state == OutboxState::waiting && !each.seen;
  return report;
}

base::Result<uint64_t> describe_outbox(ledger::Database& database, const engine::RuleBook& book) {
  struct Description {
    int64_t act, agency;
  };
  std::unordered_map<std::string, Description> said;
  base::Status done = each_owed(database, book, [&](int64_t subject, const StoredObligation& o) {
    said.emplace(row_key(subject, outbox_name(o)),
                 Description{static_cast<int64_t>(book.duties[o.duty].act), o.agency});
  });
  if (!done) return done.error();
  std::vector<ledger::OutboxRow> changed;
  std::deque<std::string> names;  // what the rows look at
  ledger::OutboxTable table(database);
  done = table.each([&](const ledger::OutboxRow& row) -> base::Status {
    const auto found = said.find(row_key(row.subject, row.obligation));
    Description is{row.act, row.agency};
    if (found != said.end()) {
      is = found->second;
    } else if (const auto duty = outbox_duty(row.obligation, book); duty != engine::no_duty) {
      is.act = static_cast<int64_t>(book.duties[duty].act);  // of an obligation that is no more
    }
    if (is.act == row.act && is.agency == row.agency) return base::Done{};
    changed.push_back(row);
    changed.back().obligation = names.emplace_back(row.obligation);
    changed.back().act = is.act;
    changed.back().agency = is.agency;
    return base::Done{};
  });
  if (done) done = table.describe(changed);
  if (!done) return done.error();
  return changed.size();
}

uint16_t outbox_duty(std::string_view obligation, const engine::RuleBook& book) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(obligation.data(), obligation.data() + obligation.size(), number);
  const bool is_number = error == std::errc() && end != obligation.data() + obligation.size() && *end == '.';
  // Rows of duties that the rules no longer have are named by the duty's id, which begins with a letter.
  return is_number && number < book.duties.size() ? static_cast<uint16_t>(number) : engine::no_duty;
}

}  // namespace kept::app
