#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "exchange/csv_reader.h"
#include "exchange/row_block.h"
#include "exchange/row_checker.h"

namespace kept::exchange {

/// What does not change from row to row.
struct CsvTable {
  CsvShape shape;  ///< with its width
  ReadLimits limits;
  std::vector<uint32_t> wanted;
  std::size_t cells = 0;  ///< the checker's width
};

/// Why a row cannot be split into cells.
struct CsvFault {
  RejectReason reason;
  const char* why;
};
CsvFault fault_of(CsvReader::Problem problem);

/// Some rows of a stretch.
class CsvRows : public RowBlock {
 public:
  /// From row `first` of the stretch's index on, at most `most_rows` of them. All references are shared, and unchanged
  /// while the rows live.
  CsvRows(std::shared_ptr<const CsvTable> table, std::shared_ptr<const CsvStretch> stretch, std::size_t first,
          uint64_t bytes_done);
  /// The row of the index after the last one here.
  std::size_t end() const { return end_; }
  void column(uint32_t column, ColumnCells* out) const override;
  const std::vector<uint16_t>& odd_rows() const override { return odd_; }
  bool take(std::size_t row, RowChecker& checker) const override;

 private:
  struct Row {
    uint32_t begin, end, first_end;  ///< from the stretch's origin; where it ends in its index
    uint16_t row;
  };
  uint32_t begin_of(std::size_t index_row) const;

  std::shared_ptr<const CsvTable> table_;
  std::shared_ptr<const CsvStretch> stretch_;
  const char* text_;
  std::size_t end_ = 0;
  std::vector<Row> good_;
  std::vector<uint32_t> index_row_;  ///< of each row: empty lines are none
  std::vector<uint16_t> odd_;
  // For `take`.
  mutable std::vector<Cell> cells_;
  mutable std::deque<std::string> unquoted_;
};

/// Rows that the reader gave one by one, copied.
class LooseCsvRows : public RowBlock {
 public:
  static constexpr std::size_t most = 512;
  LooseCsvRows(std::shared_ptr<const CsvTable> table, uint64_t bytes_done) : table_(std::move(table)) {
    bytes_done_ = bytes_done;
  }
  /// The reader's current row.
  void add(const CsvReader::Row& row, CsvReader& reader);
  bool by_column() const override { return false; }
  void column(uint32_t column, ColumnCells* out) const override;
  const std::vector<uint16_t>& odd_rows() const override { return none_; }
  bool take(std::size_t row, RowChecker& checker) const override;

 private:
  struct Row {
    CsvReader::Row row;                ///< its text is that of `text`
    std::string text;                  ///< the row, then its wanted cells
    std::size_t length = 0;            ///< of the row
    std::vector<std::size_t> cell_at;  ///< where each wanted cell begins; none: the row has a problem
  };
  std::shared_ptr<const CsvTable> table_;
  std::vector<Row> loose_;
  std::vector<uint16_t> none_;
  mutable std::vector<Cell> cells_;
};

}  // namespace kept::exchange
