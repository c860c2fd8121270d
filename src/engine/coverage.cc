#include "engine/coverage.h"

#include <algorithm>
#include <boost/unordered/unordered_flat_map.hpp>
#include <set>

#include "model/event_table.h"

namespace kept::engine {

Coverage Coverage::complete() {
  Coverage coverage;
  coverage.complete_ = true;
  return coverage;
}

Coverage Coverage::inferred(const model::EventTable& table) {
  Coverage coverage;
  coverage.inferred_ = true;
  struct Span {
    int64_t lo, hi;
  };
  boost::unordered_flat_map<uint64_t, Span> spans;
  const auto& vocabulary = table.vocabulary();
  for (uint32_t row = 0; row < table.size(); ++row) {
    const uint64_t key = uint64_t{table.agency(row)} << 16 | vocabulary.type_index(table.code(row));
    const int64_t lo = table.lo_ms(row);
    const auto [at, fresh] = spans.try_emplace(key, Span{lo, lo});
    if (!fresh) at->second = {std::min(at->second.lo, lo), std::max(at->second.hi, lo)};
  }
  for (const auto& [key, span] : spans)
    coverage.add(static_cast<uint32_t>(key >> 16), static_cast<uint16_t>(key & 0xFFFF), calendar::london_date(span.lo),
                 calendar::london_date(span.hi));
  return coverage;
}

void Coverage::add(uint32_t agency, uint16_t type, calendar::LocalDate from, calendar::LocalDate to) {
  if (to < from) return;
  Ranges& ranges = ranges_[{agency, type}];
  ranges.emplace_back(from, to);
  std::sort(ranges.begin(), ranges.end());
  Ranges merged;
  for (const auto& range : ranges) {
    if (!merged.empty() && range.first <= merged.back().second + 1) {
      merged.back().second = std::max(merged.back().second, range.second);
    } else {
      merged.push_back(range);
    }
  }
  ranges = std::move(merged);
}

bool Coverage::first_gap(uint32_t agency, uint16_t type, calendar::LocalDate from, calendar::LocalDate to,
                         calendar::LocalDate* gap) const {
  if (complete_ || to < from) return false;
  const auto found = ranges_.find({agency, type});
  if (found == ranges_.end()) {
    *gap = from;
    return true;
  }
  calendar::LocalDate day = from;
  for (const auto& [first, last] : found->second) {
    if (last < day) continue;
    if (first > day) break;
    day = last + 1;
    if (day > to) return false;
  }
  *gap = day;
  return day <= to;
}

std::vector<uint32_t> Coverage::agencies() const {
  std::set<uint32_t> named;
  for (const auto& [key, ranges] : ranges_) named.insert(key.first);
  return {named.begin(), named.end()};
}

}  // namespace kept::engine
