#include "app/feed_state.h"

#include <algorithm>
#include <charconv>

#include "app/waiting_crimes.h"
#include "exchange/rhythm.h"
#include "ledger/batch_table.h"
#include "ledger/feed_table.h"
#include "ledger/quarantine_table.h"

namespace kept::app {
namespace {

constexpr int64_t minute_ms = 60'000;
constexpr std::size_t recent = 10;
constexpr std::size_t usual = 40;
constexpr int64_t fresh_ms = 30 * minute_ms;
constexpr int64_t an_hour_ms = 55 * minute_ms;

std::optional<uint64_t> number_in(const ledger::Entry& entry, const char* field) {
  const auto found = entry.fields.find(field);
  uint64_t value = 0;
  if (found == entry.fields.end()) return std::nullopt;
  const char* const end = found->second.data() + found->second.size();
  const auto read = std::from_chars(found->second.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

/// When the first contract of a feed was noted here: from then on one that never sent anything is waited for, whatever
/// was agreed since.
base::Result<int64_t> first_noted(ledger::Ledger& ledger, uint64_t newest_contract) {
  std::optional<uint64_t> next = newest_contract;
  int64_t noted_at = 0;
  while (next) {
    const uint64_t position = *next;
    next.reset();
    const base::Status read =
        ledger.entries(ledger::TreeName::facts, position, 1, [&](uint64_t, const ledger::Entry& noted) -> base::Status {
          noted_at = noted.received_at;
          const auto before = noted.fields.find(contract_before);
          if (before != noted.fields.end()) next = std::strtoull(before->second.c_str(), nullptr, 10);
          return base::Done{};
        });
    if (!read) return read.error();
    // Each stands before the one that follows it; anything else is damage, which a check of the ledger names.
    if (next && *next >= position) next.reset();
  }
  return noted_at;
}

/// Reads the facts of a feed's newest batches: how fresh their rows were.
base::Status read_clock(ledger::Ledger& ledger, std::vector<std::pair<uint64_t, int64_t>> batches, FeedState* state) {
  // By position, as facts are read; the newest batch last.
  std::sort(batches.begin(), batches.end());
  std::vector<uint64_t> positions;
  for (const auto& [position, received_at] : batches) positions.push_back(position);
  std::vector<int64_t> freshest;
  std::size_t at = 0;
  const base::Status read = ledger.facts(positions, [&](ledger::Fact& fact) -> base::Status {
    const int64_t received_at = batches[at++].second;
    if (fact.entry.historic) return base::Done{};
    if (const auto newest = newest_recorded_of(fact.entry))
      freshest.push_back(std::max<int64_t>(0, received_at - *newest));
    return base::Done{};
  });
  if (!read || freshest.empty()) return read;
  std::reverse(freshest.begin(), freshest.end());
  state->freshest_ms = freshest.front();
  state->behind_ms = fallen_behind(freshest);
  return read;
}

/// What its batches say: which are missing and which held, and how fresh the newest are.
base::Status read_batches(ledger::Ledger& ledger, FeedState* state) {
  uint64_t expected = 1;
  std::vector<std::pair<uint64_t, int64_t>> newest;  // where the receipt stands, when it came
  std::vector<uint64_t> held;
  const auto visit = [&](const ledger::BatchRow& batch) -> base::Status {
    if (batch.state == ledger::BatchState::held) {
      state->held.push_back({batch.number, batch.counts.rows});
      state->last_at = std::max(state->last_at, batch.received_at);
      held.push_back(batch.number);
    }
    if (batch.state != ledger::BatchState::complete) return base::Done{};
    for (; expected < batch.number && state->missing.size() < missing_named; ++expected)
      if (!std::binary_search(held.begin(), held.end(), expected)) state->missing.push_back(expected);
    expected = batch.number + 1;
    if (batch.entry && batch.counts.rows != batch.counts.ignored) newest.emplace_back(*batch.entry, batch.received_at);
    if (newest.size() >= 4 * (recent + usual)) newest.erase(newest.begin(), newest.end() - (recent + usual));
    return base::Done{};
  };
  base::Status done = ledger::BatchTable(ledger.database()).each_of(state->name, visit);
  if (!done) return done;
  if (newest.size() > recent + usual) newest.erase(newest.begin(), newest.end() - (recent + usual));
  return read_clock(ledger, std::move(newest), state);
}

}  // namespace

uint64_t FeedState::ahead() const {
  uint64_t rows = 0;
  for (const char* reason : {"future", "not_yet"})
    if (const auto found = open_reasons.find(reason); found != open_reasons.end()) rows += found->second;
  return rows;
}

std::optional<int64_t> newest_recorded_of(const ledger::Entry& batch) {
  const auto value = number_in(batch, newest_recorded_field);
  if (!value) return std::nullopt;
  return static_cast<int64_t>(*value);
}

std::optional<int64_t> fallen_behind(const std::vector<int64_t>& freshest_ms) {
  if (freshest_ms.size() < 2 * recent) return std::nullopt;
  const auto middle = freshest_ms.begin() + recent;
  const auto end = freshest_ms.begin() + static_cast<std::ptrdiff_t>(std::min(freshest_ms.size(), recent + usual));
  const int64_t least = *std::min_element(freshest_ms.begin(), middle);
  const auto were_fresh = std::count_if(middle, end, [](int64_t age) { return age < fresh_ms; });
  if (least < an_hour_ms || 2 * were_fresh < end - middle) return std::nullopt;
  return least;
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
    if (base::Status read = read_batches(store.ledger(), &state); !read) return read.error();
    auto reasons = ledger::QuarantineTable(database).open_reasons(feed.key);
    if (!reasons) return reasons.error();
    state.open_reasons = std::move(*reasons);
    for (const auto& [reason, rows] : state.open_reasons) state.open_quarantine += rows;
    auto waiting = waiting_crimes(store.ledger(), state.name);
    if (!waiting) return waiting.error();
    state.unknown_crimes = waiting->count;
    state.first_unknown = std::move(waiting->first);
    const auto contract = store.contracts().find(state.name);
    if (contract == store.contracts().end()) continue;
    state.owner = contract->second.owner_role;
    state.contact = contract->second.contact;
    state.agency = contract->second.agency;
    state.held_above_rows = contract->second.held_above_rows();
    int64_t since = state.last_at;
    if (since == 0) {
      const auto noted = first_noted(store.ledger(), feed.contract);
      if (!noted) return noted.error();
      since = std::max(*noted, calendar::start_of(contract->second.since));
    }
    const auto silent = exchange::silent_from(contract->second.rhythm, since, working_days);
    if (silent && *silent <= now) state.silent_since = silent;
  }
  return out;
}

}  // namespace kept::app
