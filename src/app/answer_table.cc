#include "app/answer_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "app/json_string.h"

namespace kept::app {
namespace {

/// How many columns of a terminal a text takes, where each character takes one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80; }));
}

std::string words_of(const AnswerTable::Cell& cell, const char* absent, const char* yes, const char* no) {
  if (const auto* number = std::get_if<int64_t>(&cell)) return fmt::format("{}", *number);
  if (const auto* is = std::get_if<bool>(&cell)) return *is ? yes : no;
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  return absent;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

}  // namespace

void AnswerTable::add(std::vector<Cell> cells) {
  assert(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

std::string AnswerTable::text() const {
  std::vector<std::size_t> widths(columns_.size(), 0);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    widths[i] = width_of(columns_[i].heading);
    for (const auto& row : rows_) widths[i] = std::max(widths[i], width_of(words_of(row[i], "-", "yes", "no")));
  }
  std::string out;
  const auto line = [&](const auto& word_of, const auto& is_number) {
    std::string made;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i].heading.empty()) continue;
      const std::string word = word_of(i);
      const std::string blank(widths[i] - width_of(word), ' ');
      made += "  " + (is_number(i) ? blank + word : word + blank);
    }
    out += made.substr(0, made.find_last_not_of(' ') + 1) + "\n";
  };
  const auto has_numbers = [&](std::size_t i) {
    return std::any_of(rows_.begin(), rows_.end(),
                       [&](const auto& row) { return std::holds_alternative<int64_t>(row[i]); });
  };
  line([&](std::size_t i) { return columns_[i].heading; }, has_numbers);
  for (const auto& row : rows_) line([&](std::size_t i) { return words_of(row[i], "-", "yes", "no"); }, has_numbers);
  return out;
}

std::string AnswerTable::csv() const {
  std::string out;
  for (std::size_t i = 0; i < columns_.size(); ++i) out += (i == 0 ? "" : ",") + columns_[i].key;
  out += "\n";
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      out += (i == 0 ? "" : ",") + csv_cell(words_of(row[i], "", "true", "false"));
    out += "\n";
  }
  return out;
}

std::string AnswerTable::json() const {
  std::string out = "[";
  for (const auto& row : rows_) {
    out += out.size() == 1 ? "\n{" : ",\n{";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto* text = std::get_if<std::string>(&row[i]);
      out += fmt::format("{}{}:{}", i == 0 ? "" : ",", json_string(columns_[i].key),
                         text != nullptr ? json_string(*text) : words_of(row[i], "null", "true", "false"));
    }
    out += "}";
  }
  return out + "]";
}

}  // namespace kept::app
