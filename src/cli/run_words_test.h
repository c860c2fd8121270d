#pragma once
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <vector>

namespace kept::cli {

struct Said {
  int exit_code;
  std::string out;
  std::string err;
};

/// Runs one command line, its words after the program's name, as main would. `add(app, &exit_code)` adds the commands.
template <class Add>
Said run_words(std::vector<std::string> words, Add add) {
  CLI::App app;
  int exit_code = -1;
  add(app, &exit_code);
  std::reverse(words.begin(), words.end());  // CLI11 takes them last first
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  try {
    app.parse(words);
  } catch (const CLI::ParseError& refused) {
    exit_code = refused.get_exit_code();
  }
  return {exit_code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
}

}  // namespace kept::cli
