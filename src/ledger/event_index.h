#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// What an event is found by: its source, as the key of a name, and its id.
struct EventId {
  int64_t source = 0;
  std::string_view id;
};
/// That an event mentions a name.
struct Mention {
  int64_t name = 0;
  uint64_t position = 0;
};

/// What events are found by: the tables `event` and `mention`, for who holds them against the facts, from which they
/// follow. Errors of all: io.
class EventIndex {
 public:
  explicit EventIndex(Database& database) : database_(database) {}

  /// Visits where each of these events is said to stand, if it is; `which` of them it is.
  base::Status find(std::span<const EventId> ids,
                    const std::function<base::Status(std::size_t which, uint64_t position)>& visit);
  /// Visits which of these mentions are there.
  base::Status find(std::span<const Mention> mentions, const std::function<base::Status(std::size_t which)>& visit);
  base::Result<uint64_t> count_events();
  base::Result<uint64_t> count_mentions();

 private:
  Database& database_;
};

}  // namespace kept::ledger
