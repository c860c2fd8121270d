#include "cli/rebuild_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "app/rebuild.h"
#include "cli/records_options.h"
#include "cli/store_options.h"

namespace kept::cli {
namespace {

struct Options {
  app::StoreRequest store;
  bool plan = false;
  std::string approve;
};

int refused(const base::Error& error) {
  say_error(error);
  return exit_refused;
}

int run_rebuild(Options& options) {
  options.store.read_only = options.plan;
  options.store.other_rules = !options.approve.empty();
  auto store = app::Store::open(options.store);
  if (!store) return refused(store.error());
  if (options.plan || !options.approve.empty()) {
    const auto report = options.plan ? app::compare_rules(**store, shown_progress())
                                     : app::approve_rules(**store, options.approve, (*store)->now(), shown_progress());
    end_progress();
    if (!report) return refused(report.error());
    fmt::print("{}", app::rules_report_text(*report));
    if (options.plan) {
      fmt::print("nothing was stored; switch with `kept rebuild --approve NAME`\n");
    } else {
      fmt::print("switched, approved by {}\n", options.approve);
    }
    return exit_done;
  }
  const auto tally = app::rebuild(**store, (*store)->now(), shown_progress());
  end_progress();
  if (!tally) return refused(tally.error());
  if (const base::Status published = (*store)->publish(true); !published) return refused(published.error());
  fmt::print("{} obligations of {} people and cases made again\n", tally->obligations, tally->subjects);
  if (tally->unnamed != 0) fmt::print("{} were stored that no fact names, and were taken out\n", tally->unnamed);
  fmt::print("{}\n", tally->differed == 0 ? std::string("all were as they had been")
                                          : fmt::format("{} had been stored otherwise", tally->differed));
  if (tally->waiting_differed != 0)
    fmt::print("{} crimes that nobody recorded yet were listed wrongly, and are listed right now\n",
               tally->waiting_differed);
  return exit_done;
}

}  // namespace

void add_rebuild_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("rebuild", "Make everybody's obligations again from the facts");
  CLI::Option* plan =
      command->add_flag("--plan", options->plan, "What other rules or another calendar would change; stores nothing");
  command->add_option("--approve", options->approve, "Switch to the rules and calendar in use, by this person's word")
      ->type_name("NAME")
      ->excludes(plan);
  add_store_options(*command, &options->store);
  command->callback([options, exit_code] { *exit_code = run_rebuild(*options); });
}

}  // namespace kept::cli
