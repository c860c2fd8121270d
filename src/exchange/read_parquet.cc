#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "columns/parquet_reader.h"
#include "exchange/form_readers.h"
#include "exchange/row_block.h"
#include "exchange/take_blocks.h"
#include "exchange/word_cache.h"

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
    case StoredAs::text_map:
      break;  // its entries are cells of columns of their own
  }
  return {};
}

/// A map in the file: each of its names is a column to the checker.
struct MapColumn {
  std::string name;  ///< of the map
  std::size_t view;  ///< among the columns read
  uint32_t first;    ///< its names' columns are this one and those after it, up to the next map's
  std::unordered_map<std::string, uint32_t> column_of;
  bool only_these = false;  ///< any other name is a fault of its row
  static constexpr uint32_t not_used = UINT32_MAX;
  static constexpr uint32_t not_known = UINT32_MAX - 1;

  uint32_t column(std::string_view entry) const {
    const auto found = column_of.find(std::string(entry));
    if (found != column_of.end()) return found->second;
    return only_these ? not_known : not_used;
  }
};

/// A value in a map of some row.
struct Entry {
  uint32_t at;  ///< among the values of its map in the chunk
  uint32_t column;
  uint16_t row;
};

/// What unpacking one chunk leaves to the next: which column each name is, and room.
struct Unpacking {
  std::vector<WordCache> column_of;  ///< by map
  std::vector<Entry> entries;
  std::vector<uint32_t> next;
};

/// Several threads unpack: each takes one and gives it back.
class Unpackings {
 public:
  std::unique_ptr<Unpacking> take() {
    const std::scoped_lock lock(mutex_);
    if (spare_.empty()) return std::make_unique<Unpacking>();
    auto taken = std::move(spare_.back());
    spare_.pop_back();
    return taken;
  }
  void give_back(std::unique_ptr<Unpacking> unpacking) {
    const std::scoped_lock lock(mutex_);
    spare_.push_back(std::move(unpacking));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Unpacking>> spare_;
};

/// What does not change from chunk to chunk.
struct ParquetTable {
  std::vector<std::pair<uint32_t, uint32_t>> read;  ///< column and view, of those that are not maps
  std::vector<uint32_t> view_of;                    ///< by column, for those read
  std::vector<MapColumn> maps;
  uint32_t first_entry = 0;  ///< columns from here on are names in maps
  std::size_t cells = 0;
  std::size_t field_bytes = 0;
  mutable Unpackings unpackings;
};

class ParquetRows : public RowBlock {
 public:
  ParquetRows(const ParquetTable& table, columns::ParquetChunk chunk, uint64_t rows_before, uint64_t bytes_done)
      : table_(table), chunk_(std::move(chunk)), rows_before_(rows_before) {
    rows_ = chunk_.rows();
    bytes_done_ = bytes_done;
  }
  bool by_column() const override { return rows_ <= most_rows; }
  const std::vector<uint16_t>& odd_rows() const override {
    if (!unpacked_) unpack();
    return odd_;
  }
  void column(uint32_t column, ColumnCells* out) const override;
  bool take(std::size_t row, RowChecker& checker) const override;

 private:
  void unpack() const;
  void unpack(const MapColumn& map, WordCache* column_of, std::vector<Entry>* entries) const;
  void entries(uint32_t column, ColumnCells* out) const;

  const ParquetTable& table_;
  columns::ParquetChunk chunk_;
  uint64_t rows_before_;
  mutable std::vector<Cell> cells_;
  mutable bool unpacked_ = false;
  mutable std::vector<Entry> entries_;      ///< by column, of each by row
  mutable std::vector<uint32_t> entry_at_;  ///< by column from `first_entry`, its first; one more at the end
  mutable std::vector<uint16_t> odd_;
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

bool ParquetRows::take(std::size_t row, RowChecker& checker) const {
  const uint64_t line = rows_before_ + row + 1;
  cells_.assign(table_.cells, {});
  for (const auto& [column, view] : table_.read) cells_[column] = cell_at(chunk_.view(view), row);
  for (const MapColumn& map : table_.maps) {
    const ColumnView& view = chunk_.view(map.view);
    if (!view.present(row)) continue;
    std::vector<std::string_view> names;
    const auto [from, to] = view.entries(row);
    for (std::size_t i = from; i < to; ++i) {
      const std::string_view name = view.inside[0].text(i);
      const uint32_t column = map.column(name);
      if (column == MapColumn::not_used) continue;
      const std::string called = fmt::format("{}.{}", map.name, shown(name, 200));
      const std::string_view value = view.inside[1].present(i) ? view.inside[1].text(i) : std::string_view();
      if (column == MapColumn::not_known) {
        return checker.reject(
            cells_.data(), line, RejectReason::unknown_field, called, {},
            "not a key or field of the vocabulary, or one that has a column of its own in this file; correct "
            "the name, or describe the file in a mapping");
      }
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        return checker.reject(cells_.data(), line, RejectReason::duplicate_key, called, {},
                              "the name stands twice in one map; keep one");
      }
      names.push_back(name);
      cells_[column] = Cell::of(value);
    }
  }
  return checker.take(cells_.data(), line, {});
}

/// Puts the entries of maps where they can be had by column. Rows whose maps are not as they should be become odd.
void ParquetRows::unpack() const {
  unpacked_ = true;
  if (table_.maps.empty()) return;
  entry_at_.assign(table_.cells - table_.first_entry + 1, 0);
  auto work = table_.unpackings.take();
  work->column_of.resize(table_.maps.size());
  work->entries.clear();
  for (std::size_t i = 0; i < table_.maps.size(); ++i) unpack(table_.maps[i], &work->column_of[i], &work->entries);
  for (std::size_t i = 1; i < entry_at_.size(); ++i) entry_at_[i] += entry_at_[i - 1];
  work->next.assign(entry_at_.begin(), entry_at_.end() - 1);
  entries_.resize(work->entries.size());
  for (const Entry& entry : work->entries) entries_[work->next[entry.column - table_.first_entry]++] = entry;
  table_.unpackings.give_back(std::move(work));
  // A name that stands twice in a row.
  const auto is_twice = [](const Entry& a, const Entry& b) { return a.column == b.column && a.row == b.row; };
  for (auto at = entries_.begin(); (at = std::adjacent_find(at, entries_.end(), is_twice)) != entries_.end(); ++at)
    odd_.push_back(at->row);
  std::sort(odd_.begin(), odd_.end());
  odd_.erase(std::unique(odd_.begin(), odd_.end()), odd_.end());
}

void ParquetRows::unpack(const MapColumn& map, WordCache* column_of, std::vector<Entry>* entries) const {
  const ColumnView& view = chunk_.view(map.view);
  const ColumnView& names = view.inside[0];
  for (std::size_t row = 0; row < rows_; ++row) {
    if (!view.present(row)) continue;
    const auto [from, to] = view.entries(row);
    for (std::size_t i = from; i < to; ++i) {
      const std::string_view name = names.text(i);
      uint32_t column = 0;
      if (!column_of->find(name, &column)) {
        column = map.column(name);
        column_of->remember(name, column);
      }
      if (column == MapColumn::not_known) odd_.push_back(static_cast<uint16_t>(row));
      if (column >= MapColumn::not_known) continue;
      entries->push_back({static_cast<uint32_t>(i), column, static_cast<uint16_t>(row)});
      ++entry_at_[column - table_.first_entry + 1];
    }
  }
}

void ParquetRows::entries(uint32_t column, ColumnCells* out) const {
  if (!unpacked_) unpack();
  const std::size_t place = column - table_.first_entry;
  const std::size_t from = entry_at_[place];
  const std::size_t to = entry_at_[place + 1];
  out->begin(Cell::Kind::text, to - from);
  if (from == to) return;
  const auto after = std::find_if(table_.maps.begin(), table_.maps.end(),
                                  [column](const MapColumn& map) { return map.first > column; });
  const ColumnView& values = chunk_.view(std::prev(after)->view).inside[1];
  std::size_t count = 0;
  for (std::size_t i = from; i < to; ++i) {
    const Entry& entry = entries_[i];
    const std::string_view text = values.present(entry.at) ? values.text(entry.at) : std::string_view();
    if (text.empty()) continue;
    if (text.size() > table_.field_bytes) out->odd.push_back(entry.row);
    out->row[count] = entry.row;
    out->text[count++] = text;
  }
  out->count = count;
}

void ParquetRows::column(uint32_t column, ColumnCells* out) const {
  if (column >= table_.first_entry) return entries(column, out);
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
    case StoredAs::text_map:
      out->begin(Cell::Kind::text, 0);
      break;
  }
  out->count = count;
}

}  // namespace

base::Status read_parquet(Reading& reading, const Mapping* mapping, const std::string& file, const Progress& progress) {
  auto reader = columns::ParquetReader::open(file);
  if (!reader) return reader.error();
  // Of a map each name is a column: without a mapping the keys and fields of the vocabulary that have none of their
  // own; with one, whatever names occur.
  const ReadLimits& limits = reading.request.limits;
  std::vector<std::string> heading, fields;
  std::vector<std::size_t> place;  ///< of each column of the heading, in the file
  const bool is_own_form = mapping == nullptr;
  for (std::size_t i = 0; i < reader->columns().size(); ++i) {
    const auto& column = reader->columns()[i];
    if (column.stored == StoredAs::text_map && (!is_own_form || column.name == "detail")) continue;
    heading.push_back(column.name);
    place.push_back(i);
  }
  ParquetTable table;
  table.first_entry = static_cast<uint32_t>(heading.size());
  std::vector<std::size_t> map_place;
  for (std::size_t i = 0; i < reader->columns().size(); ++i) {
    const auto& column = reader->columns()[i];
    if (column.stored != StoredAs::text_map || (is_own_form && column.name != "detail")) continue;
    std::vector<std::string> names;
    if (is_own_form) {
      const auto add = [&](const std::string& name) {
        const auto end = heading.begin() + table.first_entry;
        if (!name.empty() && std::find(heading.begin(), end, name) == end &&
            std::find(names.begin(), names.end(), name) == names.end())
          names.push_back(name);
      };
      for (const auto& type : reading.request.vocabulary->types()) add(type.key);
      for (const auto& field : reading.request.vocabulary->fields()) add(field.name);
    } else {
      auto found = reader->names_in(i, limits.columns);
      if (!found) return found.error();
      names = std::move(found).value();
    }
    MapColumn map{column.name, 0, static_cast<uint32_t>(heading.size()), {}, is_own_form};
    for (const std::string& name : names) {
      map.column_of.emplace(name, static_cast<uint32_t>(heading.size()));
      heading.push_back(fmt::format("{}.{}", column.name, name));
    }
    table.maps.push_back(std::move(map));
    map_place.push_back(i);
  }
  auto checker = RowChecker::make(reading, mapping, file, &heading);
  if (!checker) return checker.error();

  table.view_of.resize(checker->width());
  std::vector<std::size_t> wanted;
  for (const uint32_t column : checker->wanted()) {
    if (column >= table.first_entry) continue;
    table.view_of[column] = static_cast<uint32_t>(wanted.size());
    table.read.emplace_back(column, static_cast<uint32_t>(wanted.size()));
    wanted.push_back(place[column]);
  }
  for (std::size_t i = 0; i < table.maps.size(); ++i) {
    // Names that nobody wants are not looked at.
    std::erase_if(table.maps[i].column_of, [&](const auto& entry) {
      return !std::binary_search(checker->wanted().begin(), checker->wanted().end(), entry.second);
    });
    table.maps[i].view = wanted.size();
    wanted.push_back(map_place[i]);
  }
  table.cells = checker->width();
  table.field_bytes = limits.field_bytes;
  const base::Status started = reader->start(wanted);
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
