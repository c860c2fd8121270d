#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/court_day.h"
#include "app/store_folder.h"
#include "base/result.h"
#include "exchange/court_routes.h"

namespace kept::app {

/// Where a hearing is heard. A court that the table of courts does not have is called what its listing calls it.
struct HearingCourt {
  std::string name;  ///< empty: no listing says
  std::string unit;  ///< the Witness Care Unit's agency; empty: not in the table
  auto operator<=>(const HearingCourt&) const = default;
};

/// How long before its hearing something was known. `working_days` as a limit `before: n working days` counts them,
/// back from the hearing's day, none of them where it was known on that day or later; `hours` to when the court sits,
/// below 0 afterwards. Both absent where the hearing has no day of its own.
struct Notice {
  int64_t at = 0;
  std::optional<int64_t> working_days, hours;
};

/// One change in a court's list, by reference of the hearing: nothing of anybody's.
struct ListingChange {
  std::string hearing;
  HearingCourt court;
  ListingNotice::Change change = ListingNotice::Change::listed;
  std::optional<calendar::LocalDate> on;  ///< the day whose notice counts
  Notice made;
  bool after_list = false;  ///< made when the court's daily list for that day was due already
  ListingNotice::Receipt receipt = ListingNotice::Receipt::none;
  std::optional<Notice> unit_had;
  uint32_t victims = 0;  ///< whom it reaches; of these:
  uint32_t told = 0, too_late = 0;
  std::vector<Notice> victims_had;  ///< of those told
  bool unlinked = false;            ///< no crime is recorded for it: a task
};

/// Which changes: made on these London days, both included.
struct ChangesRequest {
  calendar::LocalDate from, to;
  int64_t as_at = 0;
  std::string court, unit;  ///< only of these, by name or code; empty: all
};

/// In order of time, then of the hearing. A published list names the case: where a listing event of the same URN says
/// the same day, the list repeats it and changes nothing. Errors: the ledger's.
base::Result<std::vector<ListingChange>> listing_changes(Store& store, const exchange::CourtRoutes& courts,
                                                         const ChangesRequest& request);

/// A hearing of a day of which nothing came by the next morning.
struct UnresultedHearing {
  std::string hearing;
  HearingCourt court;
  bool held = false;
  int64_t due_at = 0;  ///< when the court's results of the day were due
};
/// The unit's first list of the day (C22), by court, then hearing. What a published list shows of a case counts only
/// where no listing event of the same URN says that day. Each court's own morning is used, unless
/// `recorded_by` says what had been recorded by then. Errors: the ledger's.
base::Result<std::vector<UnresultedHearing>> unresulted_hearings(Store& store, const exchange::CourtRoutes& courts,
                                                                 calendar::LocalDate day,
                                                                 std::optional<int64_t> recorded_by,
                                                                 const std::string& court, const std::string& unit);

/// How often a reason was given.
struct ReasonCount {
  std::string result;  ///< cracked, ineffective, vacated; empty: a listing, which does not say
  std::string code;
  std::string says;  ///< empty: no reason of the courts has this code with this result
  uint64_t count = 0;
};
/// By result and code, of events that happened in the window. A code that differs between the Crown Court and the
/// magistrates' courts is read by the court of its hearing. Errors: the ledger's.
base::Result<std::vector<ReasonCount>> reason_counts(Store& store, const exchange::CourtRoutes& courts,
                                                     const ChangesRequest& request);

}  // namespace kept::app
