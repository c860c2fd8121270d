#pragma once
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"

namespace kept::ledger {

/// Lets several threads add to one ledger. Who comes while somebody is at it waits in a line; whoever is first in it
/// then commits for all who wait: one transaction, one sync.
class GroupCommit {
 public:
  /// What one of them adds. Its calls come from whichever thread commits, one at a time, while nobody else is at the
  /// ledger.
  class Part {
   public:
    virtual ~Part() = default;
    /// Events, or rows.
    virtual std::size_t size() const = 0;
    /// Whether it shares its transaction with nobody.
    virtual bool is_alone() const = 0;
    /// Inside the transaction; again, from the start, where that was undone because another part failed.
    /// Errors: what it began must be undone. With io, all parts fail; otherwise this one alone.
    virtual base::Status put() = 0;
    /// What it put is durable.
    virtual base::Status settle() = 0;
  };

  explicit GroupCommit(Ledger& ledger) : ledger_(ledger) {}
  GroupCommit(const GroupCommit&) = delete;
  GroupCommit& operator=(const GroupCommit&) = delete;

  /// Returns once the part is committed and settled, or was undone. Errors: the part's own, and the transaction's.
  base::Status commit(Part& part);

  /// Held by whoever is at the ledger, a commit included.
  std::mutex& mutex() { return mutex_; }
  /// How many stand in the line, the one who waits for the ledger included.
  std::size_t waiting() const;
  /// How many transactions were committed.
  uint64_t commits() const;

  /// Of all parts of a transaction together, but for one that is larger by itself.
  static constexpr std::size_t most_together = 4'000;

 private:
  struct Place {
    Part* part;
    base::Status status = base::Done{};
    bool is_done = false;
  };
  std::vector<Place*> next_group();
  void commit_group(const std::vector<Place*>& group);
  base::Status commit_some(const std::vector<Place*>& group);
  static base::Status settle(Part& part);

  Ledger& ledger_;
  std::mutex mutex_;
  mutable std::mutex line_mutex_;  ///< of all below; taken after `mutex_` where both are
  std::condition_variable moved_;
  std::deque<Place*> line_;
  bool is_led_ = false;  ///< somebody commits, or waits for the ledger to do so
  uint64_t commits_ = 0;
};

}  // namespace kept::ledger
