#pragma once
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "calendar/working_days.h"
#include "measures/cells.h"
#include "measures/crime_traits.h"
#include "measures/duty_label.h"
#include "measures/headline.h"
#include "model/event_table.h"
#include "model/obligation.h"

namespace kept::measures {

/// Classes of lateness, the same numbers for each unit: 1, 2, 3-5, 6-10, 11-20, 21-60, 61 and more.
inline constexpr int late_class_count = 7;
int late_class(int32_t late_by);
const char* late_class_label(int late_class);

/// One way in which it cannot be told whether duties were kept: whose fact is missing, and which.
struct MissingFact {
  uint16_t duty = 0;
  uint16_t code = 0;    ///< vocabulary code of the missing fact; 0 where it is a time or a key of a fact that is there
  uint32_t agency = 0;  ///< symbol; 0 unknown
  model::Reason reason = model::Reason::none;
  bool operator==(const MissingFact&) const = default;
};
std::size_t hash_value(const MissingFact& missing);
struct MissingCount {
  uint64_t obligations = 0;
  int32_t first_on = 0, last_on = 0;  ///< days; 0 where it is no gap in a feed
};

/// How well the record can be trusted (C27), as far as recorded events tell. Of obligations that were fulfilled, kept
/// or late.
struct TrustCounts {
  uint64_t fulfilled = 0;
  uint64_t recorded_a_working_day_after = 0;  ///< the telling was recorded more than a working day after it happened
  uint64_t recorded_time_assumed = 0;         ///< when it was recorded is not known
  uint64_t recorded_after_due = 0;
  uint64_t contacts = 0;  ///< distinct events that fulfilled them: fulfilled / contacts is duties closed per contact
  TrustCounts& operator+=(const TrustCounts& other);
};

/// People, as far as the Code's own verified duties go.
struct PeopleCounts {
  uint64_t owed_something = 0;    ///< at least one duty fell due
  uint64_t all_kept = 0;          ///< every one of them kept
  uint64_t something_untold = 0;  ///< at least one cannot be told
  PeopleCounts& operator+=(const PeopleCounts& other);
};

/// Everything the report shows, gathered from obligations a participant at a time. Parts gathered apart add up to the
/// same.
class Figures {
 public:
  static constexpr int flag_bits = 32;
  enum class Scope : uint8_t {
    report,
    summary,  ///< cells, flags and what is missing: all that is read where no report is written
  };

  /// All three must outlive the figures. `known_on`: with which knowledge of holidays lateness of recording is counted.
  Figures(const DutyLabels& labels, const model::EventTable& table, const CrimeTraitsTable& traits,
          const calendar::WorkingDayCalendar* calendar, calendar::LocalDate known_on, Scope scope = Scope::report);
  /// A part for another thread: the same inputs, nothing counted.
  Figures empty_part() const;
  /// All obligations of one participant, or of cases owed as such.
  void take(const model::Obligation* first, std::size_t count);
  /// Adds what `other` gathered; `other` is spent.
  void merge(Figures& other);

  const Cells& cells() const { return cells_; }
  /// By duty; windows have none.
  std::vector<OutcomeCounts> outcomes_by_duty() const;
  /// [duty][LateUnit - 1][class].
  const std::vector<std::array<std::array<uint64_t, late_class_count>, 3>>& late_by_duty() const { return late_; }
  const std::vector<std::array<uint64_t, flag_bits>>& flags_by_duty() const { return flags_; }
  const std::vector<TrustCounts>& trust_by_duty() const { return trust_; }
  const boost::unordered_flat_map<MissingFact, MissingCount>& missing() const { return missing_; }
  const PeopleCounts& people() const { return people_; }
  /// One obligation of a duty and outcome to look into: the first by participant, crime, trigger and interval. Null:
  /// there is none.
  const model::Obligation* example(uint16_t duty, model::Outcome outcome) const;

 private:
  void take_one(const model::Obligation& one);
  void take_for_report(const model::Obligation& one);
  void count_people(const model::Obligation* first, std::size_t count);
  void count_contacts();
  void keep_example(const model::Obligation& one);

  const DutyLabels& labels_;
  const model::EventTable& table_;
  const CrimeTraitsTable& traits_;
  const calendar::WorkingDayCalendar* calendar_;
  calendar::LocalDate known_on_;
  Scope scope_;
  Cells cells_;
  std::vector<std::array<std::array<uint64_t, late_class_count>, 3>> late_;
  std::vector<std::array<uint64_t, flag_bits>> flags_;
  std::vector<TrustCounts> trust_;
  boost::unordered_flat_map<MissingFact, MissingCount> missing_;
  PeopleCounts people_;
  std::vector<model::Obligation> examples_;  ///< duty * outcomes + outcome
  std::vector<uint8_t> has_example_;
  std::vector<std::pair<uint16_t, uint32_t>> closed_;  ///< (duty, row) of one participant, for counting contacts
};

}  // namespace kept::measures
