// The fixed work of bench/work.md at 20,000 victims: the engine, DuckDB's SQL and SQLite's SQL give the same
// obligations, row by row, from Parquet and from CSV, on one thread and on two. What ./kept bench measures is what is
// compared here.
// Slow: about ten seconds, most of it SQLite.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/assess.h"
#include "exchange/mapping.h"
#include "exchange/read_events.h"
#include "rules/examples.h"
#include "rules/rule_set.h"
#include "sql_script.h"
#include "work_cells.h"
#include "work_columns.h"
#include "work_grouped.h"
#include "work_log.h"
#include "work_obligations.h"

namespace kept::bench {
namespace {

namespace fs = std::filesystem;
const std::string bench_folder = KEPT_SOURCE_DIR "/bench/";
constexpr const char* as_at_s = "1767225599";
static_assert(work_as_at_s == 1'767'225'599);

class BenchWorkTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = fs::temp_directory_path() / ("kept-work-" + std::to_string(getpid()));
    fs::create_directories(folder);
    const auto log = make_work_log(20'000);
    ASSERT_TRUE(write_work_parquet(log, path("log.parquet")).ok());
    ASSERT_TRUE(write_work_csv(log, path("log.csv")).ok());
    events = log.size();
    auto rules = rules::load_rule_set({bench_folder + "work/rules.yaml", ""});
    ASSERT_TRUE(rules.ok()) << rules.error().message;
    set.emplace(std::move(*rules));
  }
  static void TearDownTestSuite() {
    set.reset();
    fs::remove_all(folder);
  }
  static std::string path(const std::string& name) { return (folder / name).string(); }

  static engine::AssessOptions options(int threads) {
    engine::AssessOptions out;
    out.as_at = work_as_at_s * 1000 + 999;
    out.threads = threads;
    return out;
  }
  static WorkCells::Sums judge(const model::EventTable& table, int threads) {
    WorkCells cells(set->book, table);
    const auto tally = engine::assess(set->book, table, options(threads), cells);
    EXPECT_TRUE(tally.ok());
    const auto sums = cells.sums();
    EXPECT_EQ(sums.unexpected, 0u);
    EXPECT_EQ(tally->obligations, sums.outcomes[0] + sums.outcomes[1] + sums.outcomes[2] + sums.outcomes[3]);
    return sums;
  }
  static model::EventTable from_parquet() {
    auto table = read_work_parquet(path("log.parquet"), set->book.vocabulary);
    EXPECT_TRUE(table.ok()) << table.error().message;
    return std::move(*table);
  }
  static model::EventTable read_with(const std::string& mapping_name, const std::string& log) {
    const auto mapping = exchange::Mapping::load(bench_folder + "work/" + mapping_name);
    EXPECT_TRUE(mapping.ok()) << mapping.error().message;
    exchange::ReadRequest request;
    request.files = {path(log)};
    request.mapping = &*mapping;
    request.vocabulary = set->book.vocabulary;
    request.strict = true;
    auto read = exchange::read_events(request);
    EXPECT_TRUE(read.ok()) << read.error().message;
    return std::move(read->table);
  }
  static std::vector<std::vector<std::string>> duckdb(std::vector<std::string> files,
                                                      std::vector<std::pair<std::string, std::string>> values) {
    for (std::string& file : files) file = bench_folder + "peers/" + file;
    const auto database = columns::Database::open();
    EXPECT_TRUE(database.ok());
    values.emplace_back("as_at", as_at_s);
    const auto rows = run_script(*database, {files, values});
    EXPECT_TRUE(rows.ok()) << rows.error().message;
    return rows.ok() ? *rows : std::vector<std::vector<std::string>>();
  }
  /// Both files hold the same rows, as often.
  static void expect_same(const std::string& one, const std::string& other) {
    const auto rows = duckdb({"compare.sql"}, {{"one", path(one)}, {"other", path(other)}});
    ASSERT_EQ(rows.size(), 1u);
    EXPECT_GT(std::stoull(rows[0][0]), 200'000u);
    EXPECT_EQ(rows[0][0], rows[0][1]);
    EXPECT_EQ(rows[0][2], "0") << "obligations only in " << one;
    EXPECT_EQ(rows[0][3], "0") << "obligations only in " << other;
  }
  static void expect_duckdb_agrees(const std::string& form, const std::string& log, const WorkCells::Sums& sums) {
    const auto rows = duckdb({form, "duckdb.sql", "duckdb_cells.sql"}, {{"log", path(log)}});
    ASSERT_EQ(rows.size(), 1u);
    const std::vector<std::string> wanted = {std::to_string(sums.cells),       std::to_string(sums.outcomes[0]),
                                             std::to_string(sums.outcomes[1]), std::to_string(sums.outcomes[2]),
                                             std::to_string(sums.outcomes[3]), std::to_string(sums.late_by),
                                             std::to_string(sums.checked)};
    EXPECT_EQ(rows[0], wanted);
  }

  static inline fs::path folder;
  static inline std::optional<rules::RuleSet> set;
  static inline uint64_t events = 0;
};

TEST_F(BenchWorkTest, TheRulesShowTheirOwnExamples) {
  std::size_t ran = 0;
  for (const auto& failure : rules::check_examples(*set, &ran))
    ADD_FAILURE() << "expected " << failure.expected << ", got " << failure.got;
  EXPECT_EQ(set->book.duties.size(), 20u);
  EXPECT_EQ(ran, 80u);
}

TEST_F(BenchWorkTest, TheLogIsTheSameEverywhere) {
  const auto log = make_work_log(2'000);
  uint64_t digest = 0;
  for (const WorkEvent& event : log) {
    digest = (digest ^ static_cast<uint64_t>(event.at_s) * 1'000'003 ^ uint64_t{event.participant} << 20 ^
              uint64_t{event.type} << 8 ^ event.enhanced) *
             0x9E3779B97F4A7C15u;
  }
  EXPECT_EQ(log.size(), 32'022u);
  EXPECT_EQ(digest, 16'843'304'093'429'160'496u);
  // A log of more victims begins with the same people.
  std::vector<WorkEvent> of_first;
  for (const WorkEvent& event : make_work_log(3'000))
    if (event.participant <= 2'000) of_first.push_back(event);
  EXPECT_EQ(of_first.size(), log.size());
}

TEST_F(BenchWorkTest, EveryObligationIsThatOfDuckDbAndOfSqlite) {
  const auto table = from_parquet();
  {
    auto written = WorkObligations::open(path("kept.parquet"), table);
    ASSERT_TRUE(written.ok()) << written.error().message;
    const auto tally = engine::assess(set->book, table, options(1), *written);
    ASSERT_TRUE(tally.ok());
    ASSERT_TRUE(written->finish().ok());
    // At least four events in five are read by some duty: the figures are not those of skipping.
    EXPECT_GE(tally->read_by_duty * 5, tally->events * 4);
  }
  duckdb({"duckdb_from_parquet.sql", "duckdb.sql", "duckdb_obligations.sql"},
         {{"log", path("log.parquet")}, {"out", path("duckdb.parquet")}});
  expect_same("kept.parquet", "duckdb.parquet");
  const std::string sqlite = "python3 -B " + bench_folder + "peers/sqlite_peer.py " + path("log.csv") + " " + as_at_s +
                             " " + path("sqlite.csv") + " > /dev/null";
  ASSERT_EQ(std::system(sqlite.c_str()), 0);
  expect_same("kept.parquet", "sqlite.csv");
}

TEST_F(BenchWorkTest, CellsAndTheSumOverAllObligationsAgree) {
  const auto table = from_parquet();
  EXPECT_EQ(table.size(), events);
  EXPECT_LE(table.memory_bytes(), 60 * events) << "bytes an event";
  const auto sums = judge(table, 1);
  EXPECT_EQ(judge(table, 2), sums) << "two threads";
  EXPECT_EQ(judge(read_with("parquet-mapping.yaml", "log.parquet"), 1), sums) << "through a mapping";
  ASSERT_TRUE(write_work_grouped(table, path("grouped.columns")).ok());
  const auto grouped = read_work_grouped(path("grouped.columns"), set->book.vocabulary);
  ASSERT_TRUE(grouped.ok()) << grouped.error().message;
  EXPECT_EQ(judge(*grouped, 1), sums) << "from Kept's own columns, grouped by participant";
  EXPECT_EQ(judge(read_with("csv-mapping.yaml", "log.csv"), 1), sums) << "from CSV";
  expect_duckdb_agrees("duckdb_from_parquet.sql", "log.parquet", sums);
  expect_duckdb_agrees("duckdb_from_csv.sql", "log.csv", sums);
}

}  // namespace
}  // namespace kept::bench
