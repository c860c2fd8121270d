#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// `kept serve`: the service, until Ctrl-C. `kept key`: makes a key for an operator or a feed. `kept config check`: a
/// service's file.
void add_serve_command(CLI::App& app, int* exit_code);
void add_key_command(CLI::App& app, int* exit_code);
void add_config_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
