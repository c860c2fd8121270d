#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "app/coded_event.h"

namespace kept::app {

/// A fact as obligations are judged by it.
struct RememberedFact {
  uint64_t position = 0;
  bool historic = false;
  CodedEvent event;
  int64_t participant = 0, crime = 0, suspect = 0, hearing = 0;  ///< keys of names; 0: none
};

/// Facts that were judged by lately, so that the next event of the same people need not read them again. Bounded: what
/// was not asked for since half of it filled up is forgotten first. Facts never change, so nothing here grows stale; it
/// is to be forgotten only when a transaction that added facts was undone.
class FactMemory {
 public:
  explicit FactMemory(std::size_t most_bytes) : half_(most_bytes / 2) {}

  /// Null: not remembered.
  std::shared_ptr<const RememberedFact> find(uint64_t position);
  void keep(const std::shared_ptr<const RememberedFact>& fact);
  void forget();

 private:
  using Facts = std::unordered_map<uint64_t, std::shared_ptr<const RememberedFact>>;
  std::size_t half_;
  Facts young_, old_;
  std::size_t young_bytes_ = 0;
};

}  // namespace kept::app
