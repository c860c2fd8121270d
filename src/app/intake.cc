#include "app/intake.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "app/batch_receiver.h"
#include "app/waiting_crimes.h"
#include "exchange/read_events.h"
#include "ledger/hash.h"
#include "ledger/transaction.h"

namespace kept::app {
namespace {

using base::Error;
using base::ErrorCode;

constexpr uint64_t large_file_bytes = uint64_t{8} << 20;

/// SHA-256 of a file, read a piece at a time.
base::Result<std::string> digest_of(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::is_directory(path, failed))
    return base::invalid(
        fmt::format("{} is a folder: name the files in it, or the folder around it with --delivery, where a "
                    "manifest.csv lies beside them",
                    path));
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file && errno == ENOENT) return Error{ErrorCode::not_found, fmt::format("{}: there is no such file", path)};
  if (!file)
    return Error{ErrorCode::not_found, fmt::format("{} cannot be opened to be read: {}", path, std::strerror(errno))};
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
  const auto digest = digest_of(request.path);
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
  BatchReceiver receiver(store, request, contract, *digest, request.received_at.value_or(now), most);
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
    // Whoever writes it may not have been done: what was read would not be what the digest says.
    const auto still = digest_of(request.path);
    if (result && !still) wrong = still.error();
    if (result && still && *still != *digest)
      wrong = Error{
          ErrorCode::conflict,
          fmt::format("{}: it changed while it was read, so that the batch is not complete; {}; send it again once "
                      "nobody writes it any more",
                      called,
                      receiver.rows_taken() == 0
                          ? std::string("nothing of it was taken")
                          : fmt::format("its first {} rows were taken and stay, and batch {} stays open: "
                                        "number it as the next one",
                                        receiver.rows_taken(), receiver.number()))};
    if (!wrong && request.rows && *request.rows != result->counts.rows)
      wrong = Error{ErrorCode::conflict,
                    fmt::format("{}: it has {} rows, and the sender says {}: what was taken stays, and the batch is "
                                "not complete; ask for it again",
                                called, result->counts.rows, *request.rows)};
    receiver.finish(result ? result->counts.rows : 0, wrong);
  } while (receiver.reads_again());
  return receiver.receipt();
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
