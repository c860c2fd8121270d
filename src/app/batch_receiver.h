#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/contract_check.h"
#include "app/intake.h"
#include "exchange/read_events.h"
#include "ledger/feed_table.h"
#include "ledger/group_commit.h"

namespace kept::app {

/// Takes the rows of one batch as they are read, a commit at a time. Rows are read and held against the contract beside
/// whoever else sends; what a batch is (new, begun before, wholly taken before) is found out within its first commit.
class BatchReceiver final : public exchange::WholeRows, public exchange::Rejects, public ledger::GroupCommit::Part {
 public:
  /// `digest`: of its bytes. `most`: events, or rows, of a commit.
  BatchReceiver(Store& store, const BatchRequest& request, const exchange::FeedContract& contract, std::string digest,
                int64_t received_at, std::size_t most);
  ~BatchReceiver() override;

  /// Before the batch is read, and read again: waits while somebody else takes the same one.
  void begin();
  base::Status take(exchange::WholeRow& row) override;
  base::Status take(const exchange::Reject& reject) override;
  /// What is left, once the batch was read to its end. `wrong`: what is not as it should be with all of it; then
  /// nothing more is taken.
  void finish(uint64_t rows, const std::optional<base::Error>& wrong);

  /// Whether there is more to come: no commit has ended the reading yet.
  bool is_reading() const { return verdict_ == Verdict::going_on; }
  /// Whether it is to be read from its beginning once more.
  bool reads_again() const { return verdict_ == Verdict::elsewhere || verdict_ == Verdict::begun_before; }
  base::Result<BatchReceipt> receipt() const;
  /// Of the commits so far: rows, and the number that the batch has.
  uint64_t rows_taken() const { return receipt_.counts.rows; }
  uint64_t number() const { return receipt_.number; }

  std::size_t size() const override { return std::max(waiting_events_, waiting_.size()); }
  bool is_alone() const override { return has_historic_; }
  base::Status put() override;
  base::Status settle() override;

 private:
  enum class Verdict {
    going_on,
    elsewhere,     ///< somebody else takes the same batch
    begun_before,  ///< some of it was taken before: it is read again from there on
    refused,       ///< with `error_`
    failed,        ///< with `error_`: it may be taken when it is sent again
    taken_before,
    held,
    complete,
  };
  /// A row on its way into the ledger.
  struct TakenRow {
    uint64_t row = 0;
    std::string text;
    std::vector<model::Event> events;
    std::optional<Refusal> refused;
  };
  /// What one commit makes of the rows that wait; nothing of it holds until it is durable.
  struct Made {
    RowCounts counts;
    LiveTally live;
    uint64_t last_row = 0;
    BatchState state = BatchState::receiving;
    std::optional<uint64_t> entry;  ///< of the batch itself among the facts
  };

  base::Status make_room();
  base::Status commit(bool at_end);
  base::Status admit();
  base::Status put_rows();
  base::Status put_events(std::size_t count, std::vector<int64_t>* touched, std::vector<ledger::Arrival>* of_row,
                          bool* all_historic);
  base::Status judge(const std::vector<int64_t>& touched, bool all_historic);
  base::Status quarantine(const std::vector<std::pair<std::size_t, Refusal>>& which);
  base::Status note_end();
  base::Status refuse(base::Error error);
  base::Status prove(uint64_t entry);
  base::Status name_put_aside();
  void let_go();
  std::size_t rows_before_hold(uint64_t rows_today) const;

  Store& store_;
  const BatchRequest& request_;
  const exchange::FeedContract& contract_;
  const std::string digest_;
  const std::size_t most_;
  int64_t received_at_;

  Verdict verdict_ = Verdict::going_on;
  std::optional<base::Error> error_, wrong_;
  BatchReceipt receipt_;
  int64_t feed_ = 0;                        ///< its key, once it was looked for
  std::optional<ledger::BatchRow> before_;  ///< as it stood when it was looked for
  bool is_known_ = false;                   ///< a transaction that is durable has said what the batch is
  bool is_under_way_ = false;               ///< it stands among those under way, as ours
  uint64_t next_row_ = 1;                   ///< rows before it were taken
  uint64_t last_row_ = 0;                   ///< that was read
  std::optional<int64_t> newest_recorded_;  ///< of its rows, by the sender's clock

  std::vector<TakenRow> waiting_;
  std::size_t waiting_events_ = 0, waiting_bytes_ = 0;
  std::vector<ledger::NewEvent> fresh_;  ///< of the rows that wait
  std::vector<std::size_t> row_of_;      ///< of each of those, in `waiting_`
  bool has_historic_ = false;
  bool at_end_ = false;
  Made made_;
};

}  // namespace kept::app
