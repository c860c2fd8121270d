#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <string>

namespace {

/// Tests that may be skipped, and only where the folder ../shared is absent: one `Suite.Name` a line, `#` for remarks.
std::set<std::string> permitted_skips() {
  std::set<std::string> names;
  std::ifstream file(KEPT_SOURCE_DIR "/tests/permitted-skips.txt");
  for (std::string line; std::getline(file, line);) {
    line = line.substr(0, line.find_first_of(" \t#"));
    if (!line.empty()) names.insert(line);
  }
  return names;
}

/// A test that does not run proves nothing: each one skipped without permission makes the run fail.
int count_forbidden_skips() {
  const bool shared_absent = !std::filesystem::exists(KEPT_SOURCE_DIR "/../shared");
  const std::set<std::string> permitted = permitted_skips();
  int forbidden = 0;
  const testing::UnitTest& all = *testing::UnitTest::GetInstance();
  for (int s = 0; s < all.total_test_suite_count(); ++s) {
    const testing::TestSuite& suite = *all.GetTestSuite(s);
    for (int t = 0; t < suite.total_test_count(); ++t) {
      const testing::TestInfo& test = *suite.GetTestInfo(t);
      if (!test.should_run() || !test.result()->Skipped()) continue;
      const std::string name = std::string(suite.name()) + "." + test.name();
      if (shared_absent && permitted.contains(name)) continue;
      std::cerr << "FAILED: " << name << " was skipped, which fails the run. "
                << (shared_absent ? "If it needs ../shared, add it to tests/permitted-skips.txt.\n"
                                  : "../shared is here, so nothing may be skipped: mend the test or its input.\n");
      ++forbidden;
    }
  }
  return forbidden;
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  const int result = RUN_ALL_TESTS();
  const int forbidden = count_forbidden_skips();
  return result != 0 || forbidden != 0 ? 1 : 0;
}
