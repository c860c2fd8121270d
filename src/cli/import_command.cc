#include "cli/import_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "app/feeds_text.h"
#include "app/intake.h"
#include "app/records.h"
#include "cli/records_options.h"
#include "cli/store_options.h"

namespace kept::cli {
namespace {

struct Options {
  app::StoreRequest store;
  app::BatchRequest batch;
  std::vector<std::string> files;
  std::string received;
  uint64_t number = 0;
};

int run_import(Options& options) {
  auto store = app::Store::open(options.store);
  if (!store) {
    say_error(store.error());
    return exit_refused;
  }
  if (!options.received.empty()) {
    const auto at = app::clock_time(options.received, "--received");
    if (!at) {
      say_error(at.error());
      return exit_refused;
    }
    options.batch.received_at = *at;
  }
  int exit_code = exit_done;
  for (const std::string& file : options.files) {
    app::BatchRequest batch = options.batch;
    batch.path = file;
    if (options.number != 0) batch.number = options.number++;
    batch.progress = shown_progress();
    const auto receipt = app::receive_batch(**store, batch);
    end_progress();
    if (!receipt) {
      say_error(receipt.error());
      return exit_refused;
    }
    fmt::print("{}", app::receipt_text(*receipt));
    if (receipt->state == app::BatchState::held) exit_code = exit_rejects;
  }
  base::Status done = base::Done{};
  if (const auto visited = app::visit_time(**store, options.batch.received_at.value_or((*store)->now())); !visited)
    done = visited.error();
  if (done) done = (*store)->publish(true);
  if (!done) {
    say_error(done.error());
    return exit_refused;
  }
  return exit_code;
}

}  // namespace

void add_import_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("import", "Take a feed's batches into a store");
  command->add_option("FILES", options->files, "Batches, in the order in which they were sent")->required();
  command->add_option("--feed", options->batch.feed, "Whose they are: a contract's name")
      ->required()
      ->type_name("NAME");
  command->add_option("--number", options->number, "The first one's number, as the sender numbers them")
      ->type_name("N");
  command
      ->add_option("--received", options->received,
                   "When they were received: a date or an instant, for loading what came earlier; marked as typed")
      ->type_name("WHEN");
  command->add_flag("--first-load", options->batch.first_load, "History: it makes tasks, and never messages");
  command->add_flag("--accept-volume", options->batch.accept_volume,
                    "More rows than the contract expects of a day are right: somebody looked");
  add_store_options(*command, &options->store);
  command->callback([options, exit_code] { *exit_code = run_import(*options); });
}

}  // namespace kept::cli
