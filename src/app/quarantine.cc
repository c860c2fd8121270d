#include "app/quarantine.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/contract_check.h"
#include "app/waiting_crimes.h"
#include "exchange/read_events.h"
#include "ledger/quarantine_table.h"
#include "ledger/transaction.h"

namespace kept::app {
namespace {

using base::Error;
using base::ErrorCode;

constexpr std::size_t most_corrected_rows = 1000;
constexpr std::size_t reasons_named = 5;

base::Result<ledger::Entry> entry_at(Store& store, uint64_t position) {
  ledger::Entry found;
  const base::Status read = store.ledger().entries(ledger::TreeName::facts, position, 1,
                                                   [&](uint64_t, const ledger::Entry& entry) -> base::Status {
                                                     found = entry;
                                                     return base::Done{};
                                                   });
  if (!read) return read.error();
  return found;
}

std::string field_of(const ledger::Entry& entry, const char* name) {
  const auto found = entry.fields.find(name);
  return found == entry.fields.end() ? std::string() : found->second;
}

Error no_such_row(uint64_t position) {
  return {ErrorCode::not_found,
          fmt::format("no row was put aside at position {}: `kept quarantine` lists those that were", position)};
}

/// Where a row that was put aside came from.
struct Origin {
  uint64_t batch = 0, row = 0;
  std::string feed;
  std::optional<uint64_t> settled;
};

base::Result<Origin> origin_of(Store& store, uint64_t position) {
  std::optional<Origin> found;
  const base::Status asked =
      ledger::QuarantineTable(store.ledger().database())
          .find(position, [&](const ledger::QuarantineRow& row, std::string_view feed, uint64_t) -> base::Status {
            found = Origin{row.batch, row.row, std::string(feed), row.settled};
            return base::Done{};
          });
  if (!asked) return asked.error();
  if (!found) return no_such_row(position);
  return *found;
}

/// Rows put right: the events they give, and why any of them cannot be taken.
class CorrectedRows : public exchange::WholeRows, public exchange::Rejects {
 public:
  CorrectedRows(const exchange::FeedContract& contract, int64_t received_at)
      : contract_(contract), received_at_(received_at) {}

  base::Status take(exchange::WholeRow& row) override {
    ++rows_;
    for (model::Event& event : row.events) {
      if (const auto refused = hold_against_contract(&event, contract_, received_at_)) refuse(row.row, refused->why);
      events_.push_back(std::move(event));
    }
    if (events_.size() > most_corrected_rows)
      return base::invalid(
          fmt::format("a row is put right by at most {} events; send more as a batch", most_corrected_rows));
    return base::Done{};
  }
  base::Status take(const exchange::Reject& reject) override {
    ++rows_;
    refuse(reject.number, reject.why);
    return base::Done{};
  }
  void refuse(uint64_t row, std::string_view why) {
    ++refused_;
    if (refused_ <= reasons_named) reasons_ += fmt::format("{}row {}: {}", reasons_.empty() ? "" : "; ", row, why);
  }
  std::optional<Error> refusal() const {
    if (refused_ == 0) return std::nullopt;
    return base::invalid(
        fmt::format("nothing was taken, and the row stays put aside: {}{}", reasons_,
                    refused_ > reasons_named ? fmt::format("; and {} more", refused_ - reasons_named) : std::string()));
  }
  const std::vector<model::Event>& events() const { return events_; }
  uint64_t rows() const { return rows_; }

 private:
  const exchange::FeedContract& contract_;
  int64_t received_at_;
  std::vector<model::Event> events_;
  uint64_t rows_ = 0;
  std::size_t refused_ = 0;
  std::string reasons_;
};

/// The events of a file of rows put right, as they go into the ledger.
base::Result<std::vector<ledger::NewEvent>> corrected_events(Store& store, const Origin& origin,
                                                             const std::string& path, int64_t now, uint64_t* rows) {
  const auto contract = store.contracts().find(origin.feed);
  if (contract == store.contracts().end())
    return Error{ErrorCode::not_found,
                 fmt::format("feed {} has no contract any more, so that nothing can be held against it; the row can "
                             "only be set aside",
                             origin.feed)};
  CorrectedRows corrected(contract->second, now);
  exchange::ReadRequest read;
  read.files = {path};
  read.mapping = contract->second.mapping.get();
  read.vocabulary = store.rules().book.vocabulary;
  read.rejects = &corrected;
  read.whole = &corrected;
  const auto result = exchange::read_events(read);
  if (!result) return result.error();
  if (auto refused = corrected.refusal()) return *refused;
  if (result->counts.ignored != 0)
    return base::invalid(fmt::format("nothing was taken: the feed's mapping sets {} of the {} rows of {} aside",
                                     result->counts.ignored, result->counts.rows, path));
  if (corrected.events().empty()) return base::invalid(fmt::format("{} holds no row", path));
  *rows = corrected.rows();
  std::vector<ledger::NewEvent> out;
  for (const model::Event& event : corrected.events())
    out.push_back(
        arriving_event(event, contract->second, origin.batch, origin.row, now, true, *store.rules().book.vocabulary));
  return out;
}

/// Inside the transaction: the events, that the row is settled, and whom it touches.
base::Status put_settlement(Store& store, const Settlement& settlement, const Origin& origin,
                            const std::vector<ledger::NewEvent>& events, int64_t now, Settled* out) {
  ledger::Ledger& ledger = store.ledger();
  std::vector<int64_t> touched;
  WaitingCrimes crimes(ledger);
  if (base::Status seen = crimes.before(events); !seen) return seen;
  const auto placed = ledger.add_events(events, &touched);
  if (!placed) return placed.error();
  for (const ledger::Placed& one : *placed) {
    if (one.arrival == ledger::Arrival::accepted) ++out->events;
    if (one.arrival == ledger::Arrival::conflict)
      return base::invalid(
          "nothing was taken, and the row stays put aside: an event with the id of one of these came before and said "
          "something else; give it an id of its own, and let it correct the old one");
  }
  if (base::Status noted = crimes.after(events, *placed, origin.feed, now); !noted) return noted;
  ledger::Entry entry;
  entry.kind = ledger::EntryKind::settled;
  entry.batch = origin.batch;
  entry.row = origin.row;
  entry.received_at = now;
  entry.historic = true;
  entry.fields = {{"feed", origin.feed},
                  {"position", std::to_string(settlement.position)},
                  {"how", settlement.corrected_file.empty() ? "set_aside" : "put_right"},
                  {"who", settlement.who},
                  {"why", settlement.why},
                  {"events", std::to_string(out->events)}};
  const auto position = ledger.add(ledger::TreeName::facts, entry);
  if (!position) return position.error();
  out->entry = *position;
  base::Status done = ledger::QuarantineTable(ledger.database()).settle(settlement.position, *position);
  if (!done || touched.empty()) return done;
  ledger::Entry why;
  why.kind = ledger::EntryKind::commit;
  why.batch = origin.batch;
  why.row = origin.row;
  why.received_at = now;
  why.fields = {{"facts", std::to_string(ledger.size())}, {"settled", std::to_string(*position)}};
  const auto cause = ledger.add(ledger::TreeName::audit, why);
  if (!cause) return cause.error();
  const auto judged = store.live().judge_touched(touched, now, *cause, false);
  if (!judged) return judged.error();
  out->live = *judged;
  return done;
}

}  // namespace

base::Status check_said(const std::string& text, const char* what) {
  constexpr std::size_t longest = 500;
  if (text.find_first_not_of(' ') == std::string::npos)
    return base::invalid(fmt::format("{} is needed: it is kept with what is done", what));
  if (text.size() > longest)
    return base::invalid(fmt::format("{} is {} bytes long; say it in {}", what, text.size(), longest));
  if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return base::invalid(fmt::format("{} holds control characters; write it on one line", what));
  return base::Done{};
}

base::Result<std::vector<QuarantinedRow>> quarantined_rows(Store& store, const std::string& feed, bool open_only,
                                                           uint64_t most) {
  std::vector<QuarantinedRow> out;
  std::vector<uint64_t> positions;
  std::vector<std::optional<uint64_t>> settled;
  base::Status done =
      ledger::QuarantineTable(store.ledger().database())
          .newest(feed, open_only, most,
                  [&](const ledger::QuarantineRow& row, std::string_view of, uint64_t batch) -> base::Status {
                    QuarantinedRow one;
                    one.position = row.position;
                    one.feed = std::string(of);
                    one.batch = batch;
                    one.row = row.row;
                    one.reason = std::string(row.reason);
                    positions.push_back(row.position);
                    settled.push_back(row.settled);
                    out.push_back(std::move(one));
                    return base::Done{};
                  });
  if (!done) return done.error();
  std::size_t at = 0;
  done = store.ledger().facts(positions, [&](ledger::Fact& fact) -> base::Status {
    out[at].why = field_of(fact.entry, "why");
    out[at].received_at = fact.entry.received_at;
    ++at;
    return base::Done{};
  });
  if (!done) return done.error();
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!settled[i]) continue;
    const auto entry = entry_at(store, *settled[i]);
    if (!entry) return entry.error();
    out[i].settled = fmt::format("{} by {}: {}", field_of(*entry, "how") == "put_right" ? "put right" : "set aside",
                                 field_of(*entry, "who"), field_of(*entry, "why"));
  }
  return out;
}

base::Result<std::string> quarantined_bytes(Store& store, uint64_t position, const std::string& who) {
  if (base::Status said = check_said(who, "--who"); !said) return said.error();
  const auto origin = origin_of(store, position);
  if (!origin) return origin.error();
  const auto entry = entry_at(store, position);
  if (!entry) return entry.error();
  ledger::Ledger& ledger = store.ledger();
  ledger::Entry looked;
  looked.kind = ledger::EntryKind::looked;
  looked.batch = origin->batch;
  looked.row = origin->row;
  looked.received_at = store.now();
  looked.fields = {{"who", who}, {"position", std::to_string(position)}};
  base::Status done = ledger::in_transaction(ledger, [&]() -> base::Status {
    const auto added = ledger.add(ledger::TreeName::audit, looked);
    if (!added) return added.error();
    return base::Done{};
  });
  if (!done) return done.error();
  if (done = store.publish(false); !done) return done.error();
  bool erased = false;
  auto opened = ledger.unsealed(*entry, position, &erased);
  if (!opened) return opened.error();
  if (erased) return base::invalid("the key of this row was destroyed when somebody it names was erased");
  return (*opened)["row"];
}

base::Result<Settled> settle_quarantined(Store& store, const Settlement& settlement) {
  base::Status done = check_said(settlement.who, "--who");
  if (done) done = check_said(settlement.why, "--why");
  if (!done) return done.error();
  const auto origin = origin_of(store, settlement.position);
  if (!origin) return origin.error();
  if (origin->settled) {
    const auto before = entry_at(store, *origin->settled);
    if (!before) return before.error();
    return Error{ErrorCode::conflict,
                 fmt::format("the row at position {} was settled before, by {}: {}", settlement.position,
                             field_of(*before, "who"), field_of(*before, "why"))};
  }
  const int64_t now = store.now();
  Settled out;
  std::vector<ledger::NewEvent> events;
  if (!settlement.corrected_file.empty()) {
    auto read = corrected_events(store, *origin, settlement.corrected_file, now, &out.rows);
    if (!read) return read.error();
    events = std::move(*read);
  }
  ledger::Ledger& ledger = store.ledger();
  done = ledger::in_transaction(ledger, [&] { return put_settlement(store, settlement, *origin, events, now, &out); });
  if (!done) return done.error();
  if (done = store.publish(false); !done) return done.error();
  return out;
}

}  // namespace kept::app
