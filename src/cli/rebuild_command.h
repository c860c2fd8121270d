#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// `kept rebuild`.
void add_rebuild_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
