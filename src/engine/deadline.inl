// Times (design 4): D from S and the limit. Part of kernel.cc.

namespace kept::engine {

template <class Trace>
bool Kernel<Trace>::is_after(int64_t at, const Due& D) const {
  if (D.kind == Due::Kind::date) return calendar::london_date(at).days > D.value;
  return D.kind == Due::Kind::instant && at > D.value;
}

template <class Trace>
calendar::LocalDate Kernel<Trace>::due_date(const Due& D) const {
  return D.kind == Due::Kind::date ? calendar::LocalDate{static_cast<int32_t>(D.value)}
                                   : calendar::london_date(D.value);
}

template <class Trace>
int64_t Kernel<Trace>::due_end(const Due& D) const {
  return D.kind == Due::Kind::date ? calendar::end_of(due_date(D)) : D.value;
}

/// D for one limit. Returns false when it lies past what the calendar covers. `none`: there is no D (yet).
template <class Trace>
bool Kernel<Trace>::limit_due(const Case& c, const TimeLimit& limit, int64_t S, const calendar::WorkingDays& days,
                              Due* due, bool* none) {
  using Kind = TimeLimit::Kind;
  *none = false;
  const calendar::LocalDate start = calendar::london_date(S);
  const auto on_date = [&](calendar::LocalDate date) {
    *due = {Due::Kind::date, date.days};
    return true;
  };
  const bool may_pause = c.duty->pausable && !c.ignore_holds && (timeline_->profile & has_hold);
  if (may_pause && (limit.kind == Kind::days || limit.kind == Kind::weeks || limit.kind == Kind::working_days)) {
    // Days with a hold in force at their start are not counted; while one is open there is no D.
    hold_spans_.clear();
    for (const uint32_t h : holds_) {
      if (!mine(h, c.crime)) continue;
      hold_spans_.emplace_back(timeline_->lo[h], world_.hold_ended_at(root(h)));
    }
    int32_t left = limit.kind == Kind::weeks ? limit.count * 7 : limit.count;
    calendar::LocalDate day = start;
    while (left > 0) {
      day = day + 1;
      const int64_t at = calendar::start_of(day);
      bool held = false;
      for (const auto& [from, to] : hold_spans_) {
        if (!(from <= at && at < to)) continue;
        held = true;
        if (to == never) {
          *none = true;
          return true;
        }
      }
      if (held) continue;
      if (limit.kind == Kind::working_days) {
        if (!days.covers(day)) return false;
        if (!days.is_working(day)) continue;
      }
      --left;
    }
    return on_date(day);
  }
  switch (limit.kind) {
    case Kind::hours:
      *due = {Due::Kind::instant, S + int64_t{limit.count} * 3'600'000};
      return true;
    case Kind::days:
      return on_date(start + limit.count);
    case Kind::weeks:
      return on_date(start + 7 * limit.count);
    case Kind::months:
      return on_date(calendar::add_months(start, limit.count));
    case Kind::years:
      return on_date(calendar::add_months(start, 12 * limit.count));
    case Kind::working_days: {
      calendar::LocalDate date;
      if (!days.nth_after(start, limit.count, &date)) return false;
      return on_date(date);
    }
    case Kind::until_age: {
      // The latest possible birth: the reading kinder to the victim (C30).
      int64_t born = INT64_MIN;
      for (const uint32_t b : births_) born = std::max(born, world_.table.occurred(timeline_->row[b]).hi_ms);
      if (births_.empty()) {
        *none = true;
        return true;
      }
      return on_date(calendar::eve_of_birthday(calendar::london_date(born), limit.count));
    }
    case Kind::before: {
      int64_t index = 0;
      if (!world_.table.detail_value(c.before_row, limit.field, &index)) {
        *none = true;
        return true;
      }
      const int64_t event_at = world_.table.moment(index).lo_ms;
      if (limit.unit == Kind::hours) {
        *due = {Due::Kind::instant, event_at - int64_t{limit.count} * 3'600'000};
        return due->value >= S ? true : on_date(start);
      }
      calendar::LocalDate date = calendar::london_date(event_at) - limit.count;
      if (limit.unit == Kind::working_days && !days.nth_before(calendar::london_date(event_at), limit.count, &date))
        return false;
      return on_date(std::max(date, start));
    }
    case Kind::no_number:
    case Kind::agreed:
    case Kind::with_duty:
      break;
  }
  *none = true;
  return true;
}

/// D, and taken over from the duty this one replaced where that was earlier. `as_known_at_start`: with the holidays
/// announced by S.
template <class Trace>
bool Kernel<Trace>::deadline(const Case& c, int64_t S, bool as_known_at_start, Due* due) {
  if (c.has_fixed) {
    *due = c.fixed;
    return true;
  }
  *due = {};
  if (c.limit.kind == TimeLimit::Kind::no_number) {
    if (!c.no_until) {
      int64_t ended = never;
      for (const Pattern& pattern : c.duty->until)
        for (const uint16_t code : pattern.codes)
          for (uint32_t j = first_[code]; j != no_entry; j = timeline_->next[j]) {
            if (timeline_->lo[j] < S || !is_live(j) || !mine(j, c.crime) ||
                same(*c.duty, c.trigger, c.crime, j) == Truth::no)
              continue;
            if (!pattern.tests.empty() && entry_tests(pattern.tests, j) != Truth::yes) continue;
            ended = std::min(ended, timeline_->lo[j]);
            break;
          }
      if (ended != never) *due = {Due::Kind::date, calendar::london_date(ended).days};
    }
  } else {
    bool none = false;
    if (!as_known_at_start || c.limit.kind != TimeLimit::Kind::working_days) {
      if (!limit_due(c, c.limit, S, world_.now, due, &none)) return false;
    } else {
      const calendar::LocalDate start = calendar::london_date(S);
      if (!limit_due(c, c.limit, S, book_.calendar->known_on(start), due, &none)) return false;
    }
    if (none) *due = {};
  }
  if (c.has_inherited && (due->kind == Due::Kind::none || due_end(c.inherited) < due_end(*due))) *due = c.inherited;
  return true;
}

template <class Trace>
void Kernel<Trace>::set_lateness(TimeLimit::Kind kind, const Due& D, int64_t at, Obligation* o) const {
  if (D.kind == Due::Kind::instant) {
    o->late_unit = model::LateUnit::hours;
    o->late_ms = at - D.value;
    o->late_by = static_cast<int32_t>(std::min<int64_t>((o->late_ms + 3'599'999) / 3'600'000, INT32_MAX));
    return;
  }
  const calendar::LocalDate due{static_cast<int32_t>(D.value)};
  const calendar::LocalDate done = calendar::london_date(at);
  o->late_ms = int64_t{done.days - due.days} * 86'400'000;
  if (kind == TimeLimit::Kind::working_days && world_.now.covers(due) && world_.now.covers(done)) {
    o->late_unit = model::LateUnit::working_days;
    o->late_by = std::max(1, world_.now.between(due, done));
  } else {
    o->late_unit = model::LateUnit::days;
    o->late_by = done.days - due.days;
  }
}

}  // namespace kept::engine
