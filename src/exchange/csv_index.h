#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kept::exchange {

/// How a CSV file is written.
struct CsvShape {
  char separator = ',';
  char quote = '"';       ///< 0: quotes mean nothing
  std::size_t width = 0;  ///< fields of every row, once the heading is known; 0: not yet
};

/// Where fields and rows end in one stretch of CSV. Positions count from the stretch's beginning.
struct CsvIndex {
  std::vector<uint32_t> ends;  ///< the first `end_count` are where fields end (a separator or LF), in order
  std::vector<uint32_t> rows;  ///< the first `row_count`: for each whole row, the index into `ends` just past its last
  std::vector<uint32_t> spoilt;  ///< rows with text between a closing quote and the next separator, ascending
  std::size_t end_count = 0;
  std::size_t row_count = 0;
  bool quoted_lines = false;  ///< some whole row has a line end inside quotes
  /// Indexing stopped in the row after the last whole one: it spans lines and cannot be a row (text after a closing
  /// quote, or more fields than the heading). Its first line is to be given up.
  bool broken = false;
};

/// Indexes `text`, which begins at the start of a row. A last row without a line end is not whole. Replaces what
/// `index` held. With the widest instructions this processor has; more than 1 GB/s. Reads no byte past `size`; `size`
/// below 2^31.
void index_csv(const char* text, std::size_t size, const CsvShape& shape, CsvIndex* index);
/// The same answer one character at a time; what tests compare with.
void index_csv_plainly(const char* text, std::size_t size, const CsvShape& shape, CsvIndex* index);

}  // namespace kept::exchange
