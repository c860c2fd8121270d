#pragma once
#include <atomic>
#include <cstdint>
#include <string>

namespace kept::base {

/// What time it is. Passed in from the edge, so that tests decide it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds since 1970 UTC. May jump when somebody sets the machine's clock.
  virtual int64_t now_ms() const = 0;
  /// Milliseconds since some moment, never going back: for measuring how long something takes.
  virtual int64_t steady_ms() const = 0;
  /// As steady_ms, in microseconds, where the clock tells them.
  virtual int64_t steady_us() const { return steady_ms() * 1000; }
};

/// The machine's own clock.
class SystemClock : public Clock {
 public:
  int64_t now_ms() const override;
  int64_t steady_ms() const override;
  int64_t steady_us() const override;
};

/// One that lives as long as the program.
const Clock& system_clock();

/// A clock that stands until it is moved. Any thread may move or read it.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(int64_t now_ms = 0) : now_ms_(now_ms) {}
  int64_t now_ms() const override { return now_ms_; }
  int64_t steady_ms() const override { return steady_ms_; }
  /// Both go forward.
  void advance_ms(int64_t ms) {
    now_ms_ += ms;
    steady_ms_ += ms;
  }

 private:
  std::atomic<int64_t> now_ms_;
  std::atomic<int64_t> steady_ms_ = 1;
};

/// `2026-03-29T00:59:59.123Z`. Shape: always milliseconds, always UTC. Precondition: years 0 to 9999.
std::string utc_text(int64_t now_ms);

}  // namespace kept::base
