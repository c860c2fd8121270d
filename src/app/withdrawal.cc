#include "app/withdrawal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_set>

#include "app/contract_check.h"
#include "app/quarantine.h"
#include "app/steps.h"
#include "ledger/batch_table.h"
#include "ledger/setting_table.h"
#include "ledger/transaction.h"

namespace kept::app {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t events_a_commit = 4000;

// Which windows were withdrawn stands among the settings as well, under the position of the fact that says so: coverage
// is read from there.
constexpr const char* setting_prefix = "withdrawn:";

std::string retraction_id(uint64_t position) { return fmt::format("{}{}", withdrawal_ids, position); }

template <class Number>
bool read_number(std::string_view text, Number* number) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), *number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size();
}

/// The work of one call.
class Withdrawal {
 public:
  Withdrawal(Store& store, const WithdrawalRequest& request, const exchange::FeedContract& contract)
      : store_(store), request_(request), contract_(contract), now_(store.now()) {}

  base::Result<Withdrawn> run() {
    const base::Status done = take_steps(store_, *this,
                                         {&Withdrawal::find_events, &Withdrawal::note, &Withdrawal::read_coverage,
                                          &Withdrawal::retract_all, &Withdrawal::judge_everybody});
    if (!done) return done.error();
    return out_;
  }

 private:
  /// Positions of the feed's events that reached us in the window and were not taken back by an earlier withdrawal.
  base::Status find_events() {
    std::unordered_set<uint64_t> batches;
    base::Status done = ledger::BatchTable(store_.ledger().database())
                            .each_of(contract_.name, [&](const ledger::BatchRow& batch) -> base::Status {
                              batches.insert(batch.key);
                              return base::Done{};
                            });
    if (!done) return done;
    std::vector<uint64_t> found;
    ledger::Ledger& ledger = store_.ledger();
    done = ledger.entries(ledger::TreeName::facts, 0, ledger.size(),
                          [&](uint64_t position, const ledger::Entry& entry) -> base::Status {
                            if (entry.kind == ledger::EntryKind::event && entry.received_at >= request_.from &&
                                entry.received_at <= request_.to && batches.contains(entry.batch))
                              found.push_back(position);
                            return base::Done{};
                          });
    if (!done) return done;
    for (const uint64_t position : found) {
      const auto before = ledger.find(contract_.source, retraction_id(position));
      if (before) {
        ++out_.before;
      } else if (before.error().code == ErrorCode::not_found) {
        events_.push_back(position);
      } else {
        return before.error();
      }
    }
    return done;
  }

  /// That the window is no longer believed is a fact of its own, once.
  base::Status note() {
    const auto windows = withdrawn_windows(store_.ledger());
    if (!windows) return windows.error();
    for (const WithdrawnWindow& window : *windows) {
      if (window.feed != contract_.name || window.from != request_.from || window.to != request_.to) continue;
      out_.entry = window.entry;
      out_.again = true;
      return base::Done{};
    }
    return ledger::in_transaction(store_.ledger(), [&]() -> base::Status {
      ledger::Entry entry;
      entry.kind = ledger::EntryKind::withdrawn;
      entry.received_at = now_;
      entry.historic = true;
      entry.fields = {{"feed", contract_.name},
                      {"from", std::to_string(request_.from)},
                      {"to", std::to_string(request_.to)},
                      {"who", request_.who},
                      {"why", request_.why},
                      {"events", std::to_string(events_.size())}};
      const auto position = store_.ledger().add(ledger::TreeName::facts, entry);
      if (!position) return position.error();
      out_.entry = *position;
      const std::string name = fmt::format("{}{}", setting_prefix, *position);
      const std::string value = fmt::format("{} {} {}", contract_.name, request_.from, request_.to);
      return ledger::SettingTable(store_.ledger().database()).add(name, value);
    });
  }

  base::Status read_coverage() { return store_.read_coverage(); }

  base::Status retract_all() {
    for (std::size_t from = 0; from < events_.size(); from += events_a_commit) {
      const auto some = std::span(events_).subspan(from, std::min(events_a_commit, events_.size() - from));
      if (base::Status done = ledger::in_transaction(store_.ledger(), [&] { return retract(some); }); !done)
        return done;
      out_.retracted += some.size();
      if (request_.progress) request_.progress(out_.retracted, events_.size());
    }
    return base::Done{};
  }

  base::Status retract(std::span<const uint64_t> positions) {
    ledger::Ledger& ledger = store_.ledger();
    std::vector<ledger::NewEvent> retractions;
    base::Status done = ledger.facts(positions, [&](ledger::Fact& fact) -> base::Status {
      ledger::NewEvent one;
      one.event.id = retraction_id(fact.position);
      one.event.source = fact.event.source;
      one.event.agency = fact.event.agency;
      one.event.type = fact.event.type;
      one.event.retracts = fact.event.id;
      one.event.occurred_at = model::Moment::instant(now_);
      one.event.recorded_at = now_;
      one.received_at = now_;
      one.historic = true;
      retractions.push_back(std::move(one));
      return base::Done{};
    });
    if (!done) return done;
    std::vector<int64_t> touched;
    const auto placed = ledger.add_events(retractions, &touched);
    if (!placed) return placed.error();
    const auto cause = add_cause();
    if (!cause) return cause.error();
    const auto judged = store_.live().judge_touched(touched, now_, *cause, false);
    if (!judged) return judged.error();
    out_.live += *judged;
    return done;
  }

  /// A day of which nothing is believed any more may have decided about people whom no event of it names.
  base::Status judge_everybody() {
    const auto everybody = store_.live().everybody();
    if (!everybody) return everybody.error();
    constexpr std::size_t at_a_time = LiveObligations::subjects_at_a_time;
    for (std::size_t from = 0; from < everybody->size(); from += at_a_time) {
      const auto some = std::span(*everybody).subspan(from, std::min(at_a_time, everybody->size() - from));
      const base::Status done = ledger::in_transaction(store_.ledger(), [&]() -> base::Status {
        const auto cause = add_cause();
        if (!cause) return cause.error();
        const auto judged = store_.live().judge(some, now_, *cause, false);
        if (!judged) return judged.error();
        out_.live += *judged;
        return base::Done{};
      });
      if (!done) return done;
      if (request_.progress) request_.progress(from + some.size(), everybody->size());
    }
    return base::Done{};
  }

  base::Result<uint64_t> add_cause() {
    ledger::Entry why;
    why.kind = ledger::EntryKind::commit;
    why.received_at = now_;
    why.fields = {{"facts", std::to_string(store_.ledger().size())}, {"withdrawn", std::to_string(out_.entry)}};
    return store_.ledger().add(ledger::TreeName::audit, why);
  }

  Store& store_;
  const WithdrawalRequest& request_;
  const exchange::FeedContract& contract_;
  const int64_t now_;
  std::vector<uint64_t> events_;
  Withdrawn out_;
};

}  // namespace

base::Result<std::vector<WithdrawnWindow>> withdrawn_windows(ledger::Ledger& ledger) {
  std::vector<WithdrawnWindow> out;
  const base::Status done =
      ledger::SettingTable(ledger.database())
          .each_of(setting_prefix, [&](std::string_view entry, std::string_view value) -> base::Status {
            const std::size_t first = value.find(' '), second = value.rfind(' ');
            WithdrawnWindow window;
            if (first == std::string_view::npos || second == first || !read_number(entry, &window.entry) ||
                !read_number(value.substr(first + 1, second - first - 1), &window.from) ||
                !read_number(value.substr(second + 1), &window.to))
              return Error{ErrorCode::conflict, "the list of withdrawn windows was altered; restore a backup"};
            window.feed = std::string(value.substr(0, first));
            out.push_back(std::move(window));
            return base::Done{};
          });
  if (!done) return done.error();
  return out;
}

base::Result<Withdrawn> withdraw_window(Store& store, const WithdrawalRequest& request) {
  base::Status said = check_said(request.who, "--who");
  if (said) said = check_said(request.why, "--why");
  if (!said) return said.error();
  const auto contract = store.contracts().find(request.feed);
  if (contract == store.contracts().end())
    return Error{ErrorCode::not_found, fmt::format("there is no feed {}; `kept feeds` lists them", request.feed)};
  if (request.to < request.from) return base::invalid("the window ends before it begins");
  if (request.to > store.now())
    return base::invalid("the window has not ended yet: what is still to come cannot be taken back");
  return Withdrawal(store, request, contract->second).run();
}

}  // namespace kept::app
