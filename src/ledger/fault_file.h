#pragma once
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace kept::ledger {

/// One file of a FaultDisk: what is read, what is safe, and what was done between.
class FaultFile {
 public:
  /// Locks of the whole file, as SQLite's five levels need them.
  struct Locks {
    int shared = 0;                  ///< holders of a shared lock or more
    const void* reserved = nullptr;  ///< who holds reserved, pending or exclusive
    bool is_pending = false;         ///< nobody new may share
    bool is_exclusive = false;
  };
  /// SQLite's shared memory beside a write-ahead log. It does not survive anything.
  struct SharedMemory {
    std::vector<std::unique_ptr<char[]>> regions;
    int users = 0;
    int shared[8] = {};
    bool exclusive[8] = {};
  };

  const std::string& bytes() const { return current_; }
  void write(uint64_t offset, std::string_view bytes);
  void truncate(uint64_t size);
  void sync();
  /// A sync that did not go well: each of the unsynced changes is either safe now or never will be.
  void fail_sync(std::mt19937_64& chance);
  /// What a power cut leaves.
  std::unique_ptr<FaultFile> after_power_cut(std::mt19937_64& chance) const;
  /// The same bytes, as safe as they were; no locks, no shared memory.
  std::unique_ptr<FaultFile> after_restart() const;
  /// Becomes these bytes, safe.
  void replace(std::string bytes);

  Locks locks;
  SharedMemory memory;

 private:
  struct Change {
    uint64_t offset;
    std::string bytes;
    bool is_truncate = false;
    bool is_doomed = false;  ///< a failed sync has thrown it away
  };
  static void apply(const Change& change, std::string& bytes);
  static void apply_part(const Change& change, std::string& bytes, std::mt19937_64& chance);

  std::string current_;
  std::string synced_;
  std::vector<Change> pending_;
};

}  // namespace kept::ledger
