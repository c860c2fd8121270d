#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "calendar/working_days.h"
#include "exchange/court_routes.h"
#include "simulation/fact.h"
#include "simulation/simulate.h"

namespace kept::simulation {

/// One list as a court publishes it.
struct PublishedList {
  int64_t published_at = 0;
  std::string text;   ///< JSON, as `format: court-list` reads it
  uint64_t rows = 0;  ///< cases in it
};

/// The lists that one kind of court publishes of what its listing events recorded, at the times of the table of courts:
/// the Crown Court its daily, firm and warned lists, the magistrates' courts their daily one. A list shows what stood
/// when it was published; it is nothing of its own.
class CourtLists {
 public:
  /// `kind`: crown or magistrates. `courts` must outlive it.
  CourtLists(const exchange::CourtRoutes& courts, const std::string& kind, const Plan& plan,
             const calendar::WorkingDays& working_days);
  /// A fact that changes what stands; others are left alone.
  void take(const Fact& fact);
  /// Every list published at or before that moment and not given yet, in order.
  std::vector<PublishedList> published_by(int64_t at_ms);

 private:
  struct Due {
    int64_t at;
    const char* list;              ///< daily, firm, warned
    calendar::LocalDate from, to;  ///< the days it is for
    bool operator<(const Due& other) const;
  };
  struct Standing {
    uint32_t urn = 0;
    std::string kind;  ///< of hearing, as the vocabulary has it
    bool is_listed = false;
    int64_t changed_at = 0;  ///< when the last of its changes happened
    calendar::LocalDate on;
  };
  PublishedList crown(const Due& due) const;
  PublishedList magistrates(const Due& due) const;
  /// Hearings of those days by court, in order.
  std::map<const exchange::CourtRoute*, std::vector<const Standing*>> of_days(const Due& due) const;

  const exchange::CourtRoutes& courts_;
  std::string kind_;
  std::vector<Due> due_;  ///< in order
  std::size_t next_ = 0;
  std::map<uint32_t, Standing> hearings_;
};

/// The court at which this case is heard: the records do not say, so cases are shared out. Null: no court of that kind.
const exchange::CourtRoute* court_of_case(const exchange::CourtRoutes& courts, std::string_view kind, uint32_t urn);
/// As its own systems call it: its first code, or its name where it has none.
const std::string& code_of(const exchange::CourtRoute& court);

}  // namespace kept::simulation
