#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// `kept import --feed NAME FILES`: takes a feed's batches into a store.
void add_import_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
