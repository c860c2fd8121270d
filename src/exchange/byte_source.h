#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "exchange/mapping.h"

namespace kept::exchange {

/// A file's bytes in order, unpacked when it is gzip (whatever its name) and turned into UTF-8 when it is in another
/// encoding.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Fills up to `capacity` bytes; 0 at the end. Errors: io; invalid for a broken gzip.
  virtual base::Result<std::size_t> read(char* into, std::size_t capacity) = 0;
  /// Bytes taken from the disk so far.
  virtual uint64_t bytes_done() const = 0;

  /// Errors: not_found, io, naming the path.
  static base::Result<std::unique_ptr<ByteSource>> open(const std::string& path, Encoding encoding = Encoding::utf_8);
  /// Reads from memory, for tests and fuzzing; `bytes` must outlive it.
  static std::unique_ptr<ByteSource> of(const char* bytes, std::size_t size);
};

}  // namespace kept::exchange
