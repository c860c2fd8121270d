#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/store_folder.h"
#include "base/result.h"

namespace kept::app {

/// What a store was held against, and what did not agree.
struct LedgerCheck {
  /// A tree was put back from a backup: how long it was then, and how long it had been signed to be.
  struct Restored {
    int64_t at;
    uint64_t size, given_up;
  };
  struct OfTree {
    uint64_t entries = 0, nodes = 0;
    uint64_t heads = 0;        ///< signed ones that its roots were held against
    uint64_t newest_head = 0;  ///< entries that the newest of them signs
    std::vector<Restored> restored;
  };
  std::array<OfTree, 2> trees;  ///< facts, audit
  uint64_t events = 0, mentions = 0, families = 0;
  uint64_t batches = 0, feeds = 0, quarantined = 0;
  uint64_t unknown_crimes = 0;   ///< that facts speak of and nobody recorded yet
  bool has_projections = false;  ///< false: the rules in use are not those that obligations follow
  uint64_t subjects = 0, obligations = 0, outbox = 0, differences = 0;
  uint64_t waiting = 0;  ///< subjects whose time to be judged anew has come and who were not yet
  uint64_t faults = 0;
  std::vector<std::string> wrong;  ///< the first hundred
  bool is_good() const { return faults == 0; }
};

/// Verifies everything: each fact and audit entry against its leaf, the trees' nodes and every signed head; names, ids
/// and mentions as the events give them; batches, feeds, quarantine and crimes nobody recorded yet as their facts say;
/// everybody's obligations as the rules give them at the latest moment at which anybody was judged. Reads one moment of
/// the store; a writer may go on. Errors: io; what cannot be read at all.
base::Result<LedgerCheck> check_ledger(Store& store,
                                       const std::function<void(uint64_t done, uint64_t total)>& progress);

/// In words: what was checked, what is wrong, what nothing here can prove.
std::string check_text(const LedgerCheck& check);

}  // namespace kept::app
