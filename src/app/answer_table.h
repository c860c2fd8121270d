#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace kept::app {

/// Rows of an answer, written for people, for spreadsheets and for programs alike.
class AnswerTable {
 public:
  struct Column {
    std::string key;      ///< in CSV and JSON
    std::string heading;  ///< for people; empty: they are not shown it
  };
  /// Nothing: `-` for people, empty in CSV, null in JSON.
  using Cell = std::variant<std::monostate, int64_t, bool, std::string>;

  explicit AnswerTable(std::vector<Column> columns) : columns_(std::move(columns)) {}
  /// Precondition: as many cells as columns.
  void add(std::vector<Cell> cells);
  std::size_t size() const { return rows_.size(); }

  std::string text() const;  ///< headings and lines, indented by two; numbers to the right
  std::string csv() const;   ///< a heading and a line a row, ends of line as in RFC 4180 but without carriage returns
  std::string json() const;  ///< a list of objects, one a line

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace kept::app
