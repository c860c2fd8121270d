// The work of `kept explain` grows with the record, not with its square. Counted, not timed: the sources that look
// through the record are compiled here once more so that every stretch of code they run is counted (see
// CMakeLists.txt).
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

#include "app/assess_files.h"
#include "app/explain_obligation.h"

namespace {
uint64_t stretches_run = 0;
}

extern "C" void __sanitizer_cov_trace_pc();  // the compiler calls it by this name
extern "C" void __sanitizer_cov_trace_pc() { ++stretches_run; }

namespace kept::app {
namespace {

namespace fs = std::filesystem;

struct Work {
  uint64_t stretches = 0;
  std::size_t rows = 0;
};

class ExplainWork : public testing::Test {
 protected:
  ExplainWork() : folder_(fs::temp_directory_path() / ("kept-explain-work-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
  }
  ~ExplainWork() override { fs::remove_all(folder_); }

  /// One victim who was told of another suspect's arrest `calls` times, each entry corrected once, and then of this
  /// one; explained from a record of `others` further people, told too, as another source has them.
  Work work_of(int calls, int others) {
    const std::string file = (folder_ / fmt::format("{}-{}.csv", calls, others)).string();
    std::ofstream events(file);
    events << "id,source,type,participant,crime,suspect,occurred_at,recorded_at,agency,about,corrects\n";
    std::size_t rows = 0;
    const auto add = [&](const std::string& id, const std::string& rest) {
      events << id << "," << rest << "\n";
      ++rows;
    };
    for (int i = 0; i <= others; ++i) {
      const char* const source = i == 0 ? "s" : "another";
      const std::string crime = fmt::format("C{}", i);
      add(fmt::format("v{}", i),
          fmt::format("{},link.victim,V{},{},,2024-03-04T08:00Z,2024-03-04T08:00Z,met,,", source, i, crime));
      add(fmt::format("s{}", i),
          fmt::format("{},link.suspect,,{},S{},2024-03-04T08:00Z,2024-03-04T08:00Z,met,,", source, crime, i));
      add(fmt::format("a{}", i),
          fmt::format("{},suspect.arrested,,{},S{},2024-03-04T10:00Z,2024-03-04T10:30Z,met,,", source, crime, i));
      add(fmt::format("t{}", i),
          fmt::format("{},victim.informed,V{},{},S{},2024-03-08T10:00Z,2024-03-08T10:05Z,met,arrest,", source, i, crime,
                      i));
    }
    for (int i = 0; i < calls; ++i) {
      add(fmt::format("c{}", i), "s,victim.informed,V0,C0,OTHER,2024-03-05T10:00Z,2024-03-05T10:05Z,met,arrest,");
      add(fmt::format("d{}", i),
          fmt::format("s,victim.informed,V0,C0,OTHER,2024-03-05T11:00Z,2024-03-05T12:05Z,met,arrest,c{}", i));
    }
    events.close();
    AssessRequest request;
    request.records.files = {file};
    request.out = (folder_ / "out").string();
    const auto assessed = assess_files(request);
    EXPECT_TRUE(assessed.ok()) << assessed.error().message;
    const std::string id = id_of_first("VC2020-R6.1a", "V0");
    EXPECT_NE(id, "");
    const uint64_t before = stretches_run;
    const auto text = explain_obligation({request.records, id});
    EXPECT_TRUE(text.ok()) << text.error().message;
    return {stretches_run - before, rows};
  }

 private:
  std::string id_of_first(const std::string& duty, const std::string& participant) const {
    std::ifstream lines(folder_ / "out" / "obligations.csv");
    for (std::string line; std::getline(lines, line);) {
      if (line.find("," + duty + ",") != std::string::npos && line.find("," + participant + ",") != std::string::npos)
        return line.substr(0, line.find(','));
    }
    return "";
  }
  const fs::path folder_;
};

void expect_linear(const Work& small, const Work& large) {
  const double rows = static_cast<double>(large.rows) / static_cast<double>(small.rows);
  const double work = static_cast<double>(large.stretches) / static_cast<double>(small.stretches);
  ASSERT_GT(small.stretches, small.rows) << "nothing was counted";
  EXPECT_GT(work, rows / 3) << "the larger record was not looked through";
  EXPECT_LT(work, rows * 1.3) << small.stretches << " for " << small.rows << " rows, " << large.stretches << " for "
                              << large.rows;
}

TEST_F(ExplainWork, GrowsWithOnePersonsHistory) { expect_linear(work_of(400, 0), work_of(1600, 0)); }

TEST_F(ExplainWork, GrowsWithTheRecord) { expect_linear(work_of(100, 400), work_of(400, 1600)); }

}  // namespace
}  // namespace kept::app
