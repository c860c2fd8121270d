#include "ledger/waiting_table.h"

#include "ledger/ask_numbers.h"

namespace kept::ledger {
namespace {

constexpr Statement any_row{"SELECT crime FROM waiting LIMIT 1"};
constexpr Statement drop_row{"DELETE FROM waiting WHERE crime = $1"};
constexpr Statement read_all{"SELECT crime, feed, since FROM waiting ORDER BY crime"};
constexpr Statement count_rows{"SELECT COUNT(*) FROM waiting WHERE feed = $1"};
constexpr Statement first_rows{
    "SELECT name.text FROM waiting JOIN name ON name.key = waiting.crime WHERE waiting.feed = $1 ORDER BY "
    "waiting.crime LIMIT 6"};

}  // namespace

base::Result<bool> WaitingTable::has_any() {
  const auto found = ask_numbers(database_, any_row, {});
  if (!found) return found.error();
  return !found->empty();
}

base::Status WaitingTable::add(std::span<const WaitingRow> rows) {
  if (rows.empty()) return base::Done{};
  std::vector<In> values;
  values.reserve(rows.size() * 3);
  for (const WaitingRow& row : rows)
    for (const In& value : {In(row.crime), In(std::string_view(row.feed)), In(row.since)}) values.push_back(value);
  return database_.insert("waiting", "crime, feed, since", values, 3);
}

base::Status WaitingTable::drop(std::span<const int64_t> crimes) {
  if (crimes.empty()) return base::Done{};
  const std::vector<In> values(crimes.begin(), crimes.end());
  return database_.run(drop_row, values, 1);
}

base::Result<std::vector<WaitingRow>> WaitingTable::all() {
  std::vector<WaitingRow> out;
  const base::Status done = database_.ask(read_all, {}, [&](std::size_t, const Answer& answer) -> base::Status {
    out.push_back({answer.number(0), std::string(answer.bytes(1)), answer.number(2)});
    return base::Done{};
  });
  if (!done) return done.error();
  return out;
}

base::Result<uint64_t> WaitingTable::count_of(std::string_view feed) {
  const auto number = ask_number(database_, count_rows, {feed});
  if (!number) return number.error();
  return static_cast<uint64_t>(*number);
}

base::Result<std::vector<std::string>> WaitingTable::first_of(std::string_view feed) {
  std::vector<std::string> out;
  const base::Status done = database_.ask(first_rows, {feed}, [&](std::size_t, const Answer& answer) -> base::Status {
    out.emplace_back(answer.bytes(0));
    return base::Done{};
  });
  if (!done) return done.error();
  return out;
}

}  // namespace kept::ledger
