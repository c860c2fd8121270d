#include "exchange/csv_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <cassert>
#include <cstring>

namespace kept::exchange {
namespace {

std::string_view without_carriage(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

std::string_view without_doubles(std::string_view inside, char quote, std::string* out) {
  out->clear();
  for (std::size_t i = 0; i < inside.size(); ++i) {
    *out += inside[i];
    if (inside[i] == quote) ++i;
  }
  return *out;
}

// Moves what is left to the front and reads a block more.
bool CsvReader::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, size_ - begin_);
    size_ -= begin_;
    begin_ = 0;
  }
  indexed_ = false;
  const std::size_t block = std::max<std::size_t>(limits_.block_bytes, 1);
  // One byte more than is used, for the line end that a last row may lack.
  if (buffer_.size() < size_ + block + 1) buffer_.resize(size_ + block + 1);
  auto count = source_->read(buffer_.data() + size_, block);
  if (!count) {
    error_ = count.error();
    failed_ = true;
    return false;
  }
  size_ += *count;
  at_end_ = *count == 0;
  if (started_) return true;
  const auto begins = [&](std::string_view mark) { return std::string_view(buffer_.data(), size_).starts_with(mark); };
  if (size_ < 3 && !at_end_) return fill();
  started_ = true;
  if (begins("\xef\xbb\xbf")) begin_ = 3;
  if (begins("\xff\xfe") || begins("\xfe\xff")) {
    error_ =
        base::Error{base::ErrorCode::unsupported,
                    "the file is UTF-16 (\"Unicode text\"); save it as \"CSV UTF-8\" or with iconv -f UTF-16 -t UTF-8"};
    return false;
  }
  return true;
}

base::Result<std::string_view> CsvReader::peek_line() {
  constexpr std::size_t longest = 64 * 1024;
  for (;;) {
    const std::string_view text(buffer_.data() + begin_, size_ - begin_);
    const std::size_t end = text.find('\n');
    if (started_ && (end != std::string_view::npos || at_end_ || text.size() >= longest)) {
      return without_carriage(text.substr(0, std::min(end, longest)));
    }
    if (!fill()) return *error_;
  }
}

base::Status CsvReader::skip_line() {
  indexed_ = false;
  for (;;) {
    const std::size_t end = std::string_view(buffer_.data() + begin_, size_ - begin_).find('\n');
    if (started_ && end != std::string_view::npos) {
      begin_ += end + 1;
      ++line_;
      return base::Done{};
    }
    if (started_) begin_ = size_;
    if (at_end_) return base::Done{};
    if (!fill()) return *error_;
  }
}

void CsvReader::set_width(std::size_t width) {
  shape_.width = width;
  indexed_ = false;
}

void CsvReader::index() {
  begin_ = std::min(begin_, size_);
  origin_ = begin_;
  next_row_ = next_spoilt_ = 0;
  std::size_t size = std::min(size_ - begin_, stretch_);
  index_end_ = origin_ + size;
  // A last row without a line end gets one, in the byte kept for it.
  if (at_end_ && index_end_ == size_ && size > 0 && buffer_[size_ - 1] != '\n') {
    buffer_[size_] = '\n';
    ++size;
  }
  index_csv(buffer_.data() + origin_, size, shape_, &index_);
  const std::size_t whole = index_.end_count == 0 ? 0 : index_.ends[index_.end_count - 1] + std::size_t{1};
  valid_text_ = simdjson::validate_utf8(buffer_.data() + origin_, whole);
  indexed_ = true;
}

std::string_view CsvReader::unquoted(std::size_t begin, std::size_t end) {
  // Indexing has seen to it that the field ends in its closing quote.
  const std::string_view inside(buffer_.data() + begin + 1, end - begin - 2);
  const std::size_t doubled = inside.find(shape_.quote);
  if (doubled == std::string_view::npos) return inside;
  if (scratch_used_ == scratch_.size()) scratch_.emplace_back();
  return without_doubles(inside, shape_.quote, &scratch_[scratch_used_++]);
}

// Rejects the first line of a row that cannot be one, and goes on with the next line.
CsvReader::Step CsvReader::give_up_line(Row* row, Problem problem) {
  row->line = line_;
  row->fields = 0;
  row->problem = problem;
  // What was indexed past this line is found again: only a little at first, so that a file of such lines costs little
  // more.
  stretch_ = first_stretch;
  for (std::size_t looked = 0;;) {
    const std::string_view rest(buffer_.data() + begin_, size_ - begin_);
    const std::size_t end = rest.find('\n', looked);
    if (end != std::string_view::npos || at_end_) {
      row->text = without_carriage(rest.substr(0, end)).substr(0, limits_.row_bytes);
      begin_ = end == std::string_view::npos ? size_ : begin_ + end + 1;
      ++line_;
      indexed_ = false;
      return Step::row;
    }
    if (rest.size() > limits_.row_bytes) {
      // A line without an end in sight: its beginning is kept, the rest is passed over.
      row->problem = Problem::too_large;
      const uint64_t line = line_;
      if (scratch_.empty()) scratch_.emplace_back();
      scratch_[0].assign(rest.substr(0, std::min<std::size_t>(limits_.row_bytes, 65536)));
      const base::Status skipped = skip_line();
      if (!skipped) return Step::failed;
      row->text = scratch_[0];
      row->line = line;
      return Step::row;
    }
    looked = rest.size();
    if (!fill()) return Step::failed;
  }
}

bool CsvReader::take_row(Row* row) {
  row_begin_ = begin_;
  first_end_ = next_row_ == 0 ? 0 : index_.rows[next_row_ - 1];
  const std::size_t past = index_.rows[next_row_];
  fields_ = past - first_end_;
  std::size_t end = origin_ + index_.ends[past - 1];
  begin_ = end + 1;
  if (end > row_begin_ && buffer_[end - 1] == '\r') --end;
  row_end_ = end;
  row->text = {buffer_.data() + row_begin_, end - row_begin_};
  row->line = line_;
  row->fields = fields_;
  row->problem = Problem::none;
  ++line_;
  ++next_row_;
  return !row->text.empty();
}

bool CsvReader::take_stretch(CsvStretch* out) {
  constexpr std::size_t worth_it = 32;
  if (!started_) return false;
  if (!indexed_ && size_ > begin_) index();
  const auto ready = [this] { return indexed_ ? index_.row_count - next_row_ : 0; };
  // More is read only where `next` would do no more than that.
  if (ready() == 0 && !at_end_ && (!indexed_ || (!index_.broken && index_end_ == size_)) &&
      size_ - begin_ <= limits_.row_bytes && !failed_) {
    if (!fill()) return false;
    if (size_ > begin_) index();
  }
  if (ready() == 0 || (ready() < worth_it && index_end_ < size_)) return false;
  if (!index_.spoilt.empty() || index_.quoted_lines || !valid_text_) return false;

  const std::size_t rows = index_.row_count - next_row_;
  out->origin = origin_;
  out->first_row = next_row_;
  out->first_begin = begin_;
  out->line = line_;
  begin_ = origin_ + index_.ends[index_.rows[index_.row_count - 1] - 1] + 1;
  line_ += rows;
  // What is left moves to the other buffer.
  std::swap(buffer_, out->buffer);
  std::swap(index_, out->index);
  const std::size_t left = size_ > begin_ ? size_ - begin_ : 0;
  const std::size_t room = left + std::max<std::size_t>(limits_.block_bytes, 1) + 1;
  if (buffer_.size() < room) buffer_.resize(room);
  std::copy_n(out->buffer.data() + begin_, left, buffer_.data());
  begin_ = 0;
  size_ = left;
  indexed_ = false;
  stretch_ = std::min<std::size_t>(stretch_ * 4, whole_buffer);
  return true;
}

CsvReader::Step CsvReader::next(Row* row) {
  scratch_used_ = 0;
  if (failed_) return Step::failed;
  for (;;) {
    if (!indexed_ && started_ && size_ > begin_) index();
    if (indexed_ && next_row_ < index_.row_count) {
      const bool is_spoilt = next_spoilt_ < index_.spoilt.size() && index_.spoilt[next_spoilt_] == next_row_;
      if (is_spoilt) ++next_spoilt_;
      const uint64_t line = line_;
      if (!take_row(row)) continue;  // an empty line is no row
      const auto lines =
          index_.quoted_lines ? static_cast<uint64_t>(std::count(row->text.begin(), row->text.end(), '\n')) : 0;
      if (is_spoilt) row->problem = Problem::after_quote;
      if (shape_.width != 0 && fields_ != shape_.width) row->problem = Problem::ragged;
      if (row->problem != Problem::none && lines != 0) {
        // What looks like one row over several lines is more likely a quote that was never closed: only the first line
        // is lost.
        begin_ = row_begin_;
        line_ = line;
        return give_up_line(row, Problem::open_quote);
      }
      line_ += lines;
      if (row->text.size() > limits_.row_bytes) {
        row->problem = Problem::too_large;
        row->text = row->text.substr(0, limits_.row_bytes);
      } else if (!valid_text_ && !simdjson::validate_utf8(row->text.data(), row->text.size())) {
        row->problem = Problem::not_text;
      }
      return Step::row;
    }
    if (indexed_ && index_.broken) return give_up_line(row, Problem::open_quote);
    if (indexed_ && index_end_ < size_) {
      stretch_ = std::min<std::size_t>(stretch_ * 4, whole_buffer);
      indexed_ = false;
      continue;
    }
    if (at_end_) {
      if (begin_ >= size_) return Step::end;
      return give_up_line(row, Problem::open_quote);  // a quote is open at the end of the file
    }
    if (size_ - begin_ > limits_.row_bytes) return give_up_line(row, Problem::open_quote);
    if (!fill()) return Step::failed;
  }
}

}  // namespace kept::exchange
