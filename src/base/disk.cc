#include "base/disk.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <utility>

namespace kept::base {
namespace {

Error refused(const char* what, const std::string& path) {
  const int number = errno;
  const ErrorCode code = number == ENOENT   ? ErrorCode::not_found
                         : number == EEXIST ? ErrorCode::conflict
                                            : ErrorCode::io;
  return {code, fmt::format("{}: could not be {}: {}", path, what, std::strerror(number))};
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

Descriptor open_file(const std::string& path, int flags) {
  int number;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  } while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

bool write_all(int number, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(number, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// A name in a folder survives a power cut once the folder itself is synced.
Status sync_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const Descriptor opened = open_file(folder, O_RDONLY | O_DIRECTORY);
  if (!opened.is_open() || ::fsync(opened.number()) != 0) return refused("synced", folder);
  return Done{};
}

class SystemFile : public AppendFile {
 public:
  SystemFile(Descriptor descriptor, std::string path, uint64_t size)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), size_(size) {}

  uint64_t size() const override { return size_; }

  Status append(std::string_view bytes) override {
    if (!write_all(descriptor_.number(), bytes)) return refused("written", path_);
    size_ += bytes.size();
    return Done{};
  }

  Status truncate(uint64_t size) override {
    if (::ftruncate(descriptor_.number(), static_cast<off_t>(size)) != 0) return refused("cut", path_);
    size_ = size;
    return Done{};
  }

  Status sync() override {
    if (::fsync(descriptor_.number()) != 0) return refused("synced", path_);
    return Done{};
  }

 private:
  Descriptor descriptor_;
  std::string path_;
  uint64_t size_;
};

class SystemDisk : public Disk {
 public:
  Result<std::string> read(const std::string& path, uint64_t from, uint64_t count) override {
    const Descriptor file = open_file(path, O_RDONLY);
    if (!file.is_open()) return refused("opened", path);
    std::string bytes;
    while (bytes.size() < count) {
      char block[1 << 16];
      const std::size_t wanted = static_cast<std::size_t>(std::min<uint64_t>(sizeof block, count - bytes.size()));
      const ssize_t given = ::pread(file.number(), block, wanted, static_cast<off_t>(from + bytes.size()));
      if (given < 0 && errno == EINTR) continue;
      if (given < 0) return refused("read", path);
      if (given == 0) break;
      bytes.append(block, static_cast<std::size_t>(given));
    }
    return bytes;
  }

  Result<uint64_t> size(const std::string& path) override {
    struct stat found;
    if (::stat(path.c_str(), &found) != 0) return refused("opened", path);
    return static_cast<uint64_t>(found.st_size);
  }

  Result<bool> is_private(const std::string& path) override {
    struct stat found;
    if (::stat(path.c_str(), &found) != 0) return refused("opened", path);
    return (found.st_mode & (S_IRWXG | S_IRWXO)) == 0;
  }

  Status create(const std::string& path, std::string_view bytes) override {
    // Written under another name, then linked: unlike a rename, that never takes the place of a file that is there.
    const std::string draft = fmt::format("{}.{}.new", path, ::getpid());
    ::unlink(draft.c_str());
    const Descriptor file = open_file(draft, O_WRONLY | O_CREAT | O_EXCL);
    if (!file.is_open()) return refused("made", draft);
    Status status = Done{};
    if (!write_all(file.number(), bytes) || ::fsync(file.number()) != 0) {
      status = refused("written", draft);
    } else if (::link(draft.c_str(), path.c_str()) != 0) {
      status = refused("made", path);
    }
    ::unlink(draft.c_str());
    if (!status) return status;
    return sync_folder_of(path);
  }

  Result<std::unique_ptr<AppendFile>> open_to_append(const std::string& path) override {
    Descriptor file = open_file(path, O_WRONLY | O_APPEND | O_CREAT);
    struct stat found;
    if (!file.is_open() || ::fstat(file.number(), &found) != 0) return refused("opened", path);
    // A file that is empty may have been made a moment ago, by somebody who did not come to sync the folder.
    if (found.st_size == 0) {
      if (const Status synced = sync_folder_of(path); !synced) return synced.error();
    }
    return std::unique_ptr<AppendFile>(
        std::make_unique<SystemFile>(std::move(file), path, static_cast<uint64_t>(found.st_size)));
  }
};

}  // namespace

Disk& system_disk() {
  static SystemDisk disk;
  return disk;
}

}  // namespace kept::base
