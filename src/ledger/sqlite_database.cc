#include "ledger/sqlite_database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <unordered_map>

#include "ledger/script.h"

namespace kept::ledger {
namespace {

using base::Error;
using base::ErrorCode;

struct CloseStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Prepared = std::unique_ptr<sqlite3_stmt, CloseStatement>;

class SqliteAnswer : public Answer {
 public:
  explicit SqliteAnswer(sqlite3_stmt* statement) : statement_(statement) {}
  bool is_absent(int column) const override { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  int64_t number(int column) const override { return sqlite3_column_int64(statement_, column); }
  std::string_view bytes(int column) const override {
    const void* first = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return {static_cast<const char*>(first), first == nullptr ? 0 : static_cast<std::size_t>(size)};
  }

 private:
  sqlite3_stmt* statement_;
};

/// Facts are added and read, nothing else; a mistake in our own code is stopped here.
int permit(void* guarded, int action, const char* first, const char*, const char*, const char*) {
  if (!*static_cast<const bool*>(guarded)) return SQLITE_OK;
  const auto is_fact = [&] {
    return first != nullptr && (std::strcmp(first, "fact") == 0 || std::strcmp(first, "audit") == 0);
  };
  switch (action) {
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      return is_fact() ? SQLITE_DENY : SQLITE_OK;
    case SQLITE_DROP_TABLE:
    case SQLITE_ALTER_TABLE:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_ATTACH:
      return SQLITE_DENY;
    default:
      return SQLITE_OK;
  }
}

/// Makes the file when there is none, and takes it and what stands beside it from everybody but its owner. SQLite gives
/// its log and shared memory the mode of the database. (A file that is open in this process is not opened again:
/// closing it would drop SQLite's locks.)
base::Status make_private(const std::string& path) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made >= 0) {
    ::close(made);
  } else if (errno != EEXIST) {
    return Error{ErrorCode::io, fmt::format("{} cannot be made: {}", path, std::strerror(errno))};
  }
  for (const char* part : {"", "-wal", "-shm"}) {
    if (::chmod((path + part).c_str(), S_IRUSR | S_IWUSR) != 0 && errno != ENOENT)
      return Error{ErrorCode::io, fmt::format("{}{} cannot be kept from others: {}", path, part, std::strerror(errno))};
  }
  return base::Done{};
}

class SqliteDatabase : public Database {
 public:
  ~SqliteDatabase() override {
    prepared_.clear();
    inserts_.clear();
    if (connection_ != nullptr) sqlite3_close(connection_);
  }

  base::Status open(const SqliteOptions& options) {
    if (options.vfs == nullptr && !options.read_only) {
      if (base::Status made = make_private(options.path); !made) return made;
    }
    const int flags = (options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) |
                      SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (sqlite3_open_v2(options.path.c_str(), &connection_, flags, options.vfs) != SQLITE_OK)
      return failed(options.read_only ? ErrorCode::not_found : ErrorCode::io,
                    fmt::format("{} cannot be opened", options.path));
    sqlite3_busy_timeout(connection_, 5000);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
    sqlite3_db_config(connection_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_limit(connection_, SQLITE_LIMIT_ATTACHED, 0);
    std::string settings = fmt::format(
        "PRAGMA foreign_keys=ON; PRAGMA cache_size=-{}; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY;"
        "PRAGMA cell_size_check=ON;",
        options.cache_bytes / 1024);
    if (!options.read_only)
      settings += "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=16000;";
    if (sqlite3_exec(connection_, settings.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      return failed(ErrorCode::io, fmt::format("{} cannot be used", options.path));
    if (!options.read_only) {
      if (base::Status checked_in = check_in(options.path); !checked_in) return checked_in;
    }
    sqlite3_set_authorizer(connection_, permit, &guarded_);
    return base::Done{};
  }

  base::Status begin(bool read_only) override {
    assert(!is_in_transaction());
    return plain(read_only ? "BEGIN" : "BEGIN IMMEDIATE", "a transaction cannot be begun");
  }
  base::Status commit() override {
    base::Status done = plain("COMMIT", "the transaction could not be made durable");
    if (!done && is_in_transaction()) sqlite3_exec(connection_, "ROLLBACK", nullptr, nullptr, nullptr);
    return done;
  }
  base::Status roll_back() override {
    if (!is_in_transaction()) return base::Done{};
    return plain("ROLLBACK", "the transaction could not be undone");
  }
  bool is_in_transaction() const override { return sqlite3_get_autocommit(connection_) == 0; }

  base::Status run(const Statement& statement, std::span<const In> parameters, std::size_t width) override {
    return step_all(statement, parameters, width, nullptr);
  }
  base::Status ask(const Statement& statement, std::span<const In> parameters, std::size_t width,
                   const Visit& visit) override {
    return step_all(statement, parameters, width, &visit);
  }

  base::Status insert(const char* table, const char* columns, std::span<const In> values, std::size_t width) override {
    Prepared& prepared = inserts_[std::string(table) + ":" + columns];
    if (!prepared) {
      std::string text = fmt::format("INSERT INTO {} ({}) VALUES (", table, columns);
      for (std::size_t i = 1; i <= width; ++i) text += fmt::format("{}${}", i == 1 ? "" : ",", i);
      if (base::Status made = prepare(text + ")", &prepared); !made) return made;
    }
    return step_rows(prepared.get(), values, width, nullptr);
  }

  base::Status run_script(std::string_view script) override {
    guarded_ = false;
    const std::string text = in_dialect(script, "sqlite");
    char* why = nullptr;
    const int code = sqlite3_exec(connection_, text.c_str(), nullptr, nullptr, &why);
    guarded_ = true;
    if (code == SQLITE_OK) return base::Done{};
    Error error{ErrorCode::io, fmt::format("a migration failed: {}", why == nullptr ? "" : why)};
    sqlite3_free(why);
    return error;
  }

  base::Result<uint64_t> size_bytes() override {
    static constexpr Statement pages{"SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"};
    uint64_t size = 0;
    const base::Status asked = Database::ask(pages, {}, [&](std::size_t, const Answer& row) -> base::Status {
      size = static_cast<uint64_t>(row.number(0));
      return base::Done{};
    });
    if (!asked) return asked.error();
    return size;
  }
  const char* kind() const override { return "sqlite"; }

 private:
  // What an unclean stop left in the write-ahead log is brought into the database before anything is written behind it:
  // where a sync had failed, its frames are perhaps not on the disk, and no later sync of the log says so.
  base::Status check_in(const std::string& path) {
    const int code = sqlite3_wal_checkpoint_v2(connection_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
    if (code == SQLITE_OK) return base::Done{};
    if ((code & 0xff) == SQLITE_BUSY || (code & 0xff) == SQLITE_LOCKED)
      return Error{ErrorCode::conflict,
                   fmt::format("{} was not closed cleanly, and another program still reads it: what it left cannot be "
                               "brought in; start again when that has ended",
                               path)};
    return failed(ErrorCode::io, fmt::format("what an unclean stop of {} left cannot be brought in", path));
  }
  Error failed(ErrorCode code, const std::string& what) const {
    // The library's own words name tables and files, never values.
    return {code, fmt::format("{}: {} ({})", what, sqlite3_errmsg(connection_), sqlite3_extended_errcode(connection_))};
  }
  base::Status plain(const char* text, const char* what) {
    if (sqlite3_exec(connection_, text, nullptr, nullptr, nullptr) == SQLITE_OK) return base::Done{};
    return failed(ErrorCode::io, what);
  }
  base::Status prepare(const std::string& text, Prepared* into) {
    sqlite3_stmt* made = nullptr;
    if (sqlite3_prepare_v3(connection_, text.c_str(), static_cast<int>(text.size()) + 1, SQLITE_PREPARE_PERSISTENT,
                           &made, nullptr) != SQLITE_OK)
      return failed(ErrorCode::io, "a statement could not be made ready");
    into->reset(made);
    return base::Done{};
  }
  base::Status step_all(const Statement& statement, std::span<const In> parameters, std::size_t width,
                        const Visit* visit) {
    Prepared& prepared = prepared_[&statement];
    if (!prepared) {
      if (base::Status made = prepare(statement.text, &prepared); !made) return made;
    }
    return step_rows(prepared.get(), parameters, width, visit);
  }
  base::Status step_rows(sqlite3_stmt* prepared, std::span<const In> parameters, std::size_t width,
                         const Visit* visit) {
    const std::size_t rows = width == 0 ? 1 : parameters.size() / width;
    assert(width == 0 || parameters.size() % width == 0);
    const SqliteAnswer answer(prepared);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < width; ++i) bind(prepared, static_cast<int>(i) + 1, parameters[row * width + i]);
      int code = SQLITE_ROW;
      while ((code = sqlite3_step(prepared)) == SQLITE_ROW) {
        if (visit == nullptr) continue;
        if (base::Status seen = (*visit)(row, answer); !seen) {
          sqlite3_reset(prepared);
          return seen;
        }
      }
      if (code != SQLITE_DONE) {
        const Error error = failed(ErrorCode::io, "the database refused");
        sqlite3_reset(prepared);
        return error;
      }
      sqlite3_reset(prepared);
    }
    return base::Done{};
  }
  static void bind(sqlite3_stmt* prepared, int at, const In& value) {
    if (const auto* number = std::get_if<int64_t>(&value)) {
      sqlite3_bind_int64(prepared, at, *number);
    } else if (const auto* text = std::get_if<std::string_view>(&value)) {
      sqlite3_bind_text(prepared, at, text->data() == nullptr ? "" : text->data(), static_cast<int>(text->size()),
                        SQLITE_STATIC);
    } else if (const auto* bytes = std::get_if<Bytes>(&value)) {
      sqlite3_bind_blob(prepared, at, bytes->view.data() == nullptr ? "" : bytes->view.data(),
                        static_cast<int>(bytes->view.size()), SQLITE_STATIC);
    } else {
      sqlite3_bind_null(prepared, at);
    }
  }

  sqlite3* connection_ = nullptr;
  bool guarded_ = true;
  std::unordered_map<const Statement*, Prepared> prepared_;
  std::unordered_map<std::string, Prepared> inserts_;
};

}  // namespace

base::Result<std::unique_ptr<Database>> open_sqlite(const SqliteOptions& options) {
  auto database = std::make_unique<SqliteDatabase>();
  if (const base::Status opened = database->open(options); !opened) return opened.error();
  return std::unique_ptr<Database>(std::move(database));
}

}  // namespace kept::ledger
