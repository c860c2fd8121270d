#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// Adds `kept rules list`, `show ID`, `check [DIR]` and `docs` to `app`. `exit_code` is set when a command has run: 0;
/// 1 when an example does not come out or a page is not current; 2 after a refusal, whose words went to standard error.
/// It must outlive `app`.
void add_rules_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
