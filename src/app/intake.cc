#include "app/intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/contract_check.h"
#include "app/erasure.h"
#include "app/waiting_crimes.h"
#include "exchange/read_events.h"
#include "ledger/feed_table.h"
#include "ledger/hash.h"
#include "ledger/quarantine_table.h"
#include "ledger/transaction.h"

namespace kept::app {
namespace {

using base::Error;
using base::ErrorCode;
using ledger::Arrival;

constexpr uint64_t large_file_bytes = uint64_t{8} << 20;
constexpr std::size_t missing_named = 1000;

/// SHA-256 of a file, read a piece at a time.
base::Result<std::string> digest_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{ErrorCode::not_found, fmt::format("{}: there is no such file, or it cannot be read", path)};
  ledger::RunningHash digest;
  std::string piece(1 << 16, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0)
    digest.add(std::string_view(piece.data(), static_cast<std::size_t>(file.gcount())));
  if (file.bad()) return Error{ErrorCode::io, fmt::format("{} cannot be read to its end", path)};
  return ledger::to_hex(digest.end());
}

/// A row on its way into the ledger.
struct TakenRow {
  uint64_t row = 0;
  std::string text;
  std::vector<model::Event> events;
  std::optional<Refusal> refused;
};

/// Takes the rows of one batch, a commit at a time.
class Receiver : public exchange::WholeRows, public exchange::Rejects {
 public:
  Receiver(Store& store, const BatchRequest& request, const exchange::FeedContract& contract, BatchReceipt* receipt,
           int64_t new_of_feed, int64_t received_at, uint64_t next_row, uint64_t rows_before_today, std::size_t most)
      : store_(store),
        request_(request),
        contract_(contract),
        receipt_(receipt),
        new_of_feed_(new_of_feed),
        received_at_(received_at),
        next_row_(next_row),
        rows_today_(rows_before_today),
        last_row_(next_row - 1),
        most_(most) {}

  base::Status take(exchange::WholeRow& row) override {
    if (row.row < next_row_) return base::Done{};
    if (base::Status room = make_room(row.row); !room) return room;
    TakenRow taken;
    taken.row = row.row;
    taken.text = std::string(row.text);
    for (model::Event& event : row.events) {
      if (auto refused = hold_against_contract(&event, contract_, received_at_); refused && !taken.refused)
        taken.refused = std::move(refused);
      taken.events.push_back(std::move(event));
    }
    waiting_events_ += taken.events.size();
    waiting_.push_back(std::move(taken));
    last_row_ = row.row;
    return base::Done{};
  }

  base::Status take(const exchange::Reject& reject) override {
    if (reject.number < next_row_) return base::Done{};
    if (base::Status room = make_room(reject.number); !room) return room;
    TakenRow taken;
    taken.row = reject.number;
    taken.text = std::string(reject.row);
    taken.refused = Refusal{exchange::reason_key(reject.reason), std::string(reject.why)};
    waiting_.push_back(std::move(taken));
    last_row_ = reject.number;
    return base::Done{};
  }

  bool is_held() const { return is_held_; }

  /// What is left, once the file has been read to its end.
  base::Status finish(uint64_t rows) {
    last_row_ = rows;
    return commit(true);
  }

 private:
  /// Commits when enough waits; holds the batch where the day has grown too large.
  base::Status make_room(uint64_t row) {
    const uint64_t most = contract_.held_above_rows();
    if (!request_.accept_volume && !request_.first_load && most != 0 && rows_today_ + row > most) {
      is_held_ = true;
      if (base::Status done = commit(false); !done) return done;
      return Error{ErrorCode::too_large, "held"};
    }
    if (waiting_events_ < most_ && waiting_.size() < most_) return base::Done{};
    return commit(false);
  }

  base::Status commit(bool at_end) {
    ledger::Ledger& ledger = store_.ledger();
    if (base::Status done = ledger::in_transaction(ledger, [&] { return put(at_end); }); !done) return done;
    new_of_feed_ = 0;
    receipt_->counts += counts_;
    counts_ = {};
    next_row_ = last_row_ + 1;
    waiting_.clear();
    waiting_events_ = 0;
    return store_.publish(false);
  }

  base::Status put(bool at_end) {
    ledger::Ledger& ledger = store_.ledger();
    // A batch is noted with its first rows, so that it is not there without them.
    if (new_of_feed_ != 0) {
      ledger::BatchRow batch;
      batch.key = receipt_->key;
      batch.feed = new_of_feed_;
      batch.number = receipt_->number;
      batch.digest = receipt_->digest;
      batch.received_at = received_at_;
      const base::Status noted = ledger::BatchTable(ledger.database()).add(batch);
      if (!noted) return noted;
    }
    std::vector<ledger::NewEvent> fresh;
    std::vector<std::size_t> row_of;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      if (waiting_[i].refused) continue;
      for (const model::Event& event : waiting_[i].events) {
        fresh.push_back(arriving_event(event, contract_, receipt_->key, waiting_[i].row, received_at_,
                                       request_.first_load, *store_.rules().book.vocabulary));
        row_of.push_back(i);
      }
    }
    std::vector<int64_t> touched;
    WaitingCrimes crimes(ledger);
    if (base::Status seen = crimes.before(fresh); !seen) return seen;
    const auto placed = ledger.add_events(fresh, &touched);
    if (!placed) return placed.error();
    if (base::Status learnt = store_.live().learn(fresh, *placed); !learnt) return learnt;
    if (base::Status noted = crimes.after(fresh, *placed, contract_.name, received_at_); !noted) return noted;
    struct OfRow {
      bool is_new = false, is_conflict = false;
    };
    std::vector<OfRow> rows(waiting_.size());
    bool all_historic = true;
    for (std::size_t k = 0; k < placed->size(); ++k) {
      OfRow& row = rows[row_of[k]];
      if ((*placed)[k].arrival == Arrival::accepted) {
        row.is_new = true;
        ++counts_.events;
        all_historic = all_historic && fresh[k].historic;
      }
      if ((*placed)[k].arrival == Arrival::conflict) row.is_conflict = true;
    }
    std::vector<std::size_t> put_aside;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
      if (waiting_[i].refused) {
        ++counts_.quarantined;
        put_aside.push_back(i);
      } else if (rows[i].is_conflict) {
        ++counts_.conflict;
        waiting_[i].refused =
            Refusal{"conflict",
                    "an event with this id came before and said something else; a change is sent as a new event that "
                    "corrects the old one"};
        put_aside.push_back(i);
      } else if (rows[i].is_new) {
        ++counts_.accepted;
      } else {
        ++counts_.duplicate;
      }
    }
    if (base::Status done = quarantine(put_aside); !done) return done;
    // Rows that the mapping sets aside call nobody back.
    const uint64_t passed = last_row_ + 1 > next_row_ ? last_row_ + 1 - next_row_ : 0;
    counts_.rows = passed;
    counts_.ignored = passed - waiting_.size();
    const BatchState state = at_end ? BatchState::complete : is_held_ ? BatchState::held : BatchState::receiving;
    ledger::FeedTable feeds(ledger.database());
    base::Status done = ledger::BatchTable(ledger.database()).advance(receipt_->key, last_row_ + 1, counts_, state);
    if (done) done = feeds.add_counts(contract_.name, counts_);
    if (done && at_end) done = feeds.note_batch(contract_.name, receipt_->number, received_at_);
    if (!done) return done;
    if (at_end) {
      if (done = end(); !done) return done;
    }
    if (touched.empty()) return base::Done{};
    ledger::Entry why;
    why.kind = ledger::EntryKind::commit;
    why.batch = receipt_->key;
    why.row = last_row_;
    why.received_at = received_at_;
    why.fields = {{"facts", std::to_string(ledger.size())}};
    const auto entry = ledger.add(ledger::TreeName::audit, why);
    if (!entry) return entry.error();
    const auto judged = store_.live().judge_touched(touched, received_at_, *entry, !all_historic);
    if (!judged) return judged.error();
    receipt_->live += *judged;
    return base::Done{};
  }

  base::Status quarantine(const std::vector<std::size_t>& which) {
    if (which.empty()) return base::Done{};
    ledger::Ledger& ledger = store_.ledger();
    const auto key_name = [&](std::size_t i) { return fmt::format("q{}-{}", receipt_->key, waiting_[i].row); };
    const auto erased = erased_people(ledger);
    if (!erased) return erased.error();
    std::vector<std::string> keys;
    for (const std::size_t i : which) {
      const bool names_erased = std::any_of(erased->begin(), erased->end(), [&](const std::string& person) {
        return names_person(waiting_[i].text, person);
      });
      // Of somebody who was erased nothing is kept again: that a row came, and why it was put aside.
      if (!names_erased) {
        keys.push_back(key_name(i));
      } else if (base::Status gone = store_.keys().destroy(key_name(i)); !gone) {
        return gone;
      }
    }
    if (base::Status made = store_.keys().create_missing(keys); !made) return made;
    std::vector<ledger::QuarantineRow> rows;
    for (const std::size_t i : which) {
      ledger::Entry entry;
      entry.kind = ledger::EntryKind::quarantined;
      entry.batch = receipt_->key;
      entry.row = waiting_[i].row;
      entry.received_at = received_at_;
      entry.historic = request_.first_load;
      entry.fields = {{"feed", contract_.name},
                      {"key", key_name(i)},
                      {"reason", waiting_[i].refused->reason},
                      {"why", waiting_[i].refused->why}};
      auto sealed = ledger.seal(key_name(i), "row", waiting_[i].text);
      if (!sealed) return sealed.error();
      entry.sealed.emplace("row", std::move(*sealed));
      const auto position = ledger.add(ledger::TreeName::facts, entry);
      if (!position) return position.error();
      ++receipt_->reasons[waiting_[i].refused->reason];
      rows.push_back({*position, receipt_->key, waiting_[i].row, waiting_[i].refused->reason, std::nullopt});
    }
    return ledger::QuarantineTable(ledger.database()).add(rows);
  }

  /// The batch is wholly received: that is a fact of its own.
  base::Status end() {
    ledger::Ledger& ledger = store_.ledger();
    RowCounts all = receipt_->counts;
    all += counts_;
    ledger::Entry entry;
    entry.kind = ledger::EntryKind::batch;
    entry.batch = receipt_->key;
    entry.received_at = received_at_;
    entry.historic = request_.first_load;
    entry.fields = {{"feed", contract_.name},
                    {"number", std::to_string(receipt_->number)},
                    {"sha256", receipt_->digest},
                    {"rows", std::to_string(all.rows)},
                    {"accepted", std::to_string(all.accepted)},
                    {"duplicate", std::to_string(all.duplicate)},
                    {"conflict", std::to_string(all.conflict)},
                    {"quarantined", std::to_string(all.quarantined)},
                    {"ignored", std::to_string(all.ignored)},
                    {"events", std::to_string(all.events)}};
    if (request_.received_at) entry.fields.emplace("receipt", "typed");
    const auto position = ledger.add(ledger::TreeName::facts, entry);
    if (!position) return position.error();
    entry_ = *position;
    return ledger::BatchTable(ledger.database()).set_entry(receipt_->key, *position);
  }

 public:
  uint64_t entry() const { return entry_; }

 private:
  Store& store_;
  const BatchRequest& request_;
  const exchange::FeedContract& contract_;
  BatchReceipt* receipt_;
  int64_t new_of_feed_;  ///< the key of the feed, until the batch is noted; then 0
  const int64_t received_at_;
  uint64_t next_row_;
  const uint64_t rows_today_;
  uint64_t last_row_;
  const std::size_t most_;  ///< events, or rows, of a commit
  std::vector<TakenRow> waiting_;
  std::size_t waiting_events_ = 0;
  uint64_t entry_ = 0;
  bool is_held_ = false;
  RowCounts counts_;
};

std::vector<uint64_t> missing_between(uint64_t after, uint64_t before) {
  std::vector<uint64_t> out;
  for (uint64_t number = after + 1; number < before && out.size() < missing_named; ++number) out.push_back(number);
  return out;
}

}  // namespace

std::size_t events_a_commit(uint64_t bytes) { return bytes > large_file_bytes ? 40'000 : 4'000; }

base::Result<BatchReceipt> receive_batch(Store& store, const BatchRequest& request) {
  const auto found = store.contracts().find(request.feed);
  if (found == store.contracts().end()) {
    std::string known;
    for (const auto& [name, contract] : store.contracts()) known += (known.empty() ? "" : ", ") + name;
    return Error{ErrorCode::not_found, fmt::format("there is no feed {}; the feeds are: {}", request.feed, known)};
  }
  const exchange::FeedContract& contract = found->second;
  const std::string called = request.name.empty() ? request.path : request.name;
  auto digest = digest_of(request.path);
  if (!digest) return digest.error();
  if (request.digest && *request.digest != *digest)
    return Error{ErrorCode::conflict,
                 fmt::format("{}: its SHA-256 is {}, and the sender says {}: it was cut or changed "
                             "on the way; ask for it again",
                             called, *digest, *request.digest)};
  const int64_t now = store.now();
  if (request.received_at && *request.received_at > now)
    return base::invalid("a batch cannot have been received later than now");
  int64_t received_at = request.received_at.value_or(now);

  ledger::Database& database = store.ledger().database();
  BatchReceipt receipt;
  receipt.feed = request.feed;
  receipt.digest = *digest;
  const auto feed = ledger::FeedTable(database).find(request.feed);
  if (!feed) return feed.error();
  if (!*feed)
    return Error{ErrorCode::conflict,
                 fmt::format("feed {} is not among the feeds of this store: run `kept ledger verify`", request.feed)};
  const int64_t feed_key = (*feed)->key;
  const uint64_t last_batch = (*feed)->last_batch;
  ledger::BatchTable batches(database);
  receipt.number = request.number.value_or(last_batch + 1);
  if (!request.number) {
    // Begun before without a number and not ended: this is the same one again.
    const auto begun = batches.unfinished(feed_key, *digest);
    if (!begun) return begun.error();
    receipt.number = begun->value_or(receipt.number);
  }
  if (receipt.number == 0) return base::invalid("batches are numbered from 1");

  const auto before = batches.find(feed_key, receipt.number);
  if (!before) return before.error();
  const bool there = before->has_value();
  const uint64_t next_row = there ? (*before)->next_row : 1;
  if (there) {
    receipt.key = (*before)->key;
    receipt.state = (*before)->state;
    received_at = (*before)->received_at;
  }
  if (there && (*before)->digest != *digest)
    return Error{ErrorCode::conflict,
                 fmt::format("batch {} of {} came before with other content (SHA-256 {}): send what is new as the next "
                             "batch, and changes as events that correct the old ones",
                             receipt.number, request.feed, (*before)->digest)};
  if (there && receipt.state == BatchState::complete) {
    receipt.again = true;
    receipt.counts = (*before)->counts;
    auto proof = store.ledger().receipt(ledger::TreeName::facts, *(*before)->entry);
    if (!proof) return proof.error();
    receipt.receipt = std::move(*proof);
    return receipt;
  }
  if (there) {
    receipt.resumed = true;
    receipt.counts = (*before)->counts;
  } else {
    if (receipt.number > last_batch + 1) receipt.missing = missing_between(last_batch, receipt.number);
    const auto key = batches.next_key();
    if (!key) return key.error();
    receipt.key = *key;
  }
  const calendar::LocalDate day = calendar::london_date(received_at);
  const auto today = batches.rows_between(feed_key, calendar::start_of(day), calendar::end_of(day), receipt.key);
  if (!today) return today.error();

  std::error_code failed;
  const uint64_t bytes = std::filesystem::file_size(request.path, failed);
  Receiver receiver(store, request, contract, &receipt, there ? 0 : feed_key, received_at, next_row, *today,
                    events_a_commit(failed ? 0 : bytes));
  exchange::ReadRequest read;
  read.files = {request.path};
  read.mapping = contract.mapping.get();
  read.vocabulary = store.rules().book.vocabulary;
  read.rejects = &receiver;
  read.whole = &receiver;
  read.progress = request.progress;
  const auto result = exchange::read_events(read);
  if (receiver.is_held()) {
    receipt.state = BatchState::held;
    return receipt;
  }
  if (!result) return result.error();
  if (request.rows && *request.rows != result->counts.rows)
    return Error{ErrorCode::conflict,
                 fmt::format("{}: it has {} rows, and the sender says {}: what was taken stays, and the batch is not "
                             "complete; ask for it again",
                             called, result->counts.rows, *request.rows)};
  base::Status done = receiver.finish(result->counts.rows);
  if (!done) return done.error();
  receipt.state = BatchState::complete;
  if (done = store.publish(false); !done) return done.error();
  if (done = store.read_coverage(); !done) return done.error();
  auto proof = store.ledger().receipt(ledger::TreeName::facts, receiver.entry());
  if (!proof) return proof.error();
  receipt.receipt = std::move(*proof);
  return receipt;
}

base::Result<std::vector<FeedState>> feed_states(Store& store, int64_t now) {
  ledger::Database& database = store.ledger().database();
  const auto feeds = ledger::FeedTable(database).all();
  if (!feeds) return feeds.error();
  std::vector<FeedState> out;
  const calendar::WorkingDays working_days = store.rules().book.calendar->known_on(calendar::london_date(now));
  for (const ledger::FeedRow& feed : *feeds) {
    FeedState& state = out.emplace_back();
    state.name = feed.name;
    state.last_batch = feed.last_batch;
    state.last_at = feed.last_at;
    state.counts = feed.counts;
    uint64_t expected = 1;
    base::Status done =
        ledger::BatchTable(database).each_of(feed.name, [&](const ledger::BatchRow& batch) -> base::Status {
          state.held += batch.state == BatchState::held;
          if (batch.state != BatchState::complete) return base::Done{};
          for (; expected < batch.number && state.missing.size() < missing_named; ++expected)
            state.missing.push_back(expected);
          expected = batch.number + 1;
          return base::Done{};
        });
    if (!done) return done.error();
    const auto open = ledger::QuarantineTable(database).count_open(feed.key);
    if (!open) return open.error();
    state.open_quarantine = *open;
    auto waiting = waiting_crimes(store.ledger(), state.name);
    if (!waiting) return waiting.error();
    state.unknown_crimes = waiting->count;
    state.first_unknown = std::move(waiting->first);
    const auto contract = store.contracts().find(state.name);
    if (contract == store.contracts().end()) continue;
    state.owner = contract->second.owner_role;
    state.contact = contract->second.contact;
    state.agency = contract->second.agency;
    // A feed that never sent anything is waited for from the day its contract was noted here.
    int64_t since = state.last_at;
    if (since == 0) {
      done = store.ledger().entries(ledger::TreeName::facts, feed.contract, 1,
                                    [&](uint64_t, const ledger::Entry& noted) -> base::Status {
                                      since = std::max(noted.received_at, calendar::start_of(contract->second.since));
                                      return base::Done{};
                                    });
      if (!done) return done.error();
    }
    const auto silent = exchange::silent_from(contract->second.rhythm, since, working_days);
    if (silent && *silent <= now) state.silent_since = silent;
  }
  return out;
}

base::Result<LiveTally> visit_time(Store& store, int64_t now, bool gaps) {
  ledger::Ledger& ledger = store.ledger();
  auto due = store.live().due_by(now);
  if (!due) return due.error();
  if (gaps) {
    const auto decided = store.live().with_gaps();
    if (!decided) return decided.error();
    due->insert(due->end(), decided->begin(), decided->end());
  }
  std::sort(due->begin(), due->end());
  due->erase(std::unique(due->begin(), due->end()), due->end());
  LiveTally tally;
  if (due->empty()) return tally;
  base::Status done = ledger::in_transaction(ledger, [&]() -> base::Status {
    ledger::Entry why;
    why.kind = ledger::EntryKind::clock;
    why.received_at = now;
    why.fields = {{"facts", std::to_string(ledger.size())}, {"subjects", std::to_string(due->size())}};
    const auto entry = ledger.add(ledger::TreeName::audit, why);
    if (!entry) return entry.error();
    auto judged = store.live().judge(*due, now, *entry, true);
    if (!judged) return judged.error();
    tally = *judged;
    return base::Done{};
  });
  if (!done) return done.error();
  if (done = store.publish(false); !done) return done.error();
  return tally;
}

}  // namespace kept::app
