#include "exchange/csv_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace kept::exchange {
namespace {

/// A row in the general way, whatever is the matter with it.
bool take_row(const CsvTable& table, const CsvReader::Row& row, const Cell* cells, RowChecker& checker) {
  switch (row.problem) {
    case CsvReader::Problem::none:
      return checker.take(cells, row.line, row.text);
    case CsvReader::Problem::ragged:
      return checker.reject(row.line, row.text, RejectReason::ragged, {}, {},
                            fmt::format("the row has {} fields and the heading {}; a separator inside a field needs "
                                        "quotes around the field",
                                        row.fields, table.shape.width));
    default: {
      const CsvFault fault = fault_of(row.problem);
      return checker.reject(row.line, row.text, fault.reason, {}, {}, fault.why);
    }
  }
}

}  // namespace

CsvFault fault_of(CsvReader::Problem problem) {
  switch (problem) {
    case CsvReader::Problem::none:
      break;
    case CsvReader::Problem::ragged:
      return {RejectReason::ragged, ""};
    case CsvReader::Problem::open_quote:
      return {
          RejectReason::malformed,
          "a quote opens here that is not closed as it should be; close it, and write a quote inside a field twice"};
    case CsvReader::Problem::after_quote:
      return {RejectReason::malformed,
              "there is text between a closing quote and the next separator; write a quote inside a field twice"};
    case CsvReader::Problem::too_large:
      return {RejectReason::too_large,
              "the row is longer than a row may be (1 MiB): a quote that is not closed, or no line ends"};
    case CsvReader::Problem::not_text:
      return {
          RejectReason::not_text,
          "the row is not UTF-8; save the file as UTF-8, or name its encoding in a mapping (encoding: windows-1252)"};
  }
  return {RejectReason::malformed, ""};
}

CsvRows::CsvRows(std::shared_ptr<const CsvTable> table, std::shared_ptr<const CsvStretch> stretch, std::size_t first,
                 uint64_t bytes_done)
    : table_(std::move(table)), stretch_(std::move(stretch)), text_(stretch_->buffer.data() + stretch_->origin) {
  bytes_done_ = bytes_done;
  const CsvIndex& index = stretch_->index;
  const std::size_t longest = std::min(table_->limits.field_bytes, table_->limits.row_bytes);
  good_.reserve(std::min(most_rows, index.row_count - first));
  index_row_.reserve(good_.capacity());
  uint32_t begin = begin_of(first);
  std::size_t first_end = first == 0 ? 0 : index.rows[first - 1];
  for (end_ = first; end_ < index.row_count && rows_ < most_rows; ++end_) {
    const std::size_t past = index.rows[end_];
    const uint32_t line_end = index.ends[past - 1];
    uint32_t end = line_end;
    if (end > begin && text_[end - 1] == '\r') --end;
    if (end > begin) {  // an empty line is no row
      if (past - first_end == table_->shape.width && end - begin <= longest) {
        good_.push_back({begin, end, static_cast<uint32_t>(first_end), static_cast<uint16_t>(rows_)});
      } else {
        odd_.push_back(static_cast<uint16_t>(rows_));
      }
      index_row_.push_back(static_cast<uint32_t>(end_));
      ++rows_;
    }
    first_end = past;
    begin = line_end + 1;
  }
}

uint32_t CsvRows::begin_of(std::size_t index_row) const {
  if (index_row == stretch_->first_row) return static_cast<uint32_t>(stretch_->first_begin - stretch_->origin);
  return stretch_->index.ends[stretch_->index.rows[index_row - 1] - 1] + 1;
}

void CsvRows::column(uint32_t column, ColumnCells* out) const {
  out->begin(Cell::Kind::text, rows_);
  const uint32_t* ends = stretch_->index.ends.data();
  const char quote = table_->shape.quote;
  const bool is_first = column == 0;
  const bool is_last = column + 1 == table_->shape.width;
  uint16_t* rows = out->row.data();
  std::string_view* texts = out->text.data();
  std::size_t count = 0;
  for (const Row& row : good_) {
    const uint32_t* end_at = ends + row.first_end + column;
    uint32_t begin = is_first ? row.begin : end_at[-1] + 1;
    uint32_t end = is_last ? row.end : *end_at;
    if (begin == end) continue;
    if (text_[begin] == quote && quote != '\0') [[unlikely]] {
      // Indexing has seen to it that the field ends in its closing quote.
      ++begin;
      --end;
      if (std::find(text_ + begin, text_ + end, quote) != text_ + end) {
        out->odd.push_back(row.row);
        continue;
      }
      if (begin == end) continue;
    }
    rows[count] = row.row;
    texts[count] = {text_ + begin, end - begin};
    ++count;
  }
  out->count = count;
}

bool CsvRows::take(std::size_t which, RowChecker& checker) const {
  const std::size_t index_row = index_row_[which];
  const CsvIndex& index = stretch_->index;
  const std::size_t first_end = index_row == 0 ? 0 : index.rows[index_row - 1];
  const std::size_t past = index.rows[index_row];
  const uint32_t begin = begin_of(index_row);
  uint32_t end = index.ends[past - 1];
  if (end > begin && text_[end - 1] == '\r') --end;
  CsvReader::Row row;
  row.text = {text_ + begin, end - begin};
  row.line = stretch_->line + (index_row - stretch_->first_row);
  row.fields = past - first_end;
  if (row.fields != table_->shape.width) row.problem = CsvReader::Problem::ragged;
  if (row.text.size() > table_->limits.row_bytes) {
    row.problem = CsvReader::Problem::too_large;
    row.text = row.text.substr(0, table_->limits.row_bytes);
  }
  cells_.resize(table_->cells);
  unquoted_.clear();
  const char quote = table_->shape.quote;
  for (const uint32_t column : table_->wanted) {
    if (row.problem != CsvReader::Problem::none) break;
    const uint32_t from = column == 0 ? begin : index.ends[first_end + column - 1] + 1;
    const uint32_t to = column + 1 == row.fields ? end : index.ends[first_end + column];
    std::string_view cell(text_ + from, to - from);
    if (!cell.empty() && cell.front() == quote && quote != '\0') {
      cell = cell.substr(1, cell.size() - 2);
      if (cell.find(quote) != std::string_view::npos) cell = without_doubles(cell, quote, &unquoted_.emplace_back());
    }
    cells_[column] = Cell::of(cell);
  }
  return take_row(*table_, row, cells_.data(), checker);
}

void LooseCsvRows::add(const CsvReader::Row& row, CsvReader& reader) {
  Row& loose = loose_.emplace_back();
  ++rows_;
  loose.row = row;
  loose.text = row.text;
  loose.length = row.text.size();
  if (row.problem != CsvReader::Problem::none) return;
  loose.cell_at.reserve(table_->wanted.size());
  for (const uint32_t column : table_->wanted) {
    loose.cell_at.push_back(loose.text.size());
    loose.text += reader.field(column);
  }
}

void LooseCsvRows::column(uint32_t /*column*/, ColumnCells* out) const { out->begin(Cell::Kind::text, 0); }

bool LooseCsvRows::take(std::size_t which, RowChecker& checker) const {
  const Row& loose = loose_[which];
  const std::string_view text(loose.text);
  CsvReader::Row row = loose.row;
  row.text = text.substr(0, loose.length);
  cells_.assign(table_->cells, Cell());
  for (std::size_t i = 0; i < loose.cell_at.size(); ++i) {
    const std::size_t end = i + 1 < loose.cell_at.size() ? loose.cell_at[i + 1] : text.size();
    cells_[table_->wanted[i]] = Cell::of(text.substr(loose.cell_at[i], end - loose.cell_at[i]));
  }
  return take_row(*table_, row, cells_.data(), checker);
}

}  // namespace kept::exchange
