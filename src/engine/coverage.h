#pragma once
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "calendar/local_date.h"

namespace kept::model {
class EventTable;
}

namespace kept::engine {

/// Whose feed of which type of event was complete on which dates of occurrence. Dated data, an input like any other.
/// Shape: (agency symbol, vocabulary type index) -> date ranges, both ends inclusive. What is not named is not covered.
class Coverage {
 public:
  /// Everything is covered: a finished log, or a test that is not about gaps.
  static Coverage complete();
  /// For a bare file: each agency counts as covered for a type from its first to its last event of that type. Marked
  /// `inferred`.
  static Coverage inferred(const model::EventTable& table);

  void add(uint32_t agency, uint16_t type, calendar::LocalDate from, calendar::LocalDate to);
  bool is_complete() const { return complete_; }
  bool is_inferred() const { return inferred_; }
  /// The first day in [from, to] that is not covered, or false when all are.
  bool first_gap(uint32_t agency, uint16_t type, calendar::LocalDate from, calendar::LocalDate to,
                 calendar::LocalDate* gap) const;
  /// Agencies named anywhere in it.
  std::vector<uint32_t> agencies() const;

 private:
  using Ranges = std::vector<std::pair<calendar::LocalDate, calendar::LocalDate>>;  ///< sorted, merged
  std::map<std::pair<uint32_t, uint16_t>, Ranges> ranges_;
  bool complete_ = false;
  bool inferred_ = false;
};

}  // namespace kept::engine
