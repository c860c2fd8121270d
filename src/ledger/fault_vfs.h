#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/disk.h"

namespace kept::ledger {

/// A disk that goes wrong on purpose, and the same way again from the same seed: an SQLite VFS whose files live in
/// memory, and a base::Disk over the same files. It keeps apart what was written and what was synced.
///
/// A power cut keeps every byte that was synced. Of what was written since, from the seed, any part is there: nothing,
/// all, the first so many writes, some of them and not those before, some sectors of one, the first part of a sector
/// and then what was there before or rubbish. Bytes outside what was written are never harmed (as disks promise
/// nowadays, and SQLite takes for granted: SQLITE_IOCAP_POWERSAFE_OVERWRITE). A file's name survives once the file was
/// synced; a file that was deleted may be there again until its folder is synced, which the first sync of a new journal
/// or log does, too, as in SQLite's own VFS.
///
/// A sync that fails does what Linux does: some of what was to be synced is on the disk, the rest stays readable and is
/// never written, whatever later syncs say. (So a write-ahead log must be checked in, PRAGMA wal_checkpoint(TRUNCATE),
/// before anything is written after a restart: else new rows stand on frames that will never be on the disk.)
///
/// Files of one disk may be open many times over, from several threads: SQLite's locks and shared memory work. A disk
/// must outlive whatever is open on it.
class FaultDisk final : public base::Disk {
 public:
  enum class Operation : uint8_t { open, read, write, truncate, sync, remove };
  enum class Fault : uint8_t {
    io_error,   ///< EIO; a part of what was to be written may be there
    disk_full,  ///< ENOSPC; a part of what was to be written is there
    cut_short,  ///< a write ends early with an error; a read ends as if the file did
  };
  struct Counts {
    uint64_t opens, reads, writes, truncates, syncs, removes;
    uint64_t all() const { return opens + reads + writes + truncates + syncs + removes; }
  };

  /// Seeds SQLite's own randomness, too, for the whole process: the same again needs one disk at a time, on one thread.
  explicit FaultDisk(uint64_t seed);
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;
  ~FaultDisk() override;

  /// What sqlite3_open_v2 takes as the name of its VFS.
  const char* name() const;

  /// The k-th operation from now on (from 1), of that kind if one is named, fails; with `from_then_on` all after it,
  /// too, until `heal`. One fault at a time: a later call takes the place of an earlier one.
  void fail(uint64_t k, Fault fault, std::optional<Operation> kind = std::nullopt, bool from_then_on = false);
  /// Nothing fails any more.
  void heal();
  /// Whether the fault was met since it was asked for.
  bool has_failed() const;

  /// The power goes, and comes back: whatever was open can do nothing but be closed; files are what a cut leaves of
  /// them.
  void power_cut();
  /// The power goes when the k-th operation from now on is about to begin, and stays off - every operation fails -
  /// until `power_cut` or `restart`.
  void power_cut_at(uint64_t k);
  /// The process is killed, the computer stays up: whatever was open is dead, every byte written is there. After a
  /// power cut that was to come at some operation: switches the power on again.
  void restart();
  bool is_off() const;

  /// Operations so far.
  Counts counts() const;
  /// Names of the files that are there.
  std::vector<std::string> files() const;
  /// Changes what stands on the disk, synced and all, behind everybody's back: for bit rot and for attackers. Made if
  /// absent.
  void replace(const std::string& path, std::string bytes);
  /// The bytes of a file as they are read, without being counted; empty for one that is not there.
  std::string bytes_of(const std::string& path) const;

  // As base::Disk: for the small files beside the database.
  base::Result<std::string> read(const std::string& path, uint64_t from = 0, uint64_t count = UINT64_MAX) override;
  base::Result<uint64_t> size(const std::string& path) override;
  base::Result<bool> is_private(const std::string& path) override;
  base::Status create(const std::string& path, std::string_view bytes) override;
  base::Result<std::unique_ptr<base::AppendFile>> open_to_append(const std::string& path) override;

 private:
  class Core;
  class Growing;
  friend struct FaultMethods;
  std::unique_ptr<Core> core_;
};

}  // namespace kept::ledger
