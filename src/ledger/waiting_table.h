#pragma once
#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// A crime that facts speak of and nobody recorded yet.
struct WaitingRow {
  int64_t crime = 0;  ///< the key of its name
  std::string feed;   ///< whose fact spoke of it first
  int64_t since = 0;  ///< when that came, UTC milliseconds
  auto operator<=>(const WaitingRow&) const = default;
};

/// The table `waiting`. It follows from the facts and can be made again. Errors of all: io.
class WaitingTable {
 public:
  explicit WaitingTable(Database& database) : database_(database) {}

  /// Whether any crime waits at all.
  base::Result<bool> has_any();
  base::Status add(std::span<const WaitingRow> rows);
  /// These wait no longer, if they did.
  base::Status drop(std::span<const int64_t> crimes);
  /// All, by crime.
  base::Result<std::vector<WaitingRow>> all();
  base::Result<uint64_t> count_of(std::string_view feed);
  /// The names, as `name_text` has them, of at most 6 crimes that wait because of a feed.
  base::Result<std::vector<std::string>> first_of(std::string_view feed);

 private:
  Database& database_;
};

}  // namespace kept::ledger
