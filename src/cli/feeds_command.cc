#include "cli/feeds_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/feeds_text.h"
#include "app/records.h"
#include "cli/records_options.h"
#include "cli/store_options.h"

namespace kept::cli {
namespace {

struct Options {
  app::StoreRequest store;
  std::string as_at;
  bool json = false;
};

int run_feeds(Options& options) {
  options.store.read_only = true;
  auto store = app::Store::open(options.store);
  if (!store) {
    say_error(store.error());
    return exit_refused;
  }
  int64_t now = (*store)->now();
  if (!options.as_at.empty()) {
    const auto at = app::clock_time(options.as_at, "--as-at");
    if (!at) {
      say_error(at.error());
      return exit_refused;
    }
    now = *at;
  }
  const auto states = app::feed_states(**store, now);
  if (!states) {
    say_error(states.error());
    return exit_refused;
  }
  fmt::print("{}", options.json ? app::feeds_json(*states) : app::feeds_text(*states, now));
  for (const app::FeedState& state : *states)
    if (!state.counts.add_up()) return exit_refused;
  return exit_done;
}

}  // namespace

void add_feeds_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("feeds", "What each feed sent, what became of it, and which are silent");
  command->add_option("--as-at", options->as_at, "Where the clock stands: a date or an instant; now, if not given")
      ->type_name("WHEN");
  command->add_flag("--json", options->json, "As JSON");
  add_store_options(*command, &options->store);
  command->callback([options, exit_code] { *exit_code = run_feeds(*options); });
}

}  // namespace kept::cli
