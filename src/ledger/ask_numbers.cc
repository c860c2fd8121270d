#include "ledger/ask_numbers.h"

namespace kept::ledger {

base::Result<std::vector<int64_t>> ask_numbers(Database& database, const Statement& statement,
                                               std::initializer_list<In> parameters) {
  std::vector<int64_t> out;
  const base::Status done = database.ask(statement, parameters, [&](std::size_t, const Answer& answer) -> base::Status {
    out.push_back(answer.number(0));
    return base::Done{};
  });
  if (!done) return done.error();
  return out;
}

base::Result<int64_t> ask_number(Database& database, const Statement& statement, std::initializer_list<In> parameters) {
  const auto all = ask_numbers(database, statement, parameters);
  if (!all) return all.error();
  if (all->size() != 1) return base::invalid("a question with one answer was given another number of them");
  return all->front();
}

}  // namespace kept::ledger
