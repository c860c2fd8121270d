#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kept::base {

/// A file that grows at its end. Not safe for several threads.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  virtual uint64_t size() const = 0;
  /// After an error any part of the bytes may stand in the file.
  virtual Status append(std::string_view bytes) = 0;
  /// Cuts the file to its first `size` bytes.
  virtual Status truncate(uint64_t size) = 0;
  /// When this returns Done, everything before it survives a power cut. When it does not, nobody knows what does, and
  /// a later sync that succeeds promises nothing about it: close the file and read it again.
  virtual Status sync() = 0;
};

/// The few things done to small files of ours that must survive a power cut; a test passes a disk that fails.
/// Files are made readable and writable by their owner only. Messages name the path, never what is in it.
class Disk {
 public:
  virtual ~Disk() = default;
  /// Up to `count` bytes from byte `from` on; fewer where the file ends. Errors: not_found; io.
  virtual Result<std::string> read(const std::string& path, uint64_t from = 0, uint64_t count = UINT64_MAX) = 0;
  /// Length in bytes. Errors: not_found; io.
  virtual Result<uint64_t> size(const std::string& path) = 0;
  /// True when nobody but its owner may read or write the file. Errors: not_found; io.
  virtual Result<bool> is_private(const std::string& path) = 0;
  /// Makes a file with these bytes: afterwards, and after a power cut, it stands there whole or not at all.
  /// Errors: conflict when the path exists; io.
  virtual Status create(const std::string& path, std::string_view bytes) = 0;
  /// Opens a file to grow, made durably when there is none. Errors: io.
  virtual Result<std::unique_ptr<AppendFile>> open_to_append(const std::string& path) = 0;
};

/// The computer's own.
Disk& system_disk();

}  // namespace kept::base
