#pragma once
#include <duckdb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kept::columns {

/// Bounds on what DuckDB may take. It never fetches extensions and keeps what does not fit in memory under
/// `temporary_folder`.
struct DatabaseOptions {
  int threads = 1;
  uint64_t memory_bytes = 1024ULL * 1024 * 1024;
  std::string temporary_folder;  ///< empty: the system's folder for temporary files
};

/// A DuckDB of our own in memory, with one connection. Not for two threads at once.
class Database {
 public:
  /// Errors: unsupported when libduckdb is not of the version this build's header describes; io when it cannot start.
  static base::Result<Database> open(const DatabaseOptions& options = {});
  Database(Database&&) noexcept = default;
  Database& operator=(Database&&) noexcept = default;

  duckdb_connection connection() const { return state_->connection; }
  /// Runs statements whose rows nobody reads. Errors: io with DuckDB's words, without its stack.
  base::Status run(const std::string& sql) const;

 private:
  struct State {
    duckdb_database database = nullptr;
    duckdb_connection connection = nullptr;
    ~State();
  };
  explicit Database(std::unique_ptr<State> state) : state_(std::move(state)) {}
  std::unique_ptr<State> state_;
};

/// `text` as an SQL string literal, `name` as an SQL identifier: quotes doubled.
std::string sql_text(std::string_view text);
std::string sql_name(std::string_view name);
/// DuckDB's message cut to its first line and to 300 characters, those a terminal cannot show as `?`.
std::string first_line(const char* message);

}  // namespace kept::columns
