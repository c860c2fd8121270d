#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// Adds `kept simulate --victims N --seed S --from DATE --to DATE --out FILE` and `kept simulate --describe` to `app`.
/// `exit_code` is set when it has run: 0, or 2 after a refusal, whose words went to standard error. It must outlive
/// `app`.
void add_simulate_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
