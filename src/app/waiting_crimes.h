#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "ledger/ledger.h"
#include "ledger/waiting_table.h"

namespace kept::app {

/// Crimes that facts speak of before anybody recorded them: by a `crime.` event, or a fact that names a person in them.
/// Such facts are taken and have no effect until then; here it is kept whose they are, so that somebody asks.
class WaitingCrimes {
 public:
  explicit WaitingCrimes(ledger::Ledger& ledger) : ledger_(ledger) {}
  /// Before `Ledger::add_events`, inside its transaction: which crimes of these events nobody ever spoke of.
  base::Status before(std::span<const ledger::NewEvent> events);
  /// After it: some wait from now on, others no longer.
  base::Status after(std::span<const ledger::NewEvent> events, std::span<const ledger::Placed> placed,
                     const std::string& feed, int64_t now);

 private:
  ledger::Ledger& ledger_;
  std::vector<std::string> crimes_;  ///< names, sorted
  std::vector<int64_t> keys_;        ///< of each; 0: never spoken of
};

/// Crimes that wait because of one feed: how many, and the names of the first.
struct CrimesOfFeed {
  uint64_t count = 0;
  std::vector<std::string> first;  ///< at most 6
};
base::Result<CrimesOfFeed> waiting_crimes(ledger::Ledger& ledger, const std::string& feed);

/// What waits as the facts give it, by crime, whatever is stored. Reads every fact that speaks of a crime.
/// Errors: the ledger's.
base::Result<std::vector<ledger::WaitingRow>> waiting_by_facts(ledger::Ledger& ledger);
/// Puts what the facts give in the place of what is stored, in a transaction of its own. Returns of how many crimes
/// something else was stored, or nothing that should be. Errors: the ledger's.
base::Result<uint64_t> remake_waiting(ledger::Ledger& ledger);

}  // namespace kept::app
