#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// `kept erase PERSON`: destroys the keys of what is personal of somebody.
void add_erase_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
