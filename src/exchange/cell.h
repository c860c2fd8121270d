#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace kept::exchange {

/// One value of an input row, as its file holds it. The text lives as long as the row.
struct Cell {
  enum class Kind : uint8_t {
    text,     ///< empty text is no value
    whole,    ///< number
    real,     ///< `real`
    yes_no,   ///< number 0 or 1
    date,     ///< number: days since 1970-01-01
    instant,  ///< number: milliseconds since 1970 UTC
    local,    ///< number: milliseconds of a clock whose zone the file does not name
  };
  const char* data = nullptr;
  uint32_t size = 0;
  Kind kind = Kind::text;
  union {
    int64_t number = 0;
    double real;
  };

  static Cell of(std::string_view text) {
    Cell cell;
    cell.data = text.data();
    cell.size = static_cast<uint32_t>(text.size());
    return cell;
  }
  static Cell of(Kind kind, int64_t number) {
    Cell cell;
    cell.kind = kind;
    cell.number = number;
    return cell;
  }
  bool present() const { return size != 0 || kind != Kind::text; }
  /// Precondition: kind is text.
  std::string_view text() const { return {data, size}; }
};

/// The value in the form the project writes it: a number in decimal, yes or no, an ISO date or time.
std::string text_of(const Cell& cell);

}  // namespace kept::exchange
