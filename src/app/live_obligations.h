#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "app/gathering.h"
#include "app/stored_obligation.h"
#include "base/result.h"
#include "engine/assess.h"
#include "ledger/ledger.h"

namespace kept::app {

/// Whose feed said of which type of event that it is complete, and for which dates: by name, because a symbol means
/// something in one table only.
struct NamedCoverage {
  std::string agency, type;
  calendar::LocalDate from, to;
};

/// What the obligations of a ledger are judged by besides its facts.
struct LiveSetting {
  const engine::RuleBook* book = nullptr;
  std::vector<std::string> agencies;  ///< all that any feed's contract names, sorted: every table knows them all
  std::vector<NamedCoverage> coverage;
  std::size_t memory_bytes = std::size_t{768} << 20;  ///< for facts that were judged by lately, at most
};

/// Why obligations were judged again.
enum class LiveCause : uint8_t { facts, clock, coverage, rebuild, rules };

/// What one visit did.
struct LiveTally {
  uint64_t subjects = 0;  ///< people and cases judged
  uint64_t facts_read = 0;
  uint64_t obligations = 0;  ///< of those subjects, as they stand now
  uint64_t changed = 0;      ///< obligations that differ from what was stored
  uint64_t outbox_added = 0, outbox_settled = 0;
  LiveTally& operator+=(const LiveTally& other);
};

/// The obligations of everybody in a ledger, kept right as facts arrive and time passes. The same kernel as `kept
/// assess`: whoever an event touches is judged again from all facts that bear on them, and what differs is stored with
/// why. All calls but `subjects` stand inside the ledger's transaction and fail with its errors.
class LiveObligations {
 public:
  LiveObligations(ledger::Ledger& ledger, LiveSetting setting);

  /// `touched`: keys of the names that new facts mention, sorted. `entry`: the position in the audit tree of the entry
  /// that says why, under which differences are kept. `live`: what comes of it may speak one day, unless it is because
  /// of a fact that is historic (C1).
  base::Result<LiveTally> judge_touched(std::span<const int64_t> touched, int64_t as_at, uint64_t entry, bool live);
  /// Tells of events that were added in the transaction at hand and where they came to stand, so that judging need not
  /// read them back.
  base::Status learn(std::span<const ledger::NewEvent> events, std::span<const ledger::Placed> placed);
  /// Everybody whose obligations may have changed with time alone since they were judged.
  base::Result<std::vector<int64_t>> due_by(int64_t as_at);
  /// Everybody for whom a gap in a feed decided something.
  base::Result<std::vector<int64_t>> with_gaps();
  /// These people and cases, by key of their names, sorted.
  base::Result<LiveTally> judge(std::span<const int64_t> subjects, int64_t as_at, uint64_t entry, bool live);
  /// Where the clock stood when obligations were last judged; it never goes back, whatever a batch says of its receipt.
  void set_clock(int64_t stood_at) { stood_at_ = std::max(stood_at_, stood_at); }
  /// What feeds have sent from now on.
  void set_coverage(std::vector<NamedCoverage> coverage);
  /// Everybody named in the ledger, in order of their keys.
  base::Result<std::vector<int64_t>> everybody();

  /// The obligations of these subjects, judged now from facts alone: what `judge` would store. For comparing.
  using Visit = std::function<base::Status(int64_t subject, int64_t next_at, bool gap,
                                           const std::vector<StoredObligation>& obligations)>;
  base::Status judge_only(std::span<const int64_t> subjects, int64_t as_at, LiveTally* tally, const Visit& visit);

  static constexpr std::size_t subjects_at_a_time = 2000;

 private:
  base::Result<std::vector<int64_t>> subjects_of(std::span<const int64_t> touched, Gathering* gathered);
  base::Status judge_around(std::span<const int64_t> subjects, int64_t as_at, LiveTally* tally, const Visit& visit,
                            Gathering* gathered);
  base::Status judge_some(std::span<const int64_t> subjects, std::vector<std::shared_ptr<const RememberedFact>> facts,
                          int64_t as_at, LiveTally* tally, const Visit& visit);
  base::Result<LiveTally> judge_and_store(std::span<const int64_t> subjects, int64_t as_at, uint64_t entry, bool live,
                                          Gathering* gathered);
  struct Judged {
    int64_t subject, next_at;
    bool gap;
    std::vector<StoredObligation> obligations;
  };
  /// What never speaks (C1): facts older on arrival than their feed allows, and the people whom such a fact reached in
  /// this commit.
  struct Silent {
    std::unordered_set<uint64_t> facts;
    std::unordered_set<int64_t> subjects;
  };
  base::Status store(const std::vector<Judged>& judged, int64_t as_at, uint64_t entry, bool live, LiveTally* tally);
  void forget_what_was_undone();
  base::Result<std::vector<int64_t>> keys_of_agencies(const model::Symbols& agencies);
  base::Status name_agencies();
  base::Status ask_kinds(std::span<const int64_t> names);

  Silent silent_;  ///< of the judging at hand

  ledger::Ledger& ledger_;
  LiveSetting setting_;
  const engine::PreparedRules rules_;
  std::vector<std::string> agencies_;  ///< of the setting, then what else coverage names: symbols 1, 2, ... of a table
  std::vector<int64_t> agency_keys_;   ///< theirs, once they are named
  engine::Coverage coverage_;
  FactMemory memory_;
  std::vector<char> kind_of_name_;  ///< by key: the letter of its name; 0: not asked yet
  uint64_t undone_ = 0;             ///< transactions of the ledger, when memory was last right
  int64_t stood_at_ = std::numeric_limits<int64_t>::min();
};

}  // namespace kept::app
