#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "calendar/local_date.h"
#include "model/obligation.h"

namespace kept::measures {

/// Place and offence of a crime, as small codes; 0 is "not recorded".
struct CrimeTraits {
  uint16_t borough = 0;  ///< of the offence
  uint16_t offence = 0;
};

/// By what obligations are counted. `month` counts from January 1900; no_month where nothing is due.
struct CellKey {
  uint16_t duty = 0;
  int16_t month = 0;
  uint16_t borough = 0;
  uint16_t offence = 0;
  bool enhanced = false;
  bool entitled_not_recognised = false;
  auto operator<=>(const CellKey&) const = default;
};
inline constexpr int16_t no_month = -1;
int16_t month_of(calendar::LocalDate on);
/// First day of a month.
calendar::LocalDate first_day(int16_t month);

/// One cell: how many obligations had which outcome. Exactly one cache line.
struct alignas(64) Cell {
  uint64_t packed = 0;  ///< the key; 0: an empty place
  std::array<uint32_t, model::outcome_count> outcomes{};
  uint32_t too_late_to_use = 0;     ///< of the kept (C21)
  uint32_t recorded_after_due = 0;  ///< of the kept and late (C27)
  uint32_t unused = 0;
};
static_assert(sizeof(Cell) == 64);

/// Counts obligations into cells. Integers only, so partial results of any division of the work add up to the same
/// cells. Windows are counted apart, by duty. Memory: 64 bytes a cell, at most half of the places empty after growth.
/// Made for the hot path: no allocation but when the table grows; a batch's places are fetched ahead.
class Cells {
 public:
  /// `traits` is by crime symbol and may be shorter than the symbols in use; it must outlive the cells.
  explicit Cells(const std::vector<CrimeTraits>* traits = nullptr);
  void take(const model::Obligation* first, std::size_t count);
  /// Adds what `other` counted; `other` is spent.
  void merge(Cells& other);

  std::size_t size() const { return used_; }
  uint64_t obligations() const { return obligations_; }
  /// Every cell once, in no stated order.
  template <class Each>
  void for_each(Each each) const {
    for (std::size_t i = 0; i < capacity_; ++i) {
      if (places_[i].packed != 0) each(unpack(places_[i].packed), places_[i]);
    }
  }
  /// Every cell in the order of its key.
  std::vector<std::pair<CellKey, Cell>> sorted() const;
  /// By duty and WindowState (used, lapsed, open, cannot tell).
  const std::vector<std::array<uint64_t, 5>>& windows() const { return windows_; }

  static uint64_t pack(const CellKey& key);
  static CellKey unpack(uint64_t packed);

 private:
  static constexpr std::size_t batch = 32;
  Cell& place(uint64_t packed);
  void grow();

  const std::vector<CrimeTraits>* traits_;
  std::unique_ptr<Cell[]> places_;
  std::size_t capacity_ = 0;
  std::size_t used_ = 0;
  int shift_ = 64;
  uint64_t obligations_ = 0;
  std::vector<std::array<uint64_t, 5>> windows_;
};

}  // namespace kept::measures
