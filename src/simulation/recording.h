#pragma once
#include <cstdint>

#include "simulation/fact.h"
#include "simulation/feeds.h"
#include "simulation/office.h"
#include "simulation/pending.h"
#include "simulation/random.h"

namespace kept::simulation {

/// Numbers given out in a run: people (victims and suspects are people alike), crimes, hearings and so on, each from 1.
struct Numbers {
  uint32_t people = 0, crimes = 0, hearings = 0, keys = 0, urns = 0, events = 0;
};

/// How agencies write down what happens: promptly or not, exactly or not, wrongly, twice, or not at all.
class Recording {
 public:
  Recording(Pending& pending, const Silences& silences, Numbers& numbers, const Office& office, int64_t end_at)
      : pending_(pending), silences_(silences), numbers_(numbers), office_(office), end_at_(end_at) {}

  /// How one happening is to be written down.
  struct How {
    bool certain = false;         ///< always written down, at once and rightly (links, reports)
    bool happened = true;         ///< false: it is written down and did not happen
    bool unwritten = false;       ///< it happened and nobody wrote it down
    int64_t reached_at = 0;       ///< when it reached the victim, for the truth
    const char* about = nullptr;  ///< what was told, for the truth
  };

  /// The journeys of this day begin: nothing may be written down before it.
  void begin(calendar::LocalDate day) { day_ = day; }
  /// Something happens (or is said to). Returns the id of its event, 0 when none is in the file.
  uint32_t record(Random& random, const Fact& fact, const How& how);
  uint32_t record(Random& random, const Fact& fact) { return record(random, fact, How{}); }
  /// Written down in error (somebody else's matter) and taken back one to fifteen working days later.
  void record_in_error(Random& random, const Fact& fact);

  /// The feed sent nothing on that day and never made it good.
  bool lost(Feed feed, int64_t at) const;
  int64_t end_at() const { return end_at_; }
  const Office& office() const { return office_; }
  Numbers& numbers() { return numbers_; }

 private:
  uint32_t write(Fact& fact);
  void tell_truth(const Fact& fact, const How& how, Fate fate, uint32_t event);
  int64_t entry_delay(Random& random, const Fact& fact) const;

  Pending& pending_;
  const Silences& silences_;
  Numbers& numbers_;
  const Office& office_;
  int64_t end_at_;
  calendar::LocalDate day_;
};

}  // namespace kept::simulation
