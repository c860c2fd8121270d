#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/obligation.h"

namespace kept::app {

/// One obligation as a ledger's projection keeps it: like model::Obligation, but with positions of facts instead of
/// rows and keys of names instead of symbols, so that it means the same tomorrow. Belongs to the rules in force.
struct StoredObligation {
  static constexpr uint64_t no_position = UINT64_MAX;
  uint16_t duty = 0;  ///< index into the duties of the rules in force
  uint32_t interval = 0;
  uint64_t trigger = no_position;  ///< the version of the trigger's content that was judged
  int64_t crime = 0, hearing = 0, agency = 0, missing_agency = 0;  ///< keys of names; 0: none
  uint64_t fulfilled = no_position, decided = no_position;
  int64_t start_at = 0, fulfilled_at = 0;
  model::Due due_on, first_due_on;
  model::Outcome outcome = model::Outcome::open;
  model::Outcome would_have_been = model::Outcome::open;
  model::WindowState window = model::WindowState::not_a_window;
  model::Reason reason = model::Reason::none;
  model::LateUnit late_unit = model::LateUnit::none;
  int32_t late_by = 0;
  int64_t late_ms = 0;
  uint16_t missing_code = 0;
  int32_t missing_on = 0;
  uint32_t flags = 0;
  uint16_t rule_u_outcomes = 0;
  bool operator==(const StoredObligation&) const = default;

  /// What stays when it is judged again: two with the same identity are one obligation before and after.
  bool is_same_obligation(const StoredObligation& other) const {
    return duty == other.duty && interval == other.interval && trigger == other.trigger && crime == other.crime &&
           hearing == other.hearing;
  }
  /// The order in which one person's obligations are kept.
  bool operator<(const StoredObligation& other) const;
};

/// A person's obligations as bytes, in their order; the same for the same obligations.
std::string encode_obligations(const std::vector<StoredObligation>& obligations);
/// Errors: conflict for bytes that `encode_obligations` did not write.
base::Result<std::vector<StoredObligation>> decode_obligations(std::string_view bytes);

/// What one visit changed: each obligation as it was, as it is, or both.
struct ObligationChange {
  bool was = false, is = false;
  StoredObligation before, after;
};
std::vector<ObligationChange> changes_between(const std::vector<StoredObligation>& before,
                                              const std::vector<StoredObligation>& after);
std::string encode_changes(const std::vector<ObligationChange>& changes);
base::Result<std::vector<ObligationChange>> decode_changes(std::string_view bytes);

}  // namespace kept::app
