#include "app/backup.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "app/draft_folder.h"
#include "app/migrate_store.h"
#include "ledger/migrations.h"
#include "ledger/setting_table.h"
#include "ledger/sqlite_database.h"
#include "model/moment.h"

namespace kept::app {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;
using base::Status;
using ledger::TreeName;

constexpr uint64_t rows_a_commit = 100'000;

base::Result<BackupManifest::File> digest_of(const std::string& folder, const std::string& name) {
  std::ifstream file(folder + "/" + name, std::ios::binary);
  if (!file) return Error{ErrorCode::io, fmt::format("{}/{} cannot be read", folder, name)};
  BackupManifest::File out;
  out.name = name;
  ledger::RunningHash hash;
  std::string piece(1 << 18, '\0');
  while (file.read(piece.data(), static_cast<std::streamsize>(piece.size())) || file.gcount() > 0) {
    const auto count = static_cast<std::size_t>(file.gcount());
    hash.add(std::string_view(piece.data(), count));
    out.bytes += count;
  }
  if (file.bad()) return Error{ErrorCode::io, fmt::format("{}/{} cannot be read to its end", folder, name)};
  out.digest = hash.end();
  return out;
}

/// Adds the files of a draft to its manifest, and that to the draft.
Status write_manifest(base::Disk& disk, const DraftFolder& draft, std::initializer_list<const char*> names,
                      const ledger::SigningKey& key, BackupManifest* manifest) {
  for (const char* name : names) {
    auto file = digest_of(draft.path(), name);
    if (!file) return file.error();
    manifest->files.push_back(std::move(*file));
  }
  manifest->signed_by = key.public_key();
  return disk.create(draft.file(backup_manifest), manifest_text(*manifest, key));
}

Status check_places(const BackupRequest& request) {
  const std::string& data = request.store.data;
  for (const std::string* place : {&request.to, &request.keys_to}) {
    if (place->empty()) continue;
    if (lies_in(*place, data))
      return base::invalid(
          fmt::format("{} lies in the store's own folder: what harms the one harms the other; name a place elsewhere, "
                      "best on another machine's disk",
                      *place));
  }
  if (!request.keys_to.empty() && (lies_in(request.keys_to, request.to) || lies_in(request.to, request.keys_to)))
    return base::invalid(
        "the keys would lie with what they open: give --keys-to a folder that is neither in the backup's nor around "
        "it, best on another disk, for others to read");
  return base::Done{};
}

/// The work of one backup.
class Backup {
 public:
  explicit Backup(const BackupRequest& request) : request_(request), paths_(request.store.data) {}

  base::Result<BackupMade> run() {
    Status done = check_places(request_);
    if (done) done = open();
    if (done) done = begin_drafts();
    if (done) done = copy();
    if (done) done = read_back();
    if (done) done = copy_keys();
    if (done) done = draft_->finish();
    if (done && keys_draft_) done = keys_draft_->finish();
    if (!done && done.error().code == ErrorCode::io)
      return Error{
          ErrorCode::io,
          fmt::format("the backup to {} was broken off, and nothing of it is left there: {}; see that the disk "
                      "has room and can be written to, then run it again",
                      request_.to, done.error().message)};
    if (!done) return done.error();
    return std::move(out_);
  }

 private:
  void step(uint64_t by) {
    done_ += by;
    if (request_.progress) request_.progress(std::min(done_, total_), total_);
  }

  Status open() {
    std::error_code failed;
    if (!fs::exists(paths_.signing_key, failed) || (request_.store.database.empty() && !fs::exists(paths_.database)))
      return Error{ErrorCode::not_found, fmt::format("there is no store in {}", paths_.folder)};
    if (Status whole = check_not_restoring(paths_); !whole) return whole;
    auto key = ledger::SigningKey::open_or_create(disk(), paths_.signing_key, *request_.store.chance);
    if (!key) return key.error();
    key_.emplace(std::move(*key));
    StoreRequest reading = request_.store;
    reading.read_only = true;
    auto database = open_database(reading);
    if (!database) return database.error();
    from_ = std::move(*database);
    const auto plan = ledger::plan_migrations(*from_);
    if (!plan) return plan.error();
    out_.manifest.shape = plan->stands_at;
    if (plan->stands_at != 0) {
      const auto id = ledger::SettingTable(*from_).read("ledger");
      if (!id) return id.error();
      out_.manifest.ledger = id->value_or("");
    }
    if (out_.manifest.ledger.empty())
      return Error{ErrorCode::not_found, "this store holds no ledger yet: import something first"};
    return base::Done{};
  }

  Status begin_drafts() {
    auto draft = DraftFolder::begin(request_.to);
    if (!draft) return draft.error();
    draft_ = std::move(*draft);
    if (request_.keys_to.empty()) return base::Done{};
    auto keys = DraftFolder::begin(request_.keys_to);
    if (!keys) return keys.error();
    keys_draft_ = std::move(*keys);
    return base::Done{};
  }

  Status copy() {
    // The heads first: a writer goes on meanwhile, and what is signed is always in the store already.
    auto heads = ledger::HeadFile::read(disk(), paths_.heads, out_.manifest.ledger, std::span(&key_->public_key(), 1));
    if (!heads && heads.error().code == ErrorCode::not_found)
      return Error{ErrorCode::conflict, fmt::format("the signed heads of this store, {}, are gone: put the file back "
                                                    "from where heads are copied to",
                                                    paths_.heads)};
    if (!heads) return heads.error();
    if (!heads->faults.empty())
      return Error{ErrorCode::conflict,
                   fmt::format("{}, line {}: {}", paths_.heads, heads->faults[0].line, heads->faults[0].message)};
    const auto bytes = disk().read(paths_.heads, 0, heads->whole_bytes);
    if (!bytes) return bytes.error();
    if (Status begun = from_->begin(true); !begun) return begun;
    Status done = copy_tables();
    if (done) done = from_->roll_back();
    if (done) done = disk().create(draft_->file(backup_heads), *bytes);
    heads_ = std::move(*heads);
    return done;
  }

  Status copy_tables() {
    ledger::SqliteOptions options;
    options.path = draft_->file(backup_database);
    auto to = ledger::open_sqlite(options);
    if (!to) return to.error();
    const auto plan = ledger::plan_migrations(**to);
    if (!plan) return plan.error();
    ledger::MigrationPlan same = *plan;
    same.to_apply.resize(static_cast<std::size_t>(out_.manifest.shape));
    out_.manifest.made_at = request_.store.clock->now_ms();
    if (Status made = ledger::apply_migrations(**to, same, out_.manifest.made_at); !made) return made;
    const auto wanted = ledger::count_rows(*from_, **to);
    if (!wanted) return wanted.error();
    for (const ledger::TableRows& table : *wanted) {
      out_.rows += table.rows;
      if (table.table == "fact" || table.table == "audit") total_ += table.rows;
    }
    total_ += out_.rows;
    Status done = ledger::copy_store(*from_, **to, rows_a_commit, [this](uint64_t rows) { step(rows); });
    if (!done) return done;
    const auto copied = ledger::count_rows(**to, **to);
    if (!copied) return copied.error();
    if (*copied != *wanted)
      return Error{ErrorCode::conflict,
                   "the copy has other numbers of rows than the store: the store is damaged; run `kept ledger verify`"};
    return ledger::make_single_file(**to);
  }

  Status read_back() {
    ledger::SqliteOptions options;
    options.path = draft_->file(backup_database);
    options.read_only = true;
    auto copy = ledger::open_sqlite(options);
    if (!copy) return copy.error();
    const auto read = ledger::read_trees(**copy, heads_, nullptr, [this](uint64_t entries) { step(entries); });
    if (!read) return read.error();
    std::string wrong = read->wrong.empty() ? "" : read->wrong.front();
    for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
      const auto& found = read->trees[static_cast<std::size_t>(tree)];
      out_.manifest.trees[static_cast<std::size_t>(tree)] = {found.size, found.root};
      const ledger::SignedHead* newest = heads_.newest(ledger::tree_title(tree));
      if (wrong.empty() && (newest == nullptr || newest->head.size > found.size))
        wrong = fmt::format("{}: {} entries are there, and {} were signed", ledger::tree_title(tree), found.size,
                            newest == nullptr ? 0 : newest->head.size);
    }
    if (!wrong.empty())
      return Error{ErrorCode::conflict,
                   fmt::format("the store is damaged, and no backup of it was kept: {}; run `kept ledger verify`, and "
                               "restore the last good backup",
                               wrong)};
    if (Status done = write_manifest(disk(), *draft_, {backup_heads, backup_database}, *key_, &out_.manifest); !done)
      return done;
    for (const BackupManifest::File& file : out_.manifest.files) out_.bytes += file.bytes;
    return base::Done{};
  }

  // After the ledger: a key is made before what it seals is recorded, so that none is missing.
  Status copy_keys() {
    if (!keys_draft_) return base::Done{};
    auto keys = ledger::KeyStore::open(paths_.keys, *request_.store.chance);
    if (!keys) return keys.error();
    if (Status copied = (*keys)->copy_to(keys_draft_->file(backup_keys)); !copied) return copied;
    const auto secret = disk().read(paths_.signing_key);
    if (!secret) return secret.error();
    if (Status copied = disk().create(keys_draft_->file(backup_signing_key), *secret); !copied) return copied;
    const auto counts = (*keys)->counts();
    if (!counts) return counts.error();
    out_.keys = counts->keys;
    out_.keys_destroyed = counts->destroyed;
    BackupManifest manifest = out_.manifest;
    manifest.holds = BackupManifest::Holds::keys;
    manifest.files.clear();
    return write_manifest(disk(), *keys_draft_, {backup_keys, backup_signing_key}, *key_, &manifest);
  }

  base::Disk& disk() { return *request_.store.disk; }

  const BackupRequest& request_;
  const StorePaths paths_;
  std::optional<ledger::SigningKey> key_;
  std::unique_ptr<ledger::Database> from_;
  std::unique_ptr<DraftFolder> draft_, keys_draft_;
  ledger::HeadsRead heads_;
  uint64_t done_ = 0, total_ = 0;
  BackupMade out_;
};

/// The work of one check.
class Checking {
 public:
  Checking(const std::string& folder, const std::vector<ledger::PublicKey>& keys, const Progress& progress,
           const ledger::EntryVisit& visit)
      : folder_(folder), keys_(keys), progress_(progress), visit_(visit) {}

  base::Result<BackupCheck> run() {
    const auto text = base::system_disk().read(folder_ + "/" + backup_manifest);
    if (!text && text.error().code == ErrorCode::not_found)
      return Error{ErrorCode::not_found, fmt::format("{} is no backup: it has no file called manifest", folder_)};
    if (!text) return text.error();
    auto manifest = read_manifest(*text);
    if (!manifest && manifest.error().code == ErrorCode::unsupported) return manifest.error();
    if (!manifest) {
      wrong(manifest.error().message);
      return std::move(out_);
    }
    out_.manifest = std::move(*manifest);
    out_.is_trusted = std::find(keys_.begin(), keys_.end(), out_.manifest.signed_by) != keys_.end();
    if (!keys_.empty() && !out_.is_trusted)
      wrong(fmt::format("the manifest is signed with key {}, which is not the one that was given",
                        out_.manifest.signed_by.id()));
    Status done = check_files();
    // What is not as it was written is not opened: a database can be made to mislead its reader.
    if (done && out_.wrong.empty() && out_.manifest.holds == BackupManifest::Holds::ledger) done = check_trees();
    if (!done) return done.error();
    return std::move(out_);
  }

 private:
  void wrong(std::string words) { out_.wrong.push_back(std::move(words)); }

  Status check_files() {
    std::set<std::string> named{backup_manifest};
    for (const BackupManifest::File& file : out_.manifest.files) {
      named.insert(file.name);
      std::error_code failed;
      if (!fs::is_regular_file(folder_ + "/" + file.name, failed)) {
        wrong(fmt::format("{} is missing", file.name));
        continue;
      }
      const auto found = digest_of(folder_, file.name);
      if (!found) {
        wrong(found.error().message);
      } else if (found->bytes != file.bytes) {
        wrong(fmt::format("{} has {} bytes, and {} were written", file.name, found->bytes, file.bytes));
      } else if (found->digest != file.digest) {
        wrong(fmt::format("{} is not what was written: its digest is another", file.name));
      }
    }
    const bool is_ledger = out_.manifest.holds == BackupManifest::Holds::ledger;
    for (const char* name : {is_ledger ? backup_database : backup_keys, is_ledger ? backup_heads : backup_signing_key})
      if (!named.contains(name)) wrong(fmt::format("the manifest does not name {}", name));
    // A log or journal beside a database would be taken for a part of it.
    std::error_code failed;
    for (const auto& one : fs::directory_iterator(folder_, failed))
      if (!named.contains(one.path().filename().string()))
        wrong(fmt::format("{} is no part of the backup", one.path().filename().string()));
    if (failed) return Error{ErrorCode::io, fmt::format("{} cannot be read: {}", folder_, failed.message())};
    return base::Done{};
  }

  Status check_trees() {
    const std::vector<ledger::PublicKey> signers{out_.manifest.signed_by};
    const auto heads =
        ledger::HeadFile::read(base::system_disk(), folder_ + "/" + backup_heads, out_.manifest.ledger, signers);
    if (!heads) return heads.error();
    for (const auto& fault : heads->faults) wrong(fmt::format("signed heads, line {}: {}", fault.line, fault.message));
    if (heads->is_torn) wrong("the signed heads do not end in one");
    ledger::SqliteOptions options;
    options.path = folder_ + "/" + backup_database;
    options.read_only = true;
    auto database = ledger::open_sqlite(options);
    if (!database) return database.error();
    const uint64_t total = out_.manifest.trees[0].size + out_.manifest.trees[1].size;
    uint64_t done = 0;
    const auto read = ledger::read_trees(**database, *heads, visit_, [&](uint64_t entries) {
      done += entries;
      if (progress_) progress_(std::min(done, total), total);
    });
    if (!read) return read.error();
    out_.wrong.insert(out_.wrong.end(), read->wrong.begin(), read->wrong.end());
    for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
      const auto which = static_cast<std::size_t>(tree);
      const char* title = ledger::tree_title(tree);
      if (read->trees[which].size != out_.manifest.trees[which].size ||
          read->trees[which].root != out_.manifest.trees[which].root)
        wrong(fmt::format("{}: the tree is not the one that the manifest names", title));
      out_.heads[which] = heads->standing(title).size();
      const ledger::SignedHead* newest = heads->newest(title);
      if (newest == nullptr || newest->head.size > read->trees[which].size)
        wrong(fmt::format("{}: more entries were signed than are there", title));
    }
    return base::Done{};
  }

  const std::string& folder_;
  const std::vector<ledger::PublicKey>& keys_;
  const Progress& progress_;
  const ledger::EntryVisit& visit_;
  BackupCheck out_;
};

}  // namespace

bool lies_in(const std::string& inner, const std::string& outer) {
  std::error_code failed;
  const fs::path in = fs::weakly_canonical(fs::absolute(inner), failed) / "";
  const fs::path out = fs::weakly_canonical(fs::absolute(outer), failed) / "";
  // Each ends in a slash, so that no folder is taken for one whose name begins with its own.
  return in.lexically_normal().string().starts_with(out.lexically_normal().string());
}

base::Result<BackupMade> make_backup(const BackupRequest& request) { return Backup(request).run(); }

base::Result<BackupCheck> check_backup(const std::string& folder, const std::vector<ledger::PublicKey>& keys,
                                       const Progress& progress, const ledger::EntryVisit& visit) {
  return Checking(folder, keys, progress, visit).run();
}

std::string backup_check_text(const BackupCheck& check) {
  std::string out;
  for (const std::string& wrong : check.wrong) out += fmt::format("WRONG: {}\n", wrong);
  if (!check.is_good()) return out + "this backup is not good: do not rely on it\n";
  const BackupManifest& manifest = check.manifest;
  const bool is_ledger = manifest.holds == BackupManifest::Holds::ledger;
  out += fmt::format("a backup of the {} of {}, made at {}\n", is_ledger ? "ledger" : "keys", manifest.ledger,
                     model::instant_text(manifest.made_at));
  for (const TreeName tree : {TreeName::facts, TreeName::audit}) {
    const auto which = static_cast<std::size_t>(tree);
    if (is_ledger)
      out +=
          fmt::format("{}: {} entries held against their leaves, {} signed heads, root {}\n", ledger::tree_title(tree),
                      manifest.trees[which].size, check.heads[which], ledger::to_hex(manifest.trees[which].root));
  }
  for (const BackupManifest::File& file : manifest.files)
    out += fmt::format("{}: {} bytes, as they were written\n", file.name, file.bytes);
  if (!check.is_trusted)
    out +=
        fmt::format("NOT PROVED: that it is yours: it is signed with key {}; give --key to hold it against your own\n",
                    manifest.signed_by.id());
  if (is_ledger) out += "NOT PROVED: that nothing was recorded after it: `kept restore --heads` looks\n";
  return out + "good: everything in it is as it was written\n";
}

}  // namespace kept::app
