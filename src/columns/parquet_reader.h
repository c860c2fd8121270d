#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kept::columns {

/// How a column's values lie in memory. Types not listed (decimals, lists, blobs, times of day ...) are read as text.
enum class StoredAs : uint8_t {
  yes_no,  ///< uint8_t 0 or 1
  int8,
  uint8,
  int16,
  uint16,
  int32,
  uint32,
  int64,
  uint64,
  real,     ///< double
  date,     ///< int32_t, days since 1970-01-01
  instant,  ///< int64_t, MICROseconds since 1970 UTC: the file says they are UTC
  local,    ///< int64_t, MICROseconds of a clock whose zone the file does not name
  text,
};

struct ParquetColumn {
  std::string name;
  StoredAs stored = StoredAs::text;
};

/// The values of one column in one chunk. Valid as long as the chunk.
struct ColumnView {
  StoredAs stored = StoredAs::text;
  const void* data = nullptr;
  const uint64_t* validity = nullptr;  ///< null: every value is present

  bool present(std::size_t row) const { return validity == nullptr || (validity[row / 64] >> (row % 64) & 1) != 0; }
  template <class T>
  const T* values() const {
    return static_cast<const T*>(data);
  }
  /// Precondition: stored is text, present(row).
  std::string_view text(std::size_t row) const {
    // duckdb_string_t: 16 bytes, a length and up to 12 characters in place or, past that, a prefix and a pointer.
    const char* cell = static_cast<const char*>(data) + row * 16;
    uint32_t length = 0;
    std::memcpy(&length, cell, 4);
    if (length <= 12) return {cell + 4, length};
    const char* away = nullptr;
    std::memcpy(&away, cell + 8, sizeof away);
    return {away, length};
  }
};

/// Some rows of a Parquet file.
class ParquetChunk {
 public:
  ParquetChunk() = default;
  ParquetChunk(ParquetChunk&& other) noexcept
      : views_(std::move(other.views_)), rows_(other.rows_), held_(std::exchange(other.held_, nullptr)) {}
  ParquetChunk& operator=(ParquetChunk&& other) noexcept {
    std::swap(views_, other.views_);
    std::swap(rows_, other.rows_);
    std::swap(held_, other.held_);
    return *this;
  }
  ~ParquetChunk();
  std::size_t rows() const { return rows_; }
  /// The ith wanted column.
  const ColumnView& view(std::size_t i) const { return views_[i]; }

 private:
  friend class ParquetReader;
  std::vector<ColumnView> views_;
  std::size_t rows_ = 0;
  void* held_ = nullptr;  ///< what the views point into
};

struct ParquetOptions {
  int threads = 1;
  uint64_t memory_bytes = 512ULL * 1024 * 1024;
};

/// One Parquet file, read in chunks of at most 2,048 rows in the file's order; never the whole file in memory.
class ParquetReader {
 public:
  /// Reads the schema. Errors: not_found; invalid when it is no Parquet file, is cut short or broken, naming the path.
  static base::Result<ParquetReader> open(const std::string& path, const ParquetOptions& options = {});
  ParquetReader(ParquetReader&&) noexcept;
  ParquetReader& operator=(ParquetReader&&) noexcept;
  ~ParquetReader();

  const std::vector<ParquetColumn>& columns() const;
  uint64_t rows() const;  ///< as the file's own footer says
  /// Begins reading these columns (indexes into `columns`, in the order wanted). Once.
  base::Status start(const std::vector<std::size_t>& wanted);
  /// The next chunk, without rows at the end; it may outlive the next, not the reader.
  /// Errors: invalid, when a page turns out broken.
  base::Result<ParquetChunk> next();
  /// The same in place of the last: the number of its rows, and in `views[i]` the ith wanted column.
  base::Result<std::size_t> next(std::vector<ColumnView>* views);

 private:
  struct State;
  explicit ParquetReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace kept::columns
