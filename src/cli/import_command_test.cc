#include "cli/import_command.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "cli/run_words_test.h"

namespace kept::cli {
namespace {

TEST(ImportCommand, SaysWhatToDoWhereTheDatabaseFails) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("kept-import-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "batch.csv") << "x\n";
  const auto import = [&](const std::vector<std::string>& more) {
    std::vector<std::string> words = {
        "import", "--feed", "police-crimes", "--data", (folder / "store").string(), (folder / "batch.csv").string()};
    words.insert(words.end(), more.begin(), more.end());
    return run_words(words, add_import_command);
  };
  const Said unreachable = import({"--database", "postgresql://nobody@/none?host=" + folder.string()});
  EXPECT_EQ(unreachable.exit_code, 2);
  EXPECT_THAT(unreachable.err, testing::HasSubstr("give the same command again: it goes on where it stopped"));
  // What is wrong with the batch itself is not the disk's.
  const Said refused = import({});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, testing::HasSubstr("its first line names none of"));
  EXPECT_THAT(refused.err, testing::Not(testing::HasSubstr("give the same command again")));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace kept::cli
