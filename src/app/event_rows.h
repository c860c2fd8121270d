#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/event.h"
#include "model/event_table.h"

namespace kept::app {

/// Puts events that are whole, as a ledger keeps them, into a table that the engine reads. Free text and personal
/// fields are left out: the engine never reads them.
class EventRows {
 public:
  explicit EventRows(model::EventTable* table) : table_(table) {}
  /// Returns the row. Errors: invalid for a type or field that the vocabulary does not have, or a value of another
  /// kind: the rules in use are not those the event was held against.
  base::Result<uint32_t> add(const model::Event& event);

 private:
  model::EventTable* table_;
  std::vector<model::DetailValue> values_;
};

}  // namespace kept::app
