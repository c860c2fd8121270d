#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// `kept ledger verify`, `proof` and `heads`.
void add_ledger_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
