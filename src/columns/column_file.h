#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kept::columns {

/// What a column of a column file holds. Little-endian, as they lie in memory.
enum class Element : uint8_t { uint8 = 1, uint16 = 2, uint32 = 3, int32 = 4, int64 = 5, uint64 = 6, bytes = 7 };
std::size_t width_of(Element element);

/// Writes Kept's own column file: named columns of plain numbers, each in one piece, for reading by mmap. Format:
/// docs/formats/column-file.md. The file appears under its name only when `finish` succeeded.
class ColumnFileWriter {
 public:
  /// `kind` says what the columns mean together, and in which version: "events-by-participant", 1.
  /// Errors: io, naming the path.
  static base::Result<ColumnFileWriter> create(const std::string& path, const std::string& kind, uint32_t kind_version);
  ColumnFileWriter(ColumnFileWriter&&) noexcept;
  ColumnFileWriter& operator=(ColumnFileWriter&&) noexcept;
  ~ColumnFileWriter();  ///< without `finish`: nothing is left behind

  /// Begins a column. Errors: invalid (a name twice, empty or longer than 255 bytes; more than 1,000 columns).
  base::Status begin(const std::string& name, Element element);
  /// Adds to the column begun last. `T` must be of its width.
  template <class T>
  base::Status add(std::span<const T> values) {
    return add_bytes(values.data(), values.size_bytes(), sizeof(T));
  }
  base::Status finish();

 private:
  struct State;
  explicit ColumnFileWriter(std::unique_ptr<State> state);
  base::Status add_bytes(const void* data, std::size_t size, std::size_t width);
  std::unique_ptr<State> state_;
};

/// A column file mapped into memory: nothing is copied, pages come as they are touched.
class ColumnFile {
 public:
  /// Errors: not_found; io; invalid (no column file, cut short, a header that does not match its checksum); unsupported
  /// (written by a newer Kept, or of another kind than `kind`), each saying what to do.
  static base::Result<ColumnFile> open(const std::string& path, const std::string& kind, uint32_t newest_kind_version);
  ColumnFile(ColumnFile&&) noexcept;
  ColumnFile& operator=(ColumnFile&&) noexcept;
  ~ColumnFile();

  struct Column {
    std::string name;
    Element element = Element::uint8;
    uint64_t count = 0;  ///< values
    uint64_t checksum = 0;
    const void* data = nullptr;
  };
  uint32_t kind_version() const;
  const std::vector<Column>& columns() const;
  /// The values of a column. Errors: not_found; invalid when it holds another element.
  template <class T>
  base::Result<std::span<const T>> values(std::string_view name, Element element) const {
    const auto found = find(name, element, sizeof(T));
    if (!found) return found.error();
    return std::span<const T>(static_cast<const T*>((*found)->data), (*found)->count);
  }
  /// Compares every column with its checksum: reads the whole file. Errors: invalid, naming the column.
  base::Status verify() const;

 private:
  struct State;
  explicit ColumnFile(std::unique_ptr<State> state);
  base::Result<const Column*> find(std::string_view name, Element element, std::size_t width) const;
  std::unique_ptr<State> state_;
};

}  // namespace kept::columns
