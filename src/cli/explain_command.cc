#include "cli/explain_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/explain_obligation.h"
#include "cli/records_options.h"

namespace kept::cli {

void add_explain_command(CLI::App& app, int* exit_code) {
  CLI::App* const command = app.add_subcommand("explain", "How one obligation was judged, in plain words");
  const auto request = std::make_shared<app::ExplainRequest>();
  command->add_option("id", request->id, "The obligation's name, as obligations.csv and the report show it")
      ->required();
  add_records_options(*command, &request->records);
  command->footer("Give the same files and options as in the run that named the obligation.");
  command->callback([request, exit_code] {
    request->records.progress = progress_bar();
    const auto text = app::explain_obligation(*request);
    end_progress();
    if (!text) {
      say_error(text.error());
      *exit_code = exit_refused;
      return;
    }
    fmt::print("{}", *text);
    *exit_code = exit_done;
  });
}

}  // namespace kept::cli
