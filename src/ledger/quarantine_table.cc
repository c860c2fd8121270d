#include "ledger/quarantine_table.h"

#include <algorithm>
#include <vector>

#include "ledger/ask_numbers.h"

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
constexpr Statement count_of_feed{
    "SELECT COUNT(*) FROM quarantine JOIN batch ON batch.key = quarantine.batch WHERE "
    "batch.feed = $1 AND quarantine.settled IS NULL"};

QuarantineRow row_of(const Answer& answer) {
  const auto n = [&](int column) { return static_cast<uint64_t>(answer.number(column)); };
  return {n(0), n(1), n(2), answer.bytes(3), answer.is_absent(4) ? std::nullopt : std::optional(n(4))};
}

Database::Visit named(const QuarantineTable::VisitNamed& visit) {
  return [&visit](std::size_t, const Answer& answer) {
    return visit(row_of(answer), answer.bytes(5), static_cast<uint64_t>(answer.number(6)));
  };
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

base::Result<uint64_t> QuarantineTable::count_open(int64_t feed) {
  const auto number = ask_number(database_, count_of_feed, {feed});
  if (!number) return number.error();
  return static_cast<uint64_t>(*number);
}

}  // namespace kept::ledger
