#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/event_table.h"

namespace kept::exchange {

/// Finds an event that has the same source and id. While ids of each source only grow (shorter before longer, then by
/// letter), nothing can be twice and nothing is kept but the last one; from the first that does not, a table of 8 to 16
/// bytes an event.
class Duplicates {
 public:
  static constexpr uint32_t none = model::EventTable::none;
  /// The row in `table` with this source and id, or `none`. Precondition: `id` is not empty.
  uint32_t find(const model::EventTable& table, uint32_t source, std::string_view id);
  /// Row `row` of `table` was added with this source and id.
  void add(const model::EventTable& table, uint32_t row, uint32_t source, std::string_view id);
  /// `find` and `add` of many rows that are about to be appended to `table`, up to the first that is there already:
  /// how many are new. `source` null: all have source 0. An empty id counts as new. `hash`: as `hash_of` gives it.
  std::size_t claim(const model::EventTable& table, const uint32_t* source, const std::string_view* id,
                    const uint64_t* hash, std::size_t count);
  static uint64_t hash_of(std::string_view id);
  std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t ahead = 16;
  static uint64_t hash_with(uint32_t source, uint64_t hash);
  void remember_last(uint32_t source, std::string_view id);
  bool grows(uint32_t source, std::string_view id) const;
  void place(uint64_t hash, uint32_t row);
  void build(const model::EventTable& table, std::size_t more = 0);

  bool ordered_ = true;
  std::vector<std::string> last_;  ///< by source
  std::vector<uint64_t> slots_;    ///< upper half of the hash and row + 1; 0 is free
  std::size_t used_ = 0;
};

}  // namespace kept::exchange
