#include "app/rebuild.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <iterator>
#include <set>
#include <span>
#include <sstream>
#include <unordered_map>

#include "app/intake.h"
#include "app/outbox.h"
#include "app/waiting_crimes.h"
#include "ledger/difference_table.h"
#include "ledger/judged_table.h"
#include "ledger/outbox_table.h"
#include "ledger/setting_table.h"
#include "ledger/transaction.h"

namespace kept::app {
namespace {

using base::Error;
using base::ErrorCode;

struct Row {
  int64_t next_at = 0;
  bool gap = false;
  std::string obligations;
  bool operator==(const Row&) const = default;
};
using Rows = std::unordered_map<int64_t, Row>;

base::Result<Rows> rows_of(ledger::Database& database, std::span<const int64_t> subjects) {
  Rows rows;
  const base::Status done = ledger::JudgedTable(database).read(
      subjects, [&](std::size_t which, const ledger::JudgedRow& row) -> base::Status {
        rows.emplace(subjects[which], Row{row.next_at, row.gap, std::string(row.obligations)});
        return base::Done{};
      });
  if (!done) return done.error();
  return rows;
}

base::Result<uint64_t> add_cause(ledger::Ledger& ledger, int64_t now, std::map<std::string, std::string> fields) {
  ledger::Entry why;
  why.kind = ledger::EntryKind::commit;
  why.received_at = now;
  why.fields = std::move(fields);
  why.fields.emplace("facts", std::to_string(ledger.size()));
  return ledger.add(ledger::TreeName::audit, why);
}

/// The duties of the rules in force, and where they went in the rules in use.
struct Renumbering {
  static constexpr std::size_t gone = SIZE_MAX;
  std::vector<std::string> ids;
  std::vector<std::size_t> now;  ///< index into the duties of the rules in use, or `gone`
  bool is_same = true;
};

base::Result<Renumbering> renumbering(Store& store, std::string* version) {
  ledger::Ledger& ledger = store.ledger();
  ledger::SettingTable settings(ledger.database());
  const auto noted = settings.read("rules");
  if (!noted) return noted.error();
  const std::string in_force = noted->value_or("");
  if (in_force == store.rules().book.version)
    return Error{ErrorCode::conflict,
                 fmt::format("obligations follow the rules and calendar in use already: {}", in_force)};
  *version = in_force;
  const auto at = settings.read("rules_fact");
  if (!at) return at.error();
  if (!*at)
    return Error{ErrorCode::conflict,
                 "this store does not say which duties its rules have: open it once with the build that wrote it"};
  Renumbering out;
  base::Status done = ledger.entries(ledger::TreeName::facts, std::strtoull((*at)->c_str(), nullptr, 10), 1,
                                     [&](uint64_t, const ledger::Entry& entry) -> base::Status {
                                       const auto found = entry.fields.find("duties");
                                       if (found == entry.fields.end()) return base::Done{};
                                       std::istringstream words(found->second);
                                       for (std::string id; words >> id;) out.ids.push_back(id);
                                       return base::Done{};
                                     });
  if (!done) return done.error();
  const auto& duties = store.rules().book.duties;
  out.is_same = out.ids.size() == duties.size();
  for (std::size_t i = 0; i < out.ids.size(); ++i) {
    const auto found =
        std::find_if(duties.begin(), duties.end(), [&](const engine::Duty& duty) { return duty.id == out.ids[i]; });
    out.now.push_back(found == duties.end() ? Renumbering::gone : static_cast<std::size_t>(found - duties.begin()));
    out.is_same = out.is_same && out.now.back() == i;
  }
  return out;
}

/// A person's obligations in the numbers of the rules in use; those of duties that are no more apart.
base::Status renumber(const Renumbering& numbers, std::string_view encoded, std::vector<StoredObligation>* kept,
                      std::vector<StoredObligation>* gone) {
  auto decoded = decode_obligations(encoded);
  if (!decoded) return decoded.error();
  for (StoredObligation& each : *decoded) {
    if (each.duty >= numbers.now.size())
      return Error{ErrorCode::conflict,
                   "a stored obligation is of no duty of the rules in force; run `kept ledger verify`"};
    if (numbers.now[each.duty] == Renumbering::gone) {
      gone->push_back(each);
    } else {
      each.duty = static_cast<uint16_t>(numbers.now[each.duty]);
      kept->push_back(each);
    }
  }
  std::sort(kept->begin(), kept->end());
  return base::Done{};
}

void count(const std::vector<engine::Duty>& duties, const Renumbering& numbers,
           const std::vector<StoredObligation>& before, const std::vector<StoredObligation>& gone,
           const std::vector<StoredObligation>& after, RulesReport* report) {
  report->subjects += 1;
  report->obligations_before += before.size() + gone.size();
  report->obligations_after += after.size();
  const std::vector<ObligationChange> changes = changes_between(before, after);
  report->changed += changes.size() + gone.size();
  report->subjects_changed += !changes.empty() || !gone.empty();
  for (const StoredObligation& each : gone)
    ++report->kinds[{numbers.ids[each.duty], model::outcome_name(each.outcome), "none"}];
  for (const ObligationChange& change : changes)
    ++report->kinds[{duties[change.is ? change.after.duty : change.before.duty].id,
                     change.was ? model::outcome_name(change.before.outcome) : "none",
                     change.is ? model::outcome_name(change.after.outcome) : "none"}];
}

// Rows of the outbox are named after their duty's number.
base::Status renumber_outbox(ledger::Database& database, const Renumbering& numbers) {
  std::vector<ledger::OutboxRow> all;
  std::deque<std::string> names;  // what the rows look at
  ledger::OutboxTable table(database);
  base::Status done = table.each([&](const ledger::OutboxRow& row) -> base::Status {
    ledger::OutboxRow& each = all.emplace_back(row);
    std::string& name = names.emplace_back(row.obligation);
    const std::size_t dot = name.find('.');
    const std::size_t duty = std::strtoull(name.c_str(), nullptr, 10);
    if (dot != std::string::npos && name[0] >= '0' && name[0] <= '9' && duty < numbers.now.size()) {
      if (numbers.now[duty] == Renumbering::gone) {
        each.state = static_cast<int64_t>(OutboxState::ended);
        name = numbers.ids[duty] + name.substr(dot);
      } else {
        name = std::to_string(numbers.now[duty]) + name.substr(dot);
      }
    }
    each.obligation = name;
    return base::Done{};
  });
  return done ? table.replace_all(all) : done;
}

}  // namespace

base::Result<RebuildTally> rebuild(Store& store, int64_t now, const Progress& progress) {
  ledger::Ledger& ledger = store.ledger();
  ledger::Database& database = ledger.database();
  ledger::JudgedTable judged_table(database);
  RebuildTally out;
  const auto everybody = store.live().everybody();
  if (!everybody) return everybody.error();
  // Nothing can be read of rows that were damaged: they go first.
  std::set<int64_t> unreadable;
  for (std::size_t from = 0; from < everybody->size(); from += LiveObligations::subjects_at_a_time) {
    const auto some =
        std::span(*everybody).subspan(from, std::min(LiveObligations::subjects_at_a_time, everybody->size() - from));
    const auto before = rows_of(database, some);
    if (!before) return before.error();
    std::vector<int64_t> damaged;
    for (const auto& [subject, row] : *before)
      if (!decode_obligations(row.obligations)) damaged.push_back(subject);
    if (damaged.empty()) continue;
    unreadable.insert(damaged.begin(), damaged.end());
    const base::Status done = ledger::in_transaction(ledger, [&] { return judged_table.drop(damaged); });
    if (!done) return done.error();
  }
  const auto stored = judged_table.subjects();
  if (!stored) return stored.error();
  std::vector<int64_t> unnamed;
  std::set_difference(stored->begin(), stored->end(), everybody->begin(), everybody->end(),
                      std::back_inserter(unnamed));
  out.unnamed = unnamed.size();
  base::Status done = base::Done{};
  if (!unnamed.empty()) done = ledger::in_transaction(ledger, [&] { return judged_table.drop(unnamed); });
  if (!done) return done.error();
  // What time alone has changed is no difference.
  if (const auto visited = visit_time(store, now, true); !visited) return visited.error();
  out.differed += unreadable.size();
  for (std::size_t from = 0; from < everybody->size(); from += LiveObligations::subjects_at_a_time) {
    const auto some =
        std::span(*everybody).subspan(from, std::min(LiveObligations::subjects_at_a_time, everybody->size() - from));
    done = ledger::in_transaction(ledger, [&]() -> base::Status {
      const auto before = rows_of(database, some);
      if (!before) return before.error();
      const auto cause = add_cause(ledger, now, {{"rebuild", std::to_string(some.size())}});
      if (!cause) return cause.error();
      const auto judged = store.live().judge(some, now, *cause, false);
      if (!judged) return judged.error();
      const auto after = rows_of(database, some);
      if (!after) return after.error();
      out.subjects += judged->subjects;
      out.obligations += judged->obligations;
      for (const auto& [subject, row] : *after) {
        const auto was = before->find(subject);
        const bool is_same = was != before->end() && was->second == row;
        out.differed += !is_same && !unreadable.contains(subject);
      }
      return base::Done{};
    });
    if (done) done = store.publish(false);
    if (!done) return done.error();
    if (progress) progress(from + some.size(), everybody->size());
  }
  const auto waiting = remake_waiting(ledger);
  if (!waiting) return waiting.error();
  out.waiting_differed = *waiting;
  if (done = store.publish(false); !done) return done.error();
  return out;
}

base::Result<RulesReport> compare_rules(Store& store, const Progress& progress) {
  RulesReport report;
  const auto numbers = renumbering(store, &report.before);
  if (!numbers) return numbers.error();
  report.after = store.rules().book.version;
  ledger::Database& database = store.ledger().database();
  const auto everybody = store.live().everybody();
  if (!everybody) return everybody.error();
  const auto sum = ledger::JudgedTable(database).sum();
  if (!sum) return sum.error();
  report.judged_at = sum->last_judged_at;
  base::Status done = base::Done{};
  for (std::size_t from = 0; done && from < everybody->size(); from += LiveObligations::subjects_at_a_time) {
    const auto some =
        std::span(*everybody).subspan(from, std::min(LiveObligations::subjects_at_a_time, everybody->size() - from));
    const auto before = rows_of(database, some);
    if (!before) return before.error();
    LiveTally tally;
    done = store.live().judge_only(
        some, report.judged_at, &tally,
        [&](int64_t subject, int64_t, bool, const std::vector<StoredObligation>& after) -> base::Status {
          std::vector<StoredObligation> kept, gone;
          if (const auto row = before->find(subject); row != before->end()) {
            if (base::Status read = renumber(*numbers, row->second.obligations, &kept, &gone); !read) return read;
          }
          count(store.rules().book.duties, *numbers, kept, gone, after, &report);
          return base::Done{};
        });
    if (progress) progress(from + some.size(), everybody->size());
  }
  if (!done) return done.error();
  return report;
}

base::Result<RulesReport> approve_rules(Store& store, const std::string& who, int64_t now, const Progress& progress) {
  if (who.find_first_not_of(' ') == std::string::npos)
    return base::invalid("whoever approves new rules is named: it is kept with them");
  RulesReport report;
  const auto numbers = renumbering(store, &report.before);
  if (!numbers) return numbers.error();
  report.after = store.rules().book.version;
  report.judged_at = now;
  ledger::Ledger& ledger = store.ledger();
  ledger::Database& database = ledger.database();
  const auto everybody = store.live().everybody();
  if (!everybody) return everybody.error();
  const base::Status done = ledger::in_transaction(ledger, [&]() -> base::Status {
    if (base::Status noted = store.note_rules(who, report.before); !noted) return noted;
    const auto gone_cause = add_cause(ledger, now, {{"rules", report.after}, {"duties", "gone"}});
    if (!gone_cause) return gone_cause.error();
    const auto cause = add_cause(ledger, now, {{"rules", report.after}});
    if (!cause) return cause.error();
    if (!numbers->is_same) {
      if (base::Status renamed = renumber_outbox(database, *numbers); !renamed) return renamed;
    }
    for (std::size_t from = 0; from < everybody->size(); from += LiveObligations::subjects_at_a_time) {
      const auto some =
          std::span(*everybody).subspan(from, std::min(LiveObligations::subjects_at_a_time, everybody->size() - from));
      const auto rows = rows_of(database, some);
      if (!rows) return rows.error();
      std::unordered_map<int64_t, std::pair<std::vector<StoredObligation>, std::vector<StoredObligation>>> before;
      for (const auto& [subject, row] : *rows) {
        auto& [kept, gone] = before[subject];
        if (base::Status read = renumber(*numbers, row.obligations, &kept, &gone); !read) return read;
        if (numbers->is_same) continue;
        const std::string encoded = encode_obligations(kept);
        base::Status written = ledger::JudgedTable(database).write_obligations(subject, encoded);
        if (!written) return written;
        if (gone.empty()) continue;
        const std::string changes = encode_changes(changes_between(gone, {}));
        const ledger::DifferenceRow difference{subject, *gone_cause, changes};
        if (written = ledger::DifferenceTable(database).write(std::span(&difference, 1)); !written) return written;
      }
      const auto judged = store.live().judge(some, now, *cause, false);
      if (!judged) return judged.error();
      const auto after = rows_of(database, some);
      if (!after) return after.error();
      for (const int64_t subject : some) {
        const auto row = after->find(subject);
        base::Result<std::vector<StoredObligation>> is = std::vector<StoredObligation>();
        if (row != after->end()) is = decode_obligations(row->second.obligations);
        if (!is) return is.error();
        const auto& [kept, gone] = before[subject];
        count(store.rules().book.duties, *numbers, kept, gone, *is, &report);
      }
      if (progress) progress(from + some.size(), everybody->size());
    }
    // The new rules may say otherwise what is to be done.
    const auto described = describe_outbox(database, store.rules().book);
    return described ? base::Status(base::Done{}) : base::Status(described.error());
  });
  if (!done) return done.error();
  if (base::Status published = store.publish(true); !published) return published.error();
  return report;
}

std::string rules_report_text(const RulesReport& report) {
  std::string out =
      fmt::format("rules and calendar in force: {}\nbeside them:                 {}\n", report.before, report.after);
  out += fmt::format(
      "{} people and cases, {} of them with a difference\n{} obligations before, {} after, {} of them otherwise\n",
      report.subjects, report.subjects_changed, report.obligations_before, report.obligations_after, report.changed);
  if (report.kinds.empty()) return out;
  std::size_t widest = 4;
  for (const auto& [kind, number] : report.kinds) widest = std::max(widest, kind.duty.size());
  out += fmt::format("\n{:>9}  {:<{}}  before -> after\n", "number", "duty", widest);
  for (const auto& [kind, number] : report.kinds)
    out += fmt::format("{:>9}  {:<{}}  {} -> {}{}\n", number, kind.duty, widest, kind.before, kind.after,
                       kind.before == kind.after ? " (otherwise)" : "");
  return out;
}

}  // namespace kept::app
