#include "ledger/fault_vfs.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <chrono>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "ledger/fault_file.h"

namespace kept::ledger {

using base::Error;
using base::ErrorCode;
using base::Result;
using base::Status;
using FilePointer = std::shared_ptr<FaultFile>;

/// The files, and when which operation fails. Everything below is called with `mutex` held.
class FaultDisk::Core {
 public:
  explicit Core(uint64_t seed) : chance(seed) {}

  /// Counts an operation. Nothing: go on.
  struct Verdict {
    bool is_off = false;
    std::optional<Fault> fault;
    bool goes_on() const { return !is_off && !fault; }
  };
  Verdict begin(Operation operation) {
    if (is_off) return {true, std::nullopt};
    ++counts_of(operation);
    if (cut_in > 0 && --cut_in == 0) {
      lose();
      is_off = true;
      return {true, std::nullopt};
    }
    if (fault_in > 0 && (!fault_kind || *fault_kind == operation)) {
      if (fault_in > 1) {
        --fault_in;
      } else {
        has_failed = true;
        if (!fails_from_then_on) fault_in = 0;
        return {false, fault};
      }
    }
    return {};
  }

  /// What a power cut leaves of names and files. Whatever is open is of an earlier generation then, and dead.
  void lose() {
    std::map<std::string, FilePointer> left;
    std::map<const FaultFile*, FilePointer> seen;
    const auto keep = [&](const std::string& path, const FilePointer& file) {
      FilePointer& after = seen[file.get()];
      if (!after) after = file->after_power_cut(chance);
      left[path] = after;
    };
    std::map<std::string, FilePointer> all = safe_names;
    all.insert(names.begin(), names.end());
    for (const auto& [path, any] : all) {
      const auto now = names.find(path);
      const auto safe = safe_names.find(path);
      const bool is_same = now != names.end() && safe != safe_names.end() && now->second == safe->second;
      const auto& chosen = is_same || chance() % 2 == 0 ? safe : now;
      const bool is_there = &chosen == &safe ? safe != safe_names.end() : now != names.end();
      if (is_there) keep(path, chosen->second);
    }
    names = left;
    safe_names = std::move(left);
    ++generation;
  }

  void restart() {
    if (!is_off) {
      std::map<const FaultFile*, FilePointer> seen;
      for (auto* some : {&names, &safe_names}) {
        for (auto& [path, file] : *some) {
          FilePointer& after = seen[file.get()];
          if (!after) after = file->after_restart();
          file = after;
        }
      }
      ++generation;
    }
    is_off = false;
    cut_in = 0;
  }

  FilePointer found(const std::string& path) const {
    const auto file = names.find(path);
    return file == names.end() ? nullptr : file->second;
  }

  /// A sync of a file makes its name safe with it.
  void sync(const std::string& path, const FilePointer& file) {
    file->sync();
    if (found(path) == file) safe_names[path] = file;
  }

  uint64_t& counts_of(Operation operation) {
    switch (operation) {
      case Operation::open:
        return counts.opens;
      case Operation::read:
        return counts.reads;
      case Operation::write:
        return counts.writes;
      case Operation::truncate:
        return counts.truncates;
      case Operation::sync:
        return counts.syncs;
      default:
        return counts.removes;
    }
  }

  /// What gets onto the disk of a write that fails.
  std::string_view part_of(std::string_view bytes) { return bytes.substr(0, chance() % (bytes.size() + 1)); }

  mutable std::mutex mutex;
  std::mt19937_64 chance;
  std::map<std::string, FilePointer> names;       ///< as they are now
  std::map<std::string, FilePointer> safe_names;  ///< as they are after a power cut at the latest
  uint64_t generation = 0;
  bool is_off = false;
  uint64_t cut_in = 0;  ///< 0: never
  uint64_t fault_in = 0;
  Fault fault = Fault::io_error;
  std::optional<Operation> fault_kind;
  bool fails_from_then_on = false;
  bool has_failed = false;
  Counts counts{};
  int open_files = 0;
  uint64_t moments = 0;
  std::string name;
  sqlite3_vfs vfs{};
};

// What SQLite calls. Every function takes the disk's mutex.
struct FaultMethods {
  using Core = FaultDisk::Core;
  using Operation = FaultDisk::Operation;
  using Fault = FaultDisk::Fault;

  // An open file of SQLite's; `Open` lies outside because SQLite's own memory is not constructed.
  struct Open {
    Core* core;
    FilePointer file;
    std::string path;
    uint64_t generation;
    bool is_deleted_at_close;
    bool syncs_folder;  ///< at its next sync, as SQLite's own VFS does with a journal or log that it made
    int level = SQLITE_LOCK_NONE;
    bool uses_memory = false;
    unsigned shared = 0;  ///< slots of the shared memory, by bit
    unsigned exclusive = 0;
    bool is_dead() const { return core->is_off || generation != core->generation; }
  };
  struct Handle {
    sqlite3_file base;
    Open* open;
  };
  static Open& of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file)->open; }
  static Core& of(sqlite3_vfs* vfs) { return *static_cast<Core*>(vfs->pAppData); }

  static Core::Verdict begin(Open& open, Operation operation) {
    if (open.is_dead()) return {true, std::nullopt};
    return open.core->begin(operation);
  }

  static int close(sqlite3_file* file) {
    Open& open = of(file);
    {
      Core& core = *open.core;
      const std::lock_guard lock(core.mutex);
      set_level(open, SQLITE_LOCK_NONE);
      leave_memory(open);
      if (open.is_deleted_at_close && core.found(open.path) == open.file) core.names.erase(open.path);
      --core.open_files;
    }
    delete &open;
    return SQLITE_OK;
  }

  static int read(sqlite3_file* file, void* to, int amount, sqlite3_int64 offset) {
    Open& open = of(file);
    const std::lock_guard lock(open.core->mutex);
    const Core::Verdict verdict = begin(open, Operation::read);
    const auto wanted = static_cast<uint64_t>(amount);
    std::memset(to, 0, wanted);
    if (verdict.is_off || verdict.fault == Fault::io_error || verdict.fault == Fault::disk_full)
      return SQLITE_IOERR_READ;
    const std::string& bytes = open.file->bytes();
    const auto from = std::min(static_cast<uint64_t>(offset), uint64_t{bytes.size()});
    uint64_t given = std::min(wanted, bytes.size() - from);
    if (verdict.fault) given = open.core->chance() % (given + 1);
    std::memcpy(to, bytes.data() + from, given);
    return given == wanted ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }

  static int write(sqlite3_file* file, const void* from, int amount, sqlite3_int64 offset) {
    Open& open = of(file);
    const std::lock_guard lock(open.core->mutex);
    const Core::Verdict verdict = begin(open, Operation::write);
    if (verdict.is_off) return SQLITE_IOERR_WRITE;
    const std::string_view bytes(static_cast<const char*>(from), static_cast<std::size_t>(amount));
    const std::string_view written = verdict.fault ? open.core->part_of(bytes) : bytes;
    if (!written.empty()) open.file->write(static_cast<uint64_t>(offset), written);
    if (!verdict.fault) return SQLITE_OK;
    return *verdict.fault == Fault::disk_full ? SQLITE_FULL : SQLITE_IOERR_WRITE;
  }

  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    Open& open = of(file);
    const std::lock_guard lock(open.core->mutex);
    if (!begin(open, Operation::truncate).goes_on()) return SQLITE_IOERR_TRUNCATE;
    open.file->truncate(static_cast<uint64_t>(size));
    return SQLITE_OK;
  }

  static int sync(sqlite3_file* file, int) {
    Open& open = of(file);
    const std::lock_guard lock(open.core->mutex);
    const Core::Verdict verdict = begin(open, Operation::sync);
    if (verdict.is_off) return SQLITE_IOERR_FSYNC;
    if (verdict.fault) {
      open.file->fail_sync(open.core->chance);
      return SQLITE_IOERR_FSYNC;
    }
    open.core->sync(open.path, open.file);
    if (open.syncs_folder) open.core->safe_names = open.core->names;
    open.syncs_folder = false;
    return SQLITE_OK;
  }

  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    Open& open = of(file);
    const std::lock_guard lock(open.core->mutex);
    if (open.is_dead()) return SQLITE_IOERR_FSTAT;
    *size = static_cast<sqlite3_int64>(open.file->bytes().size());
    return SQLITE_OK;
  }

  // Goes down to no lock or a shared one.
  static void set_level(Open& open, int level) {
    FaultFile::Locks& locks = open.file->locks;
    if (locks.reserved == &open && level <= SQLITE_LOCK_SHARED) {
      locks.reserved = nullptr;
      locks.is_pending = locks.is_exclusive = false;
    }
    if (open.level >= SQLITE_LOCK_SHARED && level == SQLITE_LOCK_NONE) --locks.shared;
    open.level = std::min(open.level, level);
  }

  static int lock(sqlite3_file* file, int level) {
    Open& open = of(file);
    const std::lock_guard guard(open.core->mutex);
    if (open.is_dead()) return SQLITE_IOERR_LOCK;
    if (open.level >= level) return SQLITE_OK;
    FaultFile::Locks& locks = open.file->locks;
    if (level == SQLITE_LOCK_SHARED) {
      if (locks.is_pending) return SQLITE_BUSY;
      ++locks.shared;
      open.level = level;
      return SQLITE_OK;
    }
    assert(open.level >= SQLITE_LOCK_SHARED);
    if (locks.reserved != nullptr && locks.reserved != &open) return SQLITE_BUSY;
    locks.reserved = &open;
    if (level == SQLITE_LOCK_RESERVED) {
      open.level = level;
      return SQLITE_OK;
    }
    // Nobody new may share from here on, even if those who do must be waited for.
    locks.is_pending = true;
    open.level = SQLITE_LOCK_PENDING;
    if (locks.shared > 1) return SQLITE_BUSY;
    locks.is_exclusive = true;
    open.level = SQLITE_LOCK_EXCLUSIVE;
    return SQLITE_OK;
  }

  static int unlock(sqlite3_file* file, int level) {
    Open& open = of(file);
    const std::lock_guard guard(open.core->mutex);
    set_level(open, level);
    return SQLITE_OK;
  }

  static int check_reserved(sqlite3_file* file, int* answer) {
    Open& open = of(file);
    const std::lock_guard guard(open.core->mutex);
    *answer = open.file->locks.reserved != nullptr ? 1 : 0;
    return SQLITE_OK;
  }

  static int file_control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return 4096; }
  static int characteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

  static int map_memory(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
    Open& open = of(file);
    const std::lock_guard guard(open.core->mutex);
    *at = nullptr;
    if (open.is_dead()) return SQLITE_IOERR_SHMMAP;
    FaultFile::SharedMemory& memory = open.file->memory;
    if (!open.uses_memory) ++memory.users;
    open.uses_memory = true;
    const auto number = static_cast<std::size_t>(region);
    if (extend != 0) {
      while (memory.regions.size() <= number) {
        memory.regions.push_back(std::make_unique<char[]>(static_cast<std::size_t>(size)));
      }
    }
    if (number < memory.regions.size()) *at = memory.regions[number].get();
    return SQLITE_OK;
  }

  static int lock_memory(sqlite3_file* file, int first, int count, int flags) {
    Open& open = of(file);
    const std::lock_guard guard(open.core->mutex);
    FaultFile::SharedMemory& memory = open.file->memory;
    const auto slots = ((1u << count) - 1) << first;
    const auto each = [first, count](auto visit) {
      for (int slot = first; slot < first + count; ++slot) visit(slot);
    };
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
      each([&](int slot) {
        const unsigned bit = 1u << slot;
        if ((open.shared & bit) != 0) --memory.shared[slot];
        if ((open.exclusive & bit) != 0) memory.exclusive[slot] = false;
      });
      open.shared &= ~slots;
      open.exclusive &= ~slots;
      return SQLITE_OK;
    }
    if (open.is_dead()) return SQLITE_IOERR_SHMLOCK;
    const bool is_exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    bool is_free = true;
    each([&](int slot) {
      const unsigned bit = 1u << slot;
      const int others = memory.shared[slot] - ((open.shared & bit) != 0 ? 1 : 0);
      const bool is_taken = memory.exclusive[slot] && (open.exclusive & bit) == 0;
      is_free = is_free && !is_taken && !(is_exclusive && others > 0);
    });
    if (!is_free) return SQLITE_BUSY;
    each([&](int slot) {
      const unsigned bit = 1u << slot;
      if (is_exclusive) {
        memory.exclusive[slot] = true;
      } else if ((open.shared & bit) == 0) {
        ++memory.shared[slot];
      }
    });
    (is_exclusive ? open.exclusive : open.shared) |= slots;
    return SQLITE_OK;
  }

  static void memory_barrier(sqlite3_file* file) { const std::lock_guard guard(of(file).core->mutex); }

  static void leave_memory(Open& open) {
    if (!open.uses_memory) return;
    FaultFile::SharedMemory& memory = open.file->memory;
    for (int slot = 0; slot < 8; ++slot) {
      if ((open.shared >> slot & 1u) != 0) --memory.shared[slot];
      if ((open.exclusive >> slot & 1u) != 0) memory.exclusive[slot] = false;
    }
    open.shared = open.exclusive = 0;
    open.uses_memory = false;
    if (--memory.users == 0) memory.regions.clear();
  }

  static int unmap_memory(sqlite3_file* file, int) {
    Open& open = of(file);
    const std::lock_guard guard(open.core->mutex);
    leave_memory(open);
    return SQLITE_OK;
  }

  static const sqlite3_io_methods* methods() {
    static const sqlite3_io_methods all = [] {
      sqlite3_io_methods made{};
      made.iVersion = 2;
      made.xClose = close;
      made.xRead = read;
      made.xWrite = write;
      made.xTruncate = truncate;
      made.xSync = sync;
      made.xFileSize = file_size;
      made.xLock = lock;
      made.xUnlock = unlock;
      made.xCheckReservedLock = check_reserved;
      made.xFileControl = file_control;
      made.xSectorSize = sector_size;
      made.xDeviceCharacteristics = characteristics;
      made.xShmMap = map_memory;
      made.xShmLock = lock_memory;
      made.xShmBarrier = memory_barrier;
      made.xShmUnmap = unmap_memory;
      return made;
    }();
    return &all;
  }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* given) {
    Core& core = of(vfs);
    const std::lock_guard lock(core.mutex);
    file->pMethods = nullptr;
    if (!core.begin(Operation::open).goes_on()) return SQLITE_CANTOPEN;
    const std::string path = name != nullptr ? name : fmt::format("temporary {}", ++core.moments);
    FilePointer found = core.found(path);
    bool is_new_journal = false;
    if (!found) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      found = std::make_shared<FaultFile>();
      core.names[path] = found;
      is_new_journal = (flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL)) != 0;
    }
    const bool goes_at_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    reinterpret_cast<Handle*>(file)->open =
        new Open{&core, found, path, core.generation, goes_at_close, is_new_journal};
    file->pMethods = methods();
    ++core.open_files;
    if (given != nullptr) *given = flags;
    return SQLITE_OK;
  }

  static int remove(sqlite3_vfs* vfs, const char* name, int syncs_folder) {
    Core& core = of(vfs);
    const std::lock_guard lock(core.mutex);
    if (!core.begin(Operation::remove).goes_on()) return SQLITE_IOERR_DELETE;
    if (core.names.erase(name) == 0) return SQLITE_IOERR_DELETE_NOENT;
    // All names lie in one folder.
    if (syncs_folder != 0) core.safe_names = core.names;
    return SQLITE_OK;
  }

  static int access(sqlite3_vfs* vfs, const char* name, int, int* answer) {
    Core& core = of(vfs);
    const std::lock_guard lock(core.mutex);
    *answer = 0;
    if (core.is_off) return SQLITE_IOERR_ACCESS;
    *answer = core.found(name) ? 1 : 0;
    return SQLITE_OK;
  }

  static int full_path(sqlite3_vfs*, const char* name, int size, char* to) {
    sqlite3_snprintf(size, to, "%s", name);
    return SQLITE_OK;
  }

  static int randomness(sqlite3_vfs* vfs, int size, char* to) {
    Core& core = of(vfs);
    const std::lock_guard lock(core.mutex);
    for (int i = 0; i < size; ++i) to[i] = static_cast<char>(core.chance());
    return size;
  }

  // Whoever waits for a lock is not to wait long: nothing here takes time.
  static int sleep(sqlite3_vfs*, int microseconds) {
    std::this_thread::sleep_for(std::chrono::microseconds(std::min(microseconds, 100)));
    return microseconds;
  }

  // A clock of its own, so that a seed gives the same again: a millisecond each time that it is asked.
  static int current_time(sqlite3_vfs* vfs, sqlite3_int64* julian_ms) {
    Core& core = of(vfs);
    const std::lock_guard lock(core.mutex);
    constexpr sqlite3_int64 start_of_2026 = 212'633'985'600'000;
    *julian_ms = start_of_2026 + static_cast<sqlite3_int64>(++core.moments);
    return SQLITE_OK;
  }

  static int current_day(sqlite3_vfs* vfs, double* julian_day) {
    sqlite3_int64 ms = 0;
    const int code = current_time(vfs, &ms);
    *julian_day = static_cast<double>(ms) / 86'400'000.0;
    return code;
  }

  static int last_error(sqlite3_vfs*, int, char*) { return 0; }
};

class FaultDisk::Growing : public base::AppendFile {
 public:
  Growing(Core& core, FilePointer file, std::string path)
      : core_(core), file_(std::move(file)), path_(std::move(path)), generation_(core.generation) {
    ++core_.open_files;
  }
  ~Growing() override {
    const std::lock_guard lock(core_.mutex);
    --core_.open_files;
  }

  uint64_t size() const override {
    const std::lock_guard lock(core_.mutex);
    return file_->bytes().size();
  }

  Status append(std::string_view bytes) override {
    const std::lock_guard lock(core_.mutex);
    const Core::Verdict verdict = begin(Operation::write);
    if (verdict.is_off) return refused();
    const std::string_view written = verdict.fault ? core_.part_of(bytes) : bytes;
    if (!written.empty()) file_->write(file_->bytes().size(), written);
    if (verdict.fault) return refused();
    return base::Done{};
  }

  Status truncate(uint64_t size) override {
    const std::lock_guard lock(core_.mutex);
    if (!begin(Operation::truncate).goes_on()) return refused();
    file_->truncate(size);
    return base::Done{};
  }

  Status sync() override {
    const std::lock_guard lock(core_.mutex);
    const Core::Verdict verdict = begin(Operation::sync);
    if (verdict.is_off) return refused();
    if (verdict.fault) {
      file_->fail_sync(core_.chance);
      return refused();
    }
    core_.sync(path_, file_);
    return base::Done{};
  }

 private:
  Core::Verdict begin(Operation operation) {
    if (core_.is_off || generation_ != core_.generation) return {true, std::nullopt};
    return core_.begin(operation);
  }
  Error refused() const { return {ErrorCode::io, path_ + ": the disk failed"}; }

  Core& core_;
  FilePointer file_;
  std::string path_;
  uint64_t generation_;
};

FaultDisk::FaultDisk(uint64_t seed) : core_(std::make_unique<Core>(seed)) {
  static std::atomic<uint64_t> made = 0;
  core_->name = fmt::format("fault-disk-{}", ++made);
  sqlite3_vfs& vfs = core_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(FaultMethods::Handle);
  vfs.mxPathname = 512;
  vfs.zName = core_->name.c_str();
  vfs.pAppData = core_.get();
  vfs.xOpen = FaultMethods::open;
  vfs.xDelete = FaultMethods::remove;
  vfs.xAccess = FaultMethods::access;
  vfs.xFullPathname = FaultMethods::full_path;
  vfs.xRandomness = FaultMethods::randomness;
  vfs.xSleep = FaultMethods::sleep;
  vfs.xCurrentTime = FaultMethods::current_day;
  vfs.xCurrentTimeInt64 = FaultMethods::current_time;
  vfs.xGetLastError = FaultMethods::last_error;
  [[maybe_unused]] const int code = sqlite3_vfs_register(&vfs, 0);
  assert(code == SQLITE_OK);
  // SQLite's own chance (the salts of a log) is one for the whole process.
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(seed % 1'000'000'007) + 1, nullptr);
}

FaultDisk::~FaultDisk() {
  assert(core_->open_files == 0);
  sqlite3_vfs_unregister(&core_->vfs);
}

const char* FaultDisk::name() const { return core_->name.c_str(); }

void FaultDisk::fail(uint64_t k, Fault fault, std::optional<Operation> kind, bool from_then_on) {
  assert(k > 0);
  const std::lock_guard lock(core_->mutex);
  core_->fault_in = k;
  core_->fault = fault;
  core_->fault_kind = kind;
  core_->fails_from_then_on = from_then_on;
  core_->has_failed = false;
}

void FaultDisk::heal() {
  const std::lock_guard lock(core_->mutex);
  core_->fault_in = 0;
}

bool FaultDisk::has_failed() const {
  const std::lock_guard lock(core_->mutex);
  return core_->has_failed;
}

void FaultDisk::power_cut() {
  const std::lock_guard lock(core_->mutex);
  if (!core_->is_off) core_->lose();
  core_->is_off = false;
  core_->cut_in = 0;
}

void FaultDisk::power_cut_at(uint64_t k) {
  assert(k > 0);
  const std::lock_guard lock(core_->mutex);
  core_->cut_in = k;
}

void FaultDisk::restart() {
  const std::lock_guard lock(core_->mutex);
  core_->restart();
}

bool FaultDisk::is_off() const {
  const std::lock_guard lock(core_->mutex);
  return core_->is_off;
}

FaultDisk::Counts FaultDisk::counts() const {
  const std::lock_guard lock(core_->mutex);
  return core_->counts;
}

std::vector<std::string> FaultDisk::files() const {
  const std::lock_guard lock(core_->mutex);
  std::vector<std::string> paths;
  for (const auto& [path, file] : core_->names) paths.push_back(path);
  return paths;
}

void FaultDisk::replace(const std::string& path, std::string bytes) {
  const std::lock_guard lock(core_->mutex);
  FilePointer& file = core_->names[path];
  if (!file) file = std::make_shared<FaultFile>();
  file->replace(std::move(bytes));
  core_->safe_names[path] = file;
}

std::string FaultDisk::bytes_of(const std::string& path) const {
  const std::lock_guard lock(core_->mutex);
  const FilePointer file = core_->found(path);
  return file ? file->bytes() : std::string();
}

namespace {

Error absent(const std::string& path) { return {ErrorCode::not_found, path + ": is not there"}; }
Error failed(const std::string& path) { return {ErrorCode::io, path + ": the disk failed"}; }

}  // namespace

Result<std::string> FaultDisk::read(const std::string& path, uint64_t from, uint64_t count) {
  const std::lock_guard lock(core_->mutex);
  if (!core_->begin(Operation::read).goes_on()) return failed(path);
  const FilePointer file = core_->found(path);
  if (!file) return absent(path);
  return from > file->bytes().size() ? std::string() : file->bytes().substr(from, count);
}

Result<uint64_t> FaultDisk::size(const std::string& path) {
  const std::lock_guard lock(core_->mutex);
  const FilePointer file = core_->found(path);
  if (core_->is_off) return failed(path);
  if (!file) return absent(path);
  return uint64_t{file->bytes().size()};
}

Result<bool> FaultDisk::is_private(const std::string& path) {
  const Result<uint64_t> found = size(path);
  if (!found) return found.error();
  return true;
}

Status FaultDisk::create(const std::string& path, std::string_view bytes) {
  const std::lock_guard lock(core_->mutex);
  for (const Operation step : {Operation::open, Operation::write, Operation::sync}) {
    if (!core_->begin(step).goes_on()) return failed(path);
  }
  if (core_->found(path)) return Error{ErrorCode::conflict, path + ": is there"};
  auto file = std::make_shared<FaultFile>();
  file->replace(std::string(bytes));
  core_->names[path] = file;
  core_->safe_names[path] = file;
  return base::Done{};
}

Result<std::unique_ptr<base::AppendFile>> FaultDisk::open_to_append(const std::string& path) {
  const std::lock_guard lock(core_->mutex);
  if (!core_->begin(Operation::open).goes_on()) return failed(path);
  FilePointer file = core_->found(path);
  if (!file) {
    file = std::make_shared<FaultFile>();
    core_->names[path] = file;
  }
  if (file->bytes().empty()) {
    if (!core_->begin(Operation::sync).goes_on()) return failed(path);
    core_->safe_names[path] = file;
  }
  return std::unique_ptr<base::AppendFile>(std::make_unique<Growing>(*core_, std::move(file), path));
}

}  // namespace kept::ledger
