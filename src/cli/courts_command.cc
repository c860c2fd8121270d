#include "cli/courts_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/court_tables.h"
#include "app/records.h"
#include "app/simulate_london.h"
#include "calendar/london_time.h"
#include "cli/records_options.h"
#include "cli/store_options.h"
#include "model/moment.h"

namespace kept::cli {
namespace {

struct Options {
  app::StoreRequest store;
  std::string from, to, day, recorded_by, court, unit;
  std::string format = "table";
  bool each = false;
};

int refused(const base::Error& error) {
  say_error(error);
  return exit_refused;
}

base::Result<calendar::LocalDate> day_of(const std::string& text, const char* option, calendar::LocalDate otherwise) {
  if (text.empty()) return otherwise;
  const auto day = calendar::parse_date(text);
  if (!day) return base::invalid(fmt::format("{}: {}", option, day.error().message));
  return *day;
}

/// A store open for reading, and its courts.
struct Opened {
  std::unique_ptr<app::Store> store;
  exchange::CourtRoutes courts;
};

base::Result<Opened> open(const Options& options) {
  app::StoreRequest request = options.store;
  request.read_only = true;
  auto store = app::Store::open(request);
  if (!store) return store.error();
  const std::string folder = request.feeds.empty() ? app::built_in_feeds() : request.feeds;
  auto courts = exchange::CourtRoutes::load(folder + "/courts.yaml", *(*store)->rules().book.vocabulary);
  if (!courts) return courts.error();
  if (!options.court.empty() && courts->find(options.court) == nullptr)
    return base::invalid(fmt::format("--court: there is no court \"{}\" in {}/courts.yaml; give its name or its code",
                                     options.court, folder));
  return Opened{std::move(*store), std::move(*courts)};
}

/// The window asked for: the seven days before today, where nothing is said.
base::Result<app::ChangesRequest> window_of(const Options& options, int64_t now) {
  const calendar::LocalDate today = calendar::london_date(now);
  const auto to = day_of(options.to, "--to", today - 1);
  if (!to) return to.error();
  const auto from = day_of(options.from, "--from", *to - 6);
  if (!from) return from.error();
  if (*to < *from) return base::invalid("--from is later than --to; exchange them");
  int64_t as_at = now;
  if (!options.recorded_by.empty()) {
    const auto by = app::clock_time(options.recorded_by, "--recorded-by");
    if (!by) return by.error();
    as_at = *by;
  }
  return app::ChangesRequest{*from, *to, as_at, options.court, options.unit};
}

/// For a program the rows alone, for people what stands before and after them, too.
void print(const Options& options, const app::AnswerTable& table, const std::string& heading, const std::string& none,
           const std::string& notes) {
  if (options.format == "csv") {
    fmt::print("{}", table.csv());
  } else if (options.format == "json") {
    fmt::print("{}\n", table.json());
  } else {
    fmt::print("{}\n\n", heading);
    if (table.size() == 0) {
      fmt::print("  {}\n", none);
    } else {
      fmt::print("{}{}", table.text(), notes.empty() ? "" : "\n" + notes);
    }
  }
}

int run_notice(const Options& options) {
  const auto opened = open(options);
  if (!opened) return refused(opened.error());
  const auto window = window_of(options, opened->store->now());
  if (!window) return refused(window.error());
  const auto changes = app::listing_changes(*opened->store, opened->courts, *window);
  if (!changes) return refused(changes.error());
  uint64_t unlinked = 0, nowhere = 0;
  for (const app::ListingChange& change : *changes) {
    unlinked += change.unlinked;
    nowhere += change.court.unit.empty();
  }
  std::string notes =
      options.each ? "Least: of the victim who was told last.\n"
                   : "Days are working days. The middle notice of all changes, of those that the unit had, and of the "
                     "tellings; --each lists the changes.\n";
  notes +=
      "After the list: made when the court's daily list for that day was due already. Typed: the unit's receipt was "
      "entered by hand.\n";
  if (unlinked != 0)
    notes += fmt::format(
        "No crime is recorded for the hearing of {} changes: whom they reach is not known. Record the "
        "link.\n",
        unlinked);
  if (nowhere != 0)
    notes += fmt::format("{} changes are of a court that is not in courts.yaml, or that no listing names.\n", nowhere);
  print(options, options.each ? app::table_of_changes(*changes) : app::table_by_court(*changes),
        fmt::format("Notice that changes in the list gave, made {} to {}", to_string(window->from),
                    to_string(window->to)),
        "Nothing changed in any list.", notes);
  return exit_done;
}

int run_unresulted(const Options& options) {
  const auto opened = open(options);
  if (!opened) return refused(opened.error());
  const int64_t now = opened->store->now();
  const auto day = day_of(options.day, "--day", calendar::london_date(now) - 1);
  if (!day) return refused(day.error());
  std::optional<int64_t> by;
  if (!options.recorded_by.empty()) {
    const auto at = app::clock_time(options.recorded_by, "--recorded-by");
    if (!at) return refused(at.error());
    by = *at;
  }
  const auto hearings = app::unresulted_hearings(*opened->store, opened->courts, *day, by, options.court, options.unit);
  if (!hearings) return refused(hearings.error());
  std::string notes = by ? "" : "Each court's results are looked for by its own hour of the next morning.\n";
  if (now < calendar::start_of(*day + 1)) notes += "The day is not over: what is still to come may be among these.\n";
  notes += "Not recorded as held: nobody said whether it was.\n";
  print(options, app::table_of_unresulted(*hearings), fmt::format("Hearings of {} without a result", to_string(*day)),
        "None: something came of every hearing.", notes);
  return exit_done;
}

int run_reasons(const Options& options) {
  const auto opened = open(options);
  if (!opened) return refused(opened.error());
  const auto window = window_of(options, opened->store->now());
  if (!window) return refused(window.error());
  const auto reasons = app::reason_counts(*opened->store, opened->courts, *window);
  if (!reasons) return refused(reasons.error());
  print(options, app::table_of_reasons(*reasons),
        fmt::format("Reasons that the courts gave, {} to {}", to_string(window->from), to_string(window->to)),
        "None was given.", "");
  return exit_done;
}

CLI::App* add(CLI::App* courts, const char* name, const char* what, const std::shared_ptr<Options>& options,
              int (*run)(const Options&), int* exit_code) {
  CLI::App* command = courts->add_subcommand(name, what);
  command->add_option("--court", options->court, "Only this court, by name or code")->type_name("COURT");
  command->add_option("--unit", options->unit, "Only courts of this Witness Care Unit")->type_name("AGENCY");
  command->add_option("--recorded-by", options->recorded_by, "What had been recorded by then: a date or an instant")
      ->type_name("WHEN");
  command->add_option("--format", options->format, "table, json or csv, on standard output (default: table)")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->type_name("FORMAT");
  add_store_options(*command, &options->store);
  command->callback([options, exit_code, run] { *exit_code = run(*options); });
  return command;
}

void add_window(CLI::App* command, const std::shared_ptr<Options>& options) {
  command->add_option("--from", options->from, "The first day (default: six days before --to)")->type_name("DATE");
  command->add_option("--to", options->to, "The last day (default: yesterday)")->type_name("DATE");
}

}  // namespace

void add_courts_command(CLI::App& app, int* exit_code) {
  CLI::App* courts = app.add_subcommand("courts", "What the courts' lists did to people: notice, results, reasons");
  courts->require_subcommand(1);
  auto options = std::make_shared<Options>();
  CLI::App* notice =
      add(courts, "notice", "How long before the hearing each change was made, had by the unit, and told to the victim",
          options, run_notice, exit_code);
  add_window(notice, options);
  notice->add_flag("--each", options->each, "A line for each change instead of each court");
  CLI::App* unresulted = add(courts, "unresulted", "Hearings of a day without a result by the next morning", options,
                             run_unresulted, exit_code);
  unresulted->add_option("--day", options->day, "Which day (default: yesterday)")->type_name("DATE");
  CLI::App* reasons = add(courts, "reasons", "Why trials did not go ahead or hearings were moved, counted by reason",
                          options, run_reasons, exit_code);
  add_window(reasons, options);
}

}  // namespace kept::cli
