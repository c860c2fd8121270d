// The plain path: an obligation to which no rare rule can apply, judged in one pass. Everything else goes through the
// table; a test compares the two on every random history. Part of kernel.cc.

namespace kept::engine {

template <class Trace>
void Kernel<Trace>::prepare_plain(bool plain_path) {
  using Kind = TimeLimit::Kind;
  plain_.resize(book_.duties.size());
  for (std::size_t d = 0; d < book_.duties.size(); ++d) {
    const Duty& duty = book_.duties[d];
    PlainDuty& p = plain_[d];
    const auto fits = [](const TimeLimit& limit) {
      switch (limit.kind) {
        case Kind::no_number:
        case Kind::hours:
        case Kind::days:
        case Kind::weeks:
        case Kind::months:
        case Kind::years:
        case Kind::working_days:
          return true;
        case Kind::until_age:
        case Kind::agreed:
        case Kind::with_duty:
        case Kind::before:
          return false;
      }
      return false;
    };
    std::size_t codes = 0;
    bool pattern_tests = false;
    for (const Pattern& pattern : duty.fulfilled_by) {
      codes += pattern.codes.size();
      pattern_tests = pattern_tests || !pattern.tests.empty();
    }
    const bool ends_elsewhere =
        duty.limits.size() == 1 && !duty.until.empty() &&
        (duty.limits[0].standard.kind == Kind::no_number || duty.limits[0].enhanced.kind == Kind::no_number);
    p.is_plain = plain_path && !Trace::enabled && duty.kind != DutyKind::chain && !duty.owed_to_case && !duty.repeats &&
                 !duty.all_of && !duty.earlier_counts && duty.announces < 0 && !is_with_target_[d] &&
                 !is_deferred_[d] && duty.limits.size() == 1 && fits(duty.limits[0].standard) &&
                 fits(duty.limits[0].enhanced) && codes >= 1 && codes <= 6 && !pattern_tests && !ends_elsewhere;
    if (!p.is_plain) continue;
    for (const Pattern& pattern : duty.fulfilled_by)
      for (const uint16_t code : pattern.codes) p.codes[p.code_count++] = code;
    p.extras = static_cast<uint8_t>((duty.trigger.tests.empty() ? 0 : PlainDuty::trigger_tests) |
                                    (duty.condition.empty() ? 0 : PlainDuty::condition) |
                                    (duty.cancelled_by.empty() ? 0 : PlainDuty::cancellations) |
                                    (duty.clock_known ? PlainDuty::clock_known : 0) |
                                    (duty.kind == DutyKind::window ? PlainDuty::window : 0));
    p.same = duty.same;
    p.from = duty.from.days;
    p.to = duty.to.days;
    p.began_from = duty.duty_class == DutyClass::code ? duty.from.days : INT32_MIN;
    p.kinds[0] = duty.limits[0].standard.kind;
    p.kinds[1] = duty.limits[0].enhanced.kind;
    p.counts[0] = duty.limits[0].standard.count;
    p.counts[1] = duty.limits[0].enhanced.count;
  }
}

template <class Trace>
uint32_t Kernel<Trace>::enhancement_flags(const Enhancement& enhanced, uint32_t trigger_row) const {
  if (!enhanced.yes) return 0;
  uint32_t flags = model::flag_enhanced;
  if (!enhanced.by_assessment) flags |= model::flag_entitled_not_recognised;
  if (enhanced.by_assessment && recorded_at(enhanced.row) > recorded_at(trigger_row))
    flags |= model::flag_enhanced_recorded_later;
  if (enhanced.kinder) flags |= model::flag_kinder_reading;
  return flags;
}

/// Once for each entry that triggers anything.
template <class Trace>
[[gnu::always_inline]] inline void Kernel<Trace>::enter(const View& v, uint32_t i) {
  const int64_t t = v.lo[i];
  at_.entry = i;
  at_.alone = true;
  const calendar::LocalDate day = calendar::london_date(t);
  at_.day = day;
  constexpr int64_t longest_day = 25 * 3'600'000;
  if (i > 0 && t - v.lo[i - 1] < longest_day) {
    const Timeline& tl = *timeline_;
    const int64_t day_start = calendar::start_of(day);
    for (uint32_t j = i; j-- > 0 && v.lo[j] >= day_start;)
      if (v.lo[j] == t || !is_instant(j) || !is_instant(i) || tl.code[j] == tl.code[i] ||
          world_.type_of_code[tl.code[j]] == world_.type_of_code[tl.code[i]]) {
        at_.alone = false;
        return;
      }
  }
  uint32_t flags = 0;
  at_.crime = v.crime ? v.crime[i] : 0;
  at_.start_at = t;
  at_.start_on = day;
  at_.joined_at = INT64_MIN;
  if (v.has_links) {
    const uint32_t row = v.row[i];
    if (at_.crime == 0 && world_.table.participant(row) == 0) world_.links.reaches(row, v.participant, &at_.crime);
    at_.joined_at = world_.links.joined_at(row, v.participant, at_.crime);
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
      if (recorded_at(assessed_row_) > recorded_at(v.row[i])) flags |= model::flag_enhanced_recorded_later;
    }
  } else {
    const Enhancement enhanced = enhanced_on(day, v.row[i], at_.crime);
    at_.is_enhanced = enhanced.yes;
    flags |= enhancement_flags(enhanced, v.row[i]);
  }
  at_.flags = flags;
}

/// Who held the case (C24), and for a failure whether the feeds that could have shown otherwise were whole. Returns
/// flags.
template <class Trace>
[[gnu::noinline]] uint32_t Kernel<Trace>::settle_agency(uint32_t i, uint16_t duty_index, bool failing, int64_t S,
                                                        Obligation* o) {
  Case c{};
  c.duty = &book_.duties[duty_index];
  c.duty_index = duty_index;
  c.trigger = i;
  c.crime = at_.crime;
  const uint32_t sender = world_.table.agency(o->trigger_row);
  o->agency =
      sender != 0 && world_.role_of_agency(sender) == world_.role_of_bearer(duty_index) ? sender : provider(c, at_.day);
  if (!failing || world_.coverage == nullptr || !find_gap(c, timeline_->lo[i], S, o->due_on, {}, o)) return 0;
  if (o->fulfilled_row != Obligation::no_row) return model::flag_gap_before_due;
  o->outcome = model::Outcome::cannot_tell;
  o->reason = model::Reason::no_coverage;
  return 0;
}

/// Returns false, having done nothing, where a rare rule might apply.
template <class Trace>
[[gnu::always_inline]] inline bool Kernel<Trace>::judge_plain(const View& v, uint32_t i, uint16_t duty_index) {
  using Kind = TimeLimit::Kind;
  using model::Outcome;
  const PlainDuty& p = v.duties[duty_index];
  if (!p.is_plain) [[unlikely]]
    return false;
  if (at_.day.days < p.from || at_.day.days > p.to) return true;
  uint32_t flags = at_.flags;
  int64_t S = at_.start_at;
  int32_t start = at_.start_on.days;
  const Kind kind = p.kinds[at_.is_enhanced];
  const int32_t count = p.counts[at_.is_enhanced];
  if (kind == Kind::hours && v.has_dates) [[unlikely]]
    return false;
  if (p.extras != 0) {
    const Duty& duty = book_.duties[duty_index];
    const uint32_t row = v.row[i];
    if ((p.extras & PlainDuty::trigger_tests) && tests(duty.trigger.tests, row) != Truth::yes) return true;
    if (p.extras & PlainDuty::cancellations)
      for (const Cancellation& cancellation : duty.cancelled_by)
        for (const uint16_t code : cancellation.pattern.codes)
          if (first_[code] != no_entry) return false;
    if ((p.extras & PlainDuty::condition) && evaluate(duty.condition, 0, row, at_.day, at_.crime, 0) != Truth::yes)
      return false;
    if (p.extras & PlainDuty::clock_known) {
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
  const uint16_t* wanted = p.codes;
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
  } else if (kind == Kind::weeks) {
    due = first = start + 7 * count;
  } else {
    due = first = calendar::add_months({start}, kind == Kind::months ? count : 12 * count).days;
  }
  if (due_kind == Due::Kind::date) end = calendar::start_of({static_cast<int32_t>(due) + 1}) - 1;
  const int64_t at = F != no_entry ? v.lo[F] : v.as_at;
  const bool failing = at > end;
  if (failing && !v.failing_is_plain) return false;

  Obligation& o = out_->emplace_back();
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
      if (v.recorded_apart && recorded_at(o.fulfilled_row) > end) flags |= model::flag_recorded_after_due;
    } else {
      o.outcome = Outcome::late;
      set_lateness(kind, o.due_on, at, &o);
    }
  }
  if (v.has_agencies || (failing && v.has_coverage)) flags |= settle_agency(i, duty_index, failing, S, &o);
  if (began_on_.days < p.began_from) flags |= model::flag_edition_by_assumption;
  o.flags |= flags;
  if (p.extras & PlainDuty::window) set_window(&o);
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
               plain_.data(),
               tl.participant,
               (tl.profile & has_date) != 0,
               (tl.profile & (has_reason | has_involvement)) == 0,
               !world_.links.empty(),
               !world_.table.recorded_with_occurrence(),
               world_.coverage != nullptr,
               world_.table.agencies.size() > 1,
               world_.as_at};
  const uint16_t* code = tl.code.data();
  const uint32_t* starts = trigger_start_.data();
  const uint16_t* triggered = trigger_duties_.data();
  const uint32_t n = tl.size();
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t from = starts[code[i]];
    const uint32_t to = starts[code[i] + 1u];
    if (from != to) {
      enter(v, i);
      for (uint32_t k = from; k < to; ++k)
        if (!at_.alone || !inherited_.empty() || !judge_plain(v, i, triggered[k])) hand_on(i, triggered[k]);
    }
    v.cursor[code[i]] = v.next[i];
  }
}

}  // namespace kept::engine
