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
#include "cli/whole_number.h"

namespace kept::cli {
namespace {

struct Options {
  app::StoreRequest store;
  app::BatchRequest batch;
  std::vector<std::string> files;
  std::string received, delivery;
  uint64_t number = 0;
};

/// Says what went wrong and, where it was the disk or the database, what to do.
int refused(const base::Error& error) {
  say_error(error);
  if (error.code == base::ErrorCode::io)
    fmt::print(stderr,
               "      What was acknowledged is kept. See that the disk has room and can be written to (and that the "
               "database runs), then give the same command again: it goes on where it stopped.\n");
  return exit_refused;
}

int take(app::Store& store, const Options& options) {
  const auto delivery = app::Delivery::read(options.delivery);
  if (!delivery) {
    return refused(delivery.error());
  }
  const auto tally = app::take_delivery(store, *delivery, options.batch.first_load, shown_progress());
  end_progress();
  if (!tally) {
    return refused(tally.error());
  }
  if (const auto published = store.publish(true); !published) {
    return refused(published.error());
  }
  const app::RowCounts& c = tally->counts;
  fmt::print("{} batches: {} rows = {} accepted + {} duplicate + {} conflict + {} quarantined + {} ignored; {} facts\n",
             tally->batches, c.rows, c.accepted, c.duplicate, c.conflict, c.quarantined, c.ignored, c.events);
  fmt::print("  {} times somebody's obligations were judged again, {} obligations changed\n", tally->live.subjects,
             tally->live.changed);
  if (c.quarantined + c.conflict != 0)
    fmt::print("  {} rows were put aside, to be put right or set aside for good: kept quarantine\n",
               c.quarantined + c.conflict);
  for (const std::string& batch : tally->held)
    fmt::print("  HELD: {}, more rows than the contract expects of a day; kept feeds says how to let it through\n",
               batch);
  for (const std::string& why : tally->refused) say_error(base::invalid(why));
  if (!tally->refused.empty()) return exit_refused;
  return tally->held.empty() ? exit_done : exit_rejects;
}

int run_import(Options& options) {
  if (options.delivery.empty() && (options.batch.feed.empty() || options.files.empty())) {
    say_error(base::invalid("import needs --feed NAME and the feed's files, or --delivery FOLDER"));
    return exit_refused;
  }
  auto store = app::Store::open(options.store);
  if (!store) {
    return refused(store.error());
  }
  if (!options.received.empty()) {
    const auto at = app::clock_time(options.received, "--received");
    if (!at) {
      return refused(at.error());
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
      return refused(receipt.error());
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
    return refused(done.error());
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
      ->check(not_from_one)
      ->type_name("N");
  command
      ->add_option("--received", options->received,
                   "When they were received: a date or an instant, for loading what came earlier; marked as typed")
      ->type_name("WHEN");
  command->add_flag("--first-load", options->batch.first_load, "History: it makes tasks, and never messages");
  auto* who = command->add_option("--who", options->batch.accepted_by, "Who looked: kept for good with the batch")
                  ->type_name("WHO");
  auto* accept = command
                     ->add_flag("--accept-volume", options->batch.accept_volume,
                                "More rows than the contract expects of a day are right: somebody looked (--who)")
                     ->needs(who);
  who->needs(accept);
  add_store_options(*command, &options->store);
  command->callback([options, exit_code] { *exit_code = run_import(*options); });
}

}  // namespace kept::cli
