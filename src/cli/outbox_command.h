#pragma once
#include <CLI/App.hpp>

namespace kept::cli {

/// `kept outbox`: what is still to be told, asked, passed on or done, by agency.
void add_outbox_command(CLI::App& app, int* exit_code);

}  // namespace kept::cli
