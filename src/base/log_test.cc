#include "base/log.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace kept::base {
namespace {

constexpr int64_t moment = 1'774'745'999'123;  // 2026-03-29T00:59:59.123Z

TEST(Log, ALineIsOneObject) {
  EXPECT_EQ(log_line(moment, LogLevel::info, "request",
                     {{"status", 200}, {"seconds", 0.25}, {"closed", true}, {"route", "/a"}}),
            R"({"time":"2026-03-29T00:59:59.123Z","level":"info","event":"request","status":200,"seconds":0.25,)"
            R"("closed":true,"route":"/a"})");
  EXPECT_EQ(log_line(0, LogLevel::error, "stopped", {}),
            R"({"time":"1970-01-01T00:00:00.000Z","level":"error","event":"stopped"})");
  EXPECT_EQ(log_line(-1, LogLevel::warning, "early", {{"value", std::nan("")}}),
            R"({"time":"1969-12-31T23:59:59.999Z","level":"warning","event":"early","value":null})");
}

TEST(Log, AValueCannotMakeALineOfItsOwn) {
  const std::string hostile = "x\"}\n{\"event\":\"signed_in\"}\r\n\x1b[1A\u2028";
  const std::string line = log_line(moment, LogLevel::info, "request", {{"route", hostile}});
  EXPECT_EQ(line.find_first_of("\r\n\x1b"), std::string::npos);
  EXPECT_EQ(line.find("\u2028"), std::string::npos);
  EXPECT_EQ(line, R"({"time":"2026-03-29T00:59:59.123Z","level":"info","event":"request",)"
                  R"("route":"x\"}\n{\"event\":\"signed_in\"}\u000d\n\u001b[1A\u2028"})");
}

TEST(Log, AFileIsAddedToAndWholeWhenTheLogIsGone) {
  const std::string path = testing::TempDir() + "kept-log-" + std::to_string(::getpid()) + ".log";
  std::filesystem::remove(path);
  const ManualClock clock(moment);
  for (int round = 0; round < 2; ++round) {
    auto log = log_to_file(path, clock);
    ASSERT_TRUE(log) << log.error().message;
    for (int i = 0; i < 500; ++i) (*log)->write(LogLevel::info, "line", {{"number", i}, {"pattern", "%v {} %"}});
  }
  std::ifstream file(path);
  std::string line;
  int count = 0;
  for (; std::getline(file, line); ++count) {
    EXPECT_EQ(line, log_line(moment, LogLevel::info, "line", {{"number", count % 500}, {"pattern", "%v {} %"}}));
  }
  EXPECT_EQ(count, 1000);
  std::filesystem::remove(path);
}

TEST(Log, AFileThatCannotBeWrittenIsSaid) {
  const auto log = log_to_file("/proc/no-such-folder/kept.log");
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::io);
  EXPECT_EQ(log.error().message,
            "The log /proc/no-such-folder/kept.log cannot be written. Is its folder there, and may this account write "
            "in it?");
}

}  // namespace
}  // namespace kept::base
