// What `assess` and `explain` say beside their answers, where there is no terminal.
#include <gmock/gmock.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cli/assess_command.h"
#include "cli/explain_command.h"
#include "cli/run_words_test.h"

namespace kept::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

Said run(std::vector<std::string> words) {
  return run_words(std::move(words), [](CLI::App& app, int* exit_code) {
    add_assess_command(app, exit_code);
    add_explain_command(app, exit_code);
  });
}

class RecordsCommands : public testing::Test {
 protected:
  RecordsCommands() : folder_(fs::temp_directory_path() / ("kept-commands-" + std::to_string(getpid()))) {
    fs::create_directories(folder_);
    std::ofstream(events_) << "id,source,type,participant,crime,suspect,occurred_at,recorded_at,agency\n"
                              "1,s,link.victim,V1,C1,,2024-03-04T08:00Z,2024-03-04T08:00Z,met\n"
                              "2,s,link.suspect,,C1,A,2024-03-04T08:00Z,2024-03-04T08:00Z,met\n"
                              "3,s,suspect.arrested,,C1,A,2024-03-04T10:00Z,2024-03-04T10:30Z,met\n";
  }
  ~RecordsCommands() override { fs::remove_all(folder_); }
  static std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
  }

  const fs::path folder_;
  const std::string events_ = (folder_ / "e.csv").string();
};

TEST_F(RecordsCommands, SayOnceWhereTheClockStands) {
  const Said table = run({"assess", events_});
  ASSERT_EQ(table.exit_code, 0) << table.err;
  EXPECT_EQ(count(table.out + table.err, "As at"), 1u) << table.out << table.err;
  EXPECT_THAT(table.out, HasSubstr("As at 4 March 2024, 10:30 (the last entry in the files"));
  const Said json = run({"assess", events_, "--format", "json"});
  ASSERT_EQ(json.exit_code, 0) << json.err;
  EXPECT_EQ(count(json.out + json.err, "As at"), 1u) << json.out << json.err;
  EXPECT_THAT(json.err, HasSubstr("As at 2024-03-04T10:30:00Z: the last recorded_at"));
}

TEST_F(RecordsCommands, ExplainPutsNothingBeforeItsAnswerInALog) {
  const std::string out = (folder_ / "out").string();
  const Said assessed = run({"assess", events_, "--out", out});
  ASSERT_EQ(assessed.exit_code, 0) << assessed.err;
  EXPECT_THAT(assessed.err, HasSubstr("Read 100%"));
  std::ifstream obligations(out + "/obligations.csv");
  std::string line;
  std::getline(obligations, line);
  std::getline(obligations, line);
  const Said explained = run({"explain", line.substr(0, line.find(',')), events_});
  EXPECT_EQ(explained.exit_code, 0) << explained.err;
  EXPECT_THAT(explained.out, HasSubstr("What is owed"));
  EXPECT_EQ(explained.err, "");
}

}  // namespace
}  // namespace kept::cli
