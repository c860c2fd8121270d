#include "ledger/name_table.h"

namespace kept::ledger {
namespace {

// Participants' names begin with p, hearings' with h: see NameKind.
constexpr Statement read_subjects{
    "SELECT key FROM name WHERE (text >= 'p' AND text < 'q') OR (text >= 'h' AND text < 'i') ORDER BY key"};

}  // namespace

base::Result<std::vector<int64_t>> named_subjects(Database& database) {
  std::vector<int64_t> out;
  const base::Status done = database.ask(read_subjects, {}, [&](std::size_t, const Answer& answer) -> base::Status {
    out.push_back(answer.number(0));
    return base::Done{};
  });
  if (!done) return done.error();
  return out;
}

}  // namespace kept::ledger
