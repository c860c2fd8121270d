#include "ledger/key_store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <unordered_map>
#include <utility>

namespace kept::ledger {
namespace {

using base::Done;
using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;

// Says whose file it is: "KPKY".
constexpr int application_id = 0x4b504b59;
constexpr int newest_shape = 1;
constexpr std::size_t most_cached = 200'000;

// A key's bytes must never stand anywhere but in its own row. SQLite's secure_delete wipes what is deleted, but moving
// rows from one page to another may leave their bytes in what is then free. So rows with keys are never deleted and
// never move: they are added in the order of their numbers, which splits no page, and a key is destroyed by writing
// noughts of the same length over it. What names are called stands in a table of its own.
constexpr const char* shape = R"sql(
CREATE TABLE key (number INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE name (text TEXT PRIMARY KEY, number INTEGER NOT NULL, is_destroyed INTEGER NOT NULL) WITHOUT ROWID;
)sql";

Error destroyed_error() { return {ErrorCode::not_found, "the key was destroyed: what it sealed is erased"}; }

}  // namespace

class KeyStore::File {
 public:
  enum class State { absent, present, destroyed };
  struct Found {
    State state;
    int64_t number;
  };

  explicit File(std::string path) : path_(std::move(path)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    for (sqlite3_stmt* statement : {find_, read_, last_, add_key_, add_name_, wipe_, mark_}) {
      sqlite3_finalize(statement);
    }
    sqlite3_close(db_);
  }

  Status open(const char* vfs) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (sqlite3_open_v2(path_.c_str(), &db_, flags, vfs) != SQLITE_OK) return refused("opened");
    sqlite3_extended_result_codes(db_, 1);
    sqlite3_busy_timeout(db_, 10'000);
    sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    // A journal that is cut to nothing at each commit, not one that keeps pages (WAL), because those hold keys.
    Status status =
        run("PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
            "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF;");
    if (!status) return status;
    if (status = check_shape(); !status) return status;
    const std::pair<sqlite3_stmt**, const char*> statements[] = {
        {&find_, "SELECT number, is_destroyed FROM name WHERE text = ?1"},
        {&read_, "SELECT bytes FROM key WHERE number = ?1"},
        {&last_, "SELECT ifnull(max(number), 0) FROM key"},
        {&add_key_, "INSERT INTO key (number, bytes) VALUES (?1, ?2)"},
        {&add_name_, "INSERT INTO name (text, number, is_destroyed) VALUES (?1, ?2, ?3)"},
        {&wipe_, "UPDATE key SET bytes = zeroblob(32) WHERE number = ?1"},
        {&mark_, "UPDATE name SET is_destroyed = 1 WHERE text = ?1"}};
    for (const auto& [statement, text] : statements) {
      if (sqlite3_prepare_v3(db_, text, -1, SQLITE_PREPARE_PERSISTENT, statement, nullptr) != SQLITE_OK) {
        return refused("read");
      }
    }
    return Done{};
  }

  Status run(const char* text) {
    if (sqlite3_exec(db_, text, nullptr, nullptr, nullptr) != SQLITE_OK) return refused("changed");
    return Done{};
  }

  /// Runs `work` in one transaction. After an error nothing of it stands, unless the commit itself failed: then nobody
  /// knows until the file is read again.
  template <class Work>
  Status in_transaction(Work work) {
    Status status = run("BEGIN IMMEDIATE");
    if (!status) return status;
    // Nobody else can change the file from here to the commit, which counts one further.
    status = notice_others();
    if (status) status = work();
    if (status) status = run("COMMIT");
    if (status) {
      ++seen_;
    } else {
      sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
      cache.clear();
    }
    return status;
  }

  /// Forgets what is cached when another process has changed the file: four bytes of its header count the changes.
  /// Reading them costs a twentieth of asking SQLite, which takes locks for it. (They may be seen before that change is
  /// committed; whatever is read next waits for the lock.)
  Status notice_others() {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(db_, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    std::array<uint8_t, 4> count{};
    constexpr sqlite3_int64 place = 24;
    const int code = file->pMethods->xRead(file, count.data(), static_cast<int>(count.size()), place);
    if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ) {
      return Error{ErrorCode::io, fmt::format("{}: could not be read", path_)};
    }
    const uint32_t now = uint32_t{count[0]} << 24 | uint32_t{count[1]} << 16 | uint32_t{count[2]} << 8 | count[3];
    if (now != seen_) cache.clear();
    seen_ = now;
    return Done{};
  }

  Result<Found> find(const std::string& name) {
    const Reset reset(find_);
    bind_name(find_, name);
    const int step = sqlite3_step(find_);
    if (step == SQLITE_DONE) return Found{State::absent, 0};
    if (step != SQLITE_ROW) return refused("read");
    const State state = sqlite3_column_int(find_, 1) != 0 ? State::destroyed : State::present;
    return Found{state, sqlite3_column_int64(find_, 0)};
  }

  Result<SealingKey> read(int64_t number) {
    const Reset reset(read_);
    sqlite3_bind_int64(read_, 1, number);
    std::array<uint8_t, 32> bytes;
    if (sqlite3_step(read_) != SQLITE_ROW) return refused("read");
    if (sqlite3_column_bytes(read_, 0) != static_cast<int>(bytes.size())) {
      return Error{ErrorCode::io, fmt::format("{}: a key is damaged; put a copy of the file in its place", path_)};
    }
    std::memcpy(bytes.data(), sqlite3_column_blob(read_, 0), bytes.size());
    const SealingKey key(bytes);
    sodium_memzero(bytes.data(), bytes.size());
    return key;
  }

  Result<int64_t> last_number() { return number_of(last_); }

  Status add_key(int64_t number, const SealingKey& key) {
    sqlite3_bind_int64(add_key_, 1, number);
    sqlite3_bind_blob(add_key_, 2, key.bytes().data(), static_cast<int>(key.bytes().size()), SQLITE_STATIC);
    return step(add_key_);
  }

  Status add_name(const std::string& name, int64_t number, bool is_destroyed) {
    bind_name(add_name_, name);
    sqlite3_bind_int64(add_name_, 2, number);
    sqlite3_bind_int(add_name_, 3, is_destroyed ? 1 : 0);
    return step(add_name_);
  }

  Status wipe(const std::string& name, int64_t number) {
    sqlite3_bind_int64(wipe_, 1, number);
    if (Status wiped = step(wipe_); !wiped) return wiped;
    bind_name(mark_, name);
    return step(mark_);
  }

  Result<Counts> counts() {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, "SELECT count(*), ifnull(sum(is_destroyed), 0) FROM name", -1, &statement, nullptr) !=
        SQLITE_OK) {
      return refused("read");
    }
    const bool has_row = sqlite3_step(statement) == SQLITE_ROW;
    const auto all = static_cast<uint64_t>(sqlite3_column_int64(statement, 0));
    const auto gone = static_cast<uint64_t>(sqlite3_column_int64(statement, 1));
    sqlite3_finalize(statement);
    if (!has_row) return refused("read");
    return Counts{all - gone, gone};
  }

  Result<std::vector<std::string>> destroyed() {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, "SELECT text FROM name WHERE is_destroyed = 1 ORDER BY text", -1, &statement,
                           nullptr) != SQLITE_OK) {
      return refused("read");
    }
    std::vector<std::string> names;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      names.emplace_back(static_cast<const char*>(sqlite3_column_blob(statement, 0)),
                         static_cast<std::size_t>(sqlite3_column_bytes(statement, 0)));
    }
    sqlite3_finalize(statement);
    if (code != SQLITE_DONE) return refused("read");
    return names;
  }

  /// Page by page, under a lock that keeps writers out: no key comes to stand where it did not stand before.
  Status copy_to(const std::string& path) {
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (made < 0) {
      const int number = errno;
      return Error{number == EEXIST ? ErrorCode::conflict : ErrorCode::io,
                   fmt::format("{}: could not be made: {}", path, std::strerror(number))};
    }
    ::close(made);
    sqlite3* copy = nullptr;
    const char* settings = "PRAGMA synchronous = FULL; PRAGMA journal_mode = MEMORY; PRAGMA temp_store = MEMORY;";
    int code = sqlite3_open_v2(path.c_str(), &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (code == SQLITE_OK) code = sqlite3_exec(copy, settings, nullptr, nullptr, nullptr);
    sqlite3_backup* backup = code == SQLITE_OK ? sqlite3_backup_init(copy, "main", db_, "main") : nullptr;
    if (backup != nullptr) {
      constexpr int tries = 100, pause_ms = 100;
      for (int i = 0; i < tries; ++i) {
        code = sqlite3_backup_step(backup, -1);
        if (code != SQLITE_BUSY && code != SQLITE_LOCKED) break;
        sqlite3_sleep(pause_ms);
      }
      const int ended = sqlite3_backup_finish(backup);
      code = code == SQLITE_DONE ? ended : code;
    } else if (code == SQLITE_OK) {
      code = sqlite3_extended_errcode(copy);
    }
    sqlite3_close(copy);
    if (code == SQLITE_OK) return Done{};
    return Error{ErrorCode::io, fmt::format("{}: could not be copied to {} ({})", path_, path, code)};
  }

  /// What has been read lately; only names whose key stands.
  std::unordered_map<std::string, SealingKey> cache;

 private:
  class Reset {
   public:
    explicit Reset(sqlite3_stmt* statement) : statement_(statement) {}
    Reset(const Reset&) = delete;
    Reset& operator=(const Reset&) = delete;
    ~Reset() {
      sqlite3_reset(statement_);
      sqlite3_clear_bindings(statement_);
    }

   private:
    sqlite3_stmt* statement_;
  };

  static void bind_name(sqlite3_stmt* statement, const std::string& name) {
    sqlite3_bind_text(statement, 1, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
  }

  Status step(sqlite3_stmt* statement) {
    const Reset reset(statement);
    if (sqlite3_step(statement) != SQLITE_DONE) return refused("changed");
    return Done{};
  }

  Result<int64_t> number_of(sqlite3_stmt* statement) {
    const Reset reset(statement);
    if (sqlite3_step(statement) != SQLITE_ROW) return refused("read");
    return sqlite3_column_int64(statement, 0);
  }

  Result<int64_t> number_of(const char* text) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_, text, -1, &statement, nullptr) != SQLITE_OK) return refused("read");
    Result<int64_t> number = number_of(statement);
    sqlite3_finalize(statement);
    return number;
  }

  Status check_shape() {
    return in_transaction([this]() -> Status {
      const Result<int64_t> whose = number_of("PRAGMA application_id");
      const Result<int64_t> version = number_of("PRAGMA user_version");
      const Result<int64_t> tables = number_of("SELECT count(*) FROM sqlite_master");
      for (const auto* number : {&whose, &version, &tables}) {
        if (!*number) return number->error();
      }
      if (*whose == 0 && *version == 0 && *tables == 0) {
        if (Status made = run(shape); !made) return made;
        return run(
            fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", application_id, newest_shape).c_str());
      }
      if (*whose != application_id) {
        return base::invalid(fmt::format("{}: a database, but no key store. Put the right file back", path_));
      }
      if (*version > newest_shape) {
        return Error{ErrorCode::unsupported, fmt::format("{}: written by a newer version of Kept", path_)};
      }
      return Done{};
    });
  }

  Error refused(const char* what) const {
    return {ErrorCode::io, fmt::format("{}: could not be {}: {}", path_, what, sqlite3_errmsg(db_))};
  }

  std::string path_;
  sqlite3* db_ = nullptr;
  sqlite3_stmt* find_ = nullptr;
  sqlite3_stmt* read_ = nullptr;
  sqlite3_stmt* last_ = nullptr;
  sqlite3_stmt* add_key_ = nullptr;
  sqlite3_stmt* add_name_ = nullptr;
  sqlite3_stmt* wipe_ = nullptr;
  sqlite3_stmt* mark_ = nullptr;
  uint32_t seen_ = 0;  ///< the file's count of changes that the cache is of
};

KeyStore::KeyStore(std::unique_ptr<File> file, base::Chance& chance) : file_(std::move(file)), chance_(chance) {}
KeyStore::~KeyStore() = default;

Result<std::unique_ptr<KeyStore>> KeyStore::open(const std::string& path, base::Chance& chance, const char* vfs) {
  if (vfs == nullptr) {
    // SQLite gives its journal the same mode as the file.
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat found;
    const bool seen = made >= 0 && ::fstat(made, &found) == 0;
    const int number = errno;
    if (made >= 0) ::close(made);
    if (!seen) return Error{ErrorCode::io, fmt::format("{}: could not be opened: {}", path, std::strerror(number))};
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
      return base::invalid(
          fmt::format("{}: others may read these keys. Make sure that nobody did, then: chmod 600 {}", path, path));
    }
  }
  auto file = std::make_unique<File>(path);
  if (Status opened = file->open(vfs); !opened) return opened.error();
  return std::unique_ptr<KeyStore>(new KeyStore(std::move(file), chance));
}

Result<SealingKey> KeyStore::get_or_create(const std::string& name) {
  if (const Status made = create_missing(std::span(&name, 1)); !made) return made.error();
  return find(name);
}

Status KeyStore::create_missing(std::span<const std::string> names) {
  const std::lock_guard lock(mutex_);
  if (Status status = file_->notice_others(); !status) return status;
  std::vector<const std::string*> missing;
  for (const std::string& name : names) {
    if (file_->cache.contains(name)) continue;
    const Result<File::Found> found = file_->find(name);
    if (!found) return found.error();
    if (found->state == File::State::absent) missing.push_back(&name);
  }
  if (missing.empty()) return Done{};
  return file_->in_transaction([&]() -> Status {
    const Result<int64_t> last = file_->last_number();
    if (!last) return last.error();
    int64_t number = *last;
    for (const std::string* name : missing) {
      // Named twice, or made by somebody else since.
      const Result<File::Found> found = file_->find(*name);
      if (!found) return found.error();
      if (found->state != File::State::absent) continue;
      Status added = file_->add_key(++number, SealingKey::make(chance_));
      if (added) added = file_->add_name(*name, number, false);
      if (!added) return added;
    }
    return Done{};
  });
}

Result<SealingKey> KeyStore::find(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (const Status status = file_->notice_others(); !status) return status.error();
  if (const auto cached = file_->cache.find(name); cached != file_->cache.end()) return cached->second;
  const Result<File::Found> found = file_->find(name);
  if (!found) return found.error();
  if (found->state == File::State::destroyed) return destroyed_error();
  if (found->state == File::State::absent) {
    return Error{
        ErrorCode::conflict,
        "there never was a key of that name: what it sealed belongs to another key store, or this one is an older "
        "copy"};
  }
  Result<SealingKey> key = file_->read(found->number);
  if (!key) return key;
  if (file_->cache.size() >= most_cached) file_->cache.clear();
  file_->cache.emplace(name, *key);
  return key;
}

Status KeyStore::destroy(const std::string& name) {
  const std::lock_guard lock(mutex_);
  file_->cache.erase(name);
  return file_->in_transaction([&]() -> Status {
    const Result<File::Found> found = file_->find(name);
    if (!found) return found.error();
    if (found->state == File::State::destroyed) return Done{};
    if (found->state == File::State::absent) return file_->add_name(name, 0, true);
    return file_->wipe(name, found->number);
  });
}

Result<std::vector<std::string>> KeyStore::destroyed() {
  const std::lock_guard lock(mutex_);
  return file_->destroyed();
}

Status KeyStore::copy_to(const std::string& path) {
  const std::lock_guard lock(mutex_);
  return file_->copy_to(path);
}

Result<KeyStore::Counts> KeyStore::counts() {
  const std::lock_guard lock(mutex_);
  return file_->counts();
}

}  // namespace kept::ledger
