#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// `kept courts`: what notice changes in the list gave, which hearings have no result, and why trials did not go ahead.
void add_courts_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
