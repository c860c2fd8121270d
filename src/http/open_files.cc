#include "http/open_files.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

namespace kept::http {

base::Status allow_files(std::size_t connections) {
  const rlim_t wanted = connections + 320;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= wanted) return base::Done{};
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  if (limit.rlim_cur < wanted || setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return base::Error{base::ErrorCode::io,
                       "For " + std::to_string(connections) + " connections the process must be allowed " +
                           std::to_string(wanted) + " open files, and may have only " + std::to_string(limit.rlim_max) +
                           ". Raise the limit (LimitNOFILE, ulimit -n) or allow fewer connections."};
  }
  return base::Done{};
}

}  // namespace kept::http
