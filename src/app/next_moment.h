#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>

#include "engine/rule_book.h"
#include "model/event_table.h"
#include "model/obligation.h"

namespace kept::app {

/// The first moment after `now` among those it is told: when something may read otherwise.
class NextMoment {
 public:
  explicit NextMoment(int64_t now) : now_(now) {}
  void see(int64_t at) {
    if (at > now_) next_ = std::min(next_, at);
  }
  /// Something holds to the end of a day, or a moment, and no longer.
  void see_end(int64_t at) { see(at + 1); }
  void see(const model::Due& due);
  /// What an obligation waits for. Where a time is too coarse to say when it is due (rule U), there is no one due
  /// moment to wait for: a day's end may change it, and so may the hours after either end of its trigger's times.
  void see(const engine::Duty& duty, const model::EventTable& table, const model::Obligation& obligation);
  int64_t next() const { return next_; }
  static constexpr int64_t none = std::numeric_limits<int64_t>::max();

 private:
  void see_readings(const engine::Duty& duty, const model::EventTable& table, const model::Obligation& obligation);

  int64_t now_;
  int64_t next_ = none;
};

}  // namespace kept::app
