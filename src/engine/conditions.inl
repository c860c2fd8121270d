// Conditions, Enhanced (C20), involvement (C23) and who held the case (C24). Part of kernel.cc.

namespace kept::engine {

/// Does what the event says of a field, `value`, pass the test?
template <class Trace>
Truth Kernel<Trace>::test(const FieldTest& test, bool present, int64_t value) const {
  if (test.compare == Compare::is_absent) return present ? Truth::no : Truth::yes;
  if (!present) return Truth::unknown;
  const model::FieldKind kind = book_.vocabulary->fields()[test.field].kind;
  const auto wanted = [&](int64_t v) {
    return kind == model::FieldKind::code ? static_cast<int64_t>(world_.code_symbol(v)) : v;
  };
  if (kind == model::FieldKind::date) value = world_.table.moment(value).on().days;
  bool holds = false;
  switch (test.compare) {
    case Compare::equal:
      holds = value == wanted(test.value);
      break;
    case Compare::not_equal:
      holds = value != wanted(test.value);
      break;
    case Compare::less:
      holds = value < test.value;
      break;
    case Compare::less_or_equal:
      holds = value <= test.value;
      break;
    case Compare::greater:
      holds = value > test.value;
      break;
    case Compare::greater_or_equal:
      holds = value >= test.value;
      break;
    case Compare::one_of:
      holds = std::any_of(test.values.begin(), test.values.end(), [&](int64_t v) { return value == wanted(v); });
      break;
    case Compare::is_absent:
      break;
  }
  return holds ? Truth::yes : Truth::no;
}

template <class Trace>
template <class Value>
Truth Kernel<Trace>::each_test(const std::vector<FieldTest>& list, Value value_of) const {
  Truth answer = Truth::yes;
  for (const FieldTest& one : list) {
    int64_t value = 0;
    const bool present = value_of(one.field, &value);
    const Truth t = test(one, present, value);
    if (t == Truth::no) return Truth::no;
    if (t == Truth::unknown) answer = Truth::unknown;
  }
  return answer;
}

template <class Trace>
Truth Kernel<Trace>::tests(const std::vector<FieldTest>& list, uint32_t row) const {
  return each_test(list, [&](uint16_t field, int64_t* value) { return world_.table.detail_value(row, field, value); });
}

/// The same of an entry of the timeline at hand, which knows where its event's detail lies.
template <class Trace>
Truth Kernel<Trace>::entry_tests(const std::vector<FieldTest>& list, uint32_t i) const {
  return each_test(list, [&](uint16_t field, int64_t* value) {
    for (const model::DetailValue each : world_.table.detail_from(timeline_->detail[i]))
      if (each.field == field) {
        *value = each.value;
        return true;
      }
    return world_.is_field_in_code(timeline_->code[i], field) &&
           world_.table.detail_value(timeline_->row[i], field, value);
  });
}

/// Is none of these recorded in the timeline?
template <class Trace>
bool Kernel<Trace>::none_recorded(const std::vector<uint16_t>& codes) const {
  for (const uint16_t code : codes)
    if (first_[code] != no_entry) return false;
  return true;
}

/// A fact of a condition, true by a day or at any time. `victim` as for `evaluate`.
template <class Trace>
Truth Kernel<Trace>::is_recorded(const ConditionNode& node, uint32_t trigger_row, calendar::LocalDate by,
                                 uint32_t crime, uint32_t victim) const {
  const bool ever = node.op == ConditionNode::Op::fact_ever;
  const int64_t last = ever ? never : calendar::end_of(by);
  for (const uint16_t code : node.pattern.codes)
    for (uint32_t j = first_[code]; j != no_entry; j = timeline_->next[j]) {
      if (timeline_->lo[j] > last) break;
      if (!is_live(j) || !mine(j, crime)) continue;
      const uint32_t row = timeline_->row[j];
      if (victim && world_.table.participant(row) != 0 && world_.table.participant(row) != victim) continue;
      if (node.same_suspect && trigger_row != Obligation::no_row &&
          world_.table.suspect(row) != world_.table.suspect(trigger_row))
        continue;
      // An event that does not say what the fact asks is not that fact; else every sparse feed would make everybody
      // entitled.
      if (node.pattern.tests.empty() || entry_tests(node.pattern.tests, j) == Truth::yes) return Truth::yes;
    }
  return Truth::no;
}

template <class Trace>
Truth Kernel<Trace>::is_under_age(int32_t years, calendar::LocalDate when, uint32_t victim) const {
  Truth answer = Truth::no;
  for (const uint32_t b : births_) {
    if (victim && world_.table.participant(timeline_->row[b]) != victim) continue;
    const auto is_by_eve = [&](calendar::LocalDate born_on) {
      return when <= calendar::latest_eve_of_birthday(born_on, years) &&
             (when <= calendar::earliest_eve_of_birthday(born_on, years) ||
              when <= calendar::eve_of_birthday(born_on, years));
    };
    if (is_by_eve(on(b))) return Truth::yes;
    if (const calendar::LocalDate last = last_day_of(b); last != on(b) && is_by_eve(last)) answer = Truth::unknown;
  }
  return answer;
}

/// `victim`: for a case, whose facts to read; 0: everything in the timeline.
template <class Trace>
Truth Kernel<Trace>::evaluate(const Condition& condition, uint16_t at, uint32_t trigger_row, calendar::LocalDate by,
                              uint32_t crime, uint32_t victim) {
  if (condition.empty()) return Truth::yes;
  using Op = ConditionNode::Op;
  const ConditionNode& node = condition.nodes[at];
  switch (node.op) {
    case Op::all:
    case Op::any: {
      const Truth decides = node.op == Op::all ? Truth::no : Truth::yes;
      Truth answer = node.op == Op::all ? Truth::yes : Truth::no;
      for (const uint16_t child : node.children) {
        const ConditionNode& its = condition.nodes[child];
        // Most people's records hold none of the facts that most conditions ask for.
        const Truth t = (its.op == Op::fact || its.op == Op::fact_ever) && none_recorded(its.pattern.codes)
                            ? Truth::no
                            : evaluate(condition, child, trigger_row, by, crime, victim);
        if (t == decides) return decides;
        if (t == Truth::unknown) answer = Truth::unknown;
      }
      return answer;
    }
    case Op::negate: {
      const Truth t = evaluate(condition, node.children[0], trigger_row, by, crime, victim);
      return t == Truth::unknown ? t : t == Truth::no ? Truth::yes : Truth::no;
    }
    case Op::trigger_field:
      return trigger_row == Obligation::no_row ? Truth::unknown : tests(node.tests, trigger_row);
    case Op::fact:
    case Op::fact_ever:
      return is_recorded(node, trigger_row, by, crime, victim);
    case Op::age_under:
      return births_.empty() ? Truth::no : is_under_age(node.number, by, victim);
    case Op::age_under_at_offence: {
      if (births_.empty()) return Truth::no;
      // The first possible date of the offence, so that a child then is a child for this; without one, the trigger's
      // date.
      calendar::LocalDate offence = by;
      for (const uint16_t code : node.pattern.codes)
        for (uint32_t j = first_[code]; j != no_entry; j = timeline_->next[j])
          if (is_live(j) && mine(j, crime)) {
            offence = std::min(offence, on(j));
            break;
          }
      return is_under_age(node.number, offence, victim);
    }
    case Op::is_enhanced:
      return enhanced_on(by, trigger_row, crime).yes ? Truth::yes : Truth::no;
    case Op::applies: {
      if (applies_ == not_asked) applies_ = class_at_hand();
      return std::find(node.classes.begin(), node.classes.end(), static_cast<uint16_t>(applies_)) != node.classes.end()
                 ? Truth::yes
                 : Truth::no;
    }
  }
  return Truth::unknown;
}

/// C20, for one person: the latest assessment's day governs, the same day in the victim's favour; facts true or known
/// by then add to it.
template <class Trace>
auto Kernel<Trace>::enhanced_for(uint32_t victim, calendar::LocalDate by, uint32_t trigger_row, uint32_t crime)
    -> Enhancement {
  Enhancement e;
  calendar::LocalDate governing{INT32_MIN};
  for (const uint32_t a : assessments_) {
    const calendar::LocalDate day = on(a);
    if (day > by) break;
    const uint32_t row = timeline_->row[a];
    if (victim && world_.table.participant(row) != victim) continue;
    int64_t value = 0;
    if (world_.fields.enhanced >= 0)
      world_.table.detail_value(row, static_cast<uint16_t>(world_.fields.enhanced), &value);
    const bool says = value != 0;
    // A later day's assessment replaces; the same day, and on the trigger's own day any standing yes, speaks for the
    // victim.
    const bool keeps = e.by_assessment && (day == governing || day == by);
    if (!keeps) e.row = row;
    e.by_assessment = says || keeps;
    governing = day;
  }
  if (e.by_assessment && trigger_row != Obligation::no_row)
    e.recorded_later = recorded_at(e.row) > recorded_at(trigger_row);
  for (const EnhancedRule& rule : book_.enhanced) {
    if (by < rule.from || by > rule.to) continue;
    const Truth t = evaluate(rule.by_fact, 0, trigger_row, by, crime, victim);
    e.by_fact = e.by_fact || t != Truth::no;
    e.kinder = e.kinder || t == Truth::unknown;
  }
  e.yes = e.by_assessment || e.by_fact;
  return e;
}

/// The first day after `by` on which Enhanced may be answered differently.
template <class Trace>
calendar::LocalDate Kernel<Trace>::next_change_of_enhanced(calendar::LocalDate by) const {
  calendar::LocalDate next{INT32_MAX};
  const auto changes = [&](calendar::LocalDate day) {
    if (day > by) next = std::min(next, day);
  };
  for (const uint32_t a : assessments_) {
    changes(on(a));
    changes(on(a) + 1);  // on its own day a standing yes still speaks for the victim
  }
  for (const uint16_t code : rules_.enhanced_codes)
    for (uint32_t j = first_[code]; j != no_entry; j = timeline_->next[j]) changes(on(j));
  for (const uint32_t b : births_) {
    const calendar::LocalDate last = last_day_of(b);
    const auto comes_of_age = [&](calendar::LocalDate born_on, int32_t age) {
      if (calendar::latest_eve_of_birthday(born_on, age) < by ||
          calendar::earliest_eve_of_birthday(born_on, age) >= next)
        return;
      changes(calendar::eve_of_birthday(born_on, age) + 1);
    };
    for (const int32_t age : rules_.enhanced_ages) {
      comes_of_age(on(b), age);
      if (last != on(b)) comes_of_age(last, age);
    }
  }
  for (const EnhancedRule& rule : book_.enhanced) {
    changes(rule.from);
    changes(rule.to + 1);
  }
  return next;
}

template <class Trace>
auto Kernel<Trace>::enhanced_on(calendar::LocalDate by, uint32_t trigger_row, uint32_t crime) -> Enhancement {
  constexpr uint32_t relevant = has_assessment | has_birth | has_enhanced_fact;
  if (!(timeline_->profile & relevant)) return {};
  if (!timeline_->is_case()) {
    if (rules_.enhanced_turns_on_trigger) return enhanced_for(0, by, trigger_row, crime);
    // The answer changes only on the days of the events that the rules read, so it is worked out once for the days
    // between two.
    if (crime != span_crime_ || by < span_from_ || by >= span_to_) {
      span_answer_ = enhanced_for(0, by, Obligation::no_row, crime);
      span_crime_ = crime;
      span_from_ = by;
      span_to_ = next_change_of_enhanced(by);
    }
    return span_answer_;
  }
  Enhancement any;  // the shortest limit of the case's victims
  for (const uint32_t victim : timeline_->victims) {
    const Enhancement one = enhanced_for(victim, by, trigger_row, crime);
    if (one.yes) return one;
  }
  return any;
}

template <class Trace>
int32_t Kernel<Trace>::applicability(const Timeline& timeline, const uint32_t* first) {
  timeline_ = &timeline;
  first_ = first;
  // What the person before left behind must not speak of this one.
  births_.clear();
  gathered_any_ = gathered_any_ || (timeline.profile & has_birth);
  if (timeline.profile & has_birth)
    for (uint32_t i = 0; i < timeline.size(); ++i)
      if (book_.vocabulary->meaning_of(timeline.code[i]) == model::Meaning::participant_born && is_live(i))
        births_.push_back(i);
  return class_at_hand();
}

template <class Trace>
int32_t Kernel<Trace>::class_at_hand() {
  // A class holds only where the record says so plainly: what is unknown must neither put a person outside the Code nor
  // make an adult a child.
  for (std::size_t i = 0; i < book_.applicability.size(); ++i)
    if (evaluate(book_.applicability[i].when, 0, Obligation::no_row, world_.as_at_on, 0, 0) == Truth::yes)
      return static_cast<int32_t>(i);
  return -1;
}

/// C23: only an event of the closed list ends it, and reopening undoes that; death ends it for good.
template <class Trace>
bool Kernel<Trace>::is_involved(uint32_t* row) const {
  if (died_at_ != never) {
    *row = died_row_;
    return false;
  }
  bool involved = true;
  int64_t latest = INT64_MIN;
  for (const uint32_t i : involvement_) {
    const bool reopened = book_.vocabulary->meaning_of(timeline_->code[i]) == model::Meaning::involvement_reopened;
    const int64_t at = timeline_->lo[i];
    if (at > latest || (at == latest && reopened)) {
      involved = reopened;
      *row = timeline_->row[i];
      latest = at;
    }
  }
  return involved;
}

/// C24: whoever held the case that day: the last agency of the bearer's role to accept it, else the one that sent the
/// trigger or was heard from last before, else the only one there is. 0: not known.
template <class Trace>
uint32_t Kernel<Trace>::provider(uint16_t duty_index, uint32_t trigger, uint32_t crime, calendar::LocalDate day) const {
  if (world_.is_any_provider(duty_index)) return agency_of(trigger);
  const uint16_t role = world_.role_of_bearer(duty_index);
  for (auto t = transfers_.rbegin(); t != transfers_.rend(); ++t) {
    if (on(*t) > day || book_.vocabulary->meaning_of(timeline_->code[*t]) != model::Meaning::transfer_accepted ||
        !mine(*t, crime))
      continue;
    const uint32_t agency = agency_of(*t);
    if (agency != 0 && world_.role_of_agency(agency) == role) return agency;
  }
  const auto& all = world_.agencies_in(role);
  if (all.size() == 1) return all.front();
  if (all.empty()) return 0;
  for (uint32_t i = trigger + 1; i-- > 0;) {
    const uint32_t agency = agency_of(i);
    if (agency != 0 && world_.role_of_agency(agency) == role && mine(i, crime)) return agency;
  }
  return 0;
}

/// C24: an agency of the bearer's role sent the case on by then and nobody had accepted it: it stays with the sender,
/// and that is said.
template <class Trace>
bool Kernel<Trace>::sent_but_not_accepted(uint16_t duty_index, uint32_t crime, calendar::LocalDate day) const {
  bool waiting = false;
  const uint16_t role = world_.role_of_bearer(duty_index);
  for (const uint32_t i : transfers_) {
    if (on(i) > day) break;
    if (!mine(i, crime)) continue;
    const uint32_t agency = agency_of(i);
    if (agency == 0 || world_.role_of_agency(agency) != role) continue;
    waiting = book_.vocabulary->meaning_of(timeline_->code[i]) == model::Meaning::case_transferred;
  }
  return waiting;
}

/// When the links that make an entry concern its participant through `crime` were all in place; no_link when none is
/// recorded for somebody the event itself names.
template <class Trace>
int64_t Kernel<Trace>::joined_at(uint32_t i, uint32_t crime) {
  const uint32_t participant = timeline_->participant;
  if (joined_.participant != participant || joined_.crime != crime)
    joined_ = {participant, crime, 0, world_.links.victim_since(participant, crime), 0};
  if (joined_.victim_since == Links::no_link || !(timeline_->bits[i] & entry_through_crime) ||
      timeline_->suspect.empty() || timeline_->suspect[i] == 0)
    return joined_.victim_since;
  if (joined_.suspect != timeline_->suspect[i]) {
    joined_.suspect = timeline_->suspect[i];
    joined_.suspect_since = world_.links.suspect_since(joined_.suspect, crime);
  }
  return joined_.suspect_since == never ? joined_.victim_since : std::max(joined_.victim_since, joined_.suspect_since);
}

}  // namespace kept::engine
