// The outcome table of design 4: one named predicate a row, tried in its order. Part of kernel.cc.

namespace kept::engine {

/// One obligation in one reading of its times: F and S are certain here.
template <class Trace>
void Kernel<Trace>::table(const Case& c, int64_t t, int64_t S, const Fulfilment& F, Obligation& o) {
  using model::Outcome;
  using model::Reason;
  const Timeline& tl = *timeline_;
  const auto& events = world_.table;
  const auto settle = [&](Outcome outcome, Reason reason = Reason::none, uint32_t row = Obligation::no_row) {
    o.outcome = outcome;
    o.reason = reason;
    o.decided_row = row;
    step(Step::Kind::outcome, row, 0, 0, static_cast<int64_t>(outcome));
  };
  o.start_at = S;
  if (F.found()) {
    o.fulfilled_row = tl.row[F.entry];
    o.fulfilled_at = F.at;
  }
  Due D;
  bool beyond = !deadline(c, S, false, &D);
  uint32_t decline_row = Obligation::no_row;
  int64_t declined_at = 0;
  if (!beyond && (tl.profile & has_decline)) {
    decline_row = declined(c, t, &S, &D, F, &o.flags, &beyond);
    if (decline_row != Obligation::no_row) declined_at = events.lo_ms(decline_row);
  }
  if (beyond) {
    o.fulfilled_row = Obligation::no_row;
    o.flags |= model::flag_beyond_calendar;
    return settle(Outcome::open, Reason::calendar_ends);
  }
  o.start_at = S;
  o.due_on = D;
  o.first_due_on = D;
  if (c.limit.kind == TimeLimit::Kind::working_days && !c.has_fixed &&
      book_.calendar->epoch(calendar::london_date(S)) != world_.epoch_now) {
    if (!deadline(c, S, true, &o.first_due_on)) o.first_due_on = {};
    if (o.first_due_on != D) o.flags |= model::flag_holiday_announced_since;
  }
  if (c.has_inherited && D == c.inherited) o.flags |= model::flag_inherited_due;
  if (c.limit.kind == TimeLimit::Kind::before && D.kind != Due::Kind::none && !c.has_fixed) {
    Due plain;
    bool none = false;
    if (limit_due(c, c.limit, INT64_MIN / 4, world_.now, &plain, &none) && !none && plain != D)
      o.flags |= model::flag_short_notice;
  }
  if constexpr (Trace::enabled)
    step(Step::Kind::due, Obligation::no_row, D.kind == Due::Kind::instant ? D.value : 0,
         D.kind == Due::Kind::date ? static_cast<int32_t>(D.value) : 0);
  const bool past = is_after(world_.as_at, D);

  // Rows 1 and 2: the trigger was retracted.
  if (c.retracted_at != never) {
    step(Step::Kind::retracted, c.retracted_by, c.retracted_at);
    if (events.recorded_assumed(c.retracted_by)) o.flags |= model::flag_recorded_assumed;
    if (is_not_owed_retracted(c, D, past)) return settle(Outcome::not_owed, Reason::trigger_retracted);
    Case standing = c;
    standing.retracted_at = never;
    Obligation otherwise = o;
    table(standing, t, S, F, otherwise);
    o.would_have_been = otherwise.outcome;
    return settle(Outcome::withdrawn_after_due);
  }
  // Row 3: lapsed.
  if (!c.duty->cancelled_by.empty()) {
    const uint32_t by = cancelled_by(c, t, D, F);
    if (by != no_entry) {
      step(Step::Kind::lapsed_by, tl.row[by]);
      return settle(Outcome::lapsed, Reason::lapsed_by_event, tl.row[by]);
    }
  }
  if (died_at_ != never && ended_by_death(D, F)) {
    step(Step::Kind::died, died_row_);
    return settle(Outcome::lapsed, Reason::ended_by_death, died_row_);
  }
  if (c.interval && !c.no_until && !c.duty->until.empty() && c.limit.kind != TimeLimit::Kind::no_number) {
    uint32_t by = Obligation::no_row;
    if (ended_by_until(c, S, D, F, &by)) {
      step(Step::Kind::lapsed_by, by);
      return settle(Outcome::lapsed, Reason::ended_by_until, by);
    }
  }
  // Row 4: declined.
  if (decline_row != Obligation::no_row) {
    if (F.found() && F.at >= declined_at) o.flags |= model::flag_told_against_wishes;
    return settle(Outcome::declined, Reason::none, decline_row);
  }
  // Row 5: kept.
  if (F.found() && !is_after(F.at, D)) {
    if (c.duty->announces >= 0 && is_too_late_to_use(*c.duty, tl.row[c.trigger], F.at))
      o.flags |= model::flag_too_late_to_use;
    if (D.kind != Due::Kind::none && is_after(recorded_at(o.fulfilled_row), D))
      o.flags |= model::flag_recorded_after_due;
    step(Step::Kind::considered_kept, o.fulfilled_row, F.at);
    return settle(Outcome::kept);
  }
  // Row 6: excused.
  if (past && (tl.profile & has_reason)) {
    uint32_t by = Obligation::no_row;
    if (is_excused(c, D, F, &o.flags, &by)) return settle(Outcome::excused, Reason::none, by);
  }
  // Row 7: late.
  const bool gap = world_.coverage != nullptr && (past || F.found()) && find_gap(c, t, S, D, F, &o);
  if (F.found()) {
    set_lateness(c.limit.kind == TimeLimit::Kind::before ? c.limit.unit : c.limit.kind, D, F.at, &o);
    if (gap) o.flags |= model::flag_gap_before_due;
    step(Step::Kind::considered_kept, o.fulfilled_row, F.at);
    return settle(Outcome::late);
  }
  // Row 8: open.
  if (!past) return settle(Outcome::open);
  // Row 9: cannot tell.
  if (gap) return settle(Outcome::cannot_tell, Reason::no_coverage);
  // Row 10: missed.
  uint32_t ended_by = Obligation::no_row;
  if ((tl.profile & (has_involvement | has_death)) && !is_involved(&ended_by)) {
    step(Step::Kind::involvement_ended, ended_by);
    return settle(Outcome::missed, Reason::not_involved, ended_by);
  }
  // Row 11: overdue.
  return settle(Outcome::overdue);
}

/// C21: told after the event that the trigger announces.
template <class Trace>
bool Kernel<Trace>::is_too_late_to_use(const Duty& duty, uint32_t trigger_row, int64_t told_at) const {
  int64_t index = 0;
  return world_.table.detail_value(trigger_row, static_cast<uint16_t>(duty.announces), &index) &&
         told_at > world_.table.moment(index).hi_ms;
}

/// Rows 1, 4 and 6 turn on it: was this recorded after D? A time that was only assumed lies anywhere up to as_at (rule
/// U).
template <class Trace>
bool Kernel<Trace>::is_recorded_after(uint32_t row, const Due& D, const Case& c) const {
  return is_after(c.assumed_late && world_.table.recorded_assumed(row) ? world_.as_at : recorded_at(row), D);
}

/// Row 1: the retraction was recorded on or before D, or the clock stands on or before D.
template <class Trace>
bool Kernel<Trace>::is_not_owed_retracted(const Case& c, const Due& D, bool past) const {
  return D.kind == Due::Kind::none || !past || !is_recorded_after(c.retracted_by, D, c);
}

/// C19: is the duty that takes over owed for that event?
template <class Trace>
bool Kernel<Trace>::is_owed(uint16_t successor, uint32_t row, calendar::LocalDate day, uint32_t crime) {
  if (successor == no_duty) return false;
  const Duty& next = book_.duties[successor];
  return next.from <= day && day <= next.to && evaluate(next.condition, 0, row, day, crime, 0) != Truth::no;
}

/// The successor of a lapsed duty takes over its D where that is earlier (C19), except under `before`.
template <class Trace>
void Kernel<Trace>::hand_down(const Case& c, const Obligation& o) {
  if (o.outcome != model::Outcome::lapsed || o.reason != model::Reason::lapsed_by_event ||
      o.due_on.kind == Due::Kind::none)
    return;
  const uint32_t of = world_.facts.root_of(o.decided_row);
  const calendar::LocalDate day = calendar::london_date(world_.table.lo_ms(o.decided_row));
  for (const Cancellation& cancellation : c.duty->cancelled_by) {
    const uint16_t successor = cancellation.successor;
    if (!matches(cancellation.pattern, o.decided_row) || !is_owed(successor, o.decided_row, day, c.crime)) continue;
    if (book_.duties[successor].limits.front().standard.kind == TimeLimit::Kind::before) return;
    const auto known = std::find_if(inherited_.begin(), inherited_.end(),
                                    [&](const Inherited& i) { return i.duty == successor && i.root == of; });
    if (known == inherited_.end()) {
      inherited_.push_back({successor, of, o.due_on});
    } else if (due_end(o.due_on) < due_end(known->due)) {
      known->due = o.due_on;
    }
    return;
  }
}

/// Row 3: a cancelling event with equal `same` keys, later than T and on or before D, no F by then, its successor owed
/// (C19).
template <class Trace>
uint32_t Kernel<Trace>::cancelled_by(const Case& c, int64_t t, const Due& D, const Fulfilment& F) {
  const Timeline& tl = *timeline_;
  uint32_t found = no_entry;
  for (const Cancellation& cancellation : c.duty->cancelled_by) {
    for (const uint16_t code : cancellation.pattern.codes) {
      for (uint32_t j = first_[code]; j != no_entry; j = tl.next[j]) {
        if (!usable(j) || j == c.trigger || !mine(j, c.crime) || root(j) == root(c.trigger)) continue;
        if (found != no_entry && tl.lo[j] > tl.lo[found]) break;
        if (is_after(tl.lo[j], D)) break;
        if (!comes_before(t, c.trigger, tl.lo[j], j)) continue;
        if (!cancellation.pattern.tests.empty() && entry_tests(cancellation.pattern.tests, j) != Truth::yes) continue;
        if (same(*c.duty, c.trigger, c.crime, j) != Truth::yes) continue;
        if (!is_owed(cancellation.successor, tl.row[j], on(j), c.crime)) continue;
        if (before_on_the_day(F, tl.lo[j], j)) continue;
        if (found != no_entry && tl.lo[j] == tl.lo[found]) {
          const auto& events = world_.table;
          const uint32_t a = root(j);
          const uint32_t b = root(found);
          const auto key_of = [&](uint32_t row) {
            return std::pair(events.sources.name(events.source(row)), events.id(row));
          };
          if (!(key_of(a) < key_of(b))) continue;
        }
        found = j;
      }
    }
  }
  return found;
}

/// Row 3: the victim's death on or before D, unless she had been told by then (C6).
template <class Trace>
bool Kernel<Trace>::ended_by_death(const Due& D, const Fulfilment& F) const {
  if (is_after(died_at_, D)) return false;
  return !(F.found() && F.at <= std::max(died_at_, calendar::end_of(calendar::london_date(died_at_))));
}

/// Row 3: what ends the repetition happened within this interval.
template <class Trace>
bool Kernel<Trace>::ended_by_until(const Case& c, int64_t S, const Due& D, const Fulfilment& F, uint32_t* by) {
  int64_t ended = never;
  for (const Pattern& pattern : c.duty->until)
    for (const uint16_t code : pattern.codes)
      for (uint32_t j = first_[code]; j != no_entry; j = timeline_->next[j]) {
        if (timeline_->lo[j] < S || !is_live(j) || !mine(j, c.crime) ||
            same(*c.duty, c.trigger, c.crime, j) == Truth::no)
          continue;
        if (is_after(timeline_->lo[j], D)) break;
        if (!pattern.tests.empty() && entry_tests(pattern.tests, j) != Truth::yes) continue;
        if (timeline_->lo[j] < ended) {
          ended = timeline_->lo[j];
          *by = timeline_->row[j];
        }
        break;
      }
  return ended != never && !(F.found() && calendar::london_date(F.at) <= calendar::london_date(ended));
}

/// Row 4 (C17): entered and given on or before D, before any F, as it stood recorded by D. One that ends by D starts
/// the clock again on that day. Returns the row of the decline in force, or no_row.
template <class Trace>
uint32_t Kernel<Trace>::declined(const Case& c, int64_t t, int64_t* S, Due* D, const Fulfilment& F, uint32_t* flags,
                                 bool* beyond) {
  const auto& events = world_.table;
  const auto has = [](int32_t field) { return field >= 0; };
  for (const Decline& decline : declines_) {
    const History* history = world_.facts.history_of(decline.root);
    uint32_t row = Obligation::no_row;
    if (!history) {
      if (!is_recorded_after(decline.root, *D, c)) row = decline.root;
    } else {
      // A retraction, like a correction, recorded after D changes nothing: the wish stood when it was relied on.
      if (history->retracted_at != never && !is_recorded_after(history->retracted_by, *D, c)) continue;
      for (auto version = history->versions.rbegin(); version != history->versions.rend(); ++version)
        if (!is_recorded_after(version->row, *D, c)) {
          row = version->row;
          break;
        }
    }
    if (row == Obligation::no_row) {
      // Entered after D: noted where it speaks of this duty.
      const uint32_t its = events.crime(decline.root);
      if (!world_.is_topic(*c.duty, decline.root) || (its != 0 && c.crime != 0 && its != c.crime)) continue;
      if (events.recorded_assumed(decline.root)) *flags |= model::flag_recorded_assumed;
      *flags |= model::flag_decline_noted;
      step(Step::Kind::decline_too_late, decline.root);
      continue;
    }
    if (book_.vocabulary->meaning_of(events.code(row)) != model::Meaning::declined) continue;
    // Known only to lie within a month or a range: both ends are readings.
    const auto given_at = [&](uint32_t wish, bool late) {
      return late && events.precision(wish) == model::Precision::coarse
                 ? std::min(events.occurred(wish).hi_ms, world_.as_at)
                 : events.lo_ms(wish);
    };
    const int64_t given = given_at(row, c.wish_late);
    const bool planned = history ? calendar::london_date(recorded_at(history->current())) <
                                       calendar::london_date(events.lo_ms(history->current()))
                                 : calendar::london_date(recorded_at(row)) < calendar::london_date(events.lo_ms(row));
    if (given > world_.as_at || planned) continue;
    uint32_t crime = 0;
    if (events.participant(row) != timeline_->participant && !world_.links.reaches(row, timeline_->participant, &crime))
      continue;
    if (const uint32_t its = events.crime(row); its != 0 && c.crime != 0 && its != c.crime) continue;
    if (!world_.is_topic(*c.duty, row)) continue;
    if (events.recorded_assumed(row) ||
        (history && history->retracted_at != never && events.recorded_assumed(history->retracted_by)))
      *flags |= model::flag_recorded_assumed;
    int64_t end = never;
    const int64_t topic = world_.topic_value(row);
    for (const uint32_t w : withdrawals_)
      if (timeline_->lo[w] >= given && events.participant(timeline_->row[w]) == timeline_->participant &&
          world_.topic_value(timeline_->row[w]) == topic)
        end = std::min(end, given_at(timeline_->row[w], c.wish_ended_late));
    if (int64_t until = 0;
        has(world_.fields.until) && events.detail_value(row, static_cast<uint16_t>(world_.fields.until), &until))
      end = std::min(end, events.moment(until).hi_ms + (c.limit.kind == TimeLimit::Kind::hours ? 1 : 0));
    if (end > world_.as_at) end = never;
    if (is_after(given, *D) || is_recorded_after(decline.root, *D, c)) {
      *flags |= model::flag_decline_noted;
      step(Step::Kind::decline_too_late, row);
      continue;
    }
    if (end != never && end <= t) continue;
    if (before_on_the_day(F, given, events.precision(row) == model::Precision::instant)) continue;
    if (end != never && !is_after(end, *D)) {
      *S = std::max(*S, end);
      *flags |= model::flag_wish_withdrawn;
      step(Step::Kind::decline_ended, row, *S);
      if (!deadline(c, *S, false, D)) {
        *beyond = true;
        return Obligation::no_row;
      }
      continue;
    }
    step(Step::Kind::decline_found, row);
    return row;
  }
  return Obligation::no_row;
}

/// Row 6 (C18): complete good reasons together cover every day from D to F, or to as_at without F.
template <class Trace>
bool Kernel<Trace>::is_excused(const Case& c, const Due& D, const Fulfilment& F, uint32_t* flags, uint32_t* by) {
  const auto& events = world_.table;
  const EngineFields& f = world_.fields;
  const calendar::LocalDate last = F.found() ? calendar::london_date(F.at) : world_.as_at_on;
  calendar::LocalDate day = due_date(D);
  bool any = false;
  bool all_entered_late = true;
  const auto value = [&](uint32_t row, int32_t field, int64_t* v) {
    return field >= 0 && events.detail_value(row, static_cast<uint16_t>(field), v);
  };
  const auto counts = [&](uint32_t i, calendar::LocalDate* from, calendar::LocalDate* until, bool* entered_late) {
    const uint32_t row = timeline_->row[i];
    int64_t v = 0;
    if (!usable(i) || !mine(i, c.crime) || !world_.is_topic(*c.duty, row)) return false;
    if (!value(row, f.who, &v) || !value(row, f.why, &v) || !value(row, f.evidence, &v)) return false;
    int64_t from_at = 0;
    int64_t until_at = 0;
    if (!value(row, f.from, &from_at) || !value(row, f.until, &until_at)) return false;
    *from = events.moment(from_at).on();
    *until = calendar::london_date(events.moment(until_at).hi_ms);
    *entered_late = is_recorded_after(root(i), D, c);
    int64_t who = 0;
    return !*entered_late || (value(row, f.second, &v) && value(row, f.who, &who) && who != v);
  };
  bool moved = true;
  while (day <= last && moved) {
    moved = false;
    for (const uint32_t i : reasons_) {
      calendar::LocalDate from, until;
      bool entered_late = false;
      if (!counts(i, &from, &until, &entered_late)) continue;
      any = true;
      if (from <= day && day <= until) {
        day = until + 1;
        moved = true;
        *by = timeline_->row[i];
      }
    }
  }
  for (const uint32_t i : reasons_) {
    calendar::LocalDate from, until;
    bool entered_late = false;
    if (usable(i) && mine(i, c.crime) && world_.is_topic(*c.duty, timeline_->row[i]) &&
        !counts(i, &from, &until, &entered_late)) {
      if (events.recorded_assumed(root(i))) *flags |= model::flag_recorded_assumed;
      step(entered_late ? Step::Kind::reason_needs_second : Step::Kind::reason_incomplete, timeline_->row[i]);
    }
  }
  if (day <= last) return false;
  for (const uint32_t i : reasons_) {
    calendar::LocalDate from, until;
    bool entered_late = false;
    if (!counts(i, &from, &until, &entered_late)) continue;
    any = true;
    if (events.recorded_assumed(root(i))) *flags |= model::flag_recorded_assumed;
    all_entered_late = all_entered_late && entered_late;
    step(Step::Kind::reason_counts, timeline_->row[i], 0, from.days, until.days);
  }
  if (!any) return false;
  if (all_entered_late) *flags |= model::flag_reason_after_due;
  return true;
}

/// Row 9 (and a flag of row 7): the first day from T to D on which a type that could have fulfilled it was not covered.
template <class Trace>
bool Kernel<Trace>::find_gap(const Case& c, int64_t t, int64_t S, const Due& D, const Fulfilment& F, Obligation* o) {
  if (D.kind == Due::Kind::none) return false;
  calendar::LocalDate from = calendar::london_date(std::min(t, S));
  if (c.duty->earlier_counts) from = std::min(from, began_on_);
  const calendar::LocalDate to = due_date(D);
  const auto& patterns = fulfilments(c);
  const uint16_t role = world_.role_of_bearer(c.duty_index);
  bool found = false;
  calendar::LocalDate earliest{INT32_MAX};
  const auto ask = [&](uint32_t agency, calendar::LocalDate first, calendar::LocalDate last) {
    for (std::size_t p = 0; p < patterns.size(); ++p) {
      if (c.duty->all_of && !c.to_agree && (F.satisfied & (1u << p))) continue;
      uint16_t last_type = 0xFFFF;
      for (const uint16_t code : patterns[p].codes) {
        const uint16_t type = book_.vocabulary->type_index(code);
        if (type == last_type) continue;
        last_type = type;
        calendar::LocalDate gap = first;
        // Nobody of this role is known to have held the case: any of them covering it will do; none known at all covers
        // nothing.
        bool is_gap = true;
        if (agency != 0) {
          is_gap = world_.coverage->first_gap(agency, type, first, last, &gap);
        } else {
          for (const uint32_t one : world_.agencies_in(role)) {
            calendar::LocalDate its;
            is_gap = is_gap && world_.coverage->first_gap(one, type, first, last, &its);
          }
        }
        if (is_gap && gap < earliest) {
          earliest = gap;
          found = true;
          o->missing_code = code;
          o->missing_agency = agency;
          o->missing_on = gap.days;
        }
      }
    }
  };
  // Whoever held the case that day (C24): from one acceptance to the next.
  calendar::LocalDate day = from;
  for (const uint32_t i : transfers_) {
    const calendar::LocalDate accepted = on(i);
    if (accepted <= day || accepted > to ||
        book_.vocabulary->meaning_of(timeline_->code[i]) != model::Meaning::transfer_accepted)
      continue;
    ask(provider(c.duty_index, c.trigger, c.crime, day), day, accepted - 1);
    day = accepted;
  }
  if (day <= to) ask(provider(c.duty_index, c.trigger, c.crime, day), day, to);
  if (world_.coverage->is_inferred()) o->flags |= model::flag_inferred_coverage;
  if (found) step(Step::Kind::gap, o->missing_agency, 0, o->missing_on, o->missing_code);
  return found;
}

}  // namespace kept::engine
