#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <string>
#include <vector>

#include "cli/assess_command.h"
#include "cli/backup_command.h"
#include "cli/calendar_command.h"
#include "cli/courts_command.h"
#include "cli/erase_command.h"
#include "cli/explain_command.h"
#include "cli/feeds_command.h"
#include "cli/import_command.h"
#include "cli/ledger_command.h"
#include "cli/outbox_command.h"
#include "cli/quarantine_command.h"
#include "cli/rebuild_command.h"
#include "cli/rules_command.h"
#include "cli/serve_command.h"
#include "cli/simulate_command.h"
#include "cli/usage.h"

int main(int argc, char** argv) {
  CLI::App app{
      "Kept: what victims of crime are owed under the Victims' Code, by whom and by when, and whether it was done.",
      "kept"};
  app.set_version_flag("--version", std::string("kept ") + KEPT_VERSION);
  app.require_subcommand(1);
  int exit_code = 0;
  kept::cli::add_assess_command(app, &exit_code);
  kept::cli::add_explain_command(app, &exit_code);
  kept::cli::add_simulate_command(app, &exit_code);
  kept::cli::add_import_command(app, &exit_code);
  kept::cli::add_feeds_command(app, &exit_code);
  kept::cli::add_serve_command(app, &exit_code);
  kept::cli::add_key_command(app, &exit_code);
  kept::cli::add_courts_command(app, &exit_code);
  kept::cli::add_outbox_command(app, &exit_code);
  kept::cli::add_quarantine_command(app, &exit_code);
  kept::cli::add_erase_command(app, &exit_code);
  kept::cli::add_config_command(app, &exit_code);
  kept::cli::add_ledger_command(app, &exit_code);
  kept::cli::add_backup_commands(app, &exit_code);
  kept::cli::add_rebuild_command(app, &exit_code);
  kept::cli::add_calendar_command(app, &exit_code);
  kept::cli::add_rules_command(app, &exit_code);
  app.add_subcommand("version", "Print the version")->callback([] { fmt::print("kept {}\n", KEPT_VERSION); });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version are answers; everything else is bad usage.
    std::string mistake = error.get_exit_code() == 0
                              ? ""
                              : kept::cli::usage_mistake(app, std::vector<std::string>(argv + 1, argv + argc));
    if (mistake.empty() && dynamic_cast<const CLI::RequiredError*>(&error) != nullptr)
      mistake = kept::cli::missing_words(app);
    if (mistake.empty() && error.get_exit_code() != 0) mistake = kept::cli::value_mistake(app, error.what());
    if (mistake.empty()) return app.exit(error);
    fmt::print(stderr, "{}\n", mistake);
    return 2;
  } catch (const std::bad_alloc&) {
    fmt::print(
        stderr,
        "kept: there is not enough memory for this input. Split the files by participant, or use a larger machine.\n");
    return 2;
  }
  return exit_code;
}
