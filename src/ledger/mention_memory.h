#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kept::ledger {

/// Which facts mention a name, for names that were asked for lately: what the table `mention` says, kept in step with
/// it by whoever writes it. Bounded: what was not asked for since half of it filled up is forgotten first.
class MentionMemory {
 public:
  /// `most`: what it may hold, in places of eight bytes.
  explicit MentionMemory(std::size_t most = std::size_t{16} << 20) : most_(most) {}

  /// Positions in ascending order; null: not remembered. Holds until the next call.
  const std::vector<uint64_t>* find(int64_t name) {
    if (const auto found = young_.find(name); found != young_.end()) return &found->second;
    const auto found = old_.find(name);
    if (found == old_.end()) return nullptr;
    std::vector<uint64_t> positions = std::move(found->second);
    old_.erase(found);
    return keep(name, std::move(positions));
  }
  /// `positions`: all that there are.
  const std::vector<uint64_t>* keep(int64_t name, std::vector<uint64_t> positions) {
    if (held_ >= most_ / 2) {
      old_ = std::exchange(young_, {});
      held_ = 0;
    }
    held_ += around_each + positions.size();
    return &young_.insert_or_assign(name, std::move(positions)).first->second;
  }
  /// One more, where the name is remembered.
  void add(int64_t name, uint64_t position) {
    for (Positions* generation : {&young_, &old_}) {
      const auto found = generation->find(name);
      if (found == generation->end()) continue;
      std::vector<uint64_t>& positions = found->second;
      const auto at = std::lower_bound(positions.begin(), positions.end(), position);
      if (at != positions.end() && *at == position) return;
      positions.insert(at, position);
      if (generation == &young_) ++held_;
      return;
    }
  }
  void forget() {
    young_.clear();
    old_.clear();
    held_ = 0;
  }

 private:
  using Positions = std::unordered_map<int64_t, std::vector<uint64_t>>;
  static constexpr std::size_t around_each = 12;  ///< what a name takes beside its positions
  std::size_t most_;
  Positions young_, old_;
  std::size_t held_ = 0;  ///< by the young
};

}  // namespace kept::ledger
