#include "ledger/name_table.h"

#include "ledger/ask_numbers.h"

namespace kept::ledger {
namespace {

// Participants' names begin with p, hearings' with h, crimes' with c: see NameKind.
constexpr Statement read_subjects{
    "SELECT key FROM name WHERE (text >= 'p' AND text < 'q') OR (text >= 'h' AND text < 'i') ORDER BY key"};
constexpr Statement read_crimes{"SELECT key FROM name WHERE text >= 'c' AND text < 'd' ORDER BY key"};

}  // namespace

base::Result<std::vector<int64_t>> named_subjects(Database& database) {
  return ask_numbers(database, read_subjects, {});
}

base::Result<std::vector<int64_t>> named_crimes(Database& database) { return ask_numbers(database, read_crimes, {}); }

}  // namespace kept::ledger
