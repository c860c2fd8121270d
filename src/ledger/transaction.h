#pragma once
#include "base/result.h"
#include "ledger/ledger.h"

namespace kept::ledger {

/// Calls `work` inside a transaction of the ledger, and commits what it did; where it fails, nothing happened.
template <class Work>
base::Status in_transaction(Ledger& ledger, Work work) {
  if (base::Status begun = ledger.begin(); !begun) return begun;
  if (base::Status done = work(); !done) {
    (void)ledger.roll_back();
    return done;
  }
  return ledger.commit();
}

}  // namespace kept::ledger
