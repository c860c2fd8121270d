#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// Adds `kept explain ID FILES` to `app`. `exit_code` is set when it has run: 0; 1 when a row was rejected under
/// --strict; 2 for bad usage, input that cannot be read, or an id that these files do not have. It must outlive `app`.
void add_explain_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
