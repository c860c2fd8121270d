#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/working_days.h"
#include "model/vocabulary.h"

namespace kept::exchange {

/// When a court publishes a list. Shape: `days` working days before the first day of the list, at that London minute.
struct ListTime {
  int32_t days = 1;
  int32_t minute = 17 * 60;
};

/// One court: what it is called in lists, and which Witness Care Unit is told.
struct CourtRoute {
  std::string name;                                    ///< without regard to case
  std::vector<std::string> codes;                      ///< the court's own codes in lists and events; may be empty
  std::string kind;                                    ///< crown, magistrates: a word of `court_kind`
  std::string agency;                                  ///< of what it sends
  std::string unit;                                    ///< the Witness Care Unit's agency
  std::map<std::string, ListTime, std::less<>> lists;  ///< by daily, firm, warned
  int32_t sits = 10 * 60;                              ///< when its day begins: a minute of a London day
  int32_t results_by = 9 * 60;                         ///< when a day's results are to be there: of the next day
  bool carried = false;                                ///< what it sends reaches its unit through us: received is had
};

/// Courts' own routes and list times, as data (feeds/courts.yaml). Format: docs/formats/courts.md.
class CourtRoutes {
 public:
  const std::vector<CourtRoute>& all() const { return routes_; }
  /// By name or code; null: not listed.
  const CourtRoute* find(std::string_view court) const;

  /// Errors: invalid, with file:line and the mend: an unknown key, a kind or unit nobody has, a court named twice;
  /// unsupported for a newer version; not_found, io.
  static base::Result<CourtRoutes> load(const std::string& path, const model::Vocabulary& vocabulary);
  static base::Result<CourtRoutes> parse(std::string_view yaml, const std::string& name,
                                         const model::Vocabulary& vocabulary);

 private:
  std::vector<CourtRoute> routes_;
};

/// The instant at which a hearing's notice ends: this court begins to sit on that day.
int64_t sits_at(const CourtRoute& court, calendar::LocalDate day);
/// The instant by which what came of that day's hearings is to be recorded: the next morning.
int64_t results_due(const CourtRoute& court, calendar::LocalDate day);
/// The instant by which this court's list for a day is to be published; nothing where it publishes none of that name,
/// or the calendar does not reach.
std::optional<int64_t> list_due(const CourtRoute& court, std::string_view list, calendar::LocalDate for_day,
                                const calendar::WorkingDays& working_days);

}  // namespace kept::exchange
