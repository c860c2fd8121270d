#pragma once
#include <algorithm>
#include <cstdint>

#include "http/limits.h"

namespace kept::http {

/// How long one still waits for a client that must take or give bytes at a rate. Only time spent waiting for the client
/// counts, and no pause may be longer than `Limits::idle_ms`, however much came before it.
class Pace {
 public:
  explicit Pace(const Limits& limits) : limits_(limits) {}
  /// Milliseconds for the next bytes; 0 or less: the client is too slow.
  int64_t allowance_ms() const {
    const int64_t earned_ms =
        moved_ / limits_.bytes_per_second * 1000 + moved_ % limits_.bytes_per_second * 1000 / limits_.bytes_per_second;
    return std::min(limits_.idle_ms, limits_.grace_ms + earned_ms - waited_ms_);
  }
  void moved(std::size_t bytes, int64_t waited_ms) {
    moved_ += static_cast<int64_t>(bytes);
    waited_ms_ += waited_ms;
  }

 private:
  const Limits& limits_;
  int64_t moved_ = 0;
  int64_t waited_ms_ = 0;
};

}  // namespace kept::http
