#pragma once
#include <CLI/App.hpp>

#include "app/records.h"

namespace kept::cli {

/// Adds what `assess` and `explain` have in common: the files and how to read them. Values go to `request`, which must
/// outlive `command`.
void add_records_options(CLI::App& command, app::RecordsRequest* request);

/// The files and options as somebody would write them on a command line, to ask again about the same run.
std::string records_words(const app::RecordsRequest& request);

/// Progress on standard error: one moving line on a terminal, a line every tenth of the way in a log.
std::function<void(uint64_t done, uint64_t total)> shown_progress();

/// The moving line alone: nothing where there is no terminal, so that a log of several answers holds only them.
std::function<void(uint64_t done, uint64_t total)> progress_bar();

/// Ends the moving line, if there is one.
void end_progress();

/// `kept: ` and the error's words on standard error.
void say_error(const base::Error& error);

inline constexpr int exit_done = 0;
inline constexpr int exit_rejects = 1;  ///< rows were rejected and --strict was asked for
inline constexpr int exit_refused = 2;  ///< bad usage or input that cannot be read

}  // namespace kept::cli
