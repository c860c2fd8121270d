#include "cli/outbox_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "app/outbox_list.h"
#include "app/records.h"
#include "cli/records_options.h"
#include "cli/store_options.h"
#include "model/moment.h"

namespace kept::cli {
namespace {

struct Options {
  app::StoreRequest store;
  app::OutboxFilter filter;
  std::string as_at, act, state, live, due_before;
  std::string format = "table";
  bool each = false, reconcile = false;
};

int refused(const base::Error& error) {
  say_error(error);
  return exit_refused;
}

/// The filter in the program's own words. The options' words were checked when they were read.
base::Result<app::OutboxFilter> filter_of(const Options& options) {
  app::OutboxFilter filter = options.filter;
  for (const model::Act act : {model::Act::tell, model::Act::ask, model::Act::refer, model::Act::perform})
    if (options.act == model::act_word(act)) filter.act = act;
  for (const app::OutboxState state : {app::OutboxState::waiting, app::OutboxState::done, app::OutboxState::ended})
    if (options.state == app::outbox_state_word(state)) filter.state = state;
  if (!options.live.empty()) filter.live = options.live == "yes";
  if (!options.due_before.empty()) {
    const auto at = model::parse_moment(options.due_before);
    if (!at) return base::invalid(fmt::format("--due-before: {}", at.error().message));
    filter.due_before = at->lo_ms;
  }
  return filter;
}

int run_reconcile(app::Store& store, int64_t now) {
  const auto report = app::reconcile_outbox(store.ledger().database(), store.rules().book, now);
  if (!report) return refused(report.error());
  fmt::print("{} rows: {} wait ({} live, {} past their deadline), {} done, {} ended.\n", report->rows, report->waiting,
             report->live_waiting, report->overdue_waiting, report->done, report->ended);
  fmt::print(
      "Obligations that are not done and have no row: {}. Rows in another state than their obligation: {}. Rows "
      "that say otherwise than the rules what is to be done, or by whom: {}.\n",
      report->lacking, report->astray, report->undescribed);
  return report->lacking + report->astray + report->undescribed == 0 ? exit_done : exit_rejects;
}

int run_each(app::Store& store, const Options& options, const app::OutboxFilter& filter) {
  uint64_t matching = 0;
  const auto items = app::outbox_items(store, filter, &matching);
  if (!items) return refused(items.error());
  const app::AnswerTable table = app::table_of_items(*items);
  if (options.format == "csv") {
    fmt::print("{}", table.csv());
  } else if (options.format == "json") {
    fmt::print("{}\n", table.json());
  } else {
    fmt::print("{}", items->empty() ? std::string("  No such row.\n") : table.text());
  }
  if (matching > items->size())
    fmt::print(stderr, "kept: {} more rows; these are the first by deadline (--most).\n", matching - items->size());
  return exit_done;
}

int run_sums(app::Store& store, const Options& options, const app::OutboxFilter& filter, int64_t now) {
  const auto sums = app::outbox_sums(store, filter, now);
  if (!sums) return refused(sums.error());
  const app::AnswerTable table = app::table_of_sums(*sums);
  if (options.format == "csv") {
    fmt::print("{}", table.csv());
  } else if (options.format == "json") {
    fmt::print("{}", app::sums_json(*sums, now));
  } else {
    fmt::print("What agencies still owe at {}\n\n", model::instant_text(now));
    fmt::print("{}\n", sums->empty() ? std::string("  Nothing.\n") : table.text());
    fmt::print(
        "To tell: a notice. To ask: an offer or a question. To refer: to pass on to another agency. To do: anything "
        "else.\nHistoric: for a person; it never speaks by itself. Overdue: of all that wait. --each lists "
        "them.\n");
  }
  return exit_done;
}

int run(const Options& options) {
  const auto filter = filter_of(options);
  if (!filter) return refused(filter.error());
  app::StoreRequest request = options.store;
  request.read_only = true;
  const auto store = app::Store::open(request);
  if (!store) return refused(store.error());
  int64_t now = (*store)->now();
  if (!options.as_at.empty()) {
    const auto at = app::clock_time(options.as_at, "--as-at");
    if (!at) return refused(at.error());
    now = *at;
  }
  if (options.reconcile) return run_reconcile(**store, now);
  const bool each = options.each || filter->state || filter->due_before;
  return each ? run_each(**store, options, *filter) : run_sums(**store, options, *filter, now);
}

}  // namespace

void add_outbox_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("outbox", "What agencies still owe: to tell, to ask, to refer, to do");
  command->add_option("--agency", options->filter.agency, "Only this agency's")->type_name("NAME");
  command->add_option("--act", options->act, "Only what is to tell, to ask, to refer or to do")
      ->check(CLI::IsMember({"tell", "ask", "refer", "do"}))
      ->type_name("ACT");
  command->add_option("--live", options->live, "yes: what may speak one day; no: history, for people only")
      ->check(CLI::IsMember({"yes", "no"}))
      ->type_name("YES|NO");
  command->add_flag("--each", options->each, "A line for each row instead of each agency");
  command->add_option("--state", options->state, "Only rows that are waiting, done or ended (lists them)")
      ->check(CLI::IsMember({"waiting", "done", "ended"}))
      ->type_name("STATE");
  command->add_option("--due-before", options->due_before, "Only rows with a deadline before then (lists them)")
      ->type_name("WHEN");
  command->add_option("--most", options->filter.most, "How many rows to list, by deadline")
      ->type_name("N")
      ->capture_default_str();
  command->add_option("--as-at", options->as_at, "What is overdue then: a date or an instant; now, if not given")
      ->type_name("WHEN");
  command->add_flag("--reconcile", options->reconcile, "Hold every row against its obligation instead; 1: some differ");
  command->add_option("--format", options->format, "table, json or csv, on standard output (default: table)")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->type_name("FORMAT");
  add_store_options(*command, &options->store);
  command->callback([options, exit_code] { *exit_code = run(*options); });
}

}  // namespace kept::cli
