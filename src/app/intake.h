#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/store_folder.h"
#include "base/result.h"
#include "ledger/batch_table.h"
#include "ledger/row_counts.h"

namespace kept::app {

using ledger::BatchState;
using ledger::RowCounts;

/// How many events, or rows, of a batch of so many bytes are committed at once, at most. Of a large file many, because
/// everybody whom they touch is judged once for all of them; of others fewer, because whoever else sends waits for it.
std::size_t events_a_commit(uint64_t bytes);

/// One batch of a feed, as it lies on the disk.
struct BatchRequest {
  std::string feed;
  std::string path;
  std::string name;                    ///< what to call it in messages; empty: the path
  std::optional<uint64_t> number;      ///< as the sender numbers them; none: the next
  std::optional<std::string> digest;   ///< SHA-256 in hexadecimal, as the sender states it
  std::optional<uint64_t> rows;        ///< as the sender states it
  std::optional<int64_t> received_at;  ///< typed by a person who loads what came earlier: marked as such
  bool first_load = false;             ///< history: it never speaks (C1)
  bool accept_volume = false;          ///< a person looked: more rows than the contract expects are right
  std::string accepted_by;             ///< who that was: kept with the batch
  std::size_t events_a_commit = 0;     ///< events, or rows; 0: what suits its size
  std::function<void(uint64_t done, uint64_t total)> progress;  ///< bytes
};

/// A row of a batch that was put aside.
struct AsideRow {
  uint64_t row = 0;       ///< in the batch, from 1
  uint64_t position = 0;  ///< what `kept quarantine` calls it by
  std::string reason, why;
};

/// What was made of it.
struct BatchReceipt {
  std::string feed, digest;
  uint64_t number = 0;
  uint64_t key = 0;  ///< the ledger's own number for it
  BatchState state = BatchState::complete;
  bool again = false;       ///< the same batch was complete before: nothing new
  bool resumed = false;     ///< it had been begun before
  int64_t received_at = 0;  ///< by our clock: when it was begun
  /// The latest time at which a row says that it was recorded, rows that are ahead of our clock left out.
  std::optional<int64_t> newest_recorded;
  RowCounts counts;
  std::map<std::string, uint64_t> reasons;  ///< of rows put aside, by key of the reason
  std::vector<AsideRow> put_aside;          ///< the first hundred of them
  uint64_t held_above_rows = 0;             ///< of a day, by the feed's contract
  std::vector<uint64_t> missing;  ///< numbers between the last batch and this one that never came (at most 1000 named)
  std::optional<ledger::Receipt> receipt;  ///< of the batch's own entry among the facts; none unless complete
  LiveTally live;
};

/// Takes a batch: every row ends as one of RowCounts. Commits a few thousand events at a time; killed between two, the
/// same call goes on where it stopped. Of a batch that came before the receipt is that of the first time. Several
/// threads may call it with one store: small batches that wait for the same commit share it, and a large one lets
/// others in between its own. Nobody else touches the store meanwhile without its mutex. Errors:
/// not_found (no such feed); conflict (that number came with another content; the digest or number of rows is not as
/// stated); io. A batch that grows beyond what the contract expects of a day is held: what was taken stays, the rest
/// waits for `accept_volume`.
base::Result<BatchReceipt> receive_batch(Store& store, const BatchRequest& request);

/// Visits everybody whose obligations change with time alone and, where asked, those for whom a gap in a feed decided
/// something: it may have been filled since.
base::Result<LiveTally> visit_time(Store& store, int64_t now, bool gaps);

}  // namespace kept::app
