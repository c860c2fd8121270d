#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exchange/id_bits.h"
#include "model/event_table.h"

namespace kept::exchange {

/// Finds an event that has the same source and id. While ids of each source only grow (shorter before longer, then by
/// letter), nothing can be twice and nothing is kept but the last one. From the first that does not, ids that are
/// numbers close together take a bit each, and all others a table of 8 to 16 bytes an id.
class Duplicates {
 public:
  static constexpr uint32_t none = model::EventTable::none;
  /// The row in `table` with this source and id, or `none`. Precondition: `id` is not empty.
  uint32_t find(const model::EventTable& table, uint32_t source, std::string_view id);
  /// Row `row` of `table`, its last, was added with this source and id, which `find` did not find.
  void add(const model::EventTable& table, uint32_t row, uint32_t source, std::string_view id);
  /// `find` and `add` of many rows that are about to be appended to `table`, up to the first that is there already:
  /// how many are new. `source` null: all have source 0. An empty id counts as new.
  std::size_t claim(const model::EventTable& table, const uint32_t* source, const std::string_view* id,
                    std::size_t count);
  std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t ahead = 16;
  static constexpr uint64_t no_number = UINT64_MAX;
  /// The rows of the table and, after them, those just claimed.
  struct Rows {
    const model::EventTable& table;
    const uint32_t* claimed_source = nullptr;
    const std::string_view* claimed_id = nullptr;
    std::size_t claimed = 0;

    uint32_t size() const { return table.size() + static_cast<uint32_t>(claimed); }
    uint32_t source(uint32_t row) const {
      if (row < table.size()) return table.source(row);
      return claimed_source == nullptr ? 0 : claimed_source[row - table.size()];
    }
    std::string_view id(uint32_t row) const {
      return row < table.size() ? table.given_id(row) : claimed_id[row - table.size()];
    }
  };
  bool grows(uint32_t source, std::string_view id) const;
  void remember_last(uint32_t source, std::string_view id);
  void leave_order(const Rows& rows);
  void fill_bits(const Rows& rows);
  uint32_t set_of(uint32_t source) const { return apart_ ? source : 0; }
  bool take_number(const Rows& rows, uint32_t source, uint64_t number, bool* there);
  uint32_t look_back(const model::EventTable& table, uint32_t source, std::string_view id);
  bool has_slot(uint32_t row, std::string_view id) const;
  void make_slots(const Rows& rows);
  /// Where this id is in the slots, or the free place for it.
  std::size_t slot_of(const Rows& rows, uint64_t hash, uint32_t source, std::string_view id) const;
  void put(std::size_t slot, uint64_t hash, uint32_t row);

  bool ordered_ = true;
  std::vector<std::string> last_;  ///< by source
  bool by_bits_ = true;            ///< numbers have their bits, and slots only where they are before `numbers_to_`
  /// Most files number their events across all sources. While no number was used twice, all sources share one set of
  /// bits, which stays in the processor's cache; from the first that was, each source has its own.
  bool apart_ = false;
  IdBits bits_;
  uint32_t numbers_to_ = 0;
  uint64_t looked_back_ = 0;     ///< rows
  std::vector<uint64_t> slots_;  ///< upper half of the hash and row + 1; 0 is free
  std::size_t used_ = 0;
};

}  // namespace kept::exchange
