#include "exchange/event_places.h"

#include <algorithm>
#include <cassert>

namespace kept::exchange {

void EventPlaces::begin_file(const std::string& file, uint64_t rows_before) {
  assert(files_.empty() || files_.back().rows_before <= rows_before);
  files_.push_back({file, rows_before});
}

void EventPlaces::note(uint32_t event, uint64_t row, uint32_t count) {
  if (!runs_.empty()) {
    Run& last = runs_.back();
    assert(event >= last.event + last.count);
    if (event == last.event + last.count && row == last.row + last.count) {
      last.count += count;
      return;
    }
  }
  runs_.push_back({event, count, row});
}

std::optional<EventPlaces::Place> EventPlaces::of(uint32_t event) const {
  auto run = std::upper_bound(runs_.begin(), runs_.end(), event,
                              [](uint32_t wanted, const Run& one) { return wanted < one.event; });
  if (run == runs_.begin()) return std::nullopt;
  --run;
  if (event >= run->event + run->count) return std::nullopt;
  const uint64_t row = run->row + (event - run->event);
  auto file = std::lower_bound(files_.begin(), files_.end(), row,
                               [](const File& one, uint64_t wanted) { return one.rows_before < wanted; });
  if (file == files_.begin()) return std::nullopt;
  --file;
  return Place{file->name, row - file->rows_before};
}

}  // namespace kept::exchange
