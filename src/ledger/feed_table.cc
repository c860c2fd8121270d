#include "ledger/feed_table.h"

#include "ledger/ask_numbers.h"

namespace kept::ledger {
namespace {

constexpr Statement find_row{
    "SELECT name, key, contract, last_batch, last_at, rows, accepted, duplicate, conflict, quarantined, ignored, "
    "events FROM feed WHERE name = $1"};
constexpr Statement read_all{
    "SELECT name, key, contract, last_batch, last_at, rows, accepted, duplicate, conflict, quarantined, ignored, "
    "events FROM feed ORDER BY name"};
constexpr Statement next_key{"SELECT COALESCE(MAX(key) + 1, 1) FROM feed"};
constexpr Statement add_row{
    "INSERT INTO feed (name, key, contract, last_batch, last_at, rows, accepted, duplicate, conflict, quarantined, "
    "ignored, events) VALUES ($1, $2, $3, 0, 0, 0, 0, 0, 0, 0, 0, 0)"};
constexpr Statement change_contract{"UPDATE feed SET contract = $1 WHERE name = $2"};
constexpr Statement add_to_counts{
    "UPDATE feed SET rows = rows + $1, accepted = accepted + $2, duplicate = duplicate + $3, conflict = conflict + $4, "
    "quarantined = quarantined + $5, ignored = ignored + $6, events = events + $7 WHERE name = $8"};
constexpr Statement note_last{
    "UPDATE feed SET last_batch = CASE WHEN last_batch < $1 THEN $2 ELSE last_batch END, last_at = CASE WHEN last_at < "
    "$3 THEN $4 ELSE last_at END WHERE name = $5"};

FeedRow row_of(const Answer& answer) {
  const auto n = [&](int column) { return static_cast<uint64_t>(answer.number(column)); };
  return {std::string(answer.bytes(0)),
          answer.number(1),
          n(2),
          n(3),
          answer.number(4),
          {n(5), n(6), n(7), n(8), n(9), n(10), n(11)}};
}

}  // namespace

base::Result<std::optional<FeedRow>> FeedTable::find(std::string_view name) {
  std::optional<FeedRow> found;
  const base::Status done = database_.ask(find_row, {name}, [&](std::size_t, const Answer& answer) -> base::Status {
    found = row_of(answer);
    return base::Done{};
  });
  if (!done) return done.error();
  return found;
}

base::Result<std::vector<FeedRow>> FeedTable::all() {
  std::vector<FeedRow> out;
  const base::Status done = database_.ask(read_all, {}, [&](std::size_t, const Answer& answer) -> base::Status {
    out.push_back(row_of(answer));
    return base::Done{};
  });
  if (!done) return done.error();
  return out;
}

base::Status FeedTable::add(std::string_view name, uint64_t contract) {
  const auto key = ask_number(database_, next_key, {});
  if (!key) return key.error();
  return database_.run(add_row, {name, *key, static_cast<int64_t>(contract)});
}

base::Status FeedTable::set_contract(std::string_view name, uint64_t contract) {
  return database_.run(change_contract, {static_cast<int64_t>(contract), name});
}

base::Status FeedTable::add_counts(std::string_view name, const RowCounts& counts) {
  const auto n = [](uint64_t value) { return static_cast<int64_t>(value); };
  return database_.run(add_to_counts, {n(counts.rows), n(counts.accepted), n(counts.duplicate), n(counts.conflict),
                                       n(counts.quarantined), n(counts.ignored), n(counts.events), name});
}

base::Status FeedTable::note_batch(std::string_view name, uint64_t number, int64_t received_at) {
  const auto n = static_cast<int64_t>(number);
  return database_.run(note_last, {n, n, received_at, received_at, name});
}

}  // namespace kept::ledger
