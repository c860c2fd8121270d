#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/byte_source.h"
#include "exchange/csv_index.h"
#include "exchange/read_events.h"

namespace kept::exchange {

/// Splits CSV (RFC 4180, and what exports make of it) into rows and cells, in blocks, at more than 1 GB/s.
///
/// A field in quotes may hold separators, line ends and doubled quotes; a quote inside a field that does not begin with one is an ordinary
/// character; lines end in LF or CRLF; empty lines are no rows. A row that breaks the form costs that row only: after a quote that is never
/// closed, reading goes on with the next line.
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

  /// The first line still to come, without its line end, at most 64 KiB of it; for guessing the shape. Before the first `next`.
  base::Result<std::string_view> peek_line();
  /// Passes over that line.
  base::Status skip_line();
  void set_shape(CsvShape shape) { shape_ = shape; }
  /// From now on a row has this many fields.
  void set_width(std::size_t width);

  /// The next row; false at the end. All views live until the next call. Errors: the source's.
  base::Result<bool> next(Row* row);

  /// Cell `field` of the current row, unquoted. Precondition: field < fields, no problem.
  std::string_view field(std::size_t field) {
    const std::size_t begin = field == 0 ? row_begin_ : origin_ + index_.ends[first_end_ + field - 1] + 1;
    std::size_t end = field + 1 == fields_ ? row_end_ : origin_ + index_.ends[first_end_ + field];
    if (end > begin && buffer_[begin] == shape_.quote && shape_.quote != '\0') return unquoted(begin, end);
    return {buffer_.data() + begin, end - begin};
  }

 private:
  base::Status fill();
  void index();
  std::string_view unquoted(std::size_t begin, std::size_t end);
  bool take_row(Row* row);
  base::Result<bool> give_up_line(Row* row, Problem problem);

  ByteSource* source_;
  CsvShape shape_;
  ReadLimits limits_;
  std::vector<char> buffer_;
  std::size_t size_ = 0;      ///< bytes in the buffer
  std::size_t begin_ = 0;     ///< where the next row begins
  std::size_t origin_ = 0, index_end_ = 0;  ///< the indexed stretch
  static constexpr std::size_t first_stretch = 4096;
  static constexpr std::size_t whole_buffer = std::size_t{1} << 30;
  std::size_t stretch_ = whole_buffer;  ///< how much is indexed at a time
  bool indexed_ = false;
  bool at_end_ = false;
  bool started_ = false;
  bool valid_text_ = true;    ///< all whole rows of the stretch are UTF-8
  CsvIndex index_;
  std::size_t next_row_ = 0, next_spoilt_ = 0;
  std::size_t row_begin_ = 0, row_end_ = 0, first_end_ = 0, fields_ = 0;
  uint64_t line_ = 1;
  std::deque<std::string> scratch_;  ///< unquoted fields of the current row; none ever moves
  std::size_t scratch_used_ = 0;
};

}  // namespace kept::exchange
