#include <fmt/format.h>

#include <filesystem>

#include "columns/parquet_reader.h"
#include "exchange/form_readers.h"

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

}  // namespace

base::Status read_parquet(Reading& reading, const Mapping* mapping, const std::string& file, const Progress& progress) {
  auto reader = columns::ParquetReader::open(file);
  if (!reader) return reader.error();
  std::vector<std::string> heading;
  for (const auto& column : reader->columns()) heading.push_back(column.name);
  auto checker = RowChecker::make(reading, mapping, file, &heading);
  if (!checker) return checker.error();

  const std::vector<uint32_t>& wanted = checker->wanted();
  const base::Status started = reader->start({wanted.begin(), wanted.end()});
  if (!started) return started;
  std::error_code failed;
  const uint64_t bytes = std::filesystem::file_size(file, failed);
  std::vector<Cell> cells(checker->width());
  std::vector<ColumnView> views;
  uint64_t row = 0;
  for (uint64_t chunk = 0;; ++chunk) {
    const auto count = reader->next(&views);
    if (!count) return count.error();
    if (*count == 0) break;
    for (std::size_t i = 0; i < *count; ++i) {
      for (std::size_t k = 0; k < wanted.size(); ++k) cells[wanted[k]] = cell_at(views[k], i);
      if (!checker->take(cells.data(), ++row, {})) return checker->error();
    }
    if (chunk % 16 == 0 && progress && reader->rows() != 0) {
      progress(static_cast<uint64_t>(static_cast<double>(bytes) * static_cast<double>(row) /
                                     static_cast<double>(reader->rows())));
    }
  }
  // DuckDB streams what it can decode; a file that promises more rows than came would be read short without a word.
  if (row != reader->rows()) {
    return base::invalid(fmt::format("{}: the file says it has {} rows and {} could be read; fetch it again", file,
                                     reader->rows(), row));
  }
  checker->finish();
  return base::Done{};
}

}  // namespace kept::exchange
