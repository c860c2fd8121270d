#pragma once
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/disk.h"

namespace kept::base {

/// A disk for tests: keeps apart what is written and what is synced, and fails when told.
class MemoryDisk : public Disk {
 public:
  struct File {
    std::string written;
    std::string synced;
    bool is_private = true;
  };

  /// The `number`th change from now on (a create, append, truncate or sync) fails; an append first writes `part` bytes.
  void fail_change(int number, std::size_t part = 0) {
    fail_in_ = number;
    part_ = part;
  }
  /// Keeps what was synced and `part` bytes more of each file.
  void power_cut(std::size_t part = 0) {
    for (auto& [path, file] : files) {
      const bool grew = file.written.starts_with(file.synced);
      const std::size_t kept = std::min(file.written.size(), file.synced.size() + part);
      file.synced = grew ? file.written.substr(0, kept) : file.synced;
      file.written = file.synced;
    }
  }

  Result<std::string> read(const std::string& path, uint64_t from, uint64_t count) override {
    const auto found = files.find(path);
    if (found == files.end()) return absent(path);
    return from > found->second.written.size() ? std::string() : found->second.written.substr(from, count);
  }
  Result<uint64_t> size(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return absent(path);
    return uint64_t{found->second.written.size()};
  }
  Result<bool> is_private(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return absent(path);
    return found->second.is_private;
  }
  Status create(const std::string& path, std::string_view bytes) override {
    if (fails()) return failed();
    if (files.contains(path)) return Error{ErrorCode::conflict, path + ": is there"};
    files[path] = {std::string(bytes), std::string(bytes)};
    return Done{};
  }
  Result<std::unique_ptr<AppendFile>> open_to_append(const std::string& path) override {
    if (fails()) return failed();
    return std::unique_ptr<AppendFile>(std::make_unique<Growing>(*this, files[path]));
  }

  std::map<std::string, File> files;
  int changes = 0;

 private:
  class Growing : public AppendFile {
   public:
    Growing(MemoryDisk& disk, File& file) : disk_(disk), file_(file) {}
    uint64_t size() const override { return file_.written.size(); }
    Status append(std::string_view bytes) override {
      const bool failing = disk_.fails();
      file_.written += failing ? bytes.substr(0, disk_.part_) : bytes;
      if (failing) return failed();
      return Done{};
    }
    Status truncate(uint64_t size) override {
      if (disk_.fails()) return failed();
      file_.written.resize(size);
      return Done{};
    }
    Status sync() override {
      if (disk_.fails()) return failed();
      file_.synced = file_.written;
      return Done{};
    }

   private:
    MemoryDisk& disk_;
    File& file_;
  };

  bool fails() {
    ++changes;
    return fail_in_ > 0 && --fail_in_ == 0;
  }
  static Error failed() { return {ErrorCode::io, "the disk failed"}; }
  static Error absent(const std::string& path) { return {ErrorCode::not_found, path + ": is not there"}; }

  int fail_in_ = 0;
  std::size_t part_ = 0;
};

}  // namespace kept::base
