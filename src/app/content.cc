#include "app/content.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <vector>

namespace kept::app {
namespace {

/// Adds the texts under `node` to `words`. Returns what is wrong, or nothing.
std::optional<base::Error> flatten(const YAML::Node& node, const std::string& key, const std::string& file,
                                   html::Words* words) {
  const auto where = [&] { return fmt::format("{}:{}", file, node.Mark().line + 1); };
  if (node.IsMap()) {
    for (const auto& entry : node) {
      const std::string name = entry.first.as<std::string>();
      if (auto error = flatten(entry.second, key.empty() ? name : key + "." + name, file, words)) return error;
    }
    return std::nullopt;
  }
  if (!node.IsScalar() || key.empty())
    return base::invalid(fmt::format("{}: \"{}\" must be a text or a map of texts.", where(), key));
  if (words->has(key)) return base::invalid(fmt::format("{}: \"{}\" is given twice. Keep one of them.", where(), key));
  words->set(key, node.Scalar());
  return std::nullopt;
}

}  // namespace

std::string home_folder() {
  const char* home = std::getenv("KEPT_HOME");
  return home != nullptr && *home != '\0' ? home : KEPT_SOURCE_DIR;
}

base::Result<html::Words> read_words(const std::string& folder) {
  std::error_code failed;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  if (failed || files.empty()) {
    return base::Error{
        base::ErrorCode::not_found,
        fmt::format("There are no words to read in {}. Set KEPT_HOME to the folder that holds content/ and rules/.",
                    folder)};
  }
  std::sort(files.begin(), files.end());
  html::Words words;
  for (const std::string& file : files) {
    try {
      if (auto error = flatten(YAML::LoadFile(file), "", file, &words)) return *error;
    } catch (const YAML::Exception& wrong) {
      return base::invalid(fmt::format("{}:{}: not readable as YAML: {}.", file, wrong.mark.line + 1, wrong.msg));
    }
  }
  return words;
}

}  // namespace kept::app
