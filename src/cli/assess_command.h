#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// Adds `kept assess FILES` to `app`. `exit_code` is set when it has run: 0; 1 when rows were rejected under --strict;
/// 2 for bad usage or input that cannot be read, whose words went to standard error. It must outlive `app`.
void add_assess_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
