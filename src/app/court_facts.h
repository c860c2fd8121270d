#pragma once
#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "app/store_folder.h"
#include "base/result.h"
#include "model/event_table.h"

namespace kept::app {

/// What a store holds about some hearings, as a table, and when each of its rows reached us.
struct CourtFacts {
  explicit CourtFacts(std::shared_ptr<const model::Vocabulary> vocabulary) : table(std::move(vocabulary)) {}
  model::EventTable table;
  std::set<uint32_t> hearings;       ///< symbols: those whose facts are all here; others are here by the way
  std::vector<int64_t> received_at;  ///< by row
  std::vector<uint64_t> batch;       ///< by row: the ledger's own number of the batch it came with; 0: none
  std::vector<bool> historic;        ///< by row: a first load, or older on arrival than its feed allows
};

enum class CourtScope : uint8_t {
  hearings,  ///< what names a hearing
  victims,   ///< and what is recorded of the crimes that the hearings and their suspects are about
};

/// Every hearing in the store, a few hundred at a time, in no stated order. Free text and personal fields are left
/// out. Errors: the ledger's, and those of `visit`.
base::Status each_court_facts(Store& store, CourtScope scope,
                              const std::function<base::Status(const CourtFacts& facts)>& visit);

/// Did a person type when this batch reached us? Errors: the ledger's.
base::Result<bool> is_receipt_typed(Store& store, uint64_t batch);

}  // namespace kept::app
