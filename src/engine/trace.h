#pragma once
#include <cstdint>
#include <vector>

#include "model/obligation.h"

namespace kept::engine {

/// One step of the reasoning about one obligation, as the kernel takes it; what it passes over without a step (a day of
/// rest, an act of another crime) is worded by whoever explains, from the calendar and the events. `row` points into
/// the EventTable; days are LocalDate numbers.
struct Step {
  enum class Kind : uint8_t {
    trigger,                 ///< row: the event that started it
    condition,               ///< value: 1 yes, 0 no, 2 unknown (kinder reading taken)
    enhanced_by_assessment,  ///< row: the assessment that governs; value: 1 enhanced, 0 not
    enhanced_by_fact,        ///< a fact of C20 holds
    limit_enhanced,          ///< the enhanced limit applies; absent: the standard one
    clock_started,           ///< at: S
    told_ahead,              ///< known before the trigger's own date: S is the trigger
    joined_later,            ///< S moved to the day of the link
    no_known_at,             ///< the duty-bearer's own receipt is not recorded: at..value bound it
    middle_before,           ///< row: the chain's middle, dated before the trigger and counted as made with it
    due,                     ///< at (instant) or day (date): D
    considered_kept,         ///< row: F
    unsure_key,              ///< row: does not say which suspect or hearing, and more than one was possible
    unsure_time,             ///< row: time coarser than the limit
    decline_found,           ///< row: a decline in force
    decline_too_late,        ///< row: entered after the due date: a note
    decline_ended,           ///< row: withdrawn or ended by D: the clock runs again from `at`
    reason_counts,           ///< row: a complete good reason
    reason_incomplete,       ///< row
    reason_needs_second,     ///< row: entered after D without a second person
    lapsed_by,               ///< row
    died,                    ///< row
    retracted,               ///< row: the retraction, or the correction that had its effect; at: when it was recorded
    gap,                     ///< day, value: vocabulary type index; agency in row
    involvement_ended,       ///< row
    moved_later,  ///< row: the version first recorded, after whose due date it was corrected; at or day: that D
    reading_act,  ///< rule U: before each reading; row: F, or none; at: when; value: S
    reading,      ///< rule U: one combination tried; value: the outcome it gave; at: T's or S's extreme
    outcome,      ///< value: model::Outcome
  };
  Kind kind;
  uint32_t row = model::Obligation::no_row;
  int64_t at = 0;
  int32_t day = 0;
  int64_t value = 0;
};

/// One obligation with the steps that led to it, in the order they were taken.
struct Explanation {
  model::Obligation obligation;
  std::vector<Step> steps;
};

}  // namespace kept::engine
