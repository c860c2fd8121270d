#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "calendar/working_days.h"
#include "engine/assess.h"
#include "engine/facts.h"
#include "engine/links.h"
#include "engine/prepared_rules.h"

namespace kept::engine {

/// Everything a run knows that is not one participant's: resolved once, read by all threads.
class World {
 public:
  World(const PreparedRules& rules, const model::EventTable& table, const Facts& facts, const Links& links,
        const AssessOptions& options);

  const PreparedRules& rules;
  const RuleBook& book;
  const model::EventTable& table;
  const Facts& facts;
  const Links& links;
  const Coverage* coverage;  ///< null: complete
  const int64_t as_at;
  const calendar::LocalDate as_at_on;
  const calendar::WorkingDays now;  ///< working days as known at as_at
  const int32_t epoch_now;
  /// From this day on the holidays known were those known at as_at.
  const calendar::LocalDate known_alike_from;
  const EngineFields& fields;

  /// Is the field's value part of the code itself, so that `detail` need not hold it?
  bool is_field_in_code(uint16_t code, uint16_t field) const { return rules.field_in_code[code] == field; }
  /// Does this event's topic name the duty's? `field` is the event's own.
  bool is_topic(const Duty& duty, uint32_t row) const;
  int64_t topic_value(uint32_t row) const;      ///< -1: none
  int64_t topic_of_duty(uint16_t duty) const {  ///< -1: none
    return topic_of_duty_.empty() ? rules.topic_of_duty[duty] : topic_of_duty_[duty];
  }
  /// A test's `code` value as a symbol of this table; 0 when the table never used it.
  uint32_t code_symbol(int64_t word) const { return code_symbols_[static_cast<std::size_t>(word)]; }

  uint16_t role_of_agency(uint32_t agency) const { return role_of_agency_[agency]; }
  uint16_t role_of_bearer(uint16_t duty) const { return rules.role_of_bearer[duty]; }
  /// `bearer: provider` is whichever service provider recorded the trigger.
  bool is_any_provider(uint16_t duty) const { return rules.role_of_bearer[duty] == rules.any_provider; }
  const std::vector<uint32_t>& agencies_in(uint16_t role) const { return agencies_of_role_[role]; }

  /// The first moment at which the hold with this root row was ended; `never`: it stands. An id is one source's own
  /// (design 3), and an end names the hold by id alone: it ends the holds with that id that its own source recorded, or
  /// that were recorded for its participant (where one of the two names none: in its crime).
  int64_t hold_ended_at(uint32_t hold_root) const;

  /// Values of one reference (0 suspect, 1 hearing, 2 key) recorded in `crime` on or before `by`: 0, the only one, or
  /// `several`.
  static constexpr uint32_t several = 0xFFFFFFFFu;
  uint32_t only_value(int which, uint32_t crime, calendar::LocalDate by) const;

 private:
  void index_values() const;
  void index_hold_ends();
  bool is_end_of(uint32_t end_row, uint32_t hold_root) const;

  std::vector<uint32_t> code_symbols_;
  std::vector<int64_t> topic_of_duty_;  ///< where the topic is a code: its symbol in this table
  std::vector<uint16_t> role_of_agency_;
  std::vector<std::vector<uint32_t>> agencies_of_role_;
  /// An end of the holds with one id.
  struct HoldEnd {
    uint32_t id, row;
  };
  std::vector<HoldEnd> hold_ends_;  ///< by id
  /// Of one reference of a crime: the value recorded for the earliest day, and the first day of any other.
  struct First {
    uint32_t value = 0;
    int32_t since = 0;
    int32_t another_since = std::numeric_limits<int32_t>::max();
    void take(uint32_t reference, int32_t on);
  };
  const int threads_;
  mutable std::once_flag indexed_;
  mutable std::vector<First> values_;  ///< three of each crime
};

}  // namespace kept::engine
