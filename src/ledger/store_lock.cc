#include "ledger/store_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace kept::ledger {

base::Result<std::unique_ptr<StoreLock>> StoreLock::take(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return base::Error{base::ErrorCode::io, fmt::format("{} cannot be opened: {}", path, std::strerror(errno))};
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    const int why = errno;
    ::close(file);
    if (why == EWOULDBLOCK)
      return base::Error{base::ErrorCode::conflict,
                         fmt::format("another program is writing to this store (it holds {}): send through it, or stop "
                                     "it first",
                                     path)};
    return base::Error{base::ErrorCode::io, fmt::format("{} cannot be locked: {}", path, std::strerror(why))};
  }
  return std::unique_ptr<StoreLock>(new StoreLock(file));
}

StoreLock::~StoreLock() { ::close(file_); }

}  // namespace kept::ledger
