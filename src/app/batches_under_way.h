#pragma once
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

namespace kept::app {

/// Which batches are being taken, and by whom: the same one, sent twice at once, is taken by one and waited for by the
/// other. All calls but `wait` are made while the store's mutex is held.
class BatchesUnderWay {
 public:
  /// False when somebody else takes it.
  bool begin(int64_t feed, uint64_t number, const void* who) {
    return takers_.try_emplace({feed, number}, who).first->second == who;
  }
  /// Whatever `who` takes, it takes no longer.
  void end(const void* who) {
    if (std::erase_if(takers_, [&](const auto& each) { return each.second == who; }) != 0) ended_.notify_all();
  }
  /// Until nobody takes it. `lock`: of the store's mutex.
  void wait(int64_t feed, uint64_t number, std::unique_lock<std::mutex>& lock) {
    ended_.wait(lock, [&] { return !takers_.contains({feed, number}); });
  }

 private:
  std::map<std::pair<int64_t, uint64_t>, const void*> takers_;  ///< by feed and number
  std::condition_variable ended_;
};

}  // namespace kept::app
