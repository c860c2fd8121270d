#pragma once
#include <cstdint>

namespace kept::base {

/// What time it is. Passed in from the edge, so that tests decide it.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Milliseconds since 1970 UTC. May jump when somebody sets the machine's clock.
  virtual int64_t now_ms() const = 0;
  /// Milliseconds since some moment, never going back: for measuring how long something takes.
  virtual int64_t steady_ms() const = 0;
};

/// The machine's own clock.
class SystemClock : public Clock {
 public:
  int64_t now_ms() const override;
  int64_t steady_ms() const override;
};

}  // namespace kept::base
