#include "engine/kernel.h"

#include <algorithm>
#include <limits>

#include "calendar/london_time.h"

// The kernel in parts that read one after another; all of it is one translation unit so that the plain path is one
// function to the compiler.
#include "engine/conditions.inl"
#include "engine/deadline.inl"
#include "engine/legs.inl"
#include "engine/matching.inl"
#include "engine/outcome_table.inl"
#include "engine/plain_path.inl"
#include "engine/readings.inl"
#include "engine/repetition.inl"

namespace kept::engine {
template <class Trace>
Kernel<Trace>::Kernel(const World& world)
    : world_(world), rules_(world.rules), book_(world.book), cursor_(book_.vocabulary->code_count(), no_entry) {}

/// Gathers what the rare rules read; entered only when the timeline holds any of it.
template <class Trace>
void Kernel<Trace>::collect() {
  const Timeline& tl = *timeline_;
  if (gathered_any_) {
    for (auto* list : {&withdrawals_, &reasons_, &holds_, &births_, &assessments_, &agreements_, &involvement_,
                       &transfers_, &deaths_})
      list->clear();
    declines_.clear();
  }
  died_at_ = never;
  died_row_ = Obligation::no_row;
  constexpr uint32_t gathered = (1u << 11) - 1;
  gathered_any_ = (tl.profile & gathered) != 0;
  if (!gathered_any_) return;
  using model::Meaning;
  for (const auto& [bit, code] : rules_.collected_codes) {
    if (!(tl.profile & bit)) continue;
    const Meaning meaning = book_.vocabulary->meaning_of(code);
    std::vector<uint32_t>* list = nullptr;
    switch (meaning) {
      case Meaning::decline_withdrawn:
        list = &withdrawals_;
        break;
      case Meaning::good_reason:
        list = &reasons_;
        break;
      case Meaning::held:
        list = &holds_;
        break;
      case Meaning::participant_born:
        list = &births_;
        break;
      case Meaning::needs_assessed:
        list = &assessments_;
        break;
      case Meaning::contact_agreed:
        list = &agreements_;
        break;
      case Meaning::involvement_ended:
      case Meaning::involvement_reopened:
        list = &involvement_;
        break;
      case Meaning::case_transferred:
      case Meaning::transfer_accepted:
        list = &transfers_;
        break;
      case Meaning::participant_died:
        list = &deaths_;
        break;
      case Meaning::nothing:
      case Meaning::links_victim:
      case Meaning::links_suspect:
      case Meaning::links_hearing:
      case Meaning::declined:
      case Meaning::hold_ended:  // by the hold it names: World
        break;
    }
    for (uint32_t i = first_[code]; i != no_entry; i = tl.next[i]) {
      if (meaning == Meaning::declined) {
        // A version that is no decline now may have been one: its history is read where it is judged.
        const uint32_t of = root(i);
        const History* history = world_.facts.history_of(tl.row[i]);
        if (std::none_of(declines_.begin(), declines_.end(), [&](const Decline& d) { return d.root == of; }))
          declines_.push_back({of, history ? world_.table.lo_ms(history->current()) : tl.lo[i], i});
      } else if (list && is_live(i)) {
        list->push_back(i);
      }
    }
  }
  // Several codes may share a meaning: back into the timeline's order.
  for (auto* list :
       {&withdrawals_, &reasons_, &holds_, &births_, &assessments_, &agreements_, &involvement_, &transfers_, &deaths_})
    if (list->size() > 1) std::sort(list->begin(), list->end());
  if (declines_.size() > 1) {
    const auto& events = world_.table;
    std::sort(declines_.begin(), declines_.end(), [&](const Decline& a, const Decline& b) {
      if (a.lo != b.lo) return a.lo < b.lo;
      if (events.source(a.root) != events.source(b.root))
        return events.sources.name(events.source(a.root)) < events.sources.name(events.source(b.root));
      return events.has_ids() ? events.id(a.root) < events.id(b.root) : a.root < b.root;
    });
  }
  if (deaths_.empty()) return;
  if (tl.is_case()) {
    // A case ends only with the last of its victims.
    int64_t last = INT64_MIN;
    for (const uint32_t victim : tl.victims) {
      int64_t died = never;
      for (const uint32_t d : deaths_)
        if (world_.table.participant(tl.row[d]) == victim) died = std::min(died, tl.lo[d]);
      last = std::max(last, died);
    }
    if (last != never && !tl.victims.empty()) died_at_ = last;
    if (died_at_ != never) died_row_ = tl.row[deaths_.back()];
    return;
  }
  for (const uint32_t d : deaths_)
    if (world_.table.participant(tl.row[d]) == tl.participant && tl.lo[d] < died_at_) {
      died_at_ = tl.lo[d];
      died_row_ = tl.row[d];
    }
}

template <class Trace>
void Kernel<Trace>::judge(const Timeline& timeline, const uint32_t* first, std::vector<Obligation>* out) {
  timeline_ = &timeline;
  first_ = first;
  out_ = out;
  inherited_.clear();
  settled_.clear();
  deferred_.clear();
  applies_ = not_asked;
  enhanced_day_ = {INT32_MIN};
  span_from_ = {INT32_MAX};
  span_to_ = {INT32_MIN};
  // Where the story began: the first thing that happened, not a birth or a link recorded for it.
  began_on_ = {INT32_MAX};
  for (uint32_t i = 0; i < timeline.size(); ++i)
    if (rules_.is_happening[timeline.code[i]]) {
      began_on_ = on(i);
      break;
    }
  collect();
  const uint32_t n = timeline.size();
  constexpr uint32_t rare = has_hold | has_death | has_coarse | has_plan | has_history;
  timeline_plain_ = !timeline.is_case() && !(timeline.profile & rare);
  declined_topics_.clear();
  for (const Decline& decline : declines_) declined_topics_.push_back(world_.topic_value(decline.root));
  assessments_only_ =
      !(timeline.profile & (has_birth | has_enhanced_fact)) && assessments_.size() <= 1 && rules_.no_standing_facts;
  assessed_on_ = {INT32_MAX};
  if (assessments_only_ && assessments_.size() == 1) {
    int64_t enhanced = 0;
    assessed_row_ = timeline.row[assessments_[0]];
    if (world_.fields.enhanced >= 0)
      world_.table.detail_value(assessed_row_, static_cast<uint16_t>(world_.fields.enhanced), &enhanced);
    if (enhanced != 0) assessed_on_ = on(assessments_[0]);
  }
  const uint16_t* code = timeline.code.data();
  uint32_t* cursor = cursor_.data();
  for (uint32_t i = 0; i < n; ++i) cursor[code[i]] = first[code[i]];
  cursor_valid_ = true;
  if (timeline_plain_) {
    walk_plain();
  } else {
    walk();
  }
  cursor_valid_ = false;
  for (const auto& [i, duty] : deferred_) handle_trigger(i, duty, true);
  judge_chains();
}

/// May a decline recorded here speak of this duty?
template <class Trace>
bool Kernel<Trace>::is_declined_topic(uint16_t duty_index) const {
  const int64_t topic = world_.topic_of_duty(duty_index);
  return topic >= 0 && std::find(declined_topics_.begin(), declined_topics_.end(), topic) != declined_topics_.end();
}

/// An obligation that goes through the table; those that take another's D wait until the others are judged.
template <class Trace>
void Kernel<Trace>::hand_on(uint32_t i, uint16_t duty_index) {
  if (rules_.is_deferred[duty_index]) {
    deferred_.emplace_back(i, duty_index);
  } else {
    handle_trigger(i, duty_index, false);
  }
}

/// Every entry in order, every duty it triggers. Each code's cursor stays at its first entry not before the one at
/// hand.
template <class Trace>
void Kernel<Trace>::walk() {
  const Timeline& tl = *timeline_;
  const std::vector<uint32_t>& starts = tl.is_case() ? rules_.case_trigger_start : rules_.trigger_start;
  for (uint32_t i = 0; i < tl.size(); ++i) {
    const uint16_t code = tl.code[i];
    for (uint32_t k = starts[code]; k < starts[code + 1u]; ++k) hand_on(i, rules_.trigger_duties[k]);
    cursor_[code] = tl.next[i];
  }
}

/// Would the content of `row` trigger this duty for this participant?
template <class Trace>
bool Kernel<Trace>::still_triggers(const Duty& duty, uint32_t row) const {
  const calendar::LocalDate day = calendar::london_date(world_.table.lo_ms(row));
  if (day < duty.from || day > duty.to || !matches(duty.trigger, row)) return false;
  if (timeline_->is_case()) return world_.table.hearing(row) == timeline_->hearing;
  uint32_t crime = 0;
  return world_.links.reaches(row, timeline_->participant, &crime);
}

/// When the trigger was taken back for this duty: by a retraction, or by a correction after which it no longer
/// triggers. `stands` is false where this version says nothing of its own.
template <class Trace>
int64_t Kernel<Trace>::retracted_moment(uint32_t i, const Duty& duty, bool* stands, uint32_t* by) const {
  *stands = true;
  if (!(timeline_->bits[i] & entry_historic)) return never;
  const History& history = *world_.facts.history_of(timeline_->row[i]);
  *by = history.retracted_by;
  if (history.current() == timeline_->row[i]) return history.retracted_at;
  *stands = false;
  if (still_triggers(duty, history.current())) return never;
  std::size_t last = history.versions.size();
  for (std::size_t v = 0; v + 1 < history.versions.size(); ++v) {
    const uint32_t row = history.versions[v].row;
    const uint32_t next = history.versions[v + 1].row;
    const auto triggers_by_now = [&](uint32_t content) {
      return world_.table.lo_ms(content) <= world_.as_at && still_triggers(duty, content);
    };
    if (triggers_by_now(row) && !triggers_by_now(next)) last = v;
  }
  if (last == history.versions.size() || history.versions[last].row != timeline_->row[i]) return never;
  *stands = true;
  *by = history.versions[last + 1].row;
  return history.versions[last + 1].recorded_at;
}

/// Triggers equal in type, participant and all keys on one London date from different sources are one, the first by
/// Matching.
template <class Trace>
bool Kernel<Trace>::same_fact_from_elsewhere(uint32_t i, const Duty& duty) {
  const Timeline& tl = *timeline_;
  if (i == 0) return false;
  const int64_t day_start = calendar::start_of(on(i));
  if (tl.lo[i - 1] < day_start || tl.precision[i] == static_cast<uint8_t>(model::Precision::coarse)) return false;
  const auto& events = world_.table;
  const uint16_t type = book_.vocabulary->type_index(tl.code[i]);
  uint32_t earliest = no_entry;
  for (uint32_t j = i; j-- > 0 && tl.lo[j] >= day_start;) {
    if (!is_live(j) || tl.precision[j] == static_cast<uint8_t>(model::Precision::coarse)) continue;
    if (book_.vocabulary->type_index(tl.code[j]) != type || !matches(duty.trigger, tl.row[j])) continue;
    const uint32_t a = tl.row[i];
    const uint32_t b = tl.row[j];
    if (events.crime(a) != events.crime(b) || events.suspect(a) != events.suspect(b) ||
        events.hearing(a) != events.hearing(b) || events.key(a) != events.key(b))
      continue;
    earliest = j;
  }
  if (earliest == no_entry) return false;
  if (events.source(root(earliest)) == events.source(root(i))) return false;
  return true;
}

template <class Trace>
void Kernel<Trace>::handle_trigger(uint32_t i, uint16_t duty_index, bool second_pass) {
  const Duty& duty = book_.duties[duty_index];
  const Timeline& tl = *timeline_;
  const calendar::LocalDate day = on(i);
  if (day < duty.from || day > duty.to) return;
  const uint32_t row = tl.row[i];
  if (!duty.trigger.tests.empty() && entry_tests(duty.trigger.tests, i) != Truth::yes) return;
  Case c{};
  c.duty = &duty;
  c.duty_index = duty_index;
  c.trigger = i;
  c.joined_at = Links::no_link;
  bool stands = true;
  if (tl.profile & has_history) {
    c.retracted_at = retracted_moment(i, duty, &stands, &c.retracted_by);
    if (!stands) return;
  }
  const std::size_t steps_before = [&] {
    if constexpr (Trace::enabled) return trace.steps.size();
    return std::size_t{0};
  }();
  if (c.retracted_at == never && same_fact_from_elsewhere(i, duty)) return;
  c.crime = crime_of(i);
  if (!tl.is_case() && !world_.links.empty()) {
    if (c.crime == 0 && (tl.bits[i] & entry_through_crime)) world_.links.reaches(row, tl.participant, &c.crime);
    c.joined_at = joined_at(i, c.crime);
  }
  const uint32_t of = root(i);
  if (!inherited_.empty())
    for (const Inherited& inherited : inherited_)
      if (inherited.duty == duty_index && inherited.root == of) {
        c.has_inherited = true;
        c.inherited = inherited.due;
      }
  if (second_pass) {
    const TimeLimit& standard = duty.limits.front().standard;
    const auto other = std::find_if(settled_.begin(), settled_.end(),
                                    [&](const Settled& s) { return s.duty == standard.duty && s.root == of; });
    if (other == settled_.end() || !other->owed) {
      Obligation o{};
      o.participant = tl.participant;
      o.crime = c.crime;
      o.hearing = world_.table.hearing(row);
      o.duty = duty_index;
      o.trigger_row = row;
      o.outcome = model::Outcome::not_owed;
      o.reason = model::Reason::with_not_owed;
      out_->push_back(o);
      if constexpr (Trace::enabled) spans.emplace_back(steps_before, trace.steps.size());
      return;
    }
    c.has_fixed = true;
    c.fixed = other->due;
  }
  if (duty.repeats) {
    repeat(c);
    return;
  }
  Obligation& o = out_->emplace_back();
  assess_one(c, o);
  if constexpr (Trace::enabled) spans.emplace_back(steps_before, trace.steps.size());
  if (!duty.cancelled_by.empty()) hand_down(c, o);
  if (rules_.is_with_target[duty_index])
    settled_.push_back({duty_index, of, o.due_on, o.outcome != model::Outcome::not_owed});
}

template <class Trace>
void Kernel<Trace>::assess_one(Case& c, Obligation& o) {
  using model::Outcome;
  using model::Reason;
  const Duty& duty = *c.duty;
  const Timeline& tl = *timeline_;
  const auto& events = world_.table;
  const uint32_t i = c.trigger;
  const uint32_t row = tl.row[i];
  const int64_t t = tl.lo[i];
  const calendar::LocalDate day = calendar::london_date(t);
  o.participant = tl.participant;
  o.crime = c.crime;
  o.hearing = tl.hearing_of.empty() ? 0 : tl.hearing_of[i];
  o.duty = c.duty_index;
  o.interval = c.interval;
  o.trigger_row = row;
  o.agency = provider(c.duty_index, i, c.crime, day);
  if (sent_but_not_accepted(c.duty_index, c.crime, day)) o.flags |= model::flag_transfer_not_accepted;
  step(Step::Kind::trigger, row, t, day.days);
  const auto not_owed = [&](Reason reason) {
    o.outcome = Outcome::not_owed;
    o.reason = reason;
    o.start_at = t;
    step(Step::Kind::outcome, Obligation::no_row, 0, 0, static_cast<int64_t>(Outcome::not_owed));
  };
  if (!duty.condition.empty()) {
    const Truth owed = evaluate(duty.condition, 0, row, day, c.crime, 0);
    step(Step::Kind::condition, row, 0, 0, static_cast<int64_t>(owed));
    if (owed == Truth::no) return not_owed(Reason::condition_false);
    if (owed == Truth::unknown) o.flags |= model::flag_kinder_reading;
  }
  if (died_at_ != never && calendar::london_date(died_at_) < day) {
    const int64_t latest = hi(i);
    if (!(events.occurred(row).hi_ms > t && latest >= t && died_at_ > t)) return not_owed(Reason::died_before);
  }
  // C20: by what was true on the trigger's own (latest possible) date, or at an interval's start.
  const calendar::LocalDate enhanced_by = c.has_start     ? calendar::london_date(c.start_at)
                                          : is_instant(i) ? day
                                                          : calendar::london_date(hi(i));
  if (enhanced_by != enhanced_day_ || c.crime != enhanced_crime_) {
    enhanced_cache_ = enhanced_on(enhanced_by, row, c.crime);
    enhanced_day_ = enhanced_by;
    enhanced_crime_ = c.crime;
  }
  const Enhancement& enhanced = enhanced_cache_;
  o.flags |= enhancement_flags(enhanced, i);
  tell_enhanced(enhanced, enhanced_by);
  // Dated values inside an edition: those in force on the trigger's date, or at an interval's own start.
  const calendar::LocalDate valued_on = c.has_start ? std::max(day, calendar::london_date(c.start_at)) : day;
  const DatedLimit* dated = &duty.limits.front();
  for (const DatedLimit& one : duty.limits)
    if (one.from <= valued_on && valued_on <= one.to) dated = &one;
  c.limit = enhanced.yes ? dated->enhanced : dated->standard;
  if (c.limit.kind == TimeLimit::Kind::agreed) {
    // C25: the latest agreement at the interval's start; with none the duty is to agree, by the first update.
    uint32_t latest = no_entry;
    for (const uint32_t a : agreements_)
      if (usable(a) && mine(a, c.crime) && on(a) <= enhanced_by &&
          (latest == no_entry || tl.lo[a] > tl.lo[latest] ||
           (tl.lo[a] == tl.lo[latest] && comes_before(tl.lo[latest], latest, tl.lo[a], a))))
        latest = a;
    int64_t every = 0;
    int64_t unit = 0;
    if (latest != no_entry && world_.fields.every >= 0 && world_.fields.unit >= 0 &&
        events.detail_value(tl.row[latest], static_cast<uint16_t>(world_.fields.every), &every) &&
        events.detail_value(tl.row[latest], static_cast<uint16_t>(world_.fields.unit), &unit)) {
      const model::Field& field = book_.vocabulary->fields()[static_cast<std::size_t>(world_.fields.unit)];
      const std::string name = field.kind == model::FieldKind::word ? field.words[static_cast<std::size_t>(unit)]
                                                                    : events.codes.name(static_cast<uint32_t>(unit));
      c.limit = {};
      c.limit.count = static_cast<int32_t>(std::clamp<int64_t>(every, 1, 3660));
      c.limit.kind = name == "working_days" || name == "wd" ? TimeLimit::Kind::working_days
                     : name == "weeks"                      ? TimeLimit::Kind::weeks
                     : name == "months"                     ? TimeLimit::Kind::months
                     : name == "hours"                      ? TimeLimit::Kind::hours
                                                            : TimeLimit::Kind::days;
    } else {
      o.flags |= model::flag_no_agreement;
      const int64_t from = c.has_start ? c.start_at : t;
      int64_t first_update = never;
      for (const Pattern& pattern : duty.fulfilled_by)
        for (const uint16_t code : pattern.codes)
          for (uint32_t j = first_[code]; j != no_entry; j = tl.next[j]) {
            if (tl.lo[j] < from || !is_live(j) || !mine(j, c.crime)) continue;
            if (!pattern.tests.empty() && entry_tests(pattern.tests, j) != Truth::yes) continue;
            first_update = std::min(first_update, tl.lo[j]);
            break;
          }
      c.has_fixed = first_update != never;
      if (c.has_fixed) c.fixed = {Due::Kind::date, calendar::london_date(first_update).days};
      c.limit = {};
      c.to_agree = true;
      c.no_until = true;
    }
  }
  c.before_row = row;
  assess_readings(c, o);
}

template class Kernel<NoTrace>;
template class Kernel<Recording>;

}  // namespace kept::engine
