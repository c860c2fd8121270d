#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "app/backup.h"
#include "app/rebuild.h"
#include "app/store_folder.h"
#include "base/result.h"

namespace kept::app {

struct RestoreRequest {
  StoreRequest store;        ///< where to: a folder that is not there or empty, and an empty database
  std::string from;          ///< a backup of the ledger
  std::string keys;          ///< a backup of the keys, or the `keys` folder of the store that was
  std::string heads;         ///< the newest signed heads there are: a file, or a store's folder `heads`; empty: none
  std::string who, why;      ///< recorded for good
  bool accept_loss = false;  ///< goes on although something is lost, or nobody can tell whether anything is
  Progress progress;
};

/// What a backup lacks of what is known to have been.
struct RestoreLoss {
  struct OfTree {
    uint64_t held = 0;         ///< entries in the backup
    uint64_t signed_size = 0;  ///< entries that the newest head says there were
    ledger::Hash signed_root{};
    int64_t last_held_at = 0;   ///< when the last entry in the backup was received
    int64_t first_lost_at = 0;  ///< when the first head was signed that says more than is held
    int64_t newest_at = 0;      ///< when the newest head was signed
    uint64_t lost() const { return signed_size > held ? signed_size - held : 0; }
  };
  std::array<OfTree, 2> trees;  ///< facts, audit
  bool is_known = false;        ///< newer heads than the backup's own were looked at
  /// What a feed may have to send again.
  struct Feed {
    std::string name;
    uint64_t last = 0;              ///< its last batch in the backup
    int64_t last_at = 0;            ///< when that was received
    std::vector<uint64_t> not_all;  ///< batches up to it that are not, or not wholly, there; the first hundred
  };
  std::vector<Feed> feeds;
  uint64_t keys_missing = 0;              ///< people and rows whose sealed fields no key opens
  std::vector<std::string> erased_since;  ///< whose key is destroyed, and whose erasure the backup does not hold
  bool is_any() const { return !is_known || trees[0].lost() + trees[1].lost() + keys_missing != 0; }
};
std::string loss_text(const RestoreLoss& loss);

struct Restored {
  std::string ledger;
  int64_t made_at = 0;  ///< when the backup was
  uint64_t rows = 0;
  RestoreLoss loss;
  uint64_t erased_again = 0;       ///< keys that had come back with the copy of the keys, and were destroyed again
  uint64_t fact = 0;               ///< where the restore is recorded among the facts
  std::vector<std::string> steps;  ///< of the store's shape, that the backup had not taken
};
std::string restored_text(const Restored& restored);

/// Puts a store back from a backup, on either kind of database. The backup is checked whole first. What is known to
/// have been signed (the backup's heads, and `heads`) is held against it; where it holds less, nothing is done unless
/// the loss is accepted. Keys of people whose erasure the backup records do not come back. The restore is a fact and an
/// audit entry, and a line in the file of heads that says what was given up. Projections are copied with the rest.
/// Killed anywhere, the store refuses to open, in words.
/// Errors: conflict (something is there; the backup is not good, or not of what was signed; a loss that was not
/// accepted: the message says all of it); invalid; not_found; io.
base::Result<Restored> restore_backup(const RestoreRequest& request);

}  // namespace kept::app
