#include "ledger/outbox_table.h"

#include <vector>

namespace kept::ledger {
namespace {

constexpr Statement add_rows{
    "INSERT INTO outbox (subject, obligation, state, due_at, live, since) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT "
    "(subject, obligation) DO UPDATE SET state = excluded.state, due_at = excluded.due_at"};
constexpr Statement settle_rows{"UPDATE outbox SET state = $1, due_at = $2 WHERE subject = $3 AND obligation = $4"};
constexpr Statement read_all{"SELECT subject, obligation, state, due_at, live, since FROM outbox"};
constexpr Statement drop_all{"DELETE FROM outbox"};

In due(const OutboxRow& row) { return row.due_at ? In(*row.due_at) : In(std::monostate{}); }

std::vector<In> values_of(std::span<const OutboxRow> rows) {
  std::vector<In> values;
  values.reserve(rows.size() * 6);
  for (const OutboxRow& row : rows)
    for (const In& value :
         {In(row.subject), In(row.obligation), In(row.state), due(row), In(int64_t{row.live}), In(row.since)})
      values.push_back(value);
  return values;
}

}  // namespace

base::Status OutboxTable::add(std::span<const OutboxRow> rows) {
  if (rows.empty()) return base::Done{};
  return database_.run(add_rows, values_of(rows), 6);
}

base::Status OutboxTable::settle(std::span<const OutboxRow> rows) {
  if (rows.empty()) return base::Done{};
  std::vector<In> values;
  values.reserve(rows.size() * 4);
  for (const OutboxRow& row : rows)
    for (const In& value : {In(row.state), due(row), In(row.subject), In(row.obligation)}) values.push_back(value);
  return database_.run(settle_rows, values, 4);
}

base::Status OutboxTable::replace_all(std::span<const OutboxRow> rows) {
  base::Status done = database_.run(drop_all);
  if (done && !rows.empty())
    done = database_.insert("outbox", "subject, obligation, state, due_at, live, since", values_of(rows), 6);
  return done;
}

base::Status OutboxTable::each(const std::function<base::Status(const OutboxRow& row)>& visit) {
  return database_.ask(read_all, {}, [&](std::size_t, const Answer& answer) {
    return visit({answer.number(0), answer.bytes(1), answer.number(2),
                  answer.is_absent(3) ? std::nullopt : std::optional(answer.number(3)), answer.number(4) != 0,
                  answer.number(5)});
  });
}

}  // namespace kept::ledger
