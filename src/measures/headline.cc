#include "measures/headline.h"

namespace kept::measures {

uint64_t sum(const OutcomeCounts& counts) {
  uint64_t total = 0;
  for (const uint64_t count : counts) total += count;
  return total;
}

Headline Headline::from(const OutcomeCounts& counts) {
  using model::Outcome;
  Headline headline;
  headline.kept = static_cast<int64_t>(of(counts, Outcome::kept));
  headline.due = headline.kept + static_cast<int64_t>(of(counts, Outcome::late) + of(counts, Outcome::overdue) +
                                                      of(counts, Outcome::missed) + of(counts, Outcome::excused) +
                                                      of(counts, Outcome::withdrawn_after_due));
  headline.cannot_tell = static_cast<int64_t>(of(counts, Outcome::cannot_tell));
  return headline;
}

}  // namespace kept::measures
