// Runs a file of SQL in DuckDB, through its C API, and says what it cost:
//   duckdb_peer [--threads N] [--memory-gb N] [--each] [NAME=VALUE ...] FILE.sql     `${NAME}` in the file becomes
//   VALUE
// Prints the rows of the last statement (tab between values), then one line of JSON: seconds, CPU seconds of this whole
// process, peak memory.
#include <duckdb.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "columns/database.h"

namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

int fail(const std::string& words) {
  std::fprintf(stderr, "duckdb_peer: %s\n", words.c_str());
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace kept;
  columns::DatabaseOptions options;
  options.memory_bytes = uint64_t{16} << 30;
  std::vector<std::pair<std::string, std::string>> names;
  std::string path;
  bool each = false;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--threads" && i + 1 < argc) {
      options.threads = std::atoi(argv[++i]);
    } else if (word == "--memory-gb" && i + 1 < argc) {
      options.memory_bytes = static_cast<uint64_t>(std::atoi(argv[++i])) << 30;
    } else if (word == "--each") {
      each = true;
    } else if (const auto equals = word.find('='); equals != std::string::npos) {
      names.emplace_back("${" + word.substr(0, equals) + "}", word.substr(equals + 1));
    } else {
      path = word;
    }
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(path + ": cannot be read");
  std::string sql{std::istreambuf_iterator<char>(file), {}};
  for (const auto& [name, value] : names) {
    for (auto at = sql.find(name); at != std::string::npos; at = sql.find(name, at + value.size()))
      sql.replace(at, name.size(), value);
  }
  if (const auto left = sql.find("${"); left != std::string::npos) return fail("no value for " + sql.substr(left, 30));

  const auto began = std::chrono::steady_clock::now();
  // Its version is asserted there.
  auto database = columns::Database::open(options);
  if (!database) return fail(database.error().message);
  duckdb_extracted_statements statements = nullptr;
  const idx_t count = duckdb_extract_statements(database->connection(), sql.c_str(), &statements);
  if (count == 0) return fail(path + ": " + duckdb_extract_statements_error(statements));
  duckdb_result result{};
  for (idx_t i = 0; i < count; ++i) {
    duckdb_prepared_statement statement = nullptr;
    if (duckdb_prepare_extracted_statement(database->connection(), statements, i, &statement) != DuckDBSuccess)
      return fail(duckdb_prepare_error(statement));
    if (i > 0) duckdb_destroy_result(&result);
    if (duckdb_execute_prepared(statement, &result) != DuckDBSuccess) return fail(duckdb_result_error(&result));
    duckdb_destroy_prepare(&statement);
    if (each) {
      std::fprintf(stderr, "%8.3f s after statement %d\n",
                   std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(),
                   static_cast<int>(i + 1));
    }
  }
  duckdb_destroy_extracted(&statements);
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const idx_t columns = duckdb_column_count(&result);
  const idx_t rows = duckdb_row_count(&result);
  for (idx_t row = 0; row < rows; ++row) {
    for (idx_t column = 0; column < columns; ++column) {
      char* text = duckdb_value_varchar(&result, column, row);
      fmt::print("{}{}", column == 0 ? "" : "\t", text == nullptr ? "" : text);
      duckdb_free(text);
    }
    fmt::print("\n");
  }
  duckdb_destroy_result(&result);
  fmt::print("{{\"version\": \"{}\", \"threads\": {}, \"wall_s\": {:.3f}, \"cpu_s\": {:.3f}, \"peak_mb\": {}}}\n",
             duckdb_library_version(), options.threads, wall, seconds(used.ru_utime) + seconds(used.ru_stime),
             used.ru_maxrss / 1024);
  return 0;
}
