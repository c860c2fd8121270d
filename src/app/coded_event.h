#pragma once
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "model/event.h"
#include "model/event_table.h"

namespace kept::app {

/// Whom and what an event names, as symbols of the table it goes into; 0: none.
struct NamedInTable {
  uint32_t participant = 0, crime = 0, suspect = 0, hearing = 0;
  static NamedInTable of(const model::Event& event, model::EventTable* table);
};

/// An event as the engine reads it, coded by a vocabulary once and put into as many tables as are wanted. Free text and
/// personal fields are left out: the engine never reads them. So are the names of people, crimes, suspects and
/// hearings: who keeps many of these knows them by shorter keys. Packed, because millions are kept in memory.
class CodedEvent {
 public:
  /// Errors: invalid for a type or field that the vocabulary does not have, or a value of another kind: the rules in
  /// use are not those the event was held against.
  static base::Result<CodedEvent> of(const model::Event& event, const model::Vocabulary& vocabulary);
  /// Returns the row. Precondition: the table's vocabulary is the one it was coded by.
  uint32_t add_to(model::EventTable* table, const NamedInTable& named) const;

  /// The first moment after `now` at which one of its times begins, or one of them has ended; INT64_MAX: none.
  int64_t next_after(int64_t now) const;
  std::size_t memory_bytes() const;

 private:
  std::unique_ptr<char[]> packed_;  ///< times, values, texts: coded_event.cc says how
  int64_t recorded_at_ = 0;
  uint32_t size_ = 0;  ///< of packed_
  uint16_t code_ = 0;
  uint16_t values_ = 0;  ///< of `detail`
  bool has_known_ = false, recorded_assumed_ = false;
};

}  // namespace kept::app
