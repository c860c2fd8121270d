#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// `kept feeds`: what each feed sent, what became of it, which are silent.
void add_feeds_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
