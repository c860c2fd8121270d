#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/byte_source.h"
#include "exchange/cell.h"
#include "exchange/csv_index.h"
#include "exchange/read_events.h"

namespace kept::exchange {

/// What stands between a field's quotes, with each doubled quote once; in `out`.
std::string_view without_doubles(std::string_view inside, char quote, std::string* out);

/// Whole rows without trouble, as many as were indexed together, with the buffer they lie in. The rows' ends are
/// `index.ends`, counted from `origin`.
struct CsvStretch {
  std::vector<char> buffer;
  CsvIndex index;
  std::size_t origin = 0;
  std::size_t first_row = 0;    ///< of the index; rows before it were taken one by one
  std::size_t first_begin = 0;  ///< where it begins in the buffer
  uint64_t line = 0;            ///< of the first row; each row is one line
};

/// Splits CSV (RFC 4180, and what exports make of it) into rows and cells, in blocks, at more than 1 GB/s.
///
/// A field in quotes may hold separators, line ends and doubled quotes; a quote inside a field that does not begin with
/// one is an ordinary character; lines end in LF or CRLF; empty lines are no rows. A row that breaks the form costs
/// that row only: after a quote that is never closed, reading goes on with the next line.
class CsvReader {
 public:
  CsvReader(ByteSource& source, const ReadLimits& limits) : source_(&source), limits_(limits) {}

  enum class Problem : uint8_t {
    none,
    ragged,       ///< not as many fields as the heading
    open_quote,   ///< a quote that is not closed on this line, nor properly on a later one
    after_quote,  ///< text between a closing quote and the next separator
    too_large,    ///< the row is longer than its bound
    not_text,     ///< bytes that are not UTF-8
  };
  struct Row {
    std::string_view text;  ///< as received, without its line end; cut at the row's bound
    uint64_t line = 0;      ///< the line on which it begins, from 1
    std::size_t fields = 0;
    Problem problem = Problem::none;
  };

  /// The first line still to come, without its line end, at most 64 KiB of it; for guessing the shape. Before the first
  /// `next`.
  base::Result<std::string_view> peek_line();
  /// Passes over that line.
  base::Status skip_line();
  void set_shape(CsvShape shape) { shape_ = shape; }
  /// From now on a row has this many fields.
  void set_width(std::size_t width);

  enum class Step : uint8_t { row, end, failed };
  /// The next row. All views live until the next call. Failed: the source did; see `error`.
  Step next(Row* row);
  /// Takes all whole rows that are ready, if they are many and none of them needs care (a line end inside quotes, text
  /// after a quote, bytes that are not UTF-8). False: none are; `next` goes on. `out` may be an earlier one: its memory
  /// is used again. Views of the last row become invalid.
  bool take_stretch(CsvStretch* out);
  const base::Error& error() const { return *error_; }

  /// Cell `field` of the current row, unquoted. Precondition: field < fields, no problem.
  std::string_view field(std::size_t field) {
    const std::size_t begin = field == 0 ? row_begin_ : origin_ + index_.ends[first_end_ + field - 1] + 1;
    std::size_t end = field + 1 == fields_ ? row_end_ : origin_ + index_.ends[first_end_ + field];
    if (end > begin && buffer_[begin] == shape_.quote && shape_.quote != '\0') return unquoted(begin, end);
    return {buffer_.data() + begin, end - begin};
  }
  /// Puts the wanted columns' cells (ascending) in their places. Precondition: as `field`.
  void cells(const std::vector<uint32_t>& wanted, Cell* cells) {
    const uint32_t* ends = index_.ends.data() + first_end_;
    const char* text = buffer_.data() + origin_;
    const auto row_begin = static_cast<uint32_t>(row_begin_ - origin_);
    const auto row_end = static_cast<uint32_t>(row_end_ - origin_);
    for (const uint32_t column : wanted) {
      const uint32_t begin = column == 0 ? row_begin : ends[column - 1] + 1;
      const uint32_t end = column + 1 == fields_ ? row_end : ends[column];
      Cell& cell = cells[column];
      cell.data = text + begin;
      cell.size = end - begin;
      if (begin != end && text[begin] == shape_.quote) [[unlikely]]
        cell = Cell::of(field(column));
    }
  }

 private:
  bool fill();  ///< false: failed
  void index();
  std::string_view unquoted(std::size_t begin, std::size_t end);
  bool take_row(Row* row);
  Step give_up_line(Row* row, Problem problem);

  ByteSource* source_;
  CsvShape shape_;
  ReadLimits limits_;
  std::vector<char> buffer_;
  std::size_t size_ = 0;                    ///< bytes in the buffer
  std::size_t begin_ = 0;                   ///< where the next row begins
  std::size_t origin_ = 0, index_end_ = 0;  ///< the indexed stretch
  static constexpr std::size_t first_stretch = 4096;
  static constexpr std::size_t whole_buffer = std::size_t{1} << 30;
  std::size_t stretch_ = whole_buffer;  ///< how much is indexed at a time
  bool indexed_ = false;
  bool at_end_ = false;
  bool started_ = false;
  bool failed_ = false;     ///< the source did
  bool valid_text_ = true;  ///< all whole rows of the stretch are UTF-8
  CsvIndex index_;
  std::size_t next_row_ = 0, next_spoilt_ = 0;
  std::size_t row_begin_ = 0, row_end_ = 0, first_end_ = 0, fields_ = 0;
  uint64_t line_ = 1;
  std::deque<std::string> scratch_;  ///< unquoted fields of the current row; none ever moves
  std::size_t scratch_used_ = 0;
  std::optional<base::Error> error_;
};

}  // namespace kept::exchange
