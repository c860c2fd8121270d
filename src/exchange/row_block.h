#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "exchange/cell.h"

namespace kept::exchange {

class RowChecker;

/// The values present in one column of a block, by row: what few rows have costs nothing for the others.
struct ColumnCells {
  Cell::Kind kind = Cell::Kind::text;  ///< of all
  std::vector<uint16_t> row;           ///< ascending
  std::vector<std::string_view> text;  ///< for kind text, none empty
  std::vector<int64_t> number;         ///< for the other kinds but real, which is never here
  std::vector<uint16_t> odd;           ///< rows whose value can only be read in its row
  std::size_t count = 0;               ///< of row, and of text or number, whose sizes may be larger

  void begin(Cell::Kind of, std::size_t rows) {
    kind = of;
    count = 0;
    odd.clear();
    if (row.size() < rows) row.resize(rows);
    if (kind == Cell::Kind::text && text.size() < rows) text.resize(rows);
    if (kind != Cell::Kind::text && number.size() < rows) number.resize(rows);
  }
};

/// Rows whose cells can be had column by column: a chunk of Parquet, a stretch of CSV. It owns what its cells point to.
class RowBlock {
 public:
  static constexpr std::size_t most_rows = 4096;
  virtual ~RowBlock() = default;
  std::size_t rows() const { return rows_; }
  /// Bytes of the file taken from the disk when the block was made.
  uint64_t bytes_done() const { return bytes_done_; }
  /// False: nothing can be had by column; every row goes through `take`.
  virtual bool by_column() const { return true; }
  /// The cells of a column that the checker wants.
  virtual void column(uint32_t column, ColumnCells* out) const = 0;
  /// Rows that are not as they should be (too few cells, too long), ascending: they too go through `take`.
  virtual const std::vector<uint16_t>& odd_rows() const = 0;
  /// Hands one row to the checker, as its form does with any row. False: stop.
  virtual bool take(std::size_t row, RowChecker& checker) const = 0;

 protected:
  std::size_t rows_ = 0;
  uint64_t bytes_done_ = 0;
};

}  // namespace kept::exchange
