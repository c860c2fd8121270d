#include "exchange/strict_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "exchange/byte_source.h"
#include "exchange/rejects.h"
#include "exchange/row_checker.h"

namespace kept::exchange::strict_yaml {

int line_of(const YAML::Node& node) { return node.Mark().line + 1; }

void refuse(const YAML::Node& node, std::string message) { throw Refused{line_of(node), std::move(message)}; }

std::string scalar(const YAML::Node& node, const char* what) {
  if (node.IsNull())
    refuse(node, fmt::format("{} is missing here (YAML reads the bare word NULL as nothing: put it in quotes)", what));
  if (!node.IsScalar()) refuse(node, fmt::format("{} is one value, not a list or a map", what));
  if (node.Scalar().size() > 4096) refuse(node, fmt::format("{} is longer than 4,096 characters", what));
  return node.Scalar();
}

std::vector<std::string> one_or_more(const YAML::Node& node, const char* what) {
  if (node.IsScalar()) return {scalar(node, what)};
  if (!node.IsSequence()) refuse(node, fmt::format("{} is one value or a list of them", what));
  if (node.size() > most_entries) refuse(node, fmt::format("{} has too many entries", what));
  std::vector<std::string> out;
  for (const auto& each : node) out.push_back(scalar(each, what));
  return out;
}

bool yes_no(const YAML::Node& node, const char* what) {
  const std::string text = scalar(node, what);
  if (text == "yes" || text == "true") return true;
  if (text == "no" || text == "false") return false;
  refuse(node, fmt::format("{} is yes or no, not \"{}\"", what, shown(text, 40)));
}

std::vector<std::pair<std::string, YAML::Node>> entries(const YAML::Node& node, const char* what,
                                                        const std::vector<std::string>* known) {
  if (!node.IsMap()) refuse(node, fmt::format("{} is a map of names to values", what));
  if (node.size() > most_entries) refuse(node, fmt::format("{} has more than {} entries", what, most_entries));
  std::vector<std::pair<std::string, YAML::Node>> out;
  std::set<std::string> seen;
  for (const auto& pair : node) {
    const std::string key = scalar(pair.first, "a name");
    if (!seen.insert(key).second)
      refuse(pair.first, fmt::format("\"{}\" stands twice in {}; keep one", shown(key, 60), what));
    if (known != nullptr && std::find(known->begin(), known->end(), key) == known->end()) {
      const std::string near = closest(key, *known);
      std::string all;
      for (const auto& each : *known) all += (all.empty() ? "" : ", ") + each;
      refuse(pair.first, fmt::format("{} has no \"{}\"{}; it has: {}", what, shown(key, 60),
                                     near.empty() ? std::string() : fmt::format(" (did you mean \"{}\"?)", near), all));
    }
    out.emplace_back(key, pair.second);
  }
  return out;
}

int64_t number(const YAML::Node& node, const char* what, int64_t least, int64_t most) {
  const std::string text = scalar(node, what);
  int64_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc() || end != text.data() + text.size() || value < least || value > most)
    refuse(node, fmt::format("{} is a whole number from {} to {}, not \"{}\"", what, least, most, shown(text, 40)));
  return value;
}

int32_t minute_of(const YAML::Node& node, const char* what) {
  const std::string text = scalar(node, what);
  const bool shaped = text.size() == 5 && text[2] == ':' &&
                      text.find_first_not_of("0123456789:") == std::string::npos && text.find(':') == 2 &&
                      text.rfind(':') == 2;
  const int32_t minute = shaped ? std::stoi(text.substr(0, 2)) * 60 + std::stoi(text.substr(3)) : -1;
  if (minute < 0 || minute > 24 * 60 || std::stoi(text.substr(3)) > 59)
    refuse(node,
           fmt::format("{} is a London time such as \"09:00\", at most \"24:00\"; not \"{}\"", what, shown(text, 40)));
  return minute;
}

base::Result<std::string> read_whole(const std::string& path, std::size_t most_bytes) {
  auto source = ByteSource::open(path);
  if (!source) return source.error();
  std::string text;
  char bytes[65536];
  for (;;) {
    const auto count = (*source)->read(bytes, sizeof bytes);
    if (!count) return count.error();
    if (*count == 0) break;
    text.append(bytes, *count);
    if (text.size() > most_bytes) break;
  }
  return text;
}

base::Error not_yaml(const std::string& name, const YAML::Exception& broken) {
  return base::invalid(
      fmt::format("{}:{}: this is not YAML: {}; a value that holds \": \" or begins with one of {{ [ & * # ? | > @ ` "
                  "% needs quotes",
                  name, broken.mark.line + 1, shown(broken.msg, 200)));
}

base::Error refused_at(const std::string& name, const Refused& refused) {
  return {refused.code, fmt::format("{}:{}: {}", name, refused.line, refused.message)};
}

}  // namespace kept::exchange::strict_yaml
