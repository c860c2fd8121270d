#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "app/store_folder.h"
#include "base/result.h"

namespace kept::app {

/// What a feed sent in some time is no longer believed.
struct WithdrawalRequest {
  std::string feed;
  int64_t from = 0, to = 0;                                     ///< when it reached us, both included
  std::string who, why;                                         ///< kept for good and in the clear
  std::function<void(uint64_t done, uint64_t total)> progress;  ///< events, then people
};

/// What came of it.
struct Withdrawn {
  uint64_t entry = 0;      ///< where the withdrawal stands among the facts
  bool again = false;      ///< this window had been withdrawn before: what was left of it was done
  uint64_t retracted = 0;  ///< events retracted now
  uint64_t before = 0;     ///< events of the window that a withdrawal had retracted before
  LiveTally live;
};

/// Takes every event back that reached us from a feed in a window: each gets a retraction of its own, of the same
/// source, recorded now, so that whoever judges the facts anew comes to the same. Days of which the feed's batches are
/// taken back count as days of which nobody knows, and everybody is judged again; what other feeds sent stays as it
/// was. Nothing of it speaks (C1). A few thousand events a commit; killed in the middle, the same call finishes it, and
/// once more changes nothing. Whatever is sent again needs new ids. Reads all facts once.
/// Errors: not_found (no such feed); invalid (nobody named, no reason, a window that ends before it begins, or that
/// has not ended yet); io.
base::Result<Withdrawn> withdraw_window(Store& store, const WithdrawalRequest& request);

/// A window that was withdrawn.
struct WithdrawnWindow {
  uint64_t entry = 0;
  std::string feed;
  int64_t from = 0, to = 0;
};
base::Result<std::vector<WithdrawnWindow>> withdrawn_windows(ledger::Ledger& ledger);

}  // namespace kept::app
