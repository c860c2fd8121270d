// The plain path: an obligation to which no rare rule can apply, judged in one pass. Everything else goes through the
// table; a test compares the two on every random history. Part of kernel.cc.

namespace kept::engine {

template <class Trace>
uint32_t Kernel<Trace>::enhancement_flags(const Enhancement& enhanced, uint32_t trigger) const {
  if (!enhanced.yes) return 0;
  uint32_t flags = model::flag_enhanced;
  if (!enhanced.by_assessment) flags |= model::flag_entitled_not_recognised;
  if (enhanced.by_assessment && recorded_at(enhanced.row) > timeline_->recorded_at[trigger])
    flags |= model::flag_enhanced_recorded_later;
  if (enhanced.kinder) flags |= model::flag_kinder_reading;
  return flags;
}

/// Once for each entry that triggers anything.
template <class Trace>
[[gnu::always_inline]] inline void Kernel<Trace>::enter(const View& v, uint32_t i) {
  const int64_t t = v.lo[i];
  const calendar::LocalDate day = calendar::london_date(t);
  at_.day = day;
  constexpr int64_t longest_day = 25 * 3'600'000;
  at_.same_type_before = false;
  at_.codes_before = 0;
  if (i > 0 && t - v.lo[i - 1] < longest_day) {
    const Timeline& tl = *timeline_;
    const int64_t day_start = calendar::start_of(day);
    const uint16_t type = rules_.type_of_code[tl.code[i]];
    for (uint32_t j = i; j-- > 0 && v.lo[j] >= day_start;) {
      if (v.lo[j] == t || !is_instant(j) || !is_instant(i)) at_.codes_before |= code_bit(tl.code[j]);
      if (rules_.type_of_code[tl.code[j]] == type) at_.same_type_before = true;
    }
  }
  uint32_t flags = 0;
  at_.crime = v.crime ? v.crime[i] : 0;
  at_.start_at = t;
  at_.start_on = day;
  at_.joined_at = INT64_MIN;
  if (v.has_links) {
    if (at_.crime == 0 && (timeline_->bits[i] & entry_through_crime))
      world_.links.reaches(v.row[i], v.participant, &at_.crime);
    at_.joined_at = joined_at(i, at_.crime);
    if (at_.joined_at > t) {
      flags |= model::flag_joined_later;
      at_.start_at = at_.joined_at;
      at_.start_on = calendar::london_date(at_.joined_at);
    }
  }
  if (assessments_only_) {
    at_.is_enhanced = day >= assessed_on_;
    if (at_.is_enhanced) {
      flags |= model::flag_enhanced;
      if (recorded_at(assessed_row_) > timeline_->recorded_at[i]) flags |= model::flag_enhanced_recorded_later;
    }
  } else {
    const Enhancement enhanced = enhanced_on(day, v.row[i], at_.crime);
    at_.is_enhanced = enhanced.yes;
    flags |= enhancement_flags(enhanced, i);
  }
  at_.flags = flags;
}

/// An entry's obligation as the table would be asked about it.
template <class Trace>
auto Kernel<Trace>::plain_case(uint32_t i, uint16_t duty_index) const -> Case {
  Case c{};
  c.duty = &book_.duties[duty_index];
  c.duty_index = duty_index;
  c.trigger = i;
  c.crime = at_.crime;
  c.joined_at = at_.joined_at;
  c.before_row = timeline_->row[i];
  return c;
}

/// Who held the case (C24). Returns flags.
template <class Trace>
uint32_t Kernel<Trace>::settle_agency(uint32_t i, uint16_t duty_index, Obligation* o) const {
  const uint32_t sender = agency_of(i);
  if (transfers_.empty() && sender != 0 && world_.role_of_agency(sender) == world_.role_of_bearer(duty_index)) {
    o->agency = sender;
    return 0;
  }
  o->agency = provider(duty_index, i, at_.crime, at_.day);
  return !transfers_.empty() && sent_but_not_accepted(duty_index, at_.crime, at_.day)
             ? model::flag_transfer_not_accepted
             : 0u;
}

/// For a failure: whether the feeds that could have shown otherwise were whole. Returns flags.
template <class Trace>
[[gnu::noinline]] uint32_t Kernel<Trace>::settle_gap(uint32_t i, uint16_t duty_index, uint32_t satisfied, int64_t S,
                                                     Obligation* o) {
  Fulfilment F;
  F.satisfied = satisfied;
  if (!find_gap(plain_case(i, duty_index), timeline_->lo[i], S, o->due_on, F, o)) return 0;
  if (o->fulfilled_row != Obligation::no_row) return model::flag_gap_before_due;
  o->outcome = model::Outcome::cannot_tell;
  o->reason = model::Reason::no_coverage;
  return 0;
}

/// The condition's answer for the entry at hand; most conditions ask for facts that most people's records do not hold.
template <class Trace>
[[gnu::noinline]] Truth Kernel<Trace>::plain_condition(uint16_t duty_index, uint32_t row) {
  const PlainCondition& plain = rules_.plain_conditions[duty_index];
  if (plain.absent != Unrecorded::depends && none_recorded(plain.facts))
    return plain.absent == Unrecorded::yes ? Truth::yes : Truth::no;
  return evaluate(book_.duties[duty_index].condition, 0, row, at_.day, at_.crime, 0);
}

/// An obligation whose condition did not hold.
template <class Trace>
[[gnu::noinline]] void Kernel<Trace>::not_owed_plain(const View& v, uint32_t i, uint16_t duty_index) {
  Obligation& o = out_->emplace_back(blank_);
  o.participant = v.participant;
  o.crime = at_.crime;
  if (v.hearing) o.hearing = v.hearing[i];
  o.duty = duty_index;
  o.trigger_row = v.row[i];
  o.start_at = v.lo[i];
  o.outcome = model::Outcome::not_owed;
  o.reason = model::Reason::condition_false;
  if (v.has_agencies) o.flags |= settle_agency(i, duty_index, &o);
}

/// Returns false, having done nothing, where a rare rule might apply.
template <class Trace>
[[gnu::always_inline]] inline bool Kernel<Trace>::judge_plain(const View& v, uint32_t i, uint16_t duty_index) {
  using Kind = TimeLimit::Kind;
  using model::Outcome;
  const PlainDuty& p = v.duties[duty_index];
  if (at_.day.days < p.from || at_.day.days > p.to) return true;
  if (Trace::enabled || !p.is_plain) [[unlikely]]
    return false;
  uint32_t flags = at_.flags;
  int64_t S = at_.start_at;
  int32_t start = at_.start_on.days;
  const Kind kind = p.kinds[at_.is_enhanced];
  const int32_t count = p.counts[at_.is_enhanced];
  if (kind == Kind::hours && v.has_dates) [[unlikely]]
    return false;
  const uint8_t extras = p.extras;
  if (extras != 0 || at_.same_type_before || v.has_declines) {
    const Duty& duty = book_.duties[duty_index];
    const uint32_t row = v.row[i];
    if ((extras & PlainDuty::trigger_tests) && entry_tests(duty.trigger.tests, i) != Truth::yes) return true;
    if (v.has_declines && is_declined_topic(duty_index)) return false;
    if (at_.same_type_before && same_fact_from_elsewhere(i, duty)) return true;
    if (extras & PlainDuty::cancellations)
      for (const Cancellation& cancellation : duty.cancelled_by)
        for (const uint16_t code : cancellation.pattern.codes)
          if (first_[code] != no_entry) return false;
    if (extras & PlainDuty::condition) {
      const Truth owed = plain_condition(duty_index, row);
      if (owed == Truth::unknown) return false;
      if (owed == Truth::no) {
        not_owed_plain(v, i, duty_index);
        return true;
      }
    }
    if (extras & PlainDuty::clock_known) {
      if (!world_.table.has_known(row)) return false;
      const model::Moment known = world_.table.known(row);
      if (known.precision == model::Precision::coarse ||
          (kind == Kind::hours && known.precision != model::Precision::instant))
        return false;
      int64_t told = known.lo_ms;
      if (told < calendar::start_of(at_.day)) {
        told = v.lo[i];
        flags |= model::flag_told_ahead;
      }
      S = std::max(told, at_.joined_at);
      start = calendar::london_date(S).days;
    }
  }

  // F: the first entry of any of the codes, about the same crime and keys.
  uint32_t F = no_entry;
  uint32_t satisfied = 0;
  if ((extras & PlainDuty::search) || (p.code_mask & at_.codes_before) != 0) [[unlikely]] {
    Fulfilment found;
    if (!find_plain(plain_case(i, duty_index), &found)) return false;
    F = found.entry;
    satisfied = found.satisfied;
  } else {
    const uint16_t* wanted = v.codes + p.first_code;
    const uint16_t* const last_wanted = wanted + p.code_count;
    do {
      uint32_t j = v.cursor[*wanted];
      if (j == i) j = v.next[j];
      for (; j < F; j = v.next[j]) {
        if (v.crime && v.crime[j] != 0 && at_.crime != 0 && v.crime[j] != at_.crime) continue;
        if (p.same != 0) {
          const Truth equal = same(book_.duties[duty_index], i, at_.crime, j);
          if (equal == Truth::unknown) return false;
          if (equal == Truth::no) continue;
        }
        F = j;
      }
    } while (++wanted != last_wanted);
  }

  // D, and the last moment of it.
  int64_t due = 0;
  int64_t first = 0;
  int64_t end = never;
  Due::Kind due_kind = Due::Kind::date;
  if (kind == Kind::working_days) [[likely]] {
    calendar::LocalDate date;
    if (!world_.now.nth_after({start}, count, &date)) return false;
    due = first = date.days;
    if (start < world_.known_alike_from.days) {
      if (!book_.calendar->known_on({start}).nth_after({start}, count, &date)) return false;
      first = date.days;
      if (first != due) flags |= model::flag_holiday_announced_since;
    }
  } else if (kind == Kind::days) {
    due = first = start + count;
  } else if (kind == Kind::hours) {
    due = first = end = S + int64_t{count} * 3'600'000;
    due_kind = Due::Kind::instant;
  } else if (kind == Kind::no_number) {
    due_kind = Due::Kind::none;
    if (extras & PlainDuty::ends_elsewhere) {
      Due ended;
      deadline(plain_case(i, duty_index), S, false, &ended);
      due_kind = ended.kind;
      due = first = ended.value;
    }
  } else if (kind == Kind::weeks) {
    due = first = start + 7 * count;
  } else {
    due = first = calendar::add_months({start}, kind == Kind::months ? count : 12 * count).days;
  }
  if (due_kind == Due::Kind::date) end = calendar::start_of({static_cast<int32_t>(due) + 1}) - 1;
  const int64_t at = F != no_entry ? v.lo[F] : v.as_at;
  const bool failing = at > end;
  if (failing && !v.failing_is_plain) return false;

  // Copied from one that says nothing, which takes less time than clearing it.
  Obligation& o = out_->emplace_back(blank_);
  o.participant = v.participant;
  o.crime = at_.crime;
  if (v.hearing) o.hearing = v.hearing[i];
  o.duty = duty_index;
  o.trigger_row = v.row[i];
  o.start_at = S;
  o.due_on = {due_kind, due};
  o.first_due_on = {due_kind, first};
  if (F == no_entry) {
    o.outcome = failing ? Outcome::overdue : Outcome::open;
  } else {
    o.fulfilled_row = v.row[F];
    o.fulfilled_at = at;
    if (!failing) {
      o.outcome = Outcome::kept;
      if (v.recorded_apart && timeline_->recorded_at[F] > end) flags |= model::flag_recorded_after_due;
      if ((extras & PlainDuty::announces) && is_too_late_to_use(book_.duties[duty_index], v.row[i], at))
        flags |= model::flag_too_late_to_use;
    } else {
      o.outcome = Outcome::late;
      set_lateness(kind, o.due_on, at, &o);
    }
  }
  if (v.has_agencies) flags |= settle_agency(i, duty_index, &o);
  if (failing && v.has_coverage) flags |= settle_gap(i, duty_index, satisfied, S, &o);
  if (began_on_.days < p.began_from) flags |= model::flag_edition_by_assumption;
  o.flags |= flags;
  if (extras & PlainDuty::window) set_window(&o);
  return true;
}

/// `walk` for a timeline in which no rare rule can apply to all.
template <class Trace>
void Kernel<Trace>::walk_plain() {
  const Timeline& tl = *timeline_;
  const View v{tl.lo.data(),
               tl.row.data(),
               tl.next.data(),
               tl.crime.empty() ? nullptr : tl.crime.data(),
               tl.hearing_of.empty() ? nullptr : tl.hearing_of.data(),
               cursor_.data(),
               rules_.plain.data(),
               rules_.plain_codes.data(),
               tl.participant,
               (tl.profile & has_date) != 0,
               (tl.profile & (has_reason | has_involvement)) == 0,
               !declines_.empty(),
               !world_.links.empty(),
               !world_.table.recorded_with_occurrence(),
               world_.coverage != nullptr,
               world_.table.agencies.size() > 1,
               world_.as_at};
  const uint16_t* code = tl.code.data();
  const uint32_t* starts = rules_.trigger_start.data();
  const uint16_t* triggered = rules_.trigger_duties.data();
  const uint32_t n = tl.size();
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t from = starts[code[i]];
    const uint32_t to = starts[code[i] + 1u];
    if (from != to) {
      enter(v, i);
      for (uint32_t k = from; k < to; ++k)
        if (!inherited_.empty() || !judge_plain(v, i, triggered[k])) hand_on(i, triggered[k]);
    }
    v.cursor[code[i]] = v.next[i];
  }
}

}  // namespace kept::engine
