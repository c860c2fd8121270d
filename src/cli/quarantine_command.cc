#include "cli/quarantine_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "app/quarantine.h"
#include "cli/records_options.h"
#include "cli/store_options.h"
#include "cli/whole_number.h"
#include "model/moment.h"

namespace kept::cli {
namespace {

struct Options {
  app::StoreRequest store;
  app::Settlement settlement;
  std::string feed;
  bool all = false;
  uint64_t most = 100;
};

std::unique_ptr<app::Store> open_store(const Options& options, bool read_only) {
  app::StoreRequest request = options.store;
  request.read_only = read_only;
  auto store = app::Store::open(request);
  if (store) return std::move(*store);
  say_error(store.error());
  return nullptr;
}

int run_list(const Options& options) {
  const auto store = open_store(options, true);
  if (!store) return exit_refused;
  if (!options.feed.empty() && !store->contracts().contains(options.feed)) {
    say_error(base::invalid(fmt::format("there is no feed {}; `kept feeds` lists them", options.feed)));
    return exit_refused;
  }
  const auto rows = app::quarantined_rows(*store, options.feed, !options.all, options.most);
  if (!rows) {
    say_error(rows.error());
    return exit_refused;
  }
  if (rows->empty()) fmt::print("{}\n", options.all ? "No row was put aside." : "No row waits to be settled.");
  for (const app::QuarantinedRow& row : *rows) {
    fmt::print("{:>9}  {} batch {} row {}, received {}\n           {}: {}\n", row.position, row.feed, row.batch,
               row.row, model::instant_text(row.received_at), row.reason, row.why);
    if (row.settled) fmt::print("           {}\n", *row.settled);
  }
  if (rows->size() == options.most) fmt::print("More may wait: these are the newest {}; see --most.\n", options.most);
  return exit_done;
}

int run_show(const Options& options) {
  const auto store = open_store(options, false);
  if (!store) return exit_refused;
  const auto bytes = app::quarantined_bytes(*store, options.settlement.position, options.settlement.who);
  base::Status done = base::Done{};
  if (bytes) done = store->publish(true);
  if (!bytes || !done) {
    say_error(bytes ? done.error() : bytes.error());
    return exit_refused;
  }
  fmt::print("{}\n", *bytes);
  return exit_done;
}

int run_settle(const Options& options) {
  const auto store = open_store(options, false);
  if (!store) return exit_refused;
  const auto settled = app::settle_quarantined(*store, options.settlement);
  base::Status done = base::Done{};
  if (settled) done = store->publish(true);
  if (!settled || !done) {
    say_error(settled ? done.error() : settled.error());
    return exit_refused;
  }
  if (options.settlement.corrected_file.empty()) {
    fmt::print("Set aside for good; recorded at position {}.\n", settled->entry);
  } else {
    fmt::print("Put right by {} {}, {} new {}; recorded at position {}. {} people and cases were judged again.\n",
               settled->rows, settled->rows == 1 ? "row" : "rows", settled->events,
               settled->events == 1 ? "fact" : "facts", settled->entry, settled->live.subjects);
  }
  return exit_done;
}

void add_position(CLI::App* command, Options* options) {
  command->add_option("POSITION", options->settlement.position, "Which row, as the list numbers them")->required();
  command->add_option("--who", options->settlement.who, "Who looks or decides: kept for good")
      ->required()
      ->type_name("WHO");
  add_store_options(*command, &options->store);
}

}  // namespace

void add_quarantine_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("quarantine", "Rows that could not be taken: why, and what became of them");
  command->add_option("FEED", options->feed, "Only this feed's");
  command->add_flag("--all", options->all, "Also those that were settled");
  command->add_option("--most", options->most, "How many to list, the newest first")
      ->check(not_from_one)
      ->type_name("N")
      ->capture_default_str();
  add_store_options(*command, &options->store);
  command->callback([options, exit_code, command] {
    if (command->get_subcommands().empty()) *exit_code = run_list(*options);
  });

  CLI::App* show = command->add_subcommand("show", "One row as it was received; that you looked is recorded");
  add_position(show, options.get());
  show->callback([options, exit_code] { *exit_code = run_show(*options); });

  CLI::App* settle = command->add_subcommand("settle", "Put a row right, or set it aside for good");
  add_position(settle, options.get());
  settle->add_option("--why", options->settlement.why, "Why: kept for good, so name no victim in it")
      ->required()
      ->type_name("TEXT");
  settle
      ->add_option("--with", options->settlement.corrected_file,
                   "The row put right, in a file of the feed's own form; without it the row is set aside")
      ->type_name("FILE");
  settle->callback([options, exit_code] { *exit_code = run_settle(*options); });
}

}  // namespace kept::cli
