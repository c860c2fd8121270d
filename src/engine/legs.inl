// Legs and the chain above them (design 4): was this victim told, whoever failed (C22). Part of kernel.cc.

namespace kept::engine {

/// The first event from the trigger's own day on that fulfils a leg for the trigger's keys.
template <class Trace>
auto Kernel<Trace>::first_of_leg(const Duty& leg, uint32_t i, uint32_t crime) -> Fulfilment {
  const int64_t from = calendar::start_of(on(i));
  Fulfilment best;
  for (const Pattern& pattern : leg.fulfilled_by) {
    uint32_t first = no_entry;
    for (const uint16_t code : pattern.codes)
      for (uint32_t j = first_[code]; j < first; j = timeline_->next[j]) {
        if (timeline_->lo[j] < from || !usable(j) || !mine(j, crime)) continue;
        if (!pattern.tests.empty() && entry_tests(pattern.tests, j) != Truth::yes) continue;
        if (same(leg, i, crime, j) == Truth::yes) first = j;
      }
    if (leg.all_of && first == no_entry) return {};
    if (first == no_entry) continue;
    // All of them: the last; any of them: the first.
    const bool takes = !best.found() || (leg.all_of ? first > best.entry : first < best.entry);
    if (takes) best.entry = first, best.at = timeline_->lo[first];
  }
  return best;
}

/// The middle is unknown though the end is known: a leg is kept only where the end itself proves it.
template <class Trace>
void Kernel<Trace>::settle_leg(uint16_t leg, uint32_t i, uint32_t crime, const Due& D, const Fulfilment& F,
                               uint32_t base_flags) {
  Obligation o{};
  o.participant = timeline_->participant;
  o.crime = crime;
  o.hearing = world_.table.hearing(timeline_->row[i]);
  o.duty = leg;
  o.trigger_row = timeline_->row[i];
  o.start_at = timeline_->lo[i];
  o.due_on = o.first_due_on = D;
  o.fulfilled_row = timeline_->row[F.entry];
  o.fulfilled_at = F.at;
  o.flags = base_flags;
  o.reason = model::Reason::middle_unknown;
  const bool kept = !is_after(F.at, D);
  o.outcome = kept ? model::Outcome::kept : model::Outcome::cannot_tell;
  if (!kept) {
    const Pattern& middle = book_.duties[leg].fulfilled_by.front();
    o.missing_code = middle.codes.empty() ? 0 : middle.codes.front();
  }
  const std::size_t before = [&] {
    if constexpr (Trace::enabled) return trace.steps.size();
    return std::size_t{0};
  }();
  step(Step::Kind::trigger, o.trigger_row, o.start_at, on(i).days);
  step(Step::Kind::outcome, o.fulfilled_row, 0, 0, static_cast<int64_t>(o.outcome));
  out_->push_back(o);
  if constexpr (Trace::enabled) spans.emplace_back(before, trace.steps.size());
}

/// A middle dated before the chain's own trigger, for the same keys: the last of them. An earlier trigger has the
/// better claim to it; and once leg two's own time from it has run out, what was overdue stays so.
template <class Trace>
uint32_t Kernel<Trace>::middle_before(const Case& c, const Duty& leg, const TimeLimit& limit_two) {
  const Timeline& tl = *timeline_;
  const uint32_t i = c.trigger;
  const uint32_t crime = c.crime;
  const int64_t day_start = calendar::start_of(on(i));
  uint32_t middle = no_entry;
  for (const Pattern& pattern : leg.fulfilled_by)
    for (const uint16_t code : pattern.codes)
      for (uint32_t j = first_[code]; j != no_entry && tl.lo[j] < day_start; j = tl.next[j]) {
        if (!usable(j) || !mine(j, crime) || same(leg, i, crime, j) != Truth::yes) continue;
        if (!pattern.tests.empty() && entry_tests(pattern.tests, j) != Truth::yes) continue;
        if (middle == no_entry || middle < j) middle = j;
      }
  if (middle == no_entry) return no_entry;
  for (const uint16_t code : leg.trigger.codes)
    for (uint32_t j = first_[code]; j != no_entry && j < i; j = tl.next[j])
      if (is_live(j) && mine(j, crime) && matches(leg.trigger, tl.row[j]) && same(leg, i, crime, j) != Truth::no)
        return no_entry;
  Due D;
  bool none = false;
  if (!limit_due(c, limit_two, tl.lo[middle], world_.now, &D, &none) || none || due_date(D) < on(i)) return no_entry;
  return middle;
}

/// Takes obligations judged before out again, with the steps that led to them.
template <class Trace>
template <class Unwanted>
void Kernel<Trace>::drop_obligations(Unwanted unwanted) {
  for (std::size_t k = 0; k < out_->size();) {
    if (unwanted((*out_)[k])) {
      out_->erase(out_->begin() + static_cast<std::ptrdiff_t>(k));
      if constexpr (Trace::enabled) spans.erase(spans.begin() + static_cast<std::ptrdiff_t>(k));
    } else {
      ++k;
    }
  }
}

/// The middle lies before the trigger and counts as made with it: leg one is kept there, leg two runs from there.
template <class Trace>
void Kernel<Trace>::move_middle(const Case& chain, const Duty& chain_duty, uint32_t middle, const TimeLimit& limit_two,
                                const Fulfilment& F, uint32_t base_flags) {
  using model::Outcome;
  const Timeline& tl = *timeline_;
  const int64_t t = tl.lo[chain.trigger];
  const uint32_t row = tl.row[chain.trigger];
  const Duty& one = book_.duties[chain_duty.leg_one];
  const Duty& two = book_.duties[chain_duty.leg_two];
  const auto from_here = [&](uint16_t leg) {
    Obligation o{};
    o.participant = tl.participant;
    o.crime = chain.crime;
    o.hearing = tl.is_case() ? tl.hearing : world_.table.hearing(row);
    o.duty = leg;
    o.flags = base_flags | model::flag_middle_before_trigger;
    return o;
  };
  const auto judged = [&](Case c, uint32_t trigger_row, const Fulfilment& by, Obligation o) {
    o.trigger_row = trigger_row;
    const std::size_t before = [&] {
      if constexpr (Trace::enabled) return trace.steps.size();
      return std::size_t{0};
    }();
    o.agency = provider(c.duty_index, c.trigger, c.crime, calendar::london_date(t));
    step(Step::Kind::trigger, trigger_row, t, on(chain.trigger).days);
    step(Step::Kind::middle_before, tl.row[middle], tl.lo[middle]);
    step(Step::Kind::clock_started, Obligation::no_row, t);
    table(c, t, t, by, o);
    out_->push_back(o);
    if constexpr (Trace::enabled) spans.emplace_back(before, trace.steps.size());
  };
  if (one.owed_to_case == tl.is_case()) {
    bool found = false;
    Obligation was{};
    drop_obligations([&](const Obligation& o) {
      const bool its = o.duty == chain_duty.leg_one && o.participant == tl.participant && o.trigger_row == row &&
                       (!tl.is_case() || o.hearing == tl.hearing) && o.outcome != Outcome::not_owed;
      if (its) was = o;
      found = found || its;
      return its;
    });
    if (found) {
      Case c = chain;
      c.duty = &one;
      c.duty_index = chain_duty.leg_one;
      c.has_fixed = true;
      c.fixed = was.due_on;
      Fulfilment at_trigger;
      at_trigger.entry = middle;
      at_trigger.at = t;
      judged(c, row, at_trigger, from_here(chain_duty.leg_one));
    }
  }
  if (tl.is_case()) return;
  const uint32_t middle_row = tl.row[middle];
  bool found = false;
  drop_obligations([&](const Obligation& o) {
    const bool its = o.duty == chain_duty.leg_two && o.participant == tl.participant && o.trigger_row == middle_row &&
                     o.outcome != Outcome::not_owed && o.outcome != Outcome::kept;
    found = found || its;
    return its;
  });
  if (!found) return;
  Case c = chain;
  c.duty = &two;
  c.duty_index = chain_duty.leg_two;
  c.has_fixed = false;
  c.limit = limit_two;
  judged(c, middle_row, F, from_here(chain_duty.leg_two));
}

template <class Trace>
void Kernel<Trace>::judge_chains() {
  for (const uint16_t d : rules_.chains) {
    const Duty& chain = book_.duties[d];
    const Duty& one = book_.duties[chain.leg_one];
    if (timeline_->is_case() && !one.owed_to_case) continue;
    for (const uint16_t code : one.trigger.codes)
      for (uint32_t i = first_[code]; i != no_entry; i = timeline_->next[i]) judge_chain(d, i);
  }
}

template <class Trace>
void Kernel<Trace>::judge_chain(uint16_t duty_index, uint32_t i) {
  const Timeline& tl = *timeline_;
  const Duty& chain = book_.duties[duty_index];
  const Duty& one = book_.duties[chain.leg_one];
  const Duty& two = book_.duties[chain.leg_two];
  const calendar::LocalDate day = on(i);
  const uint32_t row = tl.row[i];
  if (day < one.from || day > one.to || day < chain.from || day > chain.to) return;
  if (!one.trigger.tests.empty() && entry_tests(one.trigger.tests, i) != Truth::yes) return;
  Case c{};
  bool stands = is_live(i);
  if (tl.profile & has_history) c.retracted_at = retracted_moment(i, one, &stands, &c.retracted_by);
  if (!stands) return;
  if (c.retracted_at == never && same_fact_from_elsewhere(i, one)) return;
  c.duty = &chain;
  c.duty_index = duty_index;
  c.trigger = i;
  c.crime = crime_of(i);
  c.joined_at = std::numeric_limits<int64_t>::min();
  c.before_row = row;
  if (!tl.is_case() && !world_.links.empty() && c.crime == 0 && (tl.bits[i] & entry_through_crime))
    world_.links.reaches(row, tl.participant, &c.crime);
  if (evaluate(one.condition, 0, row, day, c.crime, 0) == Truth::no ||
      evaluate(chain.condition, 0, row, day, c.crime, 0) == Truth::no)
    return;
  if (died_at_ != never && calendar::london_date(died_at_) < day) return;
  const calendar::LocalDate enhanced_by = is_instant(i) ? day : calendar::london_date(hi(i));
  const Enhancement enhanced = enhanced_on(enhanced_by, row, c.crime);
  const auto limit_of = [&](const Duty& leg) {
    const DatedLimit* dated = &leg.limits.front();
    for (const DatedLimit& l : leg.limits)
      if (l.from <= day && day <= l.to) dated = &l;
    return enhanced.yes ? dated->enhanced : dated->standard;
  };
  const TimeLimit limit_one = limit_of(one);
  const TimeLimit limit_two = limit_of(two);
  Due D1, D21, D2T;
  bool none = false;
  const int64_t t = tl.lo[i];
  const bool covered = limit_due(c, limit_one, t, world_.now, &D1, &none) && !none &&
                       limit_due(c, limit_two, due_end(D1), world_.now, &D21, &none) && !none &&
                       limit_due(c, limit_two, t, world_.now, &D2T, &none) && !none;
  if (!covered) return;
  const Fulfilment M = first_of_leg(one, i, c.crime);
  const uint32_t early = c.retracted_at == never ? middle_before(c, one, limit_two) : no_entry;
  const Fulfilment F = first_of_leg(two, i, c.crime);
  const uint32_t base_flags = enhanced.yes ? model::flag_enhanced : 0u;
  if (!tl.is_case()) {
    Obligation o{};
    o.participant = tl.participant;
    o.crime = c.crime;
    o.hearing = world_.table.hearing(row);
    o.duty = duty_index;
    o.trigger_row = row;
    o.flags = base_flags;
    c.limit = limit_two;
    c.has_fixed = true;
    c.fixed = D21;
    const std::size_t before = [&] {
      if constexpr (Trace::enabled) return trace.steps.size();
      return std::size_t{0};
    }();
    step(Step::Kind::trigger, row, t, day.days);
    tell_enhanced(enhanced, enhanced_by);
    table(c, t, t, F, o);
    if (!M.found() && early == no_entry && (o.outcome == model::Outcome::late || o.outcome == model::Outcome::overdue))
      o.reason = model::Reason::by_one_of_two;
    out_->push_back(o);
    if constexpr (Trace::enabled) spans.emplace_back(before, trace.steps.size());
  }
  if (c.retracted_at != never) return;  // its legs are judged by the same retraction
  if (early != no_entry) move_middle(c, chain, early, limit_two, F, base_flags);
  if (M.found()) {
    // On leg two an F from the chain's trigger on counts, even before the middle.
    if (F.found() && F.at < M.at && !tl.is_case())
      for (Obligation& o : *out_)
        if (o.duty == chain.leg_two && o.participant == tl.participant && o.trigger_row == tl.row[M.entry]) {
          o.outcome = model::Outcome::kept;
          o.fulfilled_row = tl.row[F.entry];
          o.fulfilled_at = F.at;
          o.flags |= model::flag_told_before_middle;
          o.late_by = 0;
          o.late_unit = model::LateUnit::none;
          o.reason = model::Reason::none;
        }
    return;
  }
  if (!F.found() || early != no_entry) return;
  const bool leg_one_here = one.owed_to_case == tl.is_case();
  if (leg_one_here) {
    drop_obligations([&](const Obligation& o) {
      return o.duty == chain.leg_one && o.participant == tl.participant && o.trigger_row == row &&
             (!tl.is_case() || o.hearing == tl.hearing);
    });
    settle_leg(chain.leg_one, i, c.crime, D1, F, base_flags);
  }
  if (!tl.is_case()) settle_leg(chain.leg_two, i, c.crime, D2T, F, base_flags);
}

}  // namespace kept::engine
