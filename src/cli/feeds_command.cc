#include "cli/feeds_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/feeds_text.h"
#include "app/records.h"
#include "app/withdrawal.h"
#include "cli/records_options.h"
#include "cli/store_options.h"
#include "model/moment.h"

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

struct WithdrawOptions {
  app::StoreRequest store;
  app::WithdrawalRequest request;
  std::string from, to;
};

/// A date given for a window's beginning is its first moment, and for its end its last.
bool read_window(const WithdrawOptions& options, app::WithdrawalRequest* request) {
  const auto from = model::parse_moment(options.from);
  const auto to = model::parse_moment(options.to);
  for (const auto* one : {&from, &to}) {
    if (*one) continue;
    say_error(one->error());
    return false;
  }
  request->from = from->lo_ms;
  request->to = to->hi_ms;
  return true;
}

int run_withdraw(const WithdrawOptions& options) {
  app::WithdrawalRequest request = options.request;
  if (!read_window(options, &request)) return exit_refused;
  auto store = app::Store::open(options.store);
  if (!store) {
    say_error(store.error());
    return exit_refused;
  }
  request.progress = shown_progress();
  const auto withdrawn = app::withdraw_window(**store, request);
  end_progress();
  base::Status done = base::Done{};
  if (withdrawn) done = (*store)->publish(true);
  if (!withdrawn || !done) {
    say_error(withdrawn ? done.error() : withdrawn.error());
    return exit_refused;
  }
  fmt::print("{} from {} to {}: {} facts taken back{}; recorded at position {}.\n", request.feed,
             model::instant_text(request.from), model::instant_text(request.to), withdrawn->retracted,
             withdrawn->before == 0 ? "" : fmt::format(", {} had been before", withdrawn->before), withdrawn->entry);
  fmt::print("{} people and cases judged again, {} obligations changed.\n", withdrawn->live.subjects,
             withdrawn->live.changed);
  return exit_done;
}

void add_withdraw_command(CLI::App* feeds, int* exit_code) {
  auto options = std::make_shared<WithdrawOptions>();
  CLI::App* command = feeds->add_subcommand("withdraw", "Take back all that a feed sent in a window of time");
  command->add_option("NAME", options->request.feed, "The feed")->required();
  command->add_option("--from", options->from, "The first moment it reached us: a date or an instant")
      ->required()
      ->type_name("WHEN");
  command->add_option("--to", options->to, "The last moment: a date (its end) or an instant")
      ->required()
      ->type_name("WHEN");
  command->add_option("--who", options->request.who, "Who decides: kept for good")->required()->type_name("WHO");
  command->add_option("--why", options->request.why, "Why: kept for good, so name no victim in it")
      ->required()
      ->type_name("TEXT");
  add_store_options(*command, &options->store);
  command->callback([options, exit_code] { *exit_code = run_withdraw(*options); });
}

}  // namespace

void add_feeds_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("feeds", "What each feed sent, what became of it, and which are silent");
  command->add_option("--as-at", options->as_at, "Where the clock stands: a date or an instant; now, if not given")
      ->type_name("WHEN");
  command->add_flag("--json", options->json, "As JSON");
  add_store_options(*command, &options->store);
  command->callback([options, exit_code, command] {
    if (command->get_subcommands().empty()) *exit_code = run_feeds(*options);
  });
  add_withdraw_command(command, exit_code);
}

}  // namespace kept::cli
