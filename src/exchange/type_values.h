#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exchange/mapping.h"

namespace kept::exchange {

/// Which values of a mapping's `types` tables occurred in the rows that were read, and which values no table lists.
class TypeValues {
 public:
  void listed(const std::string& column, std::string_view value) { listed_.emplace(column, value); }
  /// Counts a value that is not listed; `set_aside`: its row was ignored rather than rejected.
  void unlisted(const std::string& column, std::string_view value, bool set_aside);
  /// For people: each listed value that never occurred, with the unlisted one that was probably meant; then, by column,
  /// the values set aside most often. `mapping` null: the file had none.
  std::vector<std::string> notes(const Mapping* mapping) const;

 private:
  static constexpr std::size_t most_values = 1000;  ///< further distinct ones are not remembered
  static constexpr std::size_t most_shown = 10;
  std::set<std::pair<std::string, std::string>> listed_;
  struct Count {
    uint64_t rows = 0;
    uint64_t set_aside = 0;
  };
  std::map<std::string, std::map<std::string, Count, std::less<>>> unlisted_;  ///< by column
};

}  // namespace kept::exchange
