#include "exchange/rejects.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace kept::exchange {
namespace {

constexpr std::size_t value_characters = 200;
constexpr std::size_t row_bytes = 64 * 1024;

/// Length of the UTF-8 character at the start of `text`; 0 when it is not one.
std::size_t character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) > 0x9f) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return length;
}

void escape_into(std::string& out, std::string_view text, std::size_t limit, bool keep_line_ends, bool by_bytes) {
  std::size_t count = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    if ((by_bytes ? at : count) >= limit) {
      out += " ... (cut)";
      return;
    }
    ++count;
    const std::size_t length = character(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0) {
      out += fmt::format("\\x{:02x}", byte);
      ++at;
    } else if (length == 1 && (byte < 0x20 || byte == 0x7f)) {
      if (byte == '\n' && keep_line_ends) {
        out += '\n';
      } else if (byte == '\n') {
        out += "\\n";
      } else if (byte == '\r') {
        out += "\\r";
      } else if (byte == '\t') {
        out += keep_line_ends ? "\t" : "\\t";
      } else {
        out += fmt::format("\\x{:02x}", byte);
      }
      ++at;
    } else {
      out.append(text, at, length);
      at += length;
    }
  }
}

void csv_cell(std::string& line, std::string_view text, bool may_be_formula) {
  if (!line.empty()) line += ',';
  const bool formula = may_be_formula && !text.empty() && std::strchr("=+-@", text[0]) != nullptr;
  if (!formula && text.find_first_of(",\"\n\r") == std::string_view::npos) {
    line += text;
    return;
  }
  line += '"';
  if (formula) line += '\'';
  for (const char c : text) {
    if (c == '"') line += '"';
    line += c;
  }
  line += '"';
}

}  // namespace

const char* reason_key(RejectReason reason) {
  static constexpr const char* keys[reject_reason_count] = {
      "not_text",       "malformed", "ragged",        "too_large",     "duplicate_key", "unknown_field", "unknown_type",
      "unlisted_value", "missing",   "not_carried",   "bad_word",      "bad_number",    "bad_yes_no",    "bad_time",
      "out_of_range",   "clock_gap", "clock_overlap", "contradiction", "conflict"};
  return keys[static_cast<std::size_t>(reason)];
}

const char* reason_words(RejectReason reason) {
  static constexpr const char* words[reject_reason_count] = {"not text in the encoding named",
                                                             "broken quotes or syntax",
                                                             "more or fewer fields than the heading",
                                                             "too large",
                                                             "the same name twice",
                                                             "a field that the vocabulary does not have",
                                                             "a type of event that the vocabulary does not have",
                                                             "a value that the mapping does not list",
                                                             "something needed is missing",
                                                             "something that the type of event may not carry",
                                                             "not one of the field's words",
                                                             "not a number",
                                                             "neither yes nor no",
                                                             "no date or time that can be read",
                                                             "a year or number out of range",
                                                             "a local time that the clocks skipped",
                                                             "a local time that happened twice",
                                                             "a row that contradicts itself",
                                                             "an id seen before with other content"};
  return words[static_cast<std::size_t>(reason)];
}

std::string shown(std::string_view text, std::size_t limit) {
  std::string out;
  escape_into(out, text, limit, false, false);
  return out;
}

base::Result<std::unique_ptr<RejectsFile>> RejectsFile::create(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    return base::Error{base::ErrorCode::io, fmt::format("{}: cannot be written: {}", path, std::strerror(errno))};
  }
  std::unique_ptr<RejectsFile> rejects(new RejectsFile(path, file));
  if (std::fputs("file,line,field,value,reason,explanation,row\n", file) < 0) {
    return base::Error{base::ErrorCode::io, fmt::format("{}: cannot be written: {}", path, std::strerror(errno))};
  }
  return rejects;
}

RejectsFile::~RejectsFile() {
  if (file_ != nullptr) std::fclose(file_);
}

base::Status RejectsFile::take(const Reject& reject) {
  line_.clear();
  std::string text;
  escape_into(text, reject.file, 4096, false, false);
  csv_cell(line_, text, true);
  csv_cell(line_, reject.line == 0 ? std::string() : std::to_string(reject.line), false);
  csv_cell(line_, shown(reject.field, value_characters), true);
  csv_cell(line_, reject.personal ? std::string("(personal)") : shown(reject.value, value_characters), true);
  csv_cell(line_, reason_key(reject.reason), false);
  csv_cell(line_, reject.why, true);
  text.clear();
  escape_into(text, reject.row, row_bytes, true, true);
  csv_cell(line_, text, true);
  line_ += '\n';
  if (file_ == nullptr || std::fwrite(line_.data(), 1, line_.size(), file_) != line_.size()) {
    return base::Error{base::ErrorCode::io, fmt::format("{}: cannot be written: {}; free some space and run again",
                                                        path_, std::strerror(errno))};
  }
  return base::Done{};
}

base::Status RejectsFile::close() {
  if (file_ == nullptr) return base::Done{};
  const bool closed = std::fclose(file_) == 0;
  file_ = nullptr;
  if (closed) return base::Done{};
  return base::Error{base::ErrorCode::io, fmt::format("{}: cannot be written: {}", path_, std::strerror(errno))};
}

base::Status RejectList::take(const Reject& reject) {
  rows.push_back({std::string(reject.file), reject.line, std::string(reject.field),
                  reject.personal ? std::string("(personal)") : shown(reject.value, value_characters), reject.reason,
                  std::string(reject.why), std::string(reject.row)});
  return base::Done{};
}

}  // namespace kept::exchange
