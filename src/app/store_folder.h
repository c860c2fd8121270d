#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/batches_under_way.h"
#include "app/live_obligations.h"
#include "base/chance.h"
#include "base/clock.h"
#include "base/disk.h"
#include "base/result.h"
#include "exchange/feed_contract.h"
#include "ledger/group_commit.h"
#include "ledger/key_store.h"
#include "ledger/ledger.h"
#include "ledger/store_lock.h"
#include "rules/rule_set.h"

namespace kept::app {

class FeedHistory;

/// Which store, and what it is judged by.
struct StoreRequest {
  std::string data;      ///< the folder: keys, heads and spool lie in it, and the database unless it is PostgreSQL's
  std::string database;  ///< `postgresql://...`; empty: SQLite, in the folder
  std::string rules;     ///< a folder of rules; empty: the Code's own
  std::string calendar;  ///< a file of bank holidays; empty: the folder's own
  std::string feeds;     ///< a folder of contracts; empty: the project's own
  bool read_only = false;
  bool is_restoring = false;  ///< opens although a restore is not finished: for that one alone
  bool other_rules = false;   ///< opens although obligations follow other rules: for who switches to those in use
  const base::Clock* clock = &base::system_clock();
  base::Chance* chance = &base::system_chance();
  base::Disk* disk = &base::system_disk();
};

/// The files of a store's folder.
struct StorePaths {
  explicit StorePaths(const std::string& data);
  std::string folder, database, keys, signing_key, heads, spool, lock;
  std::string restoring;  ///< stands there as long as a restore into the folder is not finished
};
/// Errors: conflict when a restore into this folder was begun and not finished, with what to do.
base::Status check_not_restoring(const StorePaths& paths);

/// The field of a contract's fact that says where the one stands in whose place it stepped.
inline constexpr const char* contract_before = "before";

/// A store, open: its rules, contracts, keys and ledger, and everybody's obligations. One process writes; others are
/// refused in words.
class Store {
 public:
  /// Makes what is missing in an empty folder. Errors: those of rules, contracts, keys and ledger; conflict when
  /// another process has the store, or when the rules in use are not those that its obligations follow.
  static base::Result<std::unique_ptr<Store>> open(const StoreRequest& request);
  ~Store();

  const StoreRequest& request() const { return request_; }
  const StorePaths& paths() const { return paths_; }
  const rules::RuleSet& rules() const { return rules_; }
  const exchange::FeedContracts& contracts() const { return contracts_; }
  ledger::Ledger& ledger() { return *ledger_; }
  ledger::KeyStore& keys() { return *keys_; }
  LiveObligations& live() { return *live_; }
  int64_t now() const { return request_.clock->now_ms(); }

  // Where several threads use one store: rules, contracts and the clock are everybody's, `commits` is called by any of
  // them, and all else is for whoever holds the mutex.
  ledger::GroupCommit& commits() { return *commits_; }
  std::mutex& mutex() { return commits_->mutex(); }
  BatchesUnderWay& under_way() { return under_way_; }
  FeedHistory& history() { return *history_; }

  /// Which days each feed has sent, as far as it can be believed, from its batches: what `live` is judged by from now
  /// on.
  base::Status read_coverage();
  /// The same for one batch more, which is complete.
  base::Status note_complete(const std::string& feed, uint64_t number, int64_t received_at);
  /// Inside the ledger's transaction: from here on obligations follow the rules in use, by whose word. `before`: those
  /// in whose place they step; empty: none.
  base::Status note_rules(const std::string& who, const std::string& before);
  /// Signs and publishes heads when the newest are a minute old, or `always`.
  base::Status publish(bool always);

 private:
  explicit Store(const StoreRequest& request);
  base::Status note_contracts();

  StoreRequest request_;
  StorePaths paths_;
  rules::RuleSet rules_;
  exchange::FeedContracts contracts_;
  std::unique_ptr<ledger::StoreLock> lock_;
  std::unique_ptr<ledger::KeyStore> keys_;
  std::unique_ptr<ledger::SigningKey> signing_key_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<FeedHistory> history_;
  std::unique_ptr<ledger::GroupCommit> commits_;
  std::unique_ptr<LiveObligations> live_;
  BatchesUnderWay under_way_;
};

}  // namespace kept::app
