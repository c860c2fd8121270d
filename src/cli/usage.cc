#include "cli/usage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "rules/problems.h"

namespace kept::cli {
namespace {

std::string meant(const std::string& word, const std::vector<std::string>& names) {
  const std::string near = rules::nearest(word, names);
  return near.empty() ? "" : fmt::format(" Did you mean {}?", near);
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::vector<std::string> command_names(CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* one : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(one->get_name());
  return names;
}

/// The innermost command that the command line names, and all of its words.
std::pair<const CLI::App*, std::string> given_command(const CLI::App& app) {
  const CLI::App* command = &app;
  std::string path = app.get_name();
  while (!command->get_subcommands().empty()) {
    command = command->get_subcommands().back();
    path += " " + command->get_name();
  }
  return {command, path};
}

}  // namespace

std::string usage_mistake(CLI::App& app, const std::vector<std::string>& words) {
  CLI::App* command = &app;
  std::string path = app.get_name();
  for (const std::string& word : words) {
    if (word == "--") break;
    if (word.starts_with("--")) {
      const std::string name = word.substr(0, word.find('='));
      if (command->get_option_no_throw(name) != nullptr) continue;
      return fmt::format("{} has no option {}.{} {} --help lists them.", path, name,
                         meant(name, option_names(*command)), path);
    }
    const std::vector<std::string> names = command_names(*command);
    if (names.empty() || word.starts_with("-")) continue;
    if (std::find(names.begin(), names.end(), word) == names.end()) {
      // A command that takes words of its own besides commands.
      if (!command->get_options([](const CLI::Option* option) { return option->get_positional(); }).empty()) continue;
      return fmt::format("{} has no command \"{}\".{} It has: {}. {} --help says what each is for.", path,
                         rules::shown(word), meant(word, names), fmt::join(names, ", "), path);
    }
    command = command->get_subcommand(word);
    path += " " + word;
  }
  const std::vector<std::string> names = command_names(*command);
  if (names.empty() || command->get_require_subcommand_min() == 0) return "";
  return fmt::format("{} needs a command: {}. {} --help says what each is for.", path, fmt::join(names, ", "), path);
}

std::string value_mistake(const CLI::App& app, const std::string& says) {
  const auto [command, path] = given_command(app);
  return fmt::format("{}: {}. {} --help says what each is for.", path, says, path);
}

std::string missing_words(const CLI::App& app) {
  const auto [command, path] = given_command(app);
  std::vector<std::string> missing;
  for (const CLI::Option* option : command->get_options()) {
    if (!option->get_required() || option->count() != 0) continue;
    const std::string type = option->get_positional() ? "" : option->get_type_name();
    missing.push_back(option->get_name() + (type.empty() ? "" : " ") + type);
  }
  if (missing.empty()) return "";
  return fmt::format("{} lacks {}. {} --help says what each is for.", path, fmt::join(missing, ", "), path);
}

}  // namespace kept::cli
