#include "cli/usage.h"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

#include "cli/assess_command.h"
#include "cli/explain_command.h"
#include "cli/rules_command.h"

namespace kept::cli {
namespace {

TEST(Usage, NamesTheMistakeAndTheChoices) {
  struct Row {
    const char* why;
    std::vector<std::string> words;
    const char* says;
  };
  const Row rows[] = {
      {"a command misspelt",
       {"asses", "e.csv"},
       "kept has no command \"asses\". Did you mean assess? It has: assess, explain, rules. kept --help"},
      {"a command of another program", {"help"}, "kept has no command \"help\". It has: assess, explain, rules."},
      {"no command", {}, "kept needs a command: assess, explain, rules."},
      {"no second command", {"rules"}, "kept rules needs a command: list, show, check, docs."},
      {"a second command misspelt", {"rules", "chek"}, "kept rules has no command \"chek\". Did you mean check?"},
      {"the beginning of an option",
       {"assess", "e.csv", "--map", "m.yaml"},
       "kept assess has no option --map. Did you mean --mapping? kept assess --help lists them."},
      {"an option with its value", {"assess", "--as-t=2024-01-01"}, "no option --as-t. Did you mean --as-at?"},
      {"an option like no other", {"assess", "--frobnicate"}, "no option --frobnicate. kept assess --help"},
      {"files are no commands", {"assess", "--as-at", "2024-01-01", "--out"}, ""},
  };
  for (const Row& row : rows) {
    CLI::App app("", "kept");
    int exit_code = 0;
    add_assess_command(app, &exit_code);
    add_explain_command(app, &exit_code);
    add_rules_command(app, &exit_code);
    app.require_subcommand(1);
    std::vector<std::string> last_first(row.words.rbegin(), row.words.rend());
    EXPECT_THROW(app.parse(last_first), CLI::ParseError) << row.why;
    const std::string said = usage_mistake(app, row.words);
    if (*row.says == '\0') {
      EXPECT_EQ(said, "") << row.why;
    } else {
      EXPECT_THAT(said, testing::HasSubstr(row.says)) << row.why;
    }
  }
}

}  // namespace
}  // namespace kept::cli
