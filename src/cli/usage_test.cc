#include "cli/usage.h"

#include <gmock/gmock.h>

#include <CLI/CLI.hpp>

#include "cli/assess_command.h"
#include "cli/backup_command.h"
#include "cli/explain_command.h"
#include "cli/feeds_command.h"
#include "cli/import_command.h"
#include "cli/quarantine_command.h"
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

TEST(Usage, NamesAllThatIsMissingAtOnce) {
  const struct {
    const char* why;
    std::vector<std::string> words;
    const char* says;
  } rows[] = {
      {"all of them",
       {"restore"},
       "kept restore lacks --from FOLDER, --keys FOLDER, --who WHO, --why TEXT. kept restore --help says what each is "
       "for."},
      {"two of them",
       {"restore", "--from", "b", "--why", "lost"},
       "kept restore lacks --keys FOLDER, --who WHO. kept restore --help says what each is for."},
      {"a word of its own, of a second command",
       {"feeds", "withdraw", "--from", "2024-01-01", "--who", "desk"},
       "kept feeds withdraw lacks NAME, --to WHEN, --why TEXT. kept feeds withdraw --help says what each is for."},
  };
  for (const auto& row : rows) {
    CLI::App app("", "kept");
    int exit_code = 0;
    add_backup_commands(app, &exit_code);
    add_feeds_command(app, &exit_code);
    app.require_subcommand(1);
    std::vector<std::string> last_first(row.words.rbegin(), row.words.rend());
    EXPECT_THROW(app.parse(last_first), CLI::RequiredError) << row.why;
    EXPECT_EQ(usage_mistake(app, row.words), "") << row.why;
    EXPECT_EQ(missing_words(app), row.says) << row.why;
  }
}

TEST(Usage, NamesAValueThatCannotBeRead) {
  const struct {
    const char* why;
    std::vector<std::string> words;
    const char* says;
  } rows[] = {
      {"no number",
       {"import", "--number", "3x"},
       "kept import: --number: \"3x\" is not a whole number from 1 on. kept import --help says what each is for."},
      {"batches are numbered from 1", {"import", "--number", "0"}, "--number: \"0\" is not a whole number"},
      {"a number below one", {"quarantine", "--most", "-1"}, "kept quarantine: --most: \"-1\" is not"},
      {"without its companion", {"import", "--accept-volume"}, "kept import: --accept-volume requires --who."},
      {"two that exclude each other",
       {"import", "--feed", "x", "--delivery", "y"},
       "kept import --help says what each is for."},
  };
  for (const auto& row : rows) {
    CLI::App app("", "kept");
    int exit_code = 0;
    add_import_command(app, &exit_code);
    add_quarantine_command(app, &exit_code);
    std::vector<std::string> last_first(row.words.rbegin(), row.words.rend());
    try {
      app.parse(last_first);
      ADD_FAILURE() << row.why;
    } catch (const CLI::ParseError& error) {
      EXPECT_EQ(usage_mistake(app, row.words), "") << row.why;
      EXPECT_THAT(value_mistake(app, error.what()), testing::HasSubstr(row.says)) << row.why;
    }
  }
}

}  // namespace
}  // namespace kept::cli
