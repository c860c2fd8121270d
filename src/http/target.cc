#include "http/target.h"

#include <algorithm>
#include <optional>

#include "base/utf8.h"

namespace kept::http {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// RFC 3986: unreserved, sub-delims, ":" and "@".
bool is_path_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || std::string_view("-._~!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

bool is_query_character(char c) { return is_path_character(c) || c == '/' || c == '?'; }

/// The decoded text; nothing where an escape is broken, a character has no place, or the result is not a clean text.
std::optional<std::string> decoded(std::string_view text, bool in_query) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else if (in_query && c == '+') {
      out += ' ';
    } else if (in_query ? is_query_character(c) : is_path_character(c)) {
      out += c;
    } else {
      return std::nullopt;
    }
  }
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(out.begin(), out.end(), is_control) || !base::is_utf8(out)) return std::nullopt;
  return out;
}

std::optional<Fault> read_query(std::string_view text, Query& query) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) return Fault::target;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = decoded(pair.substr(0, equals), true);
    const auto value = decoded(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value || name->empty()) return Fault::target;
    if (!query.emplace(*name, *value).second) return Fault::query_repeated;
  }
  return std::nullopt;
}

}  // namespace

std::variant<Target, Fault> parse_target(std::string_view target) {
  Target out;
  if (target.empty() || target.front() != '/') return Fault::target;
  const std::size_t mark = target.find('?');
  if (mark != std::string_view::npos) {
    if (const auto fault = read_query(target.substr(mark + 1), out.query)) return *fault;
  }
  std::string_view path = target.substr(0, mark);
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    const auto segment = decoded(path.substr(0, end), false);
    path.remove_prefix(end);
    if (!segment || *segment == "." || *segment == ".." || segment->find_first_of("/\\") != std::string::npos)
      return Fault::target;
    if (segment->empty() && !path.empty()) return Fault::target;
    out.path += '/' + *segment;
    out.segments.push_back(*segment);
  }
  if (out.segments.size() == 1 && out.segments.front().empty()) out.segments.clear();
  return out;
}

}  // namespace kept::http
