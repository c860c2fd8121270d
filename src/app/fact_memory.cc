#include "app/fact_memory.h"

#include <utility>

namespace kept::app {
namespace {
/// What a map and a shared pointer take beside what they hold.
constexpr std::size_t around_each = 96;
}  // namespace

std::shared_ptr<const RememberedFact> FactMemory::find(uint64_t position) {
  if (const auto found = young_.find(position); found != young_.end()) return found->second;
  const auto found = old_.find(position);
  if (found == old_.end()) return nullptr;
  auto fact = std::move(found->second);
  old_.erase(found);
  keep(fact);
  return fact;
}

void FactMemory::keep(const std::shared_ptr<const RememberedFact>& fact) {
  if (young_bytes_ >= half_) {
    old_ = std::exchange(young_, {});
    young_bytes_ = 0;
  }
  if (young_.emplace(fact->position, fact).second) young_bytes_ += around_each + fact->event.memory_bytes();
}

void FactMemory::forget() {
  young_.clear();
  old_.clear();
  young_bytes_ = 0;
}

}  // namespace kept::app
