#include "ledger/difference_table.h"

namespace kept::ledger {
namespace {

constexpr Statement write_rows{
    "INSERT INTO difference (subject, entry, bytes) VALUES ($1, $2, $3) "
    "ON CONFLICT (subject, entry) DO UPDATE SET bytes = excluded.bytes"};
constexpr Statement read_all{"SELECT subject, entry, bytes FROM difference"};

}  // namespace

base::Status DifferenceTable::write(std::span<const DifferenceRow> rows) {
  if (rows.empty()) return base::Done{};
  std::vector<In> values;
  values.reserve(rows.size() * 3);
  for (const DifferenceRow& row : rows)
    for (const In& value : {In(row.subject), In(static_cast<int64_t>(row.entry)), In(Bytes{row.changes})})
      values.push_back(value);
  return database_.run(write_rows, values, 3);
}

base::Status DifferenceTable::each(const std::function<base::Status(const DifferenceRow& row)>& visit) {
  return database_.ask(read_all, {}, [&](std::size_t, const Answer& answer) {
    return visit({answer.number(0), static_cast<uint64_t>(answer.number(1)), answer.bytes(2)});
  });
}

}  // namespace kept::ledger
