#include "app/store_folder.h"

#include "app/migrate_store.h"
#include "app/simulate_london.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "app/feed_history.h"
#include "ledger/feed_table.h"
#include "ledger/setting_table.h"
#include "ledger/transaction.h"

namespace kept::app {
namespace {

using base::Error;
using base::ErrorCode;

constexpr int64_t heads_each_ms = 60'000;

/// What of a contract makes a difference to what it means; kept as a fact whenever it changes.
std::map<std::string, std::string> contract_fields(const exchange::FeedContract& contract) {
  std::string sends;
  for (const std::string& type : contract.sends) sends += (sends.empty() ? "" : " ") + type;
  return {{"feed", contract.name},
          {"agency", contract.agency},
          {"source", contract.source},
          {"since", calendar::to_string(contract.since)},
          {"sends", sends},
          {"owner", contract.owner_role},
          {"mapping", contract.mapping_file},
          {"late_after_ms", std::to_string(contract.late_after_ms)},
          {"rhythm", fmt::format("{} {}", contract.rhythm.every, static_cast<int>(contract.rhythm.unit))},
          {"held_above_rows", std::to_string(contract.held_above_rows())}};
}

}  // namespace

StorePaths::StorePaths(const std::string& data)
    : folder(data),
      database(data + "/ledger.sqlite"),
      keys(data + "/keys/keys.sqlite"),
      signing_key(data + "/keys/signing.key"),
      heads(data + "/heads/heads"),
      spool(data + "/spool"),
      lock(data + "/lock"),
      restoring(data + "/restore-not-finished") {}

base::Status check_not_restoring(const StorePaths& paths) {
  std::error_code failed;
  if (!std::filesystem::exists(paths.restoring, failed)) return base::Done{};
  return Error{
      ErrorCode::conflict,
      fmt::format("a restore into {} was begun and not finished: remove the folder (and, where the store is in "
                  "PostgreSQL, drop its schema kept), then run `kept restore` again",
                  paths.folder)};
}

Store::Store(const StoreRequest& request) : request_(request), paths_(request.data) {}
Store::~Store() = default;

base::Result<std::unique_ptr<Store>> Store::open(const StoreRequest& request) {
  std::unique_ptr<Store> store(new Store(request));
  auto rules =
      rules::load_rule_set({request.rules.empty() ? rules::built_in_rules() : request.rules, request.calendar});
  if (!rules) return rules.error();
  store->rules_ = std::move(*rules);
  auto contracts = exchange::load_contracts(request.feeds.empty() ? built_in_feeds() : request.feeds,
                                            *store->rules_.book.vocabulary);
  if (!contracts) return contracts.error();
  store->contracts_ = std::move(*contracts);

  const StorePaths& paths = store->paths_;
  std::error_code failed;
  if (std::filesystem::exists(paths.folder, failed) && !std::filesystem::is_directory(paths.folder, failed))
    return base::invalid(fmt::format("{} is a file: --data names the folder of a store", paths.folder));
  const bool holds_any = std::filesystem::exists(paths.keys, failed) || std::filesystem::exists(paths.heads, failed) ||
                         std::filesystem::exists(paths.database, failed) ||
                         std::filesystem::exists(paths.restoring, failed);
  if (request.read_only && !holds_any)
    return Error{ErrorCode::not_found, fmt::format("there is no store in {}: import something first", paths.folder)};
  if (base::Status whole = check_not_restoring(paths); !whole && !request.is_restoring) return whole.error();
  if (request.read_only && !std::filesystem::exists(paths.keys, failed))
    return Error{ErrorCode::conflict,
                 fmt::format("{} has a ledger and no keys: put its folder keys back as it was, or `kept restore` a "
                             "backup; without them nothing personal in it can be read",
                             paths.folder)};
  for (const char* part : {"", "/keys", "/heads", "/spool"}) {
    if (request.read_only) break;
    std::filesystem::create_directories(paths.folder + part, failed);
    if (failed)
      return Error{ErrorCode::io, fmt::format("{}{} cannot be made: {}", paths.folder, part, failed.message())};
    std::filesystem::permissions(paths.folder + part, std::filesystem::perms::owner_all, failed);
  }
  if (!request.read_only) {
    auto lock = ledger::StoreLock::take(paths.lock);
    if (!lock) return lock.error();
    store->lock_ = std::move(*lock);
  }
  auto keys = ledger::KeyStore::open(paths.keys, *request.chance);
  if (!keys) return keys.error();
  store->keys_ = std::move(*keys);
  auto signing = ledger::SigningKey::open_or_create(*request.disk, paths.signing_key, *request.chance);
  if (!signing) return signing.error();
  store->signing_key_ = std::make_unique<ledger::SigningKey>(std::move(*signing));

  ledger::LedgerParts parts;
  parts.vocabulary = store->rules_.book.vocabulary;
  parts.clock = request.clock;
  parts.chance = request.chance;
  parts.keys = store->keys_.get();
  parts.disk = request.disk;
  parts.heads_path = paths.heads;
  parts.known_keys = {store->signing_key_->public_key()};
  if (!request.read_only) parts.signing_key = store->signing_key_.get();
  auto database = open_database(request);
  if (!database) return database.error();
  auto opened = ledger::Ledger::open(std::move(*database), parts);
  if (!opened) return opened.error();
  store->ledger_ = std::move(*opened);
  store->history_ = std::make_unique<FeedHistory>(*store->ledger_, store->contracts_);
  store->commits_ = std::make_unique<ledger::GroupCommit>(*store->ledger_);

  std::set<std::string> agencies;
  for (const auto& [name, contract] : store->contracts_) agencies.insert(contract.agency);
  LiveSetting setting;
  setting.book = &store->rules_.book;
  setting.agencies.assign(agencies.begin(), agencies.end());
  store->live_ = std::make_unique<LiveObligations>(*store->ledger_, std::move(setting));
  if (const uint64_t audits = store->ledger_->size(ledger::TreeName::audit); audits != 0) {
    const base::Status read = store->ledger_->entries(ledger::TreeName::audit, audits - 1, 1,
                                                      [&](uint64_t, const ledger::Entry& last) -> base::Status {
                                                        store->live_->set_clock(last.received_at);
                                                        return base::Done{};
                                                      });
    if (!read) return read.error();
  }
  if (!request.read_only) {
    if (base::Status noted = store->note_contracts(); !noted) return noted.error();
  }
  if (base::Status read = store->read_coverage(); !read) return read.error();
  return store;
}

base::Status Store::note_rules(const std::string& who, const std::string& before) {
  const engine::RuleBook& book = rules_.book;
  std::string duties;
  for (const engine::Duty& duty : book.duties) duties += (duties.empty() ? "" : " ") + duty.id;
  ledger::Entry entry;
  entry.kind = ledger::EntryKind::rules;
  entry.received_at = now();
  entry.historic = true;
  entry.fields = {{"version", book.version}, {"duties", duties}};
  if (!who.empty()) entry.fields.emplace("who", who);
  if (!before.empty()) entry.fields.emplace("before", before);
  const auto added = ledger_->add(ledger::TreeName::facts, entry);
  if (!added) return added.error();
  const std::string position = std::to_string(*added);
  ledger::SettingTable settings(ledger_->database());
  base::Status done = settings.put("rules", book.version);
  if (done) done = settings.put("rules_fact", position);
  return done;
}

// A contract is a fact: whoever asks later why a row was taken or put aside finds the contract of that day.
base::Status Store::note_contracts() {
  ledger::Database& database = ledger_->database();
  return ledger::in_transaction(*ledger_, [&]() -> base::Status {
    const auto in_use = ledger::SettingTable(database).read("rules");
    if (!in_use) return in_use.error();
    base::Status done = base::Done{};
    const std::string& version = rules_.book.version;
    if (!*in_use) {
      if (done = note_rules("", ""); !done) return done;
    } else if (**in_use != version && !request_.other_rules) {
      return Error{ErrorCode::conflict,
                   fmt::format("the obligations in this store follow rules {}, and this build or folder has rules {}: "
                               "look at what would change with `kept rebuild --plan`, then switch with `kept rebuild "
                               "--approve NAME`",
                               **in_use, version)};
    }
    ledger::FeedTable feeds(database);
    for (const auto& [name, contract] : contracts_) {
      const auto stands = feeds.find(name);
      if (!stands) return stands.error();
      ledger::Entry entry;
      entry.kind = ledger::EntryKind::feed;
      entry.received_at = now();
      entry.fields = contract_fields(contract);
      if (*stands) {
        bool same = false;
        done = ledger_->entries(ledger::TreeName::facts, (*stands)->contract, 1,
                                [&](uint64_t, const ledger::Entry& before) -> base::Status {
                                  auto fields = before.fields;
                                  fields.erase(contract_before);
                                  same = fields == entry.fields;
                                  return base::Done{};
                                });
        if (!done) return done;
        if (same) continue;
        entry.fields.emplace(contract_before, std::to_string((*stands)->contract));
      }
      const auto added = ledger_->add(ledger::TreeName::facts, entry);
      if (!added) return added.error();
      done = *stands ? feeds.set_contract(name, *added) : feeds.add(name, *added);
      if (!done) return done;
    }
    return done;
  });
}

base::Status Store::read_coverage() {
  if (base::Status read = history_->read(); !read) return read;
  live_->set_coverage(history_->coverage());
  return base::Done{};
}

base::Status Store::note_complete(const std::string& feed, uint64_t number, int64_t received_at) {
  const auto differs = history_->note_complete(feed, number, received_at);
  if (!differs) return differs.error();
  if (*differs) live_->set_coverage(history_->coverage());
  return base::Done{};
}

base::Status Store::publish(bool always) {
  if (!always && now() - ledger_->published_at() < heads_each_ms) return base::Done{};
  return ledger_->publish_heads();
}

}  // namespace kept::app
