#include "base/clock.h"

#include <fmt/format.h>

#include <cassert>
#include <chrono>
#include <ctime>

namespace kept::base {

int64_t SystemClock::now_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

int64_t SystemClock::steady_ms() const { return steady_us() / 1000; }

int64_t SystemClock::steady_us() const {
  using namespace std::chrono;
  return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

std::string utc_text(int64_t now_ms) {
  const int64_t ms = ((now_ms % 1000) + 1000) % 1000;
  const std::time_t seconds = (now_ms - ms) / 1000;
  std::tm parts{};
  const bool known = gmtime_r(&seconds, &parts) != nullptr;
  assert(known && parts.tm_year + 1900 >= 0 && parts.tm_year + 1900 <= 9999);
  (void)known;
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, ms);
}

}  // namespace kept::base
