#pragma once
#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

/// How the hand-written files of this room (mappings, feed contracts) are read: every key known, every mistake with its
/// line and the mend.
namespace kept::exchange::strict_yaml {

inline constexpr std::size_t most_entries = 100'000;

/// Thrown by what a `Read` calls; `parsed` turns it into an Error.
struct Refused {
  int line;
  std::string message;
  base::ErrorCode code = base::ErrorCode::invalid;
};

int line_of(const YAML::Node& node);
[[noreturn]] void refuse(const YAML::Node& node, std::string message);
/// One value, of at most 4,096 characters.
std::string scalar(const YAML::Node& node, const char* what);
std::vector<std::string> one_or_more(const YAML::Node& node, const char* what);
bool yes_no(const YAML::Node& node, const char* what);
/// A whole number from `least` to `most`.
int64_t number(const YAML::Node& node, const char* what, int64_t least, int64_t most);
/// A London time of day, `09:00` to `24:00`, in minutes.
int32_t minute_of(const YAML::Node& node, const char* what);
/// The keys of a map, each once; refuses one that is not in `known` (when given).
std::vector<std::pair<std::string, YAML::Node>> entries(const YAML::Node& node, const char* what,
                                                        const std::vector<std::string>* known);

/// Reads `yaml` and hands its root to `read`, which may throw `Refused`. `name` stands for the file in messages.
/// Errors: invalid (or what `Refused` says) as `name:line: ...`.
template <class Read>
base::Status parsed(std::string_view yaml, const std::string& name, const Read& read);

/// A whole file's text, or its first bytes past `most_bytes`. Errors: not_found, io.
base::Result<std::string> read_whole(const std::string& path, std::size_t most_bytes);

/// What `parsed` says of text that is not YAML at all.
base::Error not_yaml(const std::string& name, const YAML::Exception& broken);
base::Error refused_at(const std::string& name, const Refused& refused);

template <class Read>
base::Status parsed(std::string_view yaml, const std::string& name, const Read& read) {
  try {
    read(YAML::Load(std::string(yaml)));
  } catch (const Refused& refused) {
    return refused_at(name, refused);
  } catch (const YAML::Exception& broken) {
    return not_yaml(name, broken);
  }
  return base::Done{};
}

}  // namespace kept::exchange::strict_yaml
