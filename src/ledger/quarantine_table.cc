#include "ledger/quarantine_table.h"

#include <algorithm>
#include <vector>

namespace kept::ledger {
namespace {

constexpr Statement settle_row{"UPDATE quarantine SET settled = $1 WHERE position = $2 AND settled IS NULL"};
constexpr Statement read_all{"SELECT position, batch, row, reason, settled FROM quarantine ORDER BY position"};
constexpr Statement find_row{
    "SELECT quarantine.position, quarantine.batch, quarantine.row, quarantine.reason, quarantine.settled, feed.name, "
    "batch.number FROM quarantine JOIN batch ON batch.key = quarantine.batch JOIN feed ON feed.key = batch.feed WHERE "
    "quarantine.position = $1"};
constexpr Statement read_newest{
    "SELECT quarantine.position, quarantine.batch, quarantine.row, quarantine.reason, quarantine.settled, feed.name, "
    "batch.number FROM quarantine JOIN batch ON batch.key = quarantine.batch JOIN feed ON feed.key = batch.feed WHERE "
    "(feed.name = $1 OR CAST($2 AS bigint) = 1) AND (quarantine.settled IS NULL OR CAST($3 AS bigint) = 1) ORDER BY "
    "quarantine.position DESC LIMIT CAST($4 AS bigint)"};
constexpr Statement read_of_batch{
    "SELECT position, batch, row, reason, settled FROM quarantine WHERE batch = $1 ORDER BY row LIMIT CAST($2 AS "
    "bigint)"};
constexpr Statement count_by_reason{"SELECT reason, COUNT(*) FROM quarantine WHERE batch = $1 GROUP BY reason"};
constexpr Statement count_open_by_reason{
    "SELECT quarantine.reason, COUNT(*) FROM quarantine JOIN batch ON batch.key = quarantine.batch WHERE "
    "batch.feed = $1 AND quarantine.settled IS NULL GROUP BY quarantine.reason"};

QuarantineRow row_of(const Answer& answer) {
  const auto n = [&](int column) { return static_cast<uint64_t>(answer.number(column)); };
  return {n(0), n(1), n(2), answer.bytes(3), answer.is_absent(4) ? std::nullopt : std::optional(n(4))};
}

Database::Visit named(const QuarantineTable::VisitNamed& visit) {
  return [&visit](std::size_t, const Answer& answer) {
    return visit(row_of(answer), answer.bytes(5), static_cast<uint64_t>(answer.number(6)));
  };
}

base::Result<std::map<std::string, uint64_t>> counted(Database& database, const Statement& statement, int64_t of) {
  std::map<std::string, uint64_t> out;
  const base::Status done = database.ask(statement, {of}, [&](std::size_t, const Answer& answer) -> base::Status {
    out[std::string(answer.bytes(0))] = static_cast<uint64_t>(answer.number(1));
    return base::Done{};
  });
  if (!done) return done.error();
  return out;
}

}  // namespace

base::Status QuarantineTable::add(std::span<const QuarantineRow> rows) {
  if (rows.empty()) return base::Done{};
  std::vector<In> values;
  values.reserve(rows.size() * 5);
  for (const QuarantineRow& row : rows)
    for (const In& value : {In(static_cast<int64_t>(row.position)), In(static_cast<int64_t>(row.batch)),
                            In(static_cast<int64_t>(row.row)), In(row.reason),
                            row.settled ? In(static_cast<int64_t>(*row.settled)) : In(std::monostate{})})
      values.push_back(value);
  return database_.insert("quarantine", "position, batch, row, reason, settled", values, 5);
}

base::Status QuarantineTable::settle(uint64_t position, uint64_t settled) {
  return database_.run(settle_row, {static_cast<int64_t>(settled), static_cast<int64_t>(position)});
}

base::Status QuarantineTable::each(const Visit& visit) {
  return database_.ask(read_all, {}, [&](std::size_t, const Answer& answer) { return visit(row_of(answer)); });
}

base::Status QuarantineTable::find(uint64_t position, const VisitNamed& visit) {
  return database_.ask(find_row, {static_cast<int64_t>(position)}, named(visit));
}

base::Status QuarantineTable::newest(std::string_view feed_name, bool open_only, uint64_t most,
                                     const VisitNamed& visit) {
  return database_.ask(read_newest,
                       {feed_name, int64_t{feed_name.empty()}, int64_t{!open_only},
                        static_cast<int64_t>(std::min<uint64_t>(most, INT64_MAX))},
                       named(visit));
}

base::Status QuarantineTable::of_batch(uint64_t batch, uint64_t most, const Visit& visit) {
  return database_.ask(read_of_batch,
                       {static_cast<int64_t>(batch), static_cast<int64_t>(std::min<uint64_t>(most, INT64_MAX))},
                       [&](std::size_t, const Answer& answer) { return visit(row_of(answer)); });
}

base::Result<std::map<std::string, uint64_t>> QuarantineTable::reasons_of_batch(uint64_t batch) {
  return counted(database_, count_by_reason, static_cast<int64_t>(batch));
}

base::Result<std::map<std::string, uint64_t>> QuarantineTable::open_reasons(int64_t feed) {
  return counted(database_, count_open_by_reason, feed);
}

}  // namespace kept::ledger
