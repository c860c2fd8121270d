#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kept::columns {

/// What a column holds. Instants are milliseconds since 1970 UTC, dates are days since 1970-01-01.
enum class ColumnKind : uint8_t { yes_no, int16, int32, int64, uint16, uint32, real, date, instant, text, word };

/// A column to write. `word`: values are uint16 indexes into `words` (distinct, at least one); readers see text.
struct ColumnPlan {
  std::string name;
  ColumnKind kind = ColumnKind::text;
  std::vector<std::string> words;
  bool sparse = false;  ///< its cells are empty until `set_present` or `set_text`: an empty cell costs nothing
};

/// Writes one table as Parquet (zstd) or CSV (UTF-8, comma, heading), by the path's ending, batch by batch: memory
/// stays at two batches however long the table. The file appears under its name only when `finish` succeeded.
///
///   auto writer = TableWriter::open("cells.parquet", {{"duty", ColumnKind::text}, {"kept", ColumnKind::int64}});
///   writer->set_text(0, 0, "VC2020-R6.1a"); writer->values<int64_t>(1)[0] = 17; writer->commit(1); ...
///   writer->finish();
class TableWriter {
 public:
  static constexpr std::size_t batch_rows = 20480;

  /// Errors: unsupported (the ending), io (the folder), invalid (a column twice, no words).
  static base::Result<TableWriter> open(const std::string& path, std::vector<ColumnPlan> columns);
  TableWriter(TableWriter&&) noexcept;
  TableWriter& operator=(TableWriter&&) noexcept;
  ~TableWriter();  ///< without `finish`: nothing is left behind

  /// The current batch of a column, `batch_rows` values of its kind: uint8_t (yes_no), int16_t, int32_t (int32, date),
  /// int64_t (int64, instant), uint16_t (uint16, word), uint32_t, double. Uninitialised after each `commit`.
  template <class T>
  T* values(std::size_t column) {
    return static_cast<T*>(raw(column, sizeof(T)));
  }
  void set_text(std::size_t column, std::size_t row, std::string_view text);
  /// An empty cell (NULL). Every cell of a column that is not sparse is present until this is called.
  void set_absent(std::size_t column, std::size_t row);
  /// A cell of a sparse column whose value stands in `values`.
  void set_present(std::size_t column, std::size_t row);
  /// Hands over the first `rows` rows of the batch; at most `batch_rows`.
  base::Status commit(std::size_t rows);
  base::Status finish();

 private:
  struct State;
  explicit TableWriter(std::unique_ptr<State> state);
  void* raw(std::size_t column, std::size_t width);
  std::unique_ptr<State> state_;
};

}  // namespace kept::columns
