#include "ledger/judged_table.h"

#include "ledger/ask_numbers.h"

namespace kept::ledger {
namespace {

constexpr Statement read_rows{"SELECT subject, judged_at, next_at, gap, obligations FROM judged WHERE subject = $1"};
constexpr Statement read_all{"SELECT subject, judged_at, next_at, gap, obligations FROM judged"};
constexpr Statement write_rows{
    "INSERT INTO judged (subject, judged_at, next_at, gap, obligations) VALUES ($1, $2, $3, $4, $5) "
    "ON CONFLICT (subject) DO UPDATE SET judged_at = excluded.judged_at, next_at = excluded.next_at, "
    "gap = excluded.gap, obligations = excluded.obligations"};
constexpr Statement change_obligations{"UPDATE judged SET obligations = $1 WHERE subject = $2"};
constexpr Statement drop_rows{"DELETE FROM judged WHERE subject = $1"};
constexpr Statement all_subjects{"SELECT subject FROM judged ORDER BY subject"};
constexpr Statement due_subjects{"SELECT subject FROM judged WHERE next_at <= $1 ORDER BY subject"};
constexpr Statement gap_subjects{"SELECT subject FROM judged WHERE gap = 1 ORDER BY subject"};
constexpr Statement sum_up{"SELECT COALESCE(MAX(judged_at), 0), COUNT(*) FROM judged"};

JudgedRow row_of(const Answer& answer) {
  return {answer.number(0), answer.number(1), answer.number(2), answer.number(3) != 0, answer.bytes(4)};
}

}  // namespace

base::Status JudgedTable::read(std::span<const int64_t> subjects, const VisitOf& visit) {
  if (subjects.empty()) return base::Done{};
  const std::vector<In> wanted(subjects.begin(), subjects.end());
  return database_.ask(read_rows, wanted, 1,
                       [&](std::size_t which, const Answer& answer) { return visit(which, row_of(answer)); });
}

base::Status JudgedTable::each(const Visit& visit) {
  return database_.ask(read_all, {}, [&](std::size_t, const Answer& answer) { return visit(row_of(answer)); });
}

base::Status JudgedTable::write(std::span<const JudgedRow> rows) {
  if (rows.empty()) return base::Done{};
  std::vector<In> values;
  values.reserve(rows.size() * 5);
  for (const JudgedRow& row : rows)
    for (const In& value :
         {In(row.subject), In(row.judged_at), In(row.next_at), In(int64_t{row.gap}), In(Bytes{row.obligations})})
      values.push_back(value);
  return database_.run(write_rows, values, 5);
}

base::Status JudgedTable::write_obligations(int64_t subject, std::string_view obligations) {
  return database_.run(change_obligations, {Bytes{obligations}, subject});
}

base::Status JudgedTable::drop(std::span<const int64_t> subjects) {
  if (subjects.empty()) return base::Done{};
  const std::vector<In> values(subjects.begin(), subjects.end());
  return database_.run(drop_rows, values, 1);
}

base::Result<std::vector<int64_t>> JudgedTable::subjects() { return ask_numbers(database_, all_subjects, {}); }

base::Result<std::vector<int64_t>> JudgedTable::due_by(int64_t as_at) {
  return ask_numbers(database_, due_subjects, {as_at});
}

base::Result<std::vector<int64_t>> JudgedTable::with_gaps() { return ask_numbers(database_, gap_subjects, {}); }

base::Result<JudgedTable::Sum> JudgedTable::sum() {
  Sum out;
  const base::Status done = database_.ask(sum_up, {}, [&](std::size_t, const Answer& answer) -> base::Status {
    out = {answer.number(0), static_cast<uint64_t>(answer.number(1))};
    return base::Done{};
  });
  if (!done) return done.error();
  return out;
}

}  // namespace kept::ledger
