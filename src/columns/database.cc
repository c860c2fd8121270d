#include "columns/database.h"

#include <fmt/format.h>

#include <cstring>
#include <filesystem>

namespace kept::columns {
namespace {

// The enum values and structs of duckdb.h are compiled in: a library of another version would misread them.
constexpr const char* wanted_version = "v1.4.4";

base::Status set(duckdb_config config, const char* name, const std::string& value) {
  if (duckdb_set_config(config, name, value.c_str()) == DuckDBSuccess) return base::Done{};
  return base::Error{base::ErrorCode::io, fmt::format("DuckDB refuses the setting {} = {}", name, value)};
}

std::string quoted(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote) out += quote;
    out += c;
  }
  out += quote;
  return out;
}

}  // namespace

Database::State::~State() {
  if (connection != nullptr) duckdb_disconnect(&connection);
  if (database != nullptr) duckdb_close(&database);
}

base::Result<Database> Database::open(const DatabaseOptions& options) {
  if (std::strcmp(duckdb_library_version(), wanted_version) != 0) {
    return base::Error{
        base::ErrorCode::unsupported,
        fmt::format("libduckdb is {}, this build needs {}: run npm ci --ignore-scripts again and rebuild",
                    duckdb_library_version(), wanted_version)};
  }
  std::string folder = options.temporary_folder;
  if (folder.empty()) {
    std::error_code failed;
    const auto system = std::filesystem::temp_directory_path(failed);
    folder = failed ? std::string("/tmp") : system.string();
  }
  duckdb_config config = nullptr;
  if (duckdb_create_config(&config) != DuckDBSuccess)
    return base::Error{base::ErrorCode::io, "DuckDB cannot be configured"};
  base::Status status = base::Done{};
  const std::pair<const char*, std::string> settings[] = {
      {"autoinstall_known_extensions", "false"},    {"autoload_known_extensions", "false"},
      {"threads", std::to_string(options.threads)}, {"memory_limit", fmt::format("{}B", options.memory_bytes)},
      {"temp_directory", folder + "/kept-duckdb"},  {"preserve_insertion_order", "true"},
  };
  for (const auto& [name, value] : settings) {
    status = set(config, name, value);
    if (!status) break;
  }
  auto state = std::make_unique<State>();
  if (status) {
    char* message = nullptr;
    if (duckdb_open_ext(nullptr, &state->database, config, &message) != DuckDBSuccess) {
      status = base::Error{base::ErrorCode::io, fmt::format("DuckDB does not start: {}", first_line(message))};
    }
    if (message != nullptr) duckdb_free(message);
  }
  duckdb_destroy_config(&config);
  if (!status) return status.error();
  if (duckdb_connect(state->database, &state->connection) != DuckDBSuccess) {
    return base::Error{base::ErrorCode::io, "DuckDB refuses a connection"};
  }
  return Database(std::move(state));
}

base::Status Database::run(const std::string& sql) const {
  duckdb_result result;
  const bool done = duckdb_query(state_->connection, sql.c_str(), &result) == DuckDBSuccess;
  base::Status status = base::Done{};
  if (!done) status = base::Error{base::ErrorCode::io, first_line(duckdb_result_error(&result))};
  duckdb_destroy_result(&result);
  return status;
}

std::string sql_text(std::string_view text) { return quoted(text, '\''); }
std::string sql_name(std::string_view name) { return quoted(name, '"'); }

std::string first_line(const char* message) {
  if (message == nullptr) return "no reason given";
  std::string_view text(message);
  text = text.substr(0, text.find('\n'));
  std::string out(text.substr(0, 300));
  // The words may quote a broken file: only what a terminal can show.
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text.size() > out.size() ? out + " ..." : out;
}

}  // namespace kept::columns
