#include "app/restore.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <unordered_set>

#include "app/draft_folder.h"
#include "app/erasure.h"
#include "app/migrate_store.h"
#include "app/quarantine.h"
#include "ledger/batch_table.h"
#include "ledger/feed_table.h"
#include "ledger/migrations.h"
#include "ledger/sqlite_database.h"
#include "ledger/stored_tree.h"
#include "ledger/transaction.h"
#include "model/canonical.h"
#include "model/moment.h"

namespace kept::app {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Status;
using ledger::Entry;
using ledger::EntryKind;
using ledger::SignedHead;
using ledger::TreeName;

constexpr std::size_t batches_named = 100;

std::string field_of(const Entry& entry, const char* name) {
  const auto found = entry.fields.find(name);
  return found == entry.fields.end() ? std::string() : found->second;
}

/// Looks through the sealed fields of a backup with the keys that are to go with it.
class SealedFields {
 public:
  explicit SealedFields(ledger::KeyStore& keys) : keys_(keys) {}

  Status see(TreeName tree, uint64_t position, const Entry& entry) {
    if (tree == TreeName::audit) return base::Done{};
    if (entry.kind == EntryKind::erased) erased_.emplace_back(position, field_of(entry, "person"));
    if (entry.kind == EntryKind::quarantined) aside_.push_back(position);
    const bool is_sealed =
        std::any_of(entry.sealed.begin(), entry.sealed.end(), [](const auto& field) { return !field.second.empty(); });
    if (!is_sealed) return base::Done{};
    std::string name = field_of(entry, "key");
    if (entry.kind == EntryKind::event) {
      const auto event = model::decode_event(entry.body);
      if (!event) return event.error();
      name = ledger::Ledger::key_name_of(*event);
    }
    const auto key = keys_.find(name);
    if (!key && key.error().code == ErrorCode::not_found) return base::Done{};  // Destroyed, and stays so.
    if (!key && key.error().code != ErrorCode::conflict) return key.error();
    bool opens = key.ok();
    for (const auto& [field, bytes] : entry.sealed)
      opens = opens && (bytes.empty() || ledger::open(bytes, *key, field).ok());
    if (!opens) missing_.insert(name);
    return base::Done{};
  }

  uint64_t missing() const { return missing_.size(); }

  /// Destroys what was destroyed when the backup was made: keys may come from an older copy. Returns how many had come
  /// back. A row that was put aside before somebody was erased, and names them, went with them.
  base::Result<uint64_t> destroy_again(ledger::Database& backup) {
    uint64_t back = 0;
    const auto destroy = [&](const std::string& name) -> Status {
      const auto key = keys_.find(name);
      if (key) ++back;
      if (!key && key.error().code == ErrorCode::not_found) return base::Done{};
      if (!key && key.error().code != ErrorCode::conflict) return key.error();
      return keys_.destroy(name);
    };
    for (const auto& [position, person] : erased_)
      if (Status done = destroy(ledger::name_text(ledger::name_participant, person)); !done) return done.error();
    for (const uint64_t position : erased_.empty() ? std::vector<uint64_t>() : aside_) {
      const auto at = static_cast<int64_t>(position);
      const Status asked = ledger::StoredTree(backup, TreeName::facts)
                               .each(at, at + 1, [&](uint64_t, std::string_view, std::string_view bytes) -> Status {
                                 const auto entry = ledger::decode_entry(bytes);
                                 if (!entry) return entry.error();
                                 const std::string name = field_of(*entry, "key");
                                 const auto sealed = entry->sealed.find("row");
                                 const auto key = keys_.find(name);
                                 if (!key || sealed == entry->sealed.end()) return base::Done{};
                                 const auto row = ledger::open(sealed->second, *key, "row");
                                 if (!row) return base::Done{};
                                 const bool names =
                                     std::any_of(erased_.begin(), erased_.end(), [&](const auto& erased) {
                                       return erased.first > position && names_person(*row, erased.second);
                                     });
                                 return names ? destroy(name) : Status(base::Done{});
                               });
      if (!asked) return asked.error();
    }
    return back;
  }

  /// People whose key is destroyed and whose erasure was not seen.
  base::Result<std::vector<std::string>> erased_since() {
    auto names = keys_.destroyed();
    if (!names) return names;
    std::vector<std::string> people;
    for (const std::string& name : *names) {
      if (name.empty() || name[0] != ledger::name_participant) continue;
      const bool is_recorded = std::any_of(erased_.begin(), erased_.end(),
                                           [&](const auto& erased) { return erased.second == name.substr(1); });
      if (!is_recorded) people.push_back(name.substr(1));
    }
    return people;
  }

 private:
  ledger::KeyStore& keys_;
  std::unordered_set<std::string> missing_;
  std::vector<std::pair<uint64_t, std::string>> erased_;
  std::vector<uint64_t> aside_;
};

/// The work of one restore.
class Restore {
 public:
  explicit Restore(const RestoreRequest& request) : request_(request), paths_(request.store.data) {}

  base::Result<Restored> run() {
    Status done = check_said(request_.who, "--who");
    if (done) done = check_said(request_.why, "--why");
    if (done) done = check_empty();
    if (!done) return done.error();
    const bool was_there = fs::exists(paths_.folder);
    done = prepare();
    if (!done && is_begun_) {
      // Nothing was put into the database yet: as if it had never been begun. The note goes last.
      std::error_code ignored;
      for (const auto& one : fs::directory_iterator(paths_.folder, ignored))
        if (one.path() != paths_.restoring) fs::remove_all(one.path(), ignored);
      fs::remove(paths_.restoring, ignored);
    }
    std::error_code ignored;
    if (!done && !was_there) fs::remove(paths_.folder, ignored);  // Only where nothing is in it.
    if (done) done = copy_database();
    if (done) done = write_heads();
    if (done) done = record();
    if (done) done = finish();
    if (!done) return done.error();
    return std::move(out_);
  }

 private:
  base::Disk& disk() { return *request_.store.disk; }

  // Neither a folder nor a database in which anything stands is touched.
  Status check_empty() {
    std::error_code failed;
    if (fs::exists(paths_.folder, failed)) {
      if (fs::exists(paths_.restoring, failed)) return check_not_restoring(paths_);
      std::vector<fs::path> drafts;
      if (!fs::is_directory(paths_.folder, failed) || !holds_nothing(&drafts))
        return Error{ErrorCode::conflict,
                     fmt::format("something is in {} already, and a restore never writes over anything: name another "
                                 "folder, or move that one away (keep it: its heads and keys may be the newest)",
                                 paths_.folder)};
      for (const fs::path& draft : drafts) fs::remove(draft, failed);
    }
    if (request_.store.database.empty()) return base::Done{};
    return open_target();
  }

  // Nothing is lost with a store's empty folders, nor with what stands there when a restore was killed before its note
  // was whole: a draft of that, `restore-not-finished.PID.new`.
  bool holds_nothing(std::vector<fs::path>* drafts) const {
    std::error_code failed;
    fs::directory_iterator all(paths_.folder, failed);
    if (failed) return false;
    return std::all_of(begin(all), end(all), [&](const fs::directory_entry& one) {
      const std::string name = one.path().filename().string();
      if (one.is_directory(failed) && !one.is_symlink(failed))
        return (name == "keys" || name == "heads" || name == "spool") && fs::is_empty(one.path(), failed) && !failed;
      if (!one.is_regular_file(failed) || !is_draft(name)) return false;
      drafts->push_back(one.path());
      return true;
    });
  }

  bool is_draft(std::string_view name) const {
    const std::string begins = fs::path(paths_.restoring).filename().string() + ".";
    constexpr std::string_view ends = ".new";
    if (name.size() <= begins.size() + ends.size() || !name.starts_with(begins) || !name.ends_with(ends)) return false;
    name = name.substr(begins.size(), name.size() - begins.size() - ends.size());
    return std::all_of(name.begin(), name.end(), [](char one) { return one >= '0' && one <= '9'; });
  }

  Status open_target() {
    auto database = open_database(request_.store);
    if (!database) return database.error();
    const auto is_empty = ledger::is_empty(**database);
    if (!is_empty) return is_empty.error();
    if (!*is_empty)
      return Error{ErrorCode::conflict,
                   "a store is in that database already, and a restore never writes over anything: name another "
                   "database, or drop the schema kept if it is what a broken-off restore left"};
    to_ = std::move(*database);
    return base::Done{};
  }

  Status prepare() {
    if (Status made = begin_folder(); !made) return made;
    if (Status copied = copy_keys(); !copied) return copied;
    auto keys = ledger::KeyStore::open(paths_.keys, *request_.store.chance);
    if (!keys) return keys.error();
    SealedFields sealed(**keys);
    const auto check = check_backup(request_.from, {key_->public_key()}, request_.progress,
                                    [&](TreeName tree, uint64_t position, const Entry& entry) {
                                      last_at_[static_cast<std::size_t>(tree)] = entry.received_at;
                                      return sealed.see(tree, position, entry);
                                    });
    if (!check) return check.error();
    if (!check->is_good())
      return Error{ErrorCode::conflict, fmt::format("this backup is not good: {}; restore another, earlier one",
                                                    fmt::join(check->wrong, "; "))};
    if (check->manifest.holds != BackupManifest::Holds::ledger)
      return base::invalid(
          fmt::format("{} is a backup of keys: give it as --keys, and the ledger's as --from", request_.from));
    manifest_ = check->manifest;
    if (keys_of_ && *keys_of_ != manifest_.ledger)
      return Error{ErrorCode::conflict,
                   fmt::format("the keys are of ledger {}, and the backup is of {}", *keys_of_, manifest_.ledger)};
    out_.ledger = manifest_.ledger;
    out_.made_at = manifest_.made_at;
    ledger::SqliteOptions options;
    options.path = request_.from + "/" + backup_database;
    options.read_only = true;
    auto backup = ledger::open_sqlite(options);
    if (!backup) return backup.error();
    from_ = std::move(*backup);
    if (Status held = hold_against_heads(); !held) return held;
    auto again = sealed.destroy_again(*from_);
    if (!again) return again.error();
    out_.erased_again = *again;
    auto since = sealed.erased_since();
    if (!since) return since.error();
    out_.loss.erased_since = std::move(*since);
    out_.loss.keys_missing = sealed.missing();
    if (Status listed = list_feeds(); !listed) return listed;
    if (out_.loss.is_any() && !request_.accept_loss)
      return Error{ErrorCode::conflict,
                   loss_text(out_.loss) + "nothing was restored; where this is to be accepted, say --accept-loss"};
    return base::Done{};
  }

  Status begin_folder() {
    std::error_code failed;
    for (const char* part : {"", "/keys", "/heads", "/spool"}) {
      fs::create_directories(paths_.folder + part, failed);
      if (!failed) fs::permissions(paths_.folder + part, fs::perms::owner_all, failed);
      if (failed)
        return Error{ErrorCode::io, fmt::format("{}{} cannot be made: {}", paths_.folder, part, failed.message())};
      if (is_begun_) continue;
      // Where another restore came first, the folder is that one's, and nothing is taken from it.
      const Status marked = disk().create(paths_.restoring, "A restore into this folder was begun and not finished.\n");
      is_begun_ = marked || marked.error().code != ErrorCode::conflict;
      if (!marked) return marked;
    }
    return base::Done{};
  }

  Status copy_keys() {
    const auto text = disk().read(request_.keys + "/" + backup_manifest);
    if (text) {
      const auto check = check_backup(request_.keys, {}, nullptr);
      if (!check) return check.error();
      if (!check->is_good())
        return Error{ErrorCode::conflict,
                     fmt::format("the keys in {} are not good: {}", request_.keys, fmt::join(check->wrong, "; "))};
      if (check->manifest.holds != BackupManifest::Holds::keys)
        return base::invalid(
            fmt::format("{} holds no keys: give the folder that `kept backup --keys-to` wrote, or the "
                        "folder `keys` of the store that was",
                        request_.keys));
      keys_of_ = check->manifest.ledger;
    }
    std::error_code failed;
    for (const char* name : {backup_keys, backup_signing_key})
      if (!fs::exists(request_.keys + "/" + name, failed))
        return Error{ErrorCode::not_found,
                     fmt::format("{} is not in {}: without it nothing can be restored that anybody could read or trust",
                                 name, request_.keys)};
    // A journal that an unclean stop left beside the keys is a part of them.
    for (const auto& one : fs::directory_iterator(request_.keys, failed)) {
      const std::string name = one.path().filename().string();
      if (!one.is_regular_file() || name == backup_manifest) continue;
      const auto bytes = disk().read(one.path().string());
      if (!bytes) return bytes.error();
      if (Status copied = disk().create(paths_.folder + "/keys/" + name, *bytes); !copied) return copied;
    }
    if (failed) return Error{ErrorCode::io, fmt::format("{} cannot be read: {}", request_.keys, failed.message())};
    auto key = ledger::SigningKey::open_or_create(disk(), paths_.signing_key, *request_.store.chance);
    if (!key) return key.error();
    key_.emplace(std::move(*key));
    return base::Done{};
  }

  // What is known to have been signed: the backup's own heads, and those that were given, which go on where they end.
  Status hold_against_heads() {
    const std::vector<ledger::PublicKey> keys{key_->public_key()};
    const auto own = ledger::HeadFile::read(disk(), request_.from + "/" + backup_heads, manifest_.ledger, keys);
    if (!own) return own.error();
    for (const SignedHead& head : own->heads) lines_ += head.line() + "\n";
    if (!request_.heads.empty()) {
      const auto given = ledger::HeadFile::read(disk(), request_.heads, manifest_.ledger, keys);
      if (!given) return given.error();
      if (!given->faults.empty())
        return Error{ErrorCode::conflict,
                     fmt::format("{}, line {}: {}", request_.heads, given->faults[0].line, given->faults[0].message)};
      std::unordered_set<std::string> known;
      for (const SignedHead& head : own->heads) known.insert(head.line());
      for (const SignedHead& head : given->heads)
        if (std::string line = head.line(); !known.contains(line)) lines_ += line + "\n";
      out_.loss.is_known = true;
    }
    if (Status written = disk().create(paths_.heads, lines_); !written) return written;
    auto all = ledger::HeadFile::read(disk(), paths_.heads, manifest_.ledger, keys);
    if (!all) return all.error();
    if (!all->faults.empty())
      return Error{ErrorCode::conflict, fmt::format("the heads in {} do not go on from those of the backup: {}",
                                                    request_.heads, all->faults[0].message)};
    for (const TreeName tree : {TreeName::facts, TreeName::audit})
      if (Status held = hold_tree(tree, *own, *all); !held) return held;
    const auto read = ledger::read_trees(*from_, *all, nullptr, nullptr);
    if (!read) return read.error();
    if (!read->wrong.empty())
      return Error{ErrorCode::conflict, fmt::format("the backup is not of what was signed: {}", read->wrong.front())};
    return base::Done{};
  }

  Status hold_tree(TreeName tree, const ledger::HeadsRead& own, const ledger::HeadsRead& all) {
    const auto which = static_cast<std::size_t>(tree);
    const char* title = ledger::tree_title(tree);
    const auto standing = all.standing(title);
    std::unordered_set<std::string> standing_lines;
    for (const SignedHead* head : standing) standing_lines.insert(head->line());
    for (const SignedHead* head : own.standing(title))
      if (!standing_lines.contains(head->line()))
        return Error{
            ErrorCode::conflict,
            fmt::format("this backup holds {} that an earlier restore gave up: the ledger went on without them "
                        "from position {}; restore a backup that was made after that restore",
                        title, all.newest(title)->head.size)};
    RestoreLoss::OfTree& loss = out_.loss.trees[which];
    loss.held = manifest_.trees[which].size;
    loss.last_held_at = last_at_[which];
    // A ledger's heads begin with one of nothing, so there is one.
    const SignedHead* newest = standing.back();
    loss.signed_size = newest->head.size;
    loss.signed_root = newest->head.root;
    loss.newest_at = newest->head.signed_at;
    for (const SignedHead* head : standing) {
      if (head->head.size <= loss.held) continue;
      loss.first_lost_at = head->head.signed_at;
      break;
    }
    return base::Done{};
  }

  Status list_feeds() {
    const auto feeds = ledger::FeedTable(*from_).all();
    if (!feeds) return feeds.error();
    for (const ledger::FeedRow& row : *feeds) {
      RestoreLoss::Feed feed;
      feed.name = row.name;
      const auto note = [&feed](uint64_t number) {
        if (feed.not_all.size() < batches_named) feed.not_all.push_back(number);
      };
      const Status visited = ledger::BatchTable(*from_).each_of(row.name, [&](const ledger::BatchRow& batch) -> Status {
        for (uint64_t missing = feed.last + 1; missing < batch.number && feed.not_all.size() < batches_named; ++missing)
          note(missing);
        if (batch.state != ledger::BatchState::complete) note(batch.number);
        feed.last = batch.number;
        feed.last_at = batch.received_at;
        return base::Done{};
      });
      if (!visited) return visited;
      out_.loss.feeds.push_back(std::move(feed));
    }
    return base::Done{};
  }

  Status copy_database() {
    if (request_.store.database.empty()) {
      auto database = open_database(request_.store);
      if (!database) return database.error();
      to_ = std::move(*database);
    }
    auto plan = ledger::plan_migrations(*to_);
    if (!plan) return plan.error();
    if (plan->stands_at > manifest_.shape)
      return Error{ErrorCode::conflict,
                   "the database's tables are in a newer shape than the backup's: drop the schema, and restore again"};
    const auto known = static_cast<int>(ledger::migrations().size());
    if (manifest_.shape > known)
      return Error{ErrorCode::unsupported,
                   fmt::format("the backup has had step {} of its shape, and this build of Kept "
                               "knows {}; use a newer Kept",
                               manifest_.shape, known)};
    ledger::MigrationPlan first = *plan;
    first.to_apply.resize(static_cast<std::size_t>(manifest_.shape - plan->stands_at));
    const int64_t now = request_.store.clock->now_ms();
    if (Status made = ledger::apply_migrations(*to_, first, now); !made) return made;
    if (Status begun = from_->begin(true); !begun) return begun;
    const auto wanted = ledger::count_rows(*from_, *from_);
    if (!wanted) return wanted.error();
    uint64_t total = 0, done = 0;
    for (const ledger::TableRows& table : *wanted) total += table.rows;
    // Of a server's database all is there or nothing; a file is guarded by the note in its folder.
    const uint64_t rows_a_commit = request_.store.database.empty() ? 100'000 : 0;
    Status copied = ledger::copy_store(*from_, *to_, rows_a_commit, [&](uint64_t rows) {
      done += rows;
      if (request_.progress) request_.progress(std::min(done, total), total);
    });
    if (copied) copied = from_->roll_back();
    if (!copied) return copied;
    const auto there = ledger::count_rows(*to_, *from_);
    if (!there) return there.error();
    if (*there != *wanted) return Error{ErrorCode::io, "the store has other numbers of rows than the backup"};
    out_.rows = total;
    plan = ledger::plan_migrations(*to_);
    if (!plan) return plan.error();
    for (const ledger::Migration* step : plan->to_apply)
      out_.steps.push_back(fmt::format("{}: {}", step->number, step->name));
    if (Status applied = ledger::apply_migrations(*to_, *plan, now); !applied) return applied;
    // What was written is read: every entry, and the trees.
    const std::vector<ledger::PublicKey> keys{key_->public_key()};
    const auto heads = ledger::HeadFile::read(disk(), paths_.heads, manifest_.ledger, keys);
    if (!heads) return heads.error();
    const auto read = ledger::read_trees(*to_, *heads, nullptr, nullptr);
    if (!read) return read.error();
    for (const std::size_t tree : {0, 1})
      if (!read->wrong.empty() || read->trees[tree].root != manifest_.trees[tree].root)
        return Error{ErrorCode::io, "what was written to the store is not what the backup holds"};
    to_.reset();
    return base::Done{};
  }

  Status write_heads() {
    auto file = ledger::HeadFile::open(disk(), paths_.heads);
    if (!file) return file.error();
    for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
      const auto which = static_cast<std::size_t>(tree);
      const RestoreLoss::OfTree& loss = out_.loss.trees[which];
      ledger::Head head{manifest_.ledger, ledger::tree_title(tree), loss.held, manifest_.trees[which].root,
                        request_.store.clock->now_ms()};
      head.given_up = loss.signed_size > loss.held ? ledger::GivenUp{loss.signed_size, loss.signed_root}
                                                   : ledger::GivenUp{head.size, head.root};
      if (Status appended = file->append(ledger::sign_head(head, *key_)); !appended) return appended;
    }
    return base::Done{};
  }

  Status record() {
    StoreRequest opening = request_.store;
    opening.is_restoring = true;
    opening.other_rules = true;  // Which rules obligations follow is not changed by putting them back.
    auto store = Store::open(opening);
    if (!store) return store.error();
    ledger::Ledger& ledger = (*store)->ledger();
    Entry entry;
    entry.kind = EntryKind::restored;
    entry.received_at = request_.store.clock->now_ms();
    entry.historic = true;
    entry.fields = {{"who", request_.who},
                    {"why", request_.why},
                    {"backup", model::instant_text(manifest_.made_at)},
                    {"heads", out_.loss.is_known ? "given" : "of the backup only"},
                    {"keys_destroyed_again", std::to_string(out_.erased_again)}};
    for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
      const auto which = static_cast<std::size_t>(tree);
      const std::string title = ledger::tree_title(tree);
      const RestoreLoss::OfTree& loss = out_.loss.trees[which];
      entry.fields[title] = std::to_string(loss.held);
      entry.fields[title + "_root"] = ledger::to_hex(manifest_.trees[which].root);
      if (loss.lost() == 0) continue;
      entry.fields[title + "_given_up"] = std::to_string(loss.signed_size);
      entry.fields[title + "_given_up_root"] = ledger::to_hex(loss.signed_root);
    }
    const Status recorded = ledger::in_transaction(ledger, [&]() -> Status {
      const auto fact = ledger.add(TreeName::facts, entry);
      if (!fact) return fact.error();
      out_.fact = *fact;
      const auto audit = ledger.add(TreeName::audit, entry);
      return audit ? Status(base::Done{}) : Status(audit.error());
    });
    if (!recorded) return recorded;
    return (*store)->publish(true);
  }

  Status finish() {
    std::error_code failed;
    for (const auto& one : fs::recursive_directory_iterator(paths_.folder, failed))
      if (Status synced = sync_path(one.path().string()); !synced) return synced;
    if (!fs::remove(paths_.restoring, failed) || failed)
      return Error{ErrorCode::io, fmt::format("{} cannot be removed: {}", paths_.restoring, failed.message())};
    return sync_path(paths_.folder);
  }

  const RestoreRequest& request_;
  const StorePaths paths_;
  bool is_begun_ = false;
  std::optional<ledger::SigningKey> key_;
  std::optional<std::string> keys_of_;
  BackupManifest manifest_;
  std::array<int64_t, 2> last_at_{};
  std::string lines_;
  std::unique_ptr<ledger::Database> from_, to_;
  Restored out_;
};

}  // namespace

std::string loss_text(const RestoreLoss& loss) {
  std::string out;
  uint64_t lost = 0;
  for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
    const RestoreLoss::OfTree& of = loss.trees[static_cast<std::size_t>(tree)];
    const char* title = ledger::tree_title(tree);
    lost += of.lost();
    if (of.lost() == 0) continue;
    out += fmt::format("{}: {} entries that were signed are lost, positions {} to {}: ", title, of.lost(), of.held,
                       of.signed_size - 1);
    if (of.held != 0) out += fmt::format("received after {}, ", model::instant_text(of.last_held_at));
    out +=
        fmt::format("signed from {} to {}\n", model::instant_text(of.first_lost_at), model::instant_text(of.newest_at));
  }
  if (!loss.is_known)
    out +=
        "whether anything was recorded after this backup, nobody can tell: give the newest signed heads there are "
        "with --heads\n";
  if (loss.is_known && lost == 0) out += "the backup holds everything that is known to have been signed\n";
  if (loss.is_known && lost == 0)
    out += "  (what was recorded in the last minute before the end may not have been signed)\n";
  if (loss.keys_missing != 0)
    out += fmt::format(
        "the keys of {} {} are not there (this copy of the keys is older than the backup, or another's): "
        "what is personal of them can be read no more\n",
        loss.keys_missing, loss.keys_missing == 1 ? "person or row" : "people and rows");
  for (const std::string& person : loss.erased_since)
    out += fmt::format(
        "{} was erased after the backup was made: the key stays destroyed; record it again with `kept "
        "erase`\n",
        person);
  std::size_t silent = 0;
  for (const RestoreLoss::Feed& feed : loss.feeds) {
    if (feed.last == 0) {
      ++silent;
      continue;
    }
    out += fmt::format("{}: ", feed.name);
    if (!feed.not_all.empty())
      out += fmt::format("send batch {}{} again; ", fmt::join(feed.not_all, ", "),
                         feed.not_all.size() == batches_named ? " and more" : "");
    out += fmt::format("send batches from {} on again ({} was received at {})\n", feed.last + 1, feed.last,
                       model::instant_text(feed.last_at));
  }
  if (silent != 0)
    out += fmt::format(
        "{} other feeds: the backup holds no batch of theirs; what they sent since is to be sent again\n", silent);
  return out;
}

std::string restored_text(const Restored& restored) {
  std::string out = fmt::format(
      "ledger {} was put back from the backup of {}: {} rows of all tables, obligations and outbox among "
      "them\n",
      restored.ledger, model::instant_text(restored.made_at), restored.rows);
  out += loss_text(restored.loss);
  for (const std::string& step : restored.steps) out += fmt::format("the store's shape: step {}\n", step);
  if (restored.erased_again != 0)
    out += fmt::format(
        "{} keys of people who had been erased came back with the copy of the keys, and were destroyed "
        "again\n",
        restored.erased_again);
  out +=
      fmt::format("recorded at position {} of the facts, in the audit and in the signed heads: copy those away now\n",
                  restored.fact);
  return out + "next: `kept ledger verify` holds the obligations against the facts\n";
}

base::Result<Restored> restore_backup(const RestoreRequest& given) {
  RestoreRequest request = given;
  std::error_code failed;
  if (std::filesystem::is_directory(request.heads, failed)) request.heads += "/heads";
  return Restore(request).run();
}

}  // namespace kept::app
