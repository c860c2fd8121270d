#include "cli/rules_command.h"

#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "app/rules_answer.h"
#include "app/rules_pages.h"

namespace kept::cli {
namespace {

constexpr int failed = 1;
constexpr int refused = 2;

struct Options {
  rules::RulesPaths paths;
  app::DutyFilter filter;
  std::string id;
  bool check = false;
};

int refuse(const base::Error& error) {
  fmt::print(stderr, "kept rules: {}\n", error.message);
  return refused;
}

int run_list(const Options& options) {
  const auto rules = rules::load_rule_set(options.paths);
  if (!rules) return refuse(rules.error());
  const auto text = app::list_duties(*rules, options.filter);
  if (!text) return refuse(text.error());
  fmt::print("{}", *text);
  return 0;
}

int run_show(const Options& options) {
  const auto rules = rules::load_rule_set(options.paths);
  if (!rules) return refuse(rules.error());
  const auto text = app::describe_duty(*rules, options.id);
  if (!text) return refuse(text.error());
  fmt::print("{}", *text);
  return 0;
}

int run_check(const Options& options) {
  const auto check = app::check_rules(options.paths);
  if (!check) return refuse(check.error());
  fmt::print("{}", check->text);
  return check->good ? 0 : failed;
}

int run_docs(const Options& options) {
  const auto answer = options.check ? app::check_rule_pages() : app::write_rule_pages();
  if (!answer) return refuse(answer.error());
  fmt::print("{}", answer->text);
  return answer->good ? 0 : failed;
}

}  // namespace

void add_rules_command(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "rules", "The Victims' Code as data: list it, read one duty in plain words, check a folder of rules");
  command->require_subcommand(1);
  const auto with_rules = [&](CLI::App* sub) {
    sub->add_option("--rules", options->paths.rules,
                    "A folder or file of rules other than the Victims' Code that comes with the program");
  };

  CLI::App* list = command->add_subcommand("list", "Every duty with who owes it and its limit");
  list->add_option("--edition", options->filter.edition, "Only this edition or scheme, for example VC2020");
  list->add_flag("--unverified", options->filter.unverified_only,
                 "Only those of which some part is still to be verified, and which part");
  with_rules(list);
  list->callback([options, exit_code] { *exit_code = run_list(*options); });

  CLI::App* show =
      command->add_subcommand("show", "One duty: who, what, when, how it was read, limits, what keeps it, examples");
  show->add_option("id", options->id, "The duty's id, for example VC2020-R6.1a")->required();
  with_rules(show);
  show->callback([options, exit_code] { *exit_code = run_show(*options); });

  CLI::App* check = command->add_subcommand(
      "check", "Load rules and run every example in them; each mistake is named with file, line and the mend");
  check->add_option("folder", options->paths.rules, "A folder or file of rules; without it, those of the program");
  check->add_option("--calendar", options->paths.calendar, "A calendar file other than that of the rules");
  check->callback([options, exit_code] { *exit_code = run_check(*options); });

  CLI::App* docs = command->add_subcommand("docs", "Write docs/events.md and docs/the-code.md from the rules");
  docs->add_flag("--check", options->check, "Only say whether they are current");
  docs->callback([options, exit_code] { *exit_code = run_docs(*options); });
}

}  // namespace kept::cli
