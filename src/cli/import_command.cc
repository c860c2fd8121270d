#include "cli/import_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "app/delivery.h"
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
  std::string received, delivery;
  uint64_t number = 0;
};

int take(app::Store& store, const Options& options) {
  const auto delivery = app::Delivery::read(options.delivery);
  if (!delivery) {
    say_error(delivery.error());
    return exit_refused;
  }
  const auto tally = app::take_delivery(store, *delivery, options.batch.first_load, shown_progress());
  end_progress();
  if (!tally) {
    say_error(tally.error());
    return exit_refused;
  }
  if (const auto published = store.publish(true); !published) {
    say_error(published.error());
    return exit_refused;
  }
  const app::RowCounts& c = tally->counts;
  fmt::print("{} batches: {} rows = {} accepted + {} duplicate + {} conflict + {} quarantined + {} ignored; {} facts\n",
             tally->batches, c.rows, c.accepted, c.duplicate, c.conflict, c.quarantined, c.ignored, c.events);
  fmt::print("  {} times somebody's obligations were judged again, {} obligations changed\n", tally->live.subjects,
             tally->live.changed);
  return exit_done;
}

int run_import(Options& options) {
  if (options.delivery.empty() && (options.batch.feed.empty() || options.files.empty())) {
    say_error(base::invalid("import needs --feed NAME and the feed's files, or --delivery FOLDER"));
    return exit_refused;
  }
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
  if (!options.delivery.empty()) return take(**store, options);
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
  if (const auto visited = app::visit_time(**store, options.batch.received_at.value_or((*store)->now()), true);
      !visited)
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
  command->add_option("FILES", options->files, "Batches, in the order in which they were sent");
  auto* feed =
      command->add_option("--feed", options->batch.feed, "Whose they are: a contract's name")->type_name("NAME");
  command
      ->add_option("--delivery", options->delivery,
                   "Instead: a folder with a folder for each feed and its manifest.csv; each batch is taken as if it "
                   "came when it was sent")
      ->type_name("DIR")
      ->excludes(feed);
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
