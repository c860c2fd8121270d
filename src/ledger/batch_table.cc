#include "ledger/batch_table.h"

#include "ledger/ask_numbers.h"

namespace kept::ledger {
namespace {

constexpr Statement find_row{
    "SELECT key, feed, number, digest, state, received_at, next_row, rows, accepted, duplicate, conflict, quarantined, "
    "ignored, events, entry FROM batch WHERE feed = $1 AND number = $2"};
constexpr Statement read_unfinished{"SELECT number FROM batch WHERE feed = $1 AND digest = $2 AND state <> 2"};
constexpr Statement find_taken{"SELECT 1 FROM batch WHERE digest = $1 AND state = 2"};
constexpr Statement read_entry{"SELECT entry FROM batch WHERE key = $1 AND entry IS NOT NULL"};
constexpr Statement read_next_key{"SELECT COALESCE(MAX(key) + 1, 1) FROM batch"};
constexpr Statement count_rows{"SELECT COUNT(*) FROM batch"};
constexpr Statement sum_rows{
    "SELECT COALESCE(SUM(rows), 0) FROM batch WHERE feed = $1 AND received_at >= $2 AND "
    "received_at <= $3 AND key <> $4"};
constexpr Statement read_feeds_own{
    "SELECT key, feed, number, digest, state, received_at, next_row, rows, accepted, duplicate, conflict, quarantined, "
    "ignored, events, entry FROM batch WHERE feed = (SELECT key FROM feed WHERE name = $1) ORDER BY number"};
constexpr Statement read_all{
    "SELECT batch.key, batch.feed, batch.number, batch.digest, batch.state, batch.received_at, batch.next_row, "
    "batch.rows, batch.accepted, batch.duplicate, batch.conflict, batch.quarantined, batch.ignored, batch.events, "
    "batch.entry, feed.name FROM batch JOIN feed ON feed.key = batch.feed ORDER BY batch.key"};
constexpr Statement add_row{
    "INSERT INTO batch (key, feed, number, digest, state, received_at, next_row, rows, accepted, duplicate, conflict, "
    "quarantined, ignored, events) VALUES ($1, $2, $3, $4, 1, $5, 1, 0, 0, 0, 0, 0, 0, 0)"};
constexpr Statement advance_row{
    "UPDATE batch SET next_row = $1, rows = rows + $2, accepted = accepted + $3, duplicate = duplicate + $4, "
    "conflict = conflict + $5, quarantined = quarantined + $6, ignored = ignored + $7, events = events + $8, "
    "state = $9 WHERE key = $10"};
constexpr Statement end_row{"UPDATE batch SET entry = $1 WHERE key = $2"};

BatchRow row_of(const Answer& answer) {
  const auto n = [&](int column) { return static_cast<uint64_t>(answer.number(column)); };
  BatchRow row{n(0),
               answer.number(1),
               n(2),
               std::string(answer.bytes(3)),
               static_cast<BatchState>(answer.number(4)),
               answer.number(5),
               n(6),
               {n(7), n(8), n(9), n(10), n(11), n(12), n(13)},
               std::nullopt};
  if (!answer.is_absent(14)) row.entry = n(14);
  return row;
}

}  // namespace

base::Result<std::optional<BatchRow>> BatchTable::find(int64_t feed, uint64_t number) {
  std::optional<BatchRow> found;
  const base::Status done = database_.ask(find_row, {feed, static_cast<int64_t>(number)},
                                          [&](std::size_t, const Answer& answer) -> base::Status {
                                            found = row_of(answer);
                                            return base::Done{};
                                          });
  if (!done) return done.error();
  return found;
}

base::Result<std::optional<uint64_t>> BatchTable::unfinished(int64_t feed, std::string_view digest) {
  const auto numbers = ask_numbers(database_, read_unfinished, {feed, digest});
  if (!numbers) return numbers.error();
  if (numbers->empty()) return std::optional<uint64_t>();
  return std::optional(static_cast<uint64_t>(numbers->back()));
}

base::Result<bool> BatchTable::is_taken(std::string_view digest) {
  const auto found = ask_numbers(database_, find_taken, {digest});
  if (!found) return found.error();
  return !found->empty();
}

base::Result<std::optional<uint64_t>> BatchTable::entry_of(uint64_t key) {
  const auto entry = ask_numbers(database_, read_entry, {static_cast<int64_t>(key)});
  if (!entry) return entry.error();
  if (entry->empty()) return std::optional<uint64_t>();
  return std::optional(static_cast<uint64_t>(entry->front()));
}

base::Result<uint64_t> BatchTable::next_key() {
  const auto key = ask_number(database_, read_next_key, {});
  if (!key) return key.error();
  return static_cast<uint64_t>(*key);
}

base::Result<uint64_t> BatchTable::count() {
  const auto number = ask_number(database_, count_rows, {});
  if (!number) return number.error();
  return static_cast<uint64_t>(*number);
}

base::Result<uint64_t> BatchTable::rows_between(int64_t feed, int64_t from, int64_t to, uint64_t except) {
  const auto sum = ask_number(database_, sum_rows, {feed, from, to, static_cast<int64_t>(except)});
  if (!sum) return sum.error();
  return static_cast<uint64_t>(*sum);
}

base::Status BatchTable::each_of(std::string_view feed_name,
                                 const std::function<base::Status(const BatchRow& row)>& visit) {
  return database_.ask(read_feeds_own, {feed_name},
                       [&](std::size_t, const Answer& answer) { return visit(row_of(answer)); });
}

base::Status BatchTable::each(const Visit& visit) {
  return database_.ask(read_all, {},
                       [&](std::size_t, const Answer& answer) { return visit(answer.bytes(15), row_of(answer)); });
}

base::Status BatchTable::add(const BatchRow& row) {
  return database_.run(add_row, {static_cast<int64_t>(row.key), row.feed, static_cast<int64_t>(row.number),
                                 std::string_view(row.digest), row.received_at});
}

base::Status BatchTable::advance(uint64_t key, uint64_t next_row, const RowCounts& counts, BatchState state) {
  const auto n = [](uint64_t value) { return static_cast<int64_t>(value); };
  return database_.run(
      advance_row, {n(next_row), n(counts.rows), n(counts.accepted), n(counts.duplicate), n(counts.conflict),
                    n(counts.quarantined), n(counts.ignored), n(counts.events), static_cast<int64_t>(state), n(key)});
}

base::Status BatchTable::set_entry(uint64_t key, uint64_t entry) {
  return database_.run(end_row, {static_cast<int64_t>(entry), static_cast<int64_t>(key)});
}

}  // namespace kept::ledger
