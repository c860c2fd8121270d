#include "app/plain_text.h"

#include <algorithm>

namespace kept::app {
namespace {

constexpr std::size_t columns = 100;

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

}  // namespace

void PlainText::wrapped(std::string_view text, const std::string& first, const std::string& rest) {
  std::string line = first;
  bool empty = true;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (word.empty()) continue;
    if (!empty && width(line) + 1 + width(word) > columns) {
      out_ += line + "\n";
      line = rest;
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  out_ += line + "\n";
}

void PlainText::heading(std::string_view text) {
  out_ += text;
  out_ += '\n';
  out_ += std::string(width(text), '=') + "\n";
}

void PlainText::section(std::string_view title) {
  out_ += '\n';
  if (title.empty()) return;
  out_ += title;
  out_ += '\n';
}

void PlainText::sentence(std::string_view text, int indent) {
  if (text.empty()) return;
  const std::string space(static_cast<std::size_t>(indent), ' ');
  wrapped(text, space, space);
}

void PlainText::item(std::string_view text, int indent) {
  if (text.empty()) return;
  const std::string space(static_cast<std::size_t>(indent), ' ');
  wrapped(text, space + "- ", space + "  ");
}

}  // namespace kept::app
