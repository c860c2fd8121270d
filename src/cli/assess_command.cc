#include "cli/assess_command.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/assess_files.h"
#include "app/assessment_text.h"
#include "app/content.h"
#include "cli/records_options.h"

namespace kept::cli {
namespace {

struct Asked {
  app::AssessRequest request;
  std::string format = "table";
};

int run(Asked& asked) {
  const auto words = app::read_words(app::home_folder() + "/content/en");
  if (!words) {
    say_error(words.error());
    return exit_refused;
  }
  app::AssessRequest& request = asked.request;
  request.explain_words = records_words(request.records);
  request.records.progress = shown_progress();
  request.stage = [](const std::string& stage) {
    end_progress();
    fmt::print(stderr, "{}\n", stage);
  };
  bool stopped_by_reject = false;
  const auto assessed = app::assess_files(request, &stopped_by_reject);
  end_progress();
  if (!assessed) {
    say_error(assessed.error());
    return stopped_by_reject ? exit_rejects : exit_refused;
  }
  const app::Assessment& assessment = **assessed;
  // The table says these itself.
  if (asked.format != "table") {
    if (!assessment.records.as_at_given) {
      fmt::print(stderr, "As at {}: the last recorded_at in the files.\n",
                 model::instant_text(assessment.records.options.as_at));
    }
    for (const std::string& note : app::notes(assessment)) fmt::print(stderr, "Note: {}\n", note);
  }
  const std::string text = asked.format == "json"  ? app::json_text(assessment)
                           : asked.format == "csv" ? app::csv_text(assessment)
                                                   : app::table_text(assessment, *words);
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    fmt::print(stderr, "kept: the result could not be written to standard output.\n");
    return exit_refused;
  }
  return exit_done;
}

}  // namespace

void add_assess_command(CLI::App& app, int* exit_code) {
  CLI::App* const command =
      app.add_subcommand("assess", "Judge every obligation that the recorded events give rise to");
  const auto asked = std::make_shared<Asked>();
  add_records_options(*command, &asked->request.records);
  command->add_option("--format", asked->format, "table, json or csv, on standard output (default: table)")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->type_name("FORMAT");
  command->add_option("--out", asked->request.out, "Write obligations, cells, rejects and report.html into this folder")
      ->type_name("DIR");
  command->add_flag("--strict", asked->request.records.strict, "Stop at the first rejected row, with exit code 1");
  command->footer(
      "Exit codes: 0 done; 1 a row was rejected and --strict was given; 2 the command or its input cannot be read.\n"
      "Words go to standard error, the result to standard output.");
  command->callback([asked, exit_code] { *exit_code = run(*asked); });
}

}  // namespace kept::cli
