#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <unordered_set>
#include <vector>

#include "app/fact_memory.h"
#include "base/result.h"
#include "ledger/ledger.h"
#include "model/vocabulary.h"

namespace kept::app {

/// The facts that mention some names: what is gathered around the people to be judged. From memory where they are
/// there, from the ledger where not.
class Gathering {
 public:
  Gathering(ledger::Ledger& ledger, const model::Vocabulary& vocabulary, FactMemory* memory)
      : ledger_(ledger), vocabulary_(vocabulary), memory_(memory) {}

  /// Adds every fact that mentions one of these names and is not here yet. Errors: the ledger's; invalid for an event
  /// that is not in the vocabulary.
  base::Status read(const std::vector<int64_t>& names);

  /// Puts events into memory that were added in the transaction at hand, so that they need not be read back.
  base::Status learn(std::span<const ledger::NewEvent> events, std::span<const ledger::Placed> placed);

  const std::vector<std::shared_ptr<const RememberedFact>>& facts() const { return facts_; }
  /// The keys that facts from number `first` on have in one place, sorted.
  std::vector<int64_t> keys(int64_t RememberedFact::* which, std::size_t first = 0) const;

 private:
  base::Status read_facts(const std::vector<uint64_t>& positions);
  base::Status code(uint64_t position, bool historic, const model::Event& event);
  base::Result<std::vector<std::shared_ptr<RememberedFact>>> remember_coded();

  ledger::Ledger& ledger_;
  const model::Vocabulary& vocabulary_;
  FactMemory* memory_;
  // On their way into memory: their names' keys are asked for all at once.
  std::vector<std::shared_ptr<RememberedFact>> coded_;
  std::vector<std::string> texts_;
  std::vector<int64_t*> key_of_text_;
  std::unordered_set<int64_t> asked_;
  std::unordered_set<uint64_t> here_;
  std::vector<std::shared_ptr<const RememberedFact>> facts_;
};

}  // namespace kept::app
