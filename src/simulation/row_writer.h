#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kept::simulation {

/// One column of a table that is written row by row.
struct RowColumn {
  enum class Kind : uint8_t {
    text,
    number,
    yes_no,
    instant,    ///< milliseconds UTC
    reference,  ///< a whole number that is a name: text where the form tells them apart
    word        ///< one of `words`, given by its place among them
  };
  std::string name;
  Kind kind = Kind::text;
  std::vector<std::string> words = {};
  bool detail = false;  ///< in Parquet a part of the one column `detail`; such columns come last
};

/// Writes a table row by row as CSV, JSON Lines or Parquet, by the ending of its path. Cells of a row are set in the
/// order of the columns; those not set are empty. The file appears under its name only when `finish` succeeded.
class RowWriter {
 public:
  virtual ~RowWriter() = default;
  virtual void text(std::size_t column, std::string_view value) = 0;
  virtual void word(std::size_t column, std::size_t place) = 0;
  virtual void number(std::size_t column, int64_t value) = 0;
  virtual void yes_no(std::size_t column, bool value) = 0;
  virtual void instant(std::size_t column, int64_t at_ms) = 0;
  virtual void end_row() = 0;
  /// Errors so far and now: io, naming the path.
  virtual base::Status finish() = 0;

  /// Errors: unsupported (the ending), io (the folder).
  static base::Result<std::unique_ptr<RowWriter>> open(const std::string& path, std::vector<RowColumn> columns);
};

/// `2026-03-02T10:00:00Z` (with milliseconds where there are any), appended without any other library's locale or
/// rounding.
void append_instant(std::string& text, int64_t at_ms);
/// `2026-03-02`
void append_date(std::string& text, int32_t days);

}  // namespace kept::simulation
