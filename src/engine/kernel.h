#pragma once
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/timeline.h"
#include "engine/trace.h"
#include "engine/world.h"
#include "model/obligation.h"

namespace kept::engine {

/// A trace that compiles to nothing: the shipping kernel.
struct NoTrace {
  static constexpr bool enabled = false;
  void add(const Step&) {}
};

/// A trace that records every step.
struct Recording {
  static constexpr bool enabled = true;
  std::vector<Step> steps;
  void add(const Step& step) { steps.push_back(step); }
};

enum class Truth : uint8_t { no, yes, unknown };

/// Judges one timeline at a time: every obligation of one participant (or case), by the table of design 4.
/// Reuse one per thread. No allocation once its scratch has grown to the largest timeline seen.
template <class Trace>
class Kernel {
 public:
  explicit Kernel(const World& world);

  /// The one entry: from a timeline to its obligations, appended to `out`. `first` is the timeline's heads by code.
  void judge(const Timeline& timeline, const uint32_t* first, std::vector<model::Obligation>* out);
  /// Which class of RuleBook::applicability the participant is; -1 when the book has none.
  int32_t applicability(const Timeline& timeline, const uint32_t* first);

  Trace trace;
  /// Explain: only this duty's obligations (no_duty: all) are traced; where each obligation's steps begin.
  std::vector<std::pair<std::size_t, std::size_t>> spans;

 private:
  using Obligation = model::Obligation;
  using Due = model::Due;
  using Unrecorded = PlainCondition::Unrecorded;

  /// F in one reading of the times.
  struct Fulfilment {
    uint32_t entry = no_entry;
    int64_t at = 0;
    uint32_t satisfied = 0;  ///< all_of: which patterns have a fulfilment
    bool found() const { return entry != no_entry; }
  };

  /// One obligation on its way: what does not change between readings.
  struct Case {
    const Duty* duty;
    uint16_t duty_index;
    uint32_t trigger;  ///< entry
    uint32_t crime;
    int64_t joined_at;  ///< INT64_MIN: no link
    int64_t retracted_at = never;
    uint32_t retracted_by = Obligation::no_row;  ///< the retraction, or the correction that had its effect
    TimeLimit limit;
    bool has_inherited = false, has_fixed = false;
    Due inherited, fixed;
    uint32_t interval = 0;
    bool has_start = false;
    int64_t start_at = 0;   ///< of an interval
    bool to_agree = false;  ///< C25: the duty is to agree
    bool no_until = false;
    bool ignore_holds = false;
    uint32_t before_row = 0;    ///< whose detail gives the date that `before` counts back from
    bool assumed_late = false;  ///< reading: a recorded_at that was only assumed lies as late as it can
    bool wish_late = false;     ///< reading: a wish whose day is not known was given as late as it can
    bool wish_ended_late = false;
  };

  /// What is the same for every duty one entry triggers.
  struct AtEntry {
    calendar::LocalDate day;
    bool same_type_before = false;  ///< another entry of its type stands before it on its date
    uint64_t codes_before = 0;      ///< entries of its date that stand before it though they may not lie before it
    bool is_enhanced = false;
    uint32_t flags = 0;
    uint32_t crime = 0;
    int64_t joined_at = 0;
    int64_t start_at = 0;  ///< of a clock that starts when it occurred
    calendar::LocalDate start_on;
  };
  /// The timeline at hand and what every obligation of it reads, as bare pointers: the inner loop keeps them in
  /// registers.
  struct View {
    const int64_t* lo;
    const uint32_t* row;
    const uint32_t* next;
    const uint32_t* crime;  ///< null: the table has no such column
    const uint32_t* hearing;
    uint32_t* cursor;
    const PlainDuty* duties;
    const uint16_t* codes;
    uint32_t participant;
    bool has_dates;         ///< a limit in hours is not plain here
    bool failing_is_plain;  ///< nothing recorded here could excuse or end a failure
    bool has_declines;
    bool has_links;
    bool recorded_apart;  ///< some event was recorded at another moment than its own
    bool has_coverage;
    bool has_agencies;  ///< some agency is named somewhere
    int64_t as_at;
  };
  void walk_plain();
  void walk();
  void enter(const View& v, uint32_t i);
  bool judge_plain(const View& v, uint32_t i, uint16_t duty_index);
  void hand_on(uint32_t i, uint16_t duty_index);
  void not_owed_plain(const View& v, uint32_t i, uint16_t duty_index);
  Case plain_case(uint32_t i, uint16_t duty_index) const;
  Truth plain_condition(uint16_t duty_index, uint32_t row);
  uint32_t settle_agency(uint32_t i, uint16_t duty_index, Obligation* o) const;
  uint32_t settle_gap(uint32_t i, uint16_t duty_index, uint32_t satisfied, int64_t S, Obligation* o);
  bool is_declined_topic(uint16_t duty_index) const;
  bool is_too_late_to_use(const Duty& duty, uint32_t trigger_row, int64_t told_at) const;

  // Walking triggers.
  void handle_trigger(uint32_t i, uint16_t duty_index, bool second_pass);
  bool still_triggers(const Duty& duty, uint32_t row) const;
  int64_t retracted_moment(uint32_t i, const Duty& duty, bool* stands, uint32_t* by) const;
  bool same_fact_from_elsewhere(uint32_t i, const Duty& duty);
  void repeat(Case c);
  void judge_chains();
  void judge_chain(uint16_t duty_index, uint32_t i);
  Fulfilment first_of_leg(const Duty& leg, uint32_t i, uint32_t crime);
  void settle_leg(uint16_t leg, uint32_t i, uint32_t crime, const Due& D, const Fulfilment& F, uint32_t base_flags);
  uint32_t middle_before(const Case& c, const Duty& leg, const TimeLimit& limit_two);
  void move_middle(const Case& chain, const Duty& chain_duty, uint32_t middle, const TimeLimit& limit_two,
                   const Fulfilment& F, uint32_t base_flags);
  template <class Unwanted>
  void drop_obligations(Unwanted unwanted);

  // One obligation.
  void assess_one(Case& c, Obligation& o);
  void assess_readings(Case& c, Obligation& o);
  void all_readings(Case& c, Obligation& o, bool hours);
  void trigger_readings(const Case& c, std::vector<int64_t>* readings);
  void take_limit_of(Case& c, calendar::LocalDate day, Obligation& reading);
  uint32_t assumed_record(const Case& c) const;
  uint32_t vague_wish(bool withdrawn) const;
  bool is_recorded_after(uint32_t row, const Due& D, const Case& c) const;
  void one_reading(Case& c, int64_t t, int64_t known, const Fulfilment& F, Obligation& o);
  bool is_vague(uint32_t entry, bool hours) const;
  bool any_vague(const Case& c, bool hours) const;
  void gather_choices(const Case& c, bool hours, Obligation* base);
  bool moved_after_due(const Case& c);
  static void set_window(Obligation* o);
  template <class Answer>
  void each_possible_first(Answer answer);
  template <class Answer>
  void every_combination(const Case& c, Answer answer);
  void table(const Case& c, int64_t t, int64_t S, const Fulfilment& F, Obligation& o);

  // The table's rows, in its order.
  bool is_not_owed_retracted(const Case& c, const Due& D, bool past) const;
  uint32_t cancelled_by(const Case& c, int64_t t, const Due& D, const Fulfilment& F);
  bool is_owed(uint16_t successor, uint32_t row, calendar::LocalDate day, uint32_t crime);
  void hand_down(const Case& c, const Obligation& o);
  bool ended_by_death(const Due& D, const Fulfilment& F) const;
  bool ended_by_until(const Case& c, int64_t S, const Due& D, const Fulfilment& F, uint32_t* by);
  uint32_t declined(const Case& c, int64_t t, int64_t* S, Due* D, const Fulfilment& F, uint32_t* flags, bool* beyond);
  bool is_excused(const Case& c, const Due& D, const Fulfilment& F, uint32_t* flags, uint32_t* row);
  bool find_gap(const Case& c, int64_t t, int64_t S, const Due& D, const Fulfilment& F, Obligation* o);

  // Times.
  bool deadline(const Case& c, int64_t S, bool as_known_at_start, Due* due);
  bool limit_due(const Case& c, const TimeLimit& limit, int64_t S, const calendar::WorkingDays& days, Due* due,
                 bool* none);
  bool is_after(int64_t at, const Due& D) const;
  calendar::LocalDate due_date(const Due& D) const;
  int64_t due_end(const Due& D) const;
  void set_lateness(TimeLimit::Kind kind, const Due& D, int64_t at, Obligation* o) const;

  // Matching.
  const std::vector<Pattern>& fulfilments(const Case& c) const {
    return c.to_agree ? rules_.agreement_patterns : c.duty->fulfilled_by;
  }
  Truth same(const Duty& duty, uint32_t trigger, uint32_t crime, uint32_t entry) const;
  bool mine(uint32_t entry, uint32_t crime) const;
  bool matches(const Pattern& pattern, uint32_t row) const;
  bool matches_any(const std::vector<Pattern>& patterns, uint32_t row) const;
  bool comes_before(int64_t at_a, uint32_t a, int64_t at_b, uint32_t b) const;
  bool find_plain(const Case& c, Fulfilment* F);
  bool is_eligible(const Case& c, bool hours, int64_t t, uint32_t entry, int64_t* at) const;
  bool before_on_the_day(const Fulfilment& F, int64_t at, uint32_t entry) const;
  bool before_on_the_day(const Fulfilment& F, int64_t at, bool instant) const;
  uint32_t head(uint16_t code, uint32_t from) const;

  // Conditions, Enhanced, involvement, provider.
  int32_t class_at_hand();
  Truth evaluate(const Condition& condition, uint16_t node, uint32_t trigger_row, calendar::LocalDate on,
                 uint32_t crime, uint32_t victim);
  bool none_recorded(const std::vector<uint16_t>& codes) const;
  Truth is_recorded(const ConditionNode& node, uint32_t trigger_row, calendar::LocalDate by, uint32_t crime,
                    uint32_t victim) const;
  Truth is_under_age(int32_t years, calendar::LocalDate when, uint32_t victim) const;
  Truth test(const FieldTest& test, bool present, int64_t value) const;
  template <class Value>
  Truth each_test(const std::vector<FieldTest>& list, Value value_of) const;
  Truth tests(const std::vector<FieldTest>& list, uint32_t row) const;
  Truth entry_tests(const std::vector<FieldTest>& list, uint32_t i) const;
  struct Enhancement {
    bool yes = false, by_assessment = false, by_fact = false, recorded_later = false, kinder = false;
    uint32_t row = Obligation::no_row;
  };
  Enhancement enhanced_on(calendar::LocalDate on, uint32_t trigger_row, uint32_t crime);
  Enhancement enhanced_for(uint32_t victim, calendar::LocalDate on, uint32_t trigger_row, uint32_t crime);
  bool is_involved(uint32_t* row) const;
  uint32_t provider(uint16_t duty_index, uint32_t trigger, uint32_t crime, calendar::LocalDate on) const;
  bool sent_but_not_accepted(uint16_t duty_index, uint32_t crime, calendar::LocalDate on) const;
  int64_t joined_at(uint32_t i, uint32_t crime);

  void collect();
  calendar::LocalDate on(uint32_t i) const { return calendar::london_date(timeline_->lo[i]); }
  bool is_instant(uint32_t i) const {
    return timeline_->precision[i] == static_cast<uint8_t>(model::Precision::instant);
  }
  int64_t hi(uint32_t i) const;
  /// The last day on which it may have occurred; that of an instant or a date is its own.
  calendar::LocalDate last_day_of(uint32_t i) const {
    return timeline_->precision[i] == static_cast<uint8_t>(model::Precision::coarse)
               ? calendar::london_date(world_.table.occurred(timeline_->row[i]).hi_ms)
               : on(i);
  }
  uint32_t agency_of(uint32_t i) const { return timeline_->agency.empty() ? 0 : timeline_->agency[i]; }
  uint32_t crime_of(uint32_t i) const { return timeline_->crime.empty() ? 0 : timeline_->crime[i]; }
  bool usable(uint32_t i) const {
    return timeline_->bits[i] == 0 || (timeline_->bits[i] & (entry_plan | entry_trigger_only)) == 0;
  }
  bool is_live(uint32_t i) const { return (timeline_->bits[i] & entry_trigger_only) == 0; }
  uint32_t root(uint32_t i) const {
    return (timeline_->bits[i] & entry_historic) ? world_.facts.root_of(timeline_->row[i]) : timeline_->row[i];
  }
  int64_t recorded_at(uint32_t row) const { return world_.table.recorded_at(row); }
  void tell_enhanced(const Enhancement& enhanced, calendar::LocalDate on) {
    if (enhanced.row != Obligation::no_row)
      step(Step::Kind::enhanced_by_assessment, enhanced.row, 0, on.days, enhanced.by_assessment);
    if (enhanced.by_fact) step(Step::Kind::enhanced_by_fact, Obligation::no_row, 0, on.days);
    if (enhanced.yes) step(Step::Kind::limit_enhanced);
  }
  void step(Step::Kind kind, uint32_t row = Obligation::no_row, int64_t at = 0, int32_t day = 0, int64_t value = 0) {
    if constexpr (Trace::enabled) trace.add({kind, row, at, day, value});
  }

  const World& world_;
  const PreparedRules& rules_;
  const RuleBook& book_;
  const Timeline* timeline_ = nullptr;
  const uint32_t* first_ = nullptr;
  std::vector<model::Obligation>* out_ = nullptr;
  std::vector<uint32_t> cursor_;  ///< by code: the first entry of that code not before the one at hand
  bool cursor_valid_ = false;

  // Of the timeline at hand; filled only where its profile says so.
  struct Decline {
    uint32_t root;
    int64_t lo;
    uint32_t entry;
  };
  bool gathered_any_ = true;
  std::vector<Decline> declines_;
  std::vector<uint32_t> withdrawals_, reasons_, holds_, births_, assessments_, agreements_, involvement_, transfers_,
      deaths_;
  int64_t died_at_ = never;
  uint32_t died_row_ = Obligation::no_row;
  calendar::LocalDate enhanced_day_{INT32_MIN};
  uint32_t enhanced_crime_ = 0;
  Enhancement enhanced_cache_;
  calendar::LocalDate next_change_of_enhanced(calendar::LocalDate by) const;
  Enhancement span_answer_;  ///< the answer from span_from_ up to the day before span_to_
  uint32_t span_crime_ = 0;
  calendar::LocalDate span_from_{INT32_MAX}, span_to_{INT32_MIN};
  uint32_t enhancement_flags(const Enhancement& enhanced, uint32_t trigger) const;

  struct Inherited {
    uint16_t duty;
    uint32_t root;
    Due due;
  };
  std::vector<Inherited> inherited_;
  struct Settled {
    uint16_t duty;
    uint32_t root;
    Due due;
    bool owed;
  };
  std::vector<Settled> settled_;
  std::vector<std::pair<uint32_t, uint16_t>> deferred_;  ///< `with` duties: after the others
  std::vector<int64_t> declined_topics_;                 ///< of the timeline at hand
  bool timeline_plain_ = false;
  static constexpr int32_t not_asked = -2;
  int32_t applies_ = not_asked;  ///< the applicability class of the participant at hand
  AtEntry at_;
  const model::Obligation blank_{};
  bool assessments_only_ = false;  ///< Enhanced turns on one assessment at most, on no other fact
  calendar::LocalDate assessed_on_{INT32_MAX};
  uint32_t assessed_row_ = 0;
  struct Choice {
    uint32_t entry;
    int64_t at[3];  ///< its first and last possible moment, and where T lies between them the first that counts
    bool eligible[3];
    uint8_t count;
    bool may_be_absent;
  };
  std::vector<Choice> choices_;
  std::vector<int64_t> trigger_readings_;
  std::vector<std::pair<int64_t, int64_t>> hold_spans_;
  calendar::LocalDate began_on_{INT32_MAX};  ///< the timeline's first day
  /// The links asked for last: most entries of a timeline are about one crime and one suspect.
  struct Joined {
    uint32_t participant = 0, crime = 0;
    uint32_t suspect = 0;  ///< 0: not asked
    int64_t victim_since = 0, suspect_since = 0;
  };
  Joined joined_;
};

extern template class Kernel<NoTrace>;
extern template class Kernel<Recording>;

}  // namespace kept::engine
