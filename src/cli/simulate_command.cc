#include "cli/simulate_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/simulate_london.h"
#include "cli/records_options.h"

namespace kept::cli {
namespace {

struct Options {
  uint64_t victims = 50000;
  uint64_t seed = 1;
  std::string from = "2024-01-01";
  std::string to = "2024-12-31";
  std::string out;
  std::string feeds;
  std::string calendar;
  bool without_truth = false;
  bool describe = false;
};

int refuse(const base::Error& error) {
  say_error(error);
  return exit_refused;
}

int run(const Options& options) {
  if (options.describe) {
    const auto page = app::describe_simulation(options.calendar);
    if (!page) return refuse(page.error());
    fmt::print("{}", *page);
    return exit_done;
  }
  if (options.out.empty() && options.feeds.empty()) {
    return refuse(base::invalid(
        "simulate needs --out FILE, ending in .parquet, .csv or .jsonl, or --feeds FOLDER for batches by feed"));
  }
  const auto from = calendar::parse_date(options.from);
  if (!from) return refuse(from.error());
  const auto to = calendar::parse_date(options.to);
  if (!to) return refuse(to.error());

  app::SimulationRequest request;
  request.plan = {options.victims, options.seed, *from, *to};
  request.out = options.out;
  request.feeds = options.feeds;
  request.with_truth = !options.without_truth;
  request.calendar = options.calendar;
  request.progress = shown_progress();
  const auto answer = app::simulate_london(request);
  end_progress();
  if (!answer) return refuse(answer.error());

  const simulation::Tally& tally = answer->simulated.tally;
  fmt::print("{} victims of {} crimes, {} events, {:.1f} a victim\n", tally.victims, tally.crimes, tally.events,
             static_cast<double>(tally.events) / static_cast<double>(tally.victims));
  if (!answer->paths.events.empty()) fmt::print("  {}   what agencies recorded\n", answer->paths.events);
  if (!answer->paths.truth.empty()) fmt::print("  {}   what really happened\n", answer->paths.truth);
  if (!answer->paths.coverage.empty()) {
    fmt::print("  {}   which feeds were up when: give it to assess with --coverage\n", answer->paths.coverage);
  }
  if (!answer->feeds.empty()) {
    fmt::print("  {}   what each feed sent, in numbered batches with a manifest:\n", options.feeds);
    fmt::print("    {:<28} {:>8} {:>9} {:>9}\n", "feed", "batches", "rows", "events");
    for (const simulation::FeedSent& sent : answer->feeds)
      fmt::print("    {:<28} {:>8} {:>9} {:>9}\n", sent.name, sent.batches, sent.rows, sent.events);
  }
  for (const simulation::Silence& silence : answer->simulated.silences.all()) {
    fmt::print("  {} ({}) sent nothing from {} to {}{}\n", simulation::names(silence.feed).source,
               simulation::names(silence.feed).agency, to_string(silence.from), to_string(silence.to),
               silence.backfilled ? ", and made it good afterwards" : "");
  }
  return exit_done;
}

}  // namespace

void add_simulate_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* simulate = app.add_subcommand(
      "simulate", "Made-up records of London, as its agencies would keep them, with the truth beside");
  simulate->add_option("--victims", options->victims, "How many victims")->capture_default_str();
  simulate->add_option("--seed", options->seed, "The same seed gives the same records everywhere")
      ->capture_default_str();
  simulate->add_option("--from", options->from, "The first day of reports, YYYY-MM-DD")->capture_default_str();
  simulate->add_option("--to", options->to, "The last day of reports and of records, YYYY-MM-DD")
      ->capture_default_str();
  simulate->add_option("--out", options->out,
                       "Where to write: .parquet, .csv or .jsonl; truth and coverage are put beside it");
  simulate->add_option("--feeds", options->feeds,
                       "A new folder: what each feed would send, as its contract in feeds/ says, in numbered batches");
  simulate->add_option("--calendar", options->calendar, "A file of bank holidays other than England and Wales");
  simulate->add_flag("--without-truth", options->without_truth, "Write no file of what really happened");
  simulate->add_flag("--describe", options->describe,
                     "Print docs/simulation.md: the figures of the simulation beside their sources");
  simulate->callback([options, exit_code] { *exit_code = run(*options); });
}

}  // namespace kept::cli
