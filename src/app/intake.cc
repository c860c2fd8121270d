#include "app/intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "app/batch_receiver.h"
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
  if (request.number == std::optional<uint64_t>(0)) return base::invalid("batches are numbered from 1");

  std::error_code failed;
  const uint64_t bytes = std::filesystem::file_size(request.path, failed);
  const std::size_t most = request.events_a_commit != 0 ? request.events_a_commit : events_a_commit(failed ? 0 : bytes);
  BatchReceiver receiver(store, request, contract, std::move(*digest), request.received_at.value_or(now), most);
  exchange::ReadRequest read;
  read.files = {request.path};
  read.mapping = contract.mapping.get();
  read.vocabulary = store.rules().book.vocabulary;
  read.rejects = &receiver;
  read.whole = &receiver;
  read.progress = request.progress;
  do {
    receiver.begin();
    const auto result = exchange::read_events(read);
    if (!receiver.is_reading()) continue;
    std::optional<Error> wrong;
    if (!result) wrong = result.error();
    if (result && request.rows && *request.rows != result->counts.rows)
      wrong = Error{ErrorCode::conflict,
                    fmt::format("{}: it has {} rows, and the sender says {}: what was taken stays, and the batch is "
                                "not complete; ask for it again",
                                called, result->counts.rows, *request.rows)};
    receiver.finish(result ? result->counts.rows : 0, wrong);
  } while (receiver.reads_again());
  return receiver.receipt();
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
