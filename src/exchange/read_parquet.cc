#include <fmt/format.h>

#include <bit>
#include <filesystem>

#include "columns/parquet_reader.h"
#include "exchange/form_readers.h"
#include "exchange/row_block.h"
#include "exchange/take_blocks.h"

namespace kept::exchange {
namespace {

using columns::ColumnView;
using columns::StoredAs;

int64_t milliseconds(int64_t microseconds) {
  return microseconds >= 0 ? microseconds / 1000 : -((-(microseconds + 1)) / 1000) - 1;
}

Cell cell_at(const ColumnView& view, std::size_t row) {
  if (!view.present(row)) return {};
  const auto whole = [](auto value) { return Cell::of(Cell::Kind::whole, static_cast<int64_t>(value)); };
  switch (view.stored) {
    case StoredAs::yes_no:
      return Cell::of(Cell::Kind::yes_no, view.values<uint8_t>()[row] != 0 ? 1 : 0);
    case StoredAs::int8:
      return whole(view.values<int8_t>()[row]);
    case StoredAs::uint8:
      return whole(view.values<uint8_t>()[row]);
    case StoredAs::int16:
      return whole(view.values<int16_t>()[row]);
    case StoredAs::uint16:
      return whole(view.values<uint16_t>()[row]);
    case StoredAs::int32:
      return whole(view.values<int32_t>()[row]);
    case StoredAs::uint32:
      return whole(view.values<uint32_t>()[row]);
    case StoredAs::int64:
      return whole(view.values<int64_t>()[row]);
    case StoredAs::uint64: {
      const uint64_t value = view.values<uint64_t>()[row];
      if (value <= static_cast<uint64_t>(INT64_MAX)) return whole(value);
      Cell cell;
      cell.kind = Cell::Kind::real;
      cell.real = static_cast<double>(value);
      return cell;
    }
    case StoredAs::real: {
      Cell cell;
      cell.kind = Cell::Kind::real;
      cell.real = view.values<double>()[row];
      return cell;
    }
    case StoredAs::date:
      return Cell::of(Cell::Kind::date, view.values<int32_t>()[row]);
    case StoredAs::instant:
      return Cell::of(Cell::Kind::instant, milliseconds(view.values<int64_t>()[row]));
    case StoredAs::local:
      return Cell::of(Cell::Kind::local, milliseconds(view.values<int64_t>()[row]));
    case StoredAs::text:
      return Cell::of(view.text(row));
  }
  return {};
}

/// What does not change from chunk to chunk.
struct ParquetTable {
  std::vector<uint32_t> wanted;
  std::vector<uint32_t> view_of;  ///< by column, for those wanted
  std::size_t cells = 0;
  std::size_t field_bytes = 0;
};

class ParquetRows : public RowBlock {
 public:
  ParquetRows(const ParquetTable& table, columns::ParquetChunk chunk, uint64_t rows_before, uint64_t bytes_done)
      : table_(table), chunk_(std::move(chunk)), rows_before_(rows_before) {
    rows_ = chunk_.rows();
    bytes_done_ = bytes_done;
  }
  bool by_column() const override { return rows_ <= most_rows; }
  const std::vector<uint16_t>& odd_rows() const override { return none_; }
  void column(uint32_t column, ColumnCells* out) const override;
  bool take(std::size_t row, RowChecker& checker) const override {
    cells_.resize(table_.cells);
    for (std::size_t k = 0; k < table_.wanted.size(); ++k) cells_[table_.wanted[k]] = cell_at(chunk_.view(k), row);
    return checker.take(cells_.data(), rows_before_ + row + 1, {});
  }

 private:
  const ParquetTable& table_;
  columns::ParquetChunk chunk_;
  uint64_t rows_before_;
  std::vector<uint16_t> none_;
  mutable std::vector<Cell> cells_;
};

/// Calls `use` with the rows that have a value.
template <class Use>
void each_present(const ColumnView& view, std::size_t rows, Use use) {
  if (view.validity == nullptr) {
    for (std::size_t row = 0; row < rows; ++row) use(row);
    return;
  }
  for (std::size_t word = 0; word * 64 < rows; ++word) {
    uint64_t bits = view.validity[word];
    if ((word + 1) * 64 > rows) bits &= (uint64_t{1} << (rows - word * 64)) - 1;
    for (; bits != 0; bits &= bits - 1) use(word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
  }
}

void ParquetRows::column(uint32_t column, ColumnCells* out) const {
  const ColumnView& view = chunk_.view(table_.view_of[column]);
  std::size_t count = 0;
  const auto numbers = [&](Cell::Kind kind, auto number_of) {
    out->begin(kind, rows_);
    each_present(view, rows_, [&](std::size_t row) {
      out->row[count] = static_cast<uint16_t>(row);
      out->number[count++] = number_of(row);
    });
  };
  const auto plain_numbers = [&]<class T>(Cell::Kind kind, T) {
    const T* values = view.values<T>();
    numbers(kind, [values](std::size_t row) { return static_cast<int64_t>(values[row]); });
  };
  switch (view.stored) {
    case StoredAs::yes_no:
      numbers(Cell::Kind::yes_no, [&](std::size_t row) { return int64_t{view.values<uint8_t>()[row] != 0}; });
      break;
    case StoredAs::int8:
      plain_numbers(Cell::Kind::whole, int8_t{});
      break;
    case StoredAs::uint8:
      plain_numbers(Cell::Kind::whole, uint8_t{});
      break;
    case StoredAs::int16:
      plain_numbers(Cell::Kind::whole, int16_t{});
      break;
    case StoredAs::uint16:
      plain_numbers(Cell::Kind::whole, uint16_t{});
      break;
    case StoredAs::int32:
      plain_numbers(Cell::Kind::whole, int32_t{});
      break;
    case StoredAs::uint32:
      plain_numbers(Cell::Kind::whole, uint32_t{});
      break;
    case StoredAs::int64:
      plain_numbers(Cell::Kind::whole, int64_t{});
      break;
    case StoredAs::date:
      plain_numbers(Cell::Kind::date, int32_t{});
      break;
    case StoredAs::instant:
    case StoredAs::local: {
      const auto* values = view.values<int64_t>();
      numbers(view.stored == StoredAs::instant ? Cell::Kind::instant : Cell::Kind::local,
              [values](std::size_t row) { return milliseconds(values[row]); });
      break;
    }
    case StoredAs::uint64:
      out->begin(Cell::Kind::whole, rows_);
      each_present(view, rows_, [&](std::size_t row) {
        const uint64_t value = view.values<uint64_t>()[row];
        if (value > static_cast<uint64_t>(INT64_MAX)) return out->odd.push_back(static_cast<uint16_t>(row));
        out->row[count] = static_cast<uint16_t>(row);
        out->number[count++] = static_cast<int64_t>(value);
      });
      break;
    case StoredAs::real:
      out->begin(Cell::Kind::text, 0);
      each_present(view, rows_, [&](std::size_t row) { out->odd.push_back(static_cast<uint16_t>(row)); });
      break;
    case StoredAs::text:
      out->begin(Cell::Kind::text, rows_);
      each_present(view, rows_, [&](std::size_t row) {
        const std::string_view text = view.text(row);
        if (text.size() > table_.field_bytes) out->odd.push_back(static_cast<uint16_t>(row));
        out->row[count] = static_cast<uint16_t>(row);
        out->text[count] = text;
        count += text.empty() ? 0 : 1;
      });
      break;
  }
  out->count = count;
}

}  // namespace

base::Status read_parquet(Reading& reading, const Mapping* mapping, const std::string& file, const Progress& progress) {
  auto reader = columns::ParquetReader::open(file);
  if (!reader) return reader.error();
  std::vector<std::string> heading;
  for (const auto& column : reader->columns()) heading.push_back(column.name);
  auto checker = RowChecker::make(reading, mapping, file, &heading);
  if (!checker) return checker.error();

  ParquetTable table;
  table.wanted = checker->wanted();
  table.view_of.resize(checker->width());
  for (std::size_t k = 0; k < table.wanted.size(); ++k) table.view_of[table.wanted[k]] = static_cast<uint32_t>(k);
  table.cells = checker->width();
  table.field_bytes = reading.request.limits.field_bytes;
  const base::Status started = reader->start({table.wanted.begin(), table.wanted.end()});
  if (!started) return started;
  std::error_code failed;
  const auto found_size = std::filesystem::file_size(file, failed);
  const uint64_t bytes = failed ? 0 : found_size;
  // Room for all rows at once, where the file can be believed.
  if (reader->rows() < 4'000'000'000 && reader->rows() / 64 < bytes)
    reading.result.table.reserve(reading.result.table.size() + reader->rows());
  uint64_t rows = 0;
  const NextBlock next = [&]() -> base::Result<std::unique_ptr<RowBlock>> {
    auto chunk = reader->next();
    if (!chunk) return chunk.error();
    const std::size_t count = chunk->rows();
    if (count == 0) return std::unique_ptr<RowBlock>();
    const uint64_t before = rows;
    rows += count;
    const auto done = reader->rows() == 0 ? 0.0 : static_cast<double>(rows) / static_cast<double>(reader->rows());
    return std::unique_ptr<RowBlock>(std::make_unique<ParquetRows>(
        table, std::move(*chunk), before, static_cast<uint64_t>(static_cast<double>(bytes) * done)));
  };
  uint64_t blocks = 0;
  const base::Status taken = take_blocks(*checker, reading.request.threads, next, [&](const RowBlock& block) {
    if (blocks++ % 16 == 0 && progress && reader->rows() != 0) progress(block.bytes_done());
  });
  if (!taken) return taken;
  // DuckDB streams what it can decode; a file that promises more rows than came would be read short without a word.
  if (rows != reader->rows()) {
    return base::invalid(fmt::format("{}: the file says it has {} rows and {} could be read; fetch it again", file,
                                     reader->rows(), rows));
  }
  return base::Done{};
}

}  // namespace kept::exchange
