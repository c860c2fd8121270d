#pragma once
#include <memory>
#include <string>

#include "base/result.h"

namespace kept::ledger {

/// Holds a store for one process, through a lock on a file that the system lets go when the process ends, however it
/// ends.
class StoreLock {
 public:
  /// Errors: conflict when another process holds it, in words; io.
  static base::Result<std::unique_ptr<StoreLock>> take(const std::string& path);
  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

 private:
  explicit StoreLock(int file) : file_(file) {}
  int file_;
};

}  // namespace kept::ledger
