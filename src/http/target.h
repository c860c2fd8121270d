#pragma once
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "http/fault.h"

namespace kept::http {

/// The names and values after the `?`, decoded. A name stands once; without `=` its value is empty.
using Query = std::map<std::string, std::string, std::less<>>;

/// What a request asks for, decoded. All texts are UTF-8 without control characters.
struct Target {
  std::string path;                   ///< begins with `/`; as the segments joined
  std::vector<std::string> segments;  ///< `/a/b` is {a, b}; `/` is none; `/a/` is {a, ""}
  Query query;
};

/// Reads a target in origin form, the only one that is taken.
/// Refused besides what RFC 3986 has no room for: what decodes to a control character, to bytes that are not UTF-8, to
/// a
/// `/` or `\` within a segment, to a segment `.` or `..`, an empty segment other than the last, and a fragment. `+` in
/// the query is a space. Departs: RFC 9112 3.2.2 has servers take the absolute form as well. No proxy in front of us
/// sends it, and two places for the host would be one too many.
std::variant<Target, Fault> parse_target(std::string_view target);

}  // namespace kept::http
