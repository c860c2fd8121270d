#include "app/batch_receiver.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/erasure.h"
#include "app/feed_history.h"
#include "app/feed_state.h"
#include "app/waiting_crimes.h"
#include "ledger/quarantine_table.h"

namespace kept::app {
namespace {

using base::Error;
using base::ErrorCode;
using ledger::Arrival;

constexpr uint64_t aside_named = 100;
/// Of rows as they came, waiting for one commit.
constexpr std::size_t most_bytes = std::size_t{16} << 20;

std::vector<uint64_t> missing_between(uint64_t after, uint64_t before) {
  std::vector<uint64_t> out;
  for (uint64_t number = after + 1; number < before && out.size() < missing_named; ++number) out.push_back(number);
  return out;
}

/// Those of the numbers that are not those of batches that came and are held.
base::Result<std::vector<uint64_t>> without_held(ledger::BatchTable& batches, int64_t feed,
                                                 const std::vector<uint64_t>& numbers) {
  std::vector<uint64_t> out;
  for (const uint64_t number : numbers) {
    const auto batch = batches.find(feed, number);
    if (!batch) return batch.error();
    if (!*batch || (*batch)->state != BatchState::held) out.push_back(number);
  }
  return out;
}

}  // namespace

BatchReceiver::BatchReceiver(Store& store, const BatchRequest& request, const exchange::FeedContract& contract,
                             std::string digest, int64_t received_at, std::size_t most)
    : store_(store),
      request_(request),
      contract_(contract),
      digest_(std::move(digest)),
      most_(most),
      received_at_(received_at) {}

BatchReceiver::~BatchReceiver() {
  if (!is_under_way_) return;
  const std::lock_guard<std::mutex> lock(store_.mutex());
  let_go();
}

/// Whoever waits for this batch may look what became of it.
void BatchReceiver::let_go() {
  if (is_under_way_) store_.under_way().end(this);
  is_under_way_ = false;
}

void BatchReceiver::begin() {
  if (verdict_ == Verdict::elsewhere) {
    std::unique_lock<std::mutex> lock(store_.mutex());
    store_.under_way().wait(feed_, receipt_.number, lock);
  }
  verdict_ = Verdict::going_on;
  waiting_.clear();
  waiting_events_ = waiting_bytes_ = 0;
  last_row_ = next_row_ - 1;
  newest_recorded_.reset();
}

base::Status BatchReceiver::take(exchange::WholeRow& row) {
  for (const model::Event& event : row.events)
    if (!event.recorded_assumed && event.recorded_at <= received_at_ + clock_tolerance_ms)
      newest_recorded_ = std::max(newest_recorded_.value_or(event.recorded_at), event.recorded_at);
  if (row.row < next_row_) return base::Done{};
  if (base::Status room = make_room(); !room) return room;
  TakenRow taken;
  taken.row = row.row;
  taken.text = std::string(row.text);
  for (model::Event& event : row.events) {
    if (auto refused = hold_against_contract(&event, contract_, received_at_); refused && !taken.refused)
      taken.refused = std::move(refused);
    taken.events.push_back(std::move(event));
  }
  waiting_events_ += taken.events.size();
  waiting_bytes_ += taken.text.size();
  waiting_.push_back(std::move(taken));
  last_row_ = row.row;
  return base::Done{};
}

base::Status BatchReceiver::take(const exchange::Reject& reject) {
  if (reject.number < next_row_) return base::Done{};
  if (base::Status room = make_room(); !room) return room;
  TakenRow taken;
  taken.row = reject.number;
  taken.text = std::string(reject.row);
  taken.refused = Refusal{exchange::reason_key(reject.reason), std::string(reject.why)};
  waiting_bytes_ += taken.text.size();
  waiting_.push_back(std::move(taken));
  last_row_ = reject.number;
  return base::Done{};
}

void BatchReceiver::finish(uint64_t rows, const std::optional<Error>& wrong) {
  if (wrong && is_known_) {
    verdict_ = Verdict::failed;
    error_ = wrong;
    return;
  }
  wrong_ = wrong;
  last_row_ = std::max(last_row_, rows);
  (void)commit(true);
}

base::Result<BatchReceipt> BatchReceiver::receipt() const {
  if (error_) return *error_;
  return receipt_;
}

base::Status BatchReceiver::make_room() {
  if (waiting_events_ < most_ && waiting_.size() < most_ && waiting_bytes_ < most_bytes) return base::Done{};
  return commit(false);
}

// Done: go on with the next row. An error ends the reading, whatever the verdict.
base::Status BatchReceiver::commit(bool at_end) {
  at_end_ = at_end;
  fresh_.clear();
  row_of_.clear();
  has_historic_ = false;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    if (waiting_[i].refused) continue;
    for (const model::Event& event : waiting_[i].events) {
      fresh_.push_back(arriving_event(event, contract_, receipt_.key, waiting_[i].row, received_at_,
                                      request_.first_load, *store_.rules().book.vocabulary));
      row_of_.push_back(i);
      has_historic_ = has_historic_ || fresh_.back().historic;
    }
  }
  if (base::Status done = store_.commits().commit(*this); !done) {
    verdict_ = Verdict::failed;
    error_ = done.error();
    return done;
  }
  if (verdict_ != Verdict::going_on) return Error{ErrorCode::conflict, "the reading ends here"};
  return base::Done{};
}

base::Status BatchReceiver::refuse(Error error) {
  verdict_ = Verdict::refused;
  error_ = std::move(error);
  let_go();
  return base::Done{};
}

// Nothing that was found out or made in a transaction that was undone holds.
base::Status BatchReceiver::put() {
  made_ = {};
  if (!is_known_) {
    verdict_ = Verdict::going_on;
    error_.reset();
    if (base::Status admitted = admit(); !admitted) return admitted;
    if (verdict_ != Verdict::going_on) return base::Done{};
    if (wrong_) return refuse(*wrong_);
  }
  return put_rows();
}

/// What the batch is. Writes nothing.
base::Status BatchReceiver::admit() {
  ledger::Database& database = store_.ledger().database();
  let_go();
  receipt_ = {};
  receipt_.feed = contract_.name;
  receipt_.digest = digest_;
  receipt_.held_above_rows = contract_.held_above_rows();
  receipt_.received_at = received_at_;
  const auto feed = ledger::FeedTable(database).find(contract_.name);
  if (!feed) return feed.error();
  if (!*feed)
    return refuse({ErrorCode::conflict, fmt::format("feed {} is not among the feeds of this store: run `kept ledger "
                                                    "verify`",
                                                    contract_.name)});
  feed_ = (*feed)->key;
  const uint64_t last_batch = (*feed)->last_batch;
  ledger::BatchTable batches(database);
  receipt_.number = request_.number.value_or(last_batch + 1);
  if (!request_.number && store_.history().may_have_unfinished(contract_.name)) {
    // Begun before without a number and not ended: this is the same one again.
    const auto begun = batches.unfinished(feed_, digest_);
    if (!begun) return begun.error();
    receipt_.number = begun->value_or(receipt_.number);
  }
  is_under_way_ = store_.under_way().begin(feed_, receipt_.number, this);
  if (!is_under_way_) {
    verdict_ = Verdict::elsewhere;
    return base::Done{};
  }
  auto before = batches.find(feed_, receipt_.number);
  if (!before) return before.error();
  before_ = std::move(*before);
  if (!before_) {
    auto missing = without_held(batches, feed_, missing_between(last_batch, receipt_.number));
    if (!missing) return missing.error();
    receipt_.missing = std::move(*missing);
    const auto key = batches.next_key();
    if (!key) return key.error();
    receipt_.key = *key;
    return base::Done{};
  }
  receipt_.key = before_->key;
  receipt_.state = before_->state;
  receipt_.counts = before_->counts;
  receipt_.received_at = before_->received_at;
  if (before_->digest != digest_)
    return refuse(
        {ErrorCode::conflict,
         fmt::format("batch {} of {} came before with other content (SHA-256 {}): send what is new as the next "
                     "batch, and changes as events that correct the old ones",
                     receipt_.number, contract_.name, before_->digest)});
  const bool is_complete = receipt_.state == BatchState::complete;
  (is_complete ? receipt_.again : receipt_.resumed) = true;
  verdict_ = is_complete ? Verdict::taken_before : Verdict::begun_before;
  return base::Done{};
}

/// How many of the rows that wait are taken before the day grows larger than its contract expects.
std::size_t BatchReceiver::rows_before_hold(uint64_t rows_today) const {
  const uint64_t most = contract_.held_above_rows();
  if (request_.accept_volume || request_.first_load || most == 0) return waiting_.size();
  const auto first =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const TakenRow& row) { return rows_today + row.row > most; });
  return static_cast<std::size_t>(first - waiting_.begin());
}

base::Status BatchReceiver::put_rows() {
  ledger::Ledger& ledger = store_.ledger();
  ledger::BatchTable batches(ledger.database());
  const calendar::LocalDate day = calendar::london_date(received_at_);
  const auto today = store_.history().rows_of_day(contract_.name, feed_, day);
  if (!today) return today.error();
  const std::size_t count = rows_before_hold(*today - receipt_.counts.rows);
  const bool is_held = count < waiting_.size();
  made_.last_row = !is_held ? last_row_ : count == 0 ? next_row_ - 1 : waiting_[count - 1].row;
  made_.state = is_held ? BatchState::held : at_end_ ? BatchState::complete : BatchState::receiving;
  // A batch is noted with its first rows, so that it is not there without them.
  if (!before_ && !is_known_) {
    ledger::BatchRow batch;
    batch.key = receipt_.key;
    batch.feed = feed_;
    batch.number = receipt_.number;
    batch.digest = digest_;
    batch.received_at = received_at_;
    if (base::Status noted = batches.add(batch); !noted) return noted;
  }
  std::vector<int64_t> touched;
  std::vector<Arrival> of_row(count, Arrival::duplicate);
  bool all_historic = true;
  if (base::Status put = put_events(count, &touched, &of_row, &all_historic); !put) return put;
  std::vector<std::pair<std::size_t, Refusal>> put_aside;
  for (std::size_t i = 0; i < count; ++i) {
    if (waiting_[i].refused) {
      ++made_.counts.quarantined;
      put_aside.emplace_back(i, *waiting_[i].refused);
    } else if (of_row[i] == Arrival::conflict) {
      ++made_.counts.conflict;
      put_aside.emplace_back(
          i, Refusal{"conflict",
                     "an event with this id came before and said something else; a change is sent as a new event that "
                     "corrects the old one"});
    } else {
      ++(of_row[i] == Arrival::accepted ? made_.counts.accepted : made_.counts.duplicate);
    }
  }
  if (base::Status done = quarantine(put_aside); !done) return done;
  // Rows that the mapping sets aside call nobody back.
  made_.counts.rows = made_.last_row + 1 - next_row_;
  made_.counts.ignored = made_.counts.rows - count;
  base::Status done = batches.advance(receipt_.key, made_.last_row + 1, made_.counts, made_.state);
  store_.history().add_rows(contract_.name, day, made_.counts.rows, made_.state);
  ledger::FeedTable feeds(ledger.database());
  if (done) done = feeds.add_counts(contract_.name, made_.counts);
  if (done && made_.state == BatchState::complete) {
    done = feeds.note_batch(contract_.name, receipt_.number, received_at_);
    if (done) done = note_end();
  }
  if (done && !touched.empty()) done = judge(touched, all_historic);
  return done;
}

/// The events of the first `count` rows. `of_row`: accepted where one of its events is new, conflict where one is in
/// conflict, as they were otherwise.
base::Status BatchReceiver::put_events(std::size_t count, std::vector<int64_t>* touched, std::vector<Arrival>* of_row,
                                       bool* all_historic) {
  ledger::Ledger& ledger = store_.ledger();
  const auto end = std::lower_bound(row_of_.begin(), row_of_.end(), count) - row_of_.begin();
  const std::span<ledger::NewEvent> fresh(fresh_.data(), static_cast<std::size_t>(end));
  for (ledger::NewEvent& event : fresh) event.batch = receipt_.key;
  WaitingCrimes crimes(ledger);
  if (base::Status seen = crimes.before(fresh); !seen) return seen;
  const auto placed = ledger.add_events(fresh, touched);
  if (!placed) return placed.error();
  if (base::Status learnt = store_.live().learn(fresh, *placed); !learnt) return learnt;
  if (base::Status noted = crimes.after(fresh, *placed, contract_.name, received_at_); !noted) return noted;
  for (std::size_t k = 0; k < placed->size(); ++k) {
    Arrival& row = (*of_row)[row_of_[k]];
    const Arrival arrival = (*placed)[k].arrival;
    if (arrival == Arrival::accepted) {
      ++made_.counts.events;
      *all_historic = *all_historic && fresh[k].historic;
    }
    if (arrival == Arrival::conflict || (arrival == Arrival::accepted && row != Arrival::conflict)) row = arrival;
  }
  return base::Done{};
}

base::Status BatchReceiver::judge(const std::vector<int64_t>& touched, bool all_historic) {
  ledger::Ledger& ledger = store_.ledger();
  ledger::Entry why;
  why.kind = ledger::EntryKind::commit;
  why.batch = receipt_.key;
  why.row = made_.last_row;
  why.received_at = received_at_;
  why.fields = {{"facts", std::to_string(ledger.size())}};
  const auto entry = ledger.add(ledger::TreeName::audit, why);
  if (!entry) return entry.error();
  const auto judged = store_.live().judge_touched(touched, received_at_, *entry, !all_historic);
  if (!judged) return judged.error();
  made_.live = *judged;
  return base::Done{};
}

base::Status BatchReceiver::quarantine(const std::vector<std::pair<std::size_t, Refusal>>& which) {
  if (which.empty()) return base::Done{};
  ledger::Ledger& ledger = store_.ledger();
  const auto key_name = [&](std::size_t i) { return fmt::format("q{}-{}", receipt_.key, waiting_[i].row); };
  const auto erased = erased_people(ledger);
  if (!erased) return erased.error();
  std::vector<std::string> keys;
  for (const auto& [i, refusal] : which) {
    const std::string& text = waiting_[i].text;
    const bool names_erased = std::any_of(erased->begin(), erased->end(),
                                          [&](const std::string& person) { return names_person(text, person); });
    // Of somebody who was erased nothing is kept again: that a row came, and why it was put aside.
    if (!names_erased) {
      keys.push_back(key_name(i));
    } else if (base::Status gone = store_.keys().destroy(key_name(i)); !gone) {
      return gone;
    }
  }
  if (base::Status made = store_.keys().create_missing(keys); !made) return made;
  std::vector<ledger::QuarantineRow> rows;
  for (const auto& [i, refusal] : which) {
    ledger::Entry entry;
    entry.kind = ledger::EntryKind::quarantined;
    entry.batch = receipt_.key;
    entry.row = waiting_[i].row;
    entry.received_at = received_at_;
    entry.historic = request_.first_load;
    entry.fields = {{"feed", contract_.name}, {"key", key_name(i)}, {"reason", refusal.reason}, {"why", refusal.why}};
    auto sealed = ledger.seal(key_name(i), "row", waiting_[i].text);
    if (!sealed) return sealed.error();
    entry.sealed.emplace("row", std::move(*sealed));
    const auto position = ledger.add(ledger::TreeName::facts, entry);
    if (!position) return position.error();
    rows.push_back({*position, receipt_.key, waiting_[i].row, refusal.reason, std::nullopt});
  }
  return ledger::QuarantineTable(ledger.database()).add(rows);
}

/// The batch is wholly received: that is a fact of its own.
base::Status BatchReceiver::note_end() {
  ledger::Ledger& ledger = store_.ledger();
  RowCounts all = receipt_.counts;
  all += made_.counts;
  ledger::Entry entry;
  entry.kind = ledger::EntryKind::batch;
  entry.batch = receipt_.key;
  entry.received_at = received_at_;
  entry.historic = request_.first_load;
  entry.fields = {{"feed", contract_.name},
                  {"number", std::to_string(receipt_.number)},
                  {"sha256", digest_},
                  {"rows", std::to_string(all.rows)},
                  {"accepted", std::to_string(all.accepted)},
                  {"duplicate", std::to_string(all.duplicate)},
                  {"conflict", std::to_string(all.conflict)},
                  {"quarantined", std::to_string(all.quarantined)},
                  {"ignored", std::to_string(all.ignored)},
                  {"events", std::to_string(all.events)}};
  if (request_.received_at) entry.fields.emplace("receipt", "typed");
  if (newest_recorded_) entry.fields.emplace(newest_recorded_field, std::to_string(*newest_recorded_));
  if (request_.accept_volume && !request_.accepted_by.empty())
    entry.fields.emplace("volume_accepted_by", request_.accepted_by);
  const auto position = ledger.add(ledger::TreeName::facts, entry);
  if (!position) return position.error();
  made_.entry = *position;
  return ledger::BatchTable(ledger.database()).set_entry(receipt_.key, *position);
}

base::Status BatchReceiver::settle() {
  if (verdict_ == Verdict::begun_before) {
    is_known_ = true;
    received_at_ = before_->received_at;
    next_row_ = before_->next_row;
  }
  if (verdict_ == Verdict::taken_before) {
    let_go();
    const base::Status done = store_.ledger().entries(ledger::TreeName::facts, *before_->entry, 1,
                                                      [&](uint64_t, const ledger::Entry& entry) -> base::Status {
                                                        receipt_.newest_recorded = newest_recorded_of(entry);
                                                        return base::Done{};
                                                      });
    return done ? prove(*before_->entry) : done;
  }
  if (verdict_ != Verdict::going_on) return base::Done{};
  is_known_ = true;
  receipt_.counts += made_.counts;
  receipt_.live += made_.live;
  receipt_.state = made_.state;
  next_row_ = made_.last_row + 1;
  waiting_.clear();
  waiting_events_ = waiting_bytes_ = 0;
  if (made_.state == BatchState::held) verdict_ = Verdict::held;
  if (made_.state == BatchState::complete) verdict_ = Verdict::complete;
  if (verdict_ != Verdict::going_on) let_go();
  receipt_.newest_recorded = newest_recorded_;
  base::Status done = store_.publish(false);
  if (done && verdict_ == Verdict::held) done = name_put_aside();
  if (verdict_ != Verdict::complete) return done;
  if (done) done = store_.note_complete(contract_.name, receipt_.number, received_at_);
  return done ? prove(*made_.entry) : done;
}

base::Status BatchReceiver::prove(uint64_t entry) {
  auto proof = store_.ledger().receipt(ledger::TreeName::facts, entry);
  if (!proof) return proof.error();
  receipt_.receipt = std::move(*proof);
  return name_put_aside();
}

/// Which rows of the batch were put aside, and why.
base::Status BatchReceiver::name_put_aside() {
  if (receipt_.counts.quarantined + receipt_.counts.conflict == 0) return base::Done{};
  ledger::Ledger& ledger = store_.ledger();
  ledger::QuarantineTable table(ledger.database());
  auto reasons = table.reasons_of_batch(receipt_.key);
  if (!reasons) return reasons.error();
  receipt_.reasons = std::move(*reasons);
  receipt_.put_aside.clear();
  std::vector<std::pair<uint64_t, std::size_t>> places;  // position, and where in the list
  base::Status done = table.of_batch(receipt_.key, aside_named, [&](const ledger::QuarantineRow& row) -> base::Status {
    places.emplace_back(row.position, receipt_.put_aside.size());
    receipt_.put_aside.push_back({row.row, row.position, std::string(row.reason), ""});
    return base::Done{};
  });
  if (!done) return done;
  std::sort(places.begin(), places.end());
  std::vector<uint64_t> positions;
  for (const auto& [position, in_list] : places) positions.push_back(position);
  std::size_t at = 0;
  return ledger.facts(positions, [&](ledger::Fact& fact) -> base::Status {
    receipt_.put_aside[places[at++].second].why = fact.entry.fields["why"];
    return base::Done{};
  });
}

}  // namespace kept::app
