#pragma once
#include <array>
#include <cstdint>

#include "model/obligation.h"

namespace kept::measures {

/// How many obligations had which outcome.
using OutcomeCounts = std::array<uint64_t, model::outcome_count>;

inline OutcomeCounts& operator+=(OutcomeCounts& a, const OutcomeCounts& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] += b[i];
  return a;
}
inline uint64_t of(const OutcomeCounts& counts, model::Outcome outcome) {
  return counts[static_cast<std::size_t>(outcome)];
}
uint64_t sum(const OutcomeCounts& counts);

/// The one headline (C26): kept / (kept + late + overdue + missed + excused + withdrawn after due), with the range in
/// which it lies once what cannot be told is known: all of it missed, all of it kept. Excused is never added to kept.
/// Not owed, lapsed, declined and open count in neither part.
struct Headline {
  int64_t kept = 0;
  int64_t due = 0;  ///< the whole of which `kept` is a part
  int64_t cannot_tell = 0;

  static Headline from(const OutcomeCounts& counts);
  bool has_rate() const { return due > 0; }
  bool has_range() const { return due + cannot_tell > 0; }
  int64_t low_part() const { return kept; }
  int64_t high_part() const { return kept + cannot_tell; }
  int64_t range_whole() const { return due + cannot_tell; }
};

}  // namespace kept::measures
