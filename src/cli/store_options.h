#pragma once
#include <CLI/App.hpp>

#include "app/store_folder.h"

namespace kept::cli {

/// Adds what every command on a store has in common: where it is, and what it is judged by.
void add_store_options(CLI::App& command, app::StoreRequest* request);

}  // namespace kept::cli
