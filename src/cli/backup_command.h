#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// Adds `kept backup` and `kept restore`.
void add_backup_commands(CLI::App& app, int* exit_code);

}  // namespace kept::cli
