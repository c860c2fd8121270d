#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/live_obligations.h"
#include "app/withdrawal.h"
#include "base/result.h"
#include "exchange/feed_contract.h"
#include "ledger/batch_table.h"
#include "ledger/ledger.h"

namespace kept::app {

/// What the batches of each feed come to, at hand, so that taking one more does not read all that came before it. For
/// the one process that writes.
class FeedHistory {
 public:
  /// Both must outlive it.
  FeedHistory(ledger::Ledger& ledger, const exchange::FeedContracts& contracts)
      : ledger_(ledger), contracts_(contracts), undone_(ledger.undone()) {}

  /// Everything anew, from the batches. Errors: the ledger's.
  base::Status read();
  /// Which days each feed has sent, as far as it can be believed.
  std::vector<NamedCoverage> coverage() const;

  /// A batch is complete, and that is durable. Returns whether `coverage` says something else now. Errors: the
  /// ledger's.
  base::Result<bool> note_complete(const std::string& feed, uint64_t number, int64_t received_at);

  // Inside the ledger's transaction.
  /// Rows of a feed that were received on a day. Errors: the ledger's.
  base::Result<uint64_t> rows_of_day(const std::string& feed, int64_t feed_key, calendar::LocalDate day);
  /// More rows of a batch received on that day were taken.
  void add_rows(const std::string& feed, calendar::LocalDate day, uint64_t rows, ledger::BatchState state);
  /// False only when no batch of the feed is begun and not ended.
  bool may_have_unfinished(const std::string& feed) const;

 private:
  using Days = std::vector<std::pair<calendar::LocalDate, calendar::LocalDate>>;
  struct OfFeed {
    Days days;  ///< but for the last stretch, from `from` to `to`
    calendar::LocalDate from, to;
    uint64_t expected = 1;  ///< the number of the next batch, if none is missing
    bool has_unfinished = false;
    std::optional<calendar::LocalDate> day;
    uint64_t rows = 0;  ///< of that day
  };
  void take(const std::string& feed, uint64_t number, int64_t received_at, OfFeed* of) const;
  bool is_withdrawn(const std::string& feed, int64_t received_at) const;

  ledger::Ledger& ledger_;
  const exchange::FeedContracts& contracts_;
  std::map<std::string, OfFeed> feeds_;
  std::vector<WithdrawnWindow> withdrawn_;
  uint64_t undone_;  ///< transactions of the ledger, when rows of days were last right
};

}  // namespace kept::app
