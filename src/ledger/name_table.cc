#include "ledger/name_table.h"

#include "ledger/ask_numbers.h"

namespace kept::ledger {
namespace {

// Participants' names begin with p, hearings' with h: see NameKind.
constexpr Statement read_subjects{
    "SELECT key FROM name WHERE (text >= 'p' AND text < 'q') OR (text >= 'h' AND text < 'i') ORDER BY key"};

}  // namespace

base::Result<std::vector<int64_t>> named_subjects(Database& database) {
  return ask_numbers(database, read_subjects, {});
}

}  // namespace kept::ledger
