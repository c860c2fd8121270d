#include "cli/erase_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "app/erasure.h"
#include "cli/records_options.h"
#include "cli/store_options.h"

namespace kept::cli {
namespace {

struct Options {
  app::StoreRequest store;
  std::string person, who, why;
};

int run_erase(const Options& options) {
  auto store = app::Store::open(options.store);
  if (!store) {
    say_error(store.error());
    return exit_refused;
  }
  const auto erased = app::erase_person(**store, options.person, options.who, options.why);
  base::Status done = base::Done{};
  if (erased) done = (*store)->publish(true);
  if (!erased || !done) {
    say_error(erased ? done.error() : erased.error());
    return exit_refused;
  }
  fmt::print("Erased{}: the key of the person, and those of {} {} put aside; recorded at position {}.\n",
             erased->again ? " before" : "", erased->rows, erased->rows == 1 ? "row" : "rows", erased->entry);
  if (erased->batches != 0)
    fmt::print("{} {} of the spool that named the person {} deleted.\n", erased->batches,
               erased->batches == 1 ? "file" : "files", erased->batches == 1 ? "was" : "were");
  fmt::print(
      "What was personal can be read no more, here or in any copy of the database. Copies of the keys ({}) are yours "
      "to "
      "find and destroy.\n",
      (*store)->paths().keys);
  return exit_done;
}

}  // namespace

void add_erase_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("erase", "Make what is personal of somebody unreadable, for good");
  command->add_option("PERSON", options->person, "Their reference, as the feeds write it")->required();
  command->add_option("--who", options->who, "Who decides: kept for good")->required()->type_name("WHO");
  command->add_option("--why", options->why, "Why: kept for good, so nothing personal in it")
      ->required()
      ->type_name("TEXT");
  add_store_options(*command, &options->store);
  command->callback([options, exit_code] { *exit_code = run_erase(*options); });
}

}  // namespace kept::cli
