#pragma once
#include <cstdint>
#include <vector>

#include "calendar/local_date.h"
#include "simulation/event_names.h"
#include "simulation/random.h"

namespace kept::simulation {

/// The system that sends events of this feed, and the agency that answers for it (rules/vocabulary/agencies.yaml).
struct FeedNames {
  const char* source;
  const char* agency;
  bool may_fall_silent;
};
const FeedNames& names(Feed feed);

/// Whether this feed is the one that carries this type for its agency. The police have three: custody, contacts, and
/// the crime reports.
bool carries(Feed feed, Type type);

/// Days on which a feed sent nothing. Shape: both ends included.
struct Silence {
  Feed feed = Feed::none;
  calendar::LocalDate from, to;
  bool backfilled = false;  ///< sent after all, on the days after `to`
};

/// Which feeds fall silent in a run, and when.
class Silences {
 public:
  /// About `assumed::silences_a_year` of one to four weeks each, at least one in a run of two months or more.
  static Silences drawn(Random& random, calendar::LocalDate from, calendar::LocalDate to);
  /// The silence of that feed on that day, or null.
  const Silence* on(Feed feed, calendar::LocalDate day) const;
  const std::vector<Silence>& all() const { return silences_; }

 private:
  std::vector<Silence> silences_;
};

/// One row of the coverage file: this agency's events of this type are complete from `from` to `to`, both included.
struct CoverageRow {
  const char* agency;
  const char* type;
  calendar::LocalDate from, to;
};
/// Every agency of the simulation against every type of event (`*`: all) it could have sent, without the silences that
/// were never made good.
std::vector<CoverageRow> coverage(const Silences& silences, calendar::LocalDate from, calendar::LocalDate to);

}  // namespace kept::simulation
