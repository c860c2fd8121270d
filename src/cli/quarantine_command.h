#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// `kept quarantine [FEED]`, `kept quarantine show`, `kept quarantine settle`.
void add_quarantine_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
