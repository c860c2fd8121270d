// Runs files of SQL in DuckDB, through its C API, and says what it cost:
//   duckdb_peer [--threads N] [--memory-gb N] [NAME=VALUE ...] FILE.sql ...     `${NAME}` in the files becomes VALUE
// Prints the rows of the last statement (tab between values), then one line of JSON: seconds, CPU seconds of this whole
// process, peak memory.
#include <duckdb.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "columns/database.h"
#include "sql_script.h"

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
  bench::SqlScript script;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--threads" && i + 1 < argc) {
      options.threads = std::atoi(argv[++i]);
    } else if (word == "--memory-gb" && i + 1 < argc) {
      options.memory_bytes = static_cast<uint64_t>(std::atoi(argv[++i])) << 30;
    } else if (const auto equals = word.find('='); equals != std::string::npos) {
      script.values.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    } else {
      script.files.push_back(word);
    }
  }
  const auto began = std::chrono::steady_clock::now();
  // Its version is asserted there.
  const auto database = columns::Database::open(options);
  if (!database) return fail(database.error().message);
  const auto rows = bench::run_script(*database, script);
  if (!rows) return fail(rows.error().message);
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  for (const auto& row : *rows) {
    for (std::size_t i = 0; i < row.size(); ++i) fmt::print("{}{}", i == 0 ? "" : "\t", row[i]);
    fmt::print("\n");
  }
  fmt::print("{{\"version\": \"{}\", \"threads\": {}, \"wall_s\": {:.3f}, \"cpu_s\": {:.3f}, \"peak_mb\": {}}}\n",
             duckdb_library_version(), options.threads, wall, seconds(used.ru_utime) + seconds(used.ru_stime),
             used.ru_maxrss / 1024);
  return 0;
}
