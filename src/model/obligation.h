#pragma once
#include <cstdint>
#include <limits>
#include <string>

namespace kept::model {

/// The outcome table of design 4, in its order of trial.
enum class Outcome : uint8_t {
  not_owed,
  withdrawn_after_due,
  lapsed,
  declined,
  kept,
  excused,
  late,
  open,
  cannot_tell,
  missed,
  overdue
};
inline constexpr int outcome_count = 11;
/// `not owed`, `withdrawn after due`, ... as the Code's reader sees them; `key` form: `not_owed`.
const char* outcome_name(Outcome outcome);
const char* outcome_key(Outcome outcome);

/// A duty that is the victim's own window is never an outcome above (C13).
enum class WindowState : uint8_t { not_a_window, used, lapsed, open, cannot_tell };

/// A due point: none, a London date (inclusive), or an instant (for limits in hours).
struct Due {
  enum class Kind : uint8_t { none, date, instant };
  Kind kind = Kind::none;
  int64_t value = 0;  ///< LocalDate days, or milliseconds UTC
  bool operator==(const Due&) const = default;
};

/// Why an outcome is what it is; a closed list, worded by `explain`.
enum class Reason : uint8_t {
  none,
  condition_false,
  died_before,
  trigger_retracted,
  with_not_owed,
  lapsed_by_event,
  ended_by_death,
  ended_by_until,
  no_coverage,
  rule_u,
  calendar_ends,
  middle_unknown,
  by_one_of_two,
  not_involved,
};
inline constexpr int reason_count = 14;
const char* reason_key(Reason reason);  ///< `condition_false`: as files and content/ name it

/// Also reported (the table's last column). Bits of Obligation::flags.
enum ObligationFlag : uint32_t {
  flag_told_ahead = 1u << 0,
  flag_joined_later = 1u << 1,
  flag_short_notice = 1u << 2,
  flag_moved_after_due = 1u << 3,
  flag_too_late_to_use = 1u << 4,
  flag_told_against_wishes = 1u << 5,
  flag_recorded_after_due = 1u << 6,
  flag_reason_after_due = 1u << 7,
  flag_gap_before_due = 1u << 8,
  flag_beyond_calendar = 1u << 9,
  flag_no_agreement = 1u << 10,
  flag_enhanced = 1u << 11,
  flag_entitled_not_recognised = 1u << 12,
  flag_enhanced_recorded_later = 1u << 13,
  flag_kinder_reading = 1u << 14,
  flag_inferred_coverage = 1u << 15,
  flag_told_before_middle = 1u << 16,
  flag_middle_before_trigger = 1u << 17,
  flag_wish_withdrawn = 1u << 18,
  flag_decline_noted = 1u << 19,
  flag_inherited_due = 1u << 20,
  flag_holiday_announced_since = 1u << 21,
  flag_recorded_assumed = 1u << 22,
  flag_edition_by_assumption = 1u << 23,
  flag_transfer_not_accepted = 1u << 24,
};
const char* flag_name(uint32_t single_bit);

enum class LateUnit : uint8_t { none, hours, working_days, days };

/// One duty owed to one participant because of one trigger, judged. Row numbers point into the EventTable it was judged
/// from. Holds facts and, for a given as_at, the outcome that is a function of them.
struct Obligation {
  static constexpr uint32_t no_row = std::numeric_limits<uint32_t>::max();
  uint32_t participant = 0;  ///< symbol; 0 when owed to a case
  uint32_t crime = 0;
  uint32_t hearing = 0;             ///< of the trigger; the case of `owed_to: case`
  uint16_t duty = 0;                ///< index into RuleBook::duties
  uint32_t interval = 0;            ///< 1, 2, ... of a repeated duty; 0 otherwise
  uint32_t trigger_row = no_row;    ///< the version of the trigger's content that was judged
  uint32_t fulfilled_row = no_row;  ///< F
  uint32_t decided_row = no_row;    ///< the cancellation, decline, death, retraction or good reason that decided
  int64_t start_at = 0;             ///< S, milliseconds
  int64_t fulfilled_at = 0;         ///< F's moment in the reading that was taken
  Due due_on, first_due_on;
  Outcome outcome = Outcome::open;
  Outcome would_have_been = Outcome::open;  ///< for withdrawn after due
  WindowState window = WindowState::not_a_window;
  Reason reason = Reason::none;
  LateUnit late_unit = LateUnit::none;
  int32_t late_by = 0;  ///< in late_unit; hours rounded up to whole hours for this field, exact milliseconds in late_ms
  int64_t late_ms = 0;
  uint16_t missing_code = 0;  ///< cannot tell: the code of the fact that is missing
  uint32_t missing_agency = 0;
  int32_t missing_on = 0;  ///< first day of the gap (LocalDate days), 0 when not a gap
  uint32_t agency = 0;     ///< who held the case (C24), symbol; 0 unknown
  uint32_t flags = 0;
  uint16_t rule_u_outcomes = 0;  ///< bit per Outcome that some reading gave
};

/// A short stable name: a digest of duty, participant, trigger and interval, never of anything readable. 13 characters
/// of base32.
std::string obligation_id(const std::string& duty, const std::string& participant, const std::string& trigger_source,
                          const std::string& trigger_id, uint32_t interval);

}  // namespace kept::model
