#include "base/json_text.h"

#include <fmt/format.h>

#include "base/utf8.h"

namespace kept::base {

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  out.reserve(text.size() + 2);
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) {
      out += utf8_replacement;
      text.remove_prefix(1);
      continue;
    }
    const std::string_view character = text.substr(0, length);
    const auto c = static_cast<unsigned char>(text.front());
    if (c == '"' || c == '\\') {
      out += '\\';
      out += text.front();
    } else if (c == '\n') {
      out += "\\n";
    } else if (c < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", c);
    } else if (character == "\xE2\x80\xA8" || character == "\xE2\x80\xA9" || character == "\xC2\x85") {
      // Line separators to some readers of lines.
      out += character == "\xE2\x80\xA8" ? "\\u2028" : character == "\xE2\x80\xA9" ? "\\u2029" : "\\u0085";
    } else {
      out += character;
    }
    text.remove_prefix(length);
  }
  return out += '"';
}

}  // namespace kept::base
