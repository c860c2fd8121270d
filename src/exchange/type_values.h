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
  void listed(const std::string& column, std::string_view value);
  /// A value of the column was the name of a type (`by_name`).
  void named(const std::string& column) { known_.insert(column); }
  /// Counts a value that is not listed; `set_aside`: its row was ignored rather than rejected.
  void unlisted(const std::string& column, std::string_view value, bool set_aside);
  /// For people: each listed value that never occurred, with the unlisted one that was probably meant; then, by column,
  /// the values set aside most often, or where they may be personal only their number. `mapping` null: the file had
  /// none.
  std::vector<std::string> notes(const Mapping* mapping) const;

 private:
  static constexpr std::size_t most_values = 1000;  ///< further distinct ones are not remembered
  static constexpr std::size_t most_shown = 10;
  struct Count {
    uint64_t rows = 0;
    uint64_t set_aside = 0;
  };
  struct Unlisted {
    std::map<std::string, Count, std::less<>> values;
    uint64_t set_aside = 0;  ///< rows, of values not remembered too
  };
  std::string set_aside_note(const std::string& column, const Unlisted& unlisted) const;

  std::set<std::pair<std::string, std::string>> listed_;
  std::set<std::string> known_;               ///< columns that held a value that was understood
  std::map<std::string, Unlisted> unlisted_;  ///< by column
};

}  // namespace kept::exchange
