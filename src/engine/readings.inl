// Rule U (design 4): where a fact is missing or coarser than the limit, the whole table is tried for every combination
// of extremes. Part of kernel.cc.

namespace kept::engine {

template <class Trace>
bool Kernel<Trace>::is_vague(uint32_t entry, bool hours) const {
  return hours ? !is_instant(entry) : timeline_->precision[entry] == static_cast<uint8_t>(model::Precision::coarse);
}

template <class Trace>
bool Kernel<Trace>::any_vague(const Case& c, bool hours) const {
  if (!(timeline_->profile & (hours ? has_coarse | has_date : has_coarse))) return false;
  for (const Pattern& pattern : fulfilments(c))
    for (const uint16_t code : pattern.codes)
      for (uint32_t j = first_[code]; j != no_entry; j = timeline_->next[j])
        if (is_vague(j, hours)) return true;
  return false;
}

/// One combination of extremes: the clock's start worked out, the table asked.
template <class Trace>
void Kernel<Trace>::one_reading(Case& c, int64_t t, int64_t known, const Fulfilment& F, Obligation& o) {
  int64_t S = known;
  if (S < calendar::start_of(calendar::london_date(t))) {
    S = t;
    o.flags |= model::flag_told_ahead;
    step(Step::Kind::told_ahead);
  }
  if (c.joined_at > t) {
    o.flags |= model::flag_joined_later;
    step(Step::Kind::joined_later, Obligation::no_row, c.joined_at);
  }
  S = std::max(S, c.joined_at);
  step(Step::Kind::clock_started, Obligation::no_row, S);
  table(c, t, S, F, o);
}

template <class Trace>
void Kernel<Trace>::assess_readings(Case& c, Obligation& o) {
  const Timeline& tl = *timeline_;
  const Duty& duty = *c.duty;
  const auto& events = world_.table;
  const uint32_t row = tl.row[c.trigger];
  const bool hours = c.limit.kind == TimeLimit::Kind::hours ||
                     (c.limit.kind == TimeLimit::Kind::before && c.limit.unit == TimeLimit::Kind::hours);
  const bool own_clock = duty.clock_known && !c.has_start;
  bool exact = !is_vague(c.trigger, hours) && !any_vague(c, hours);
  int64_t S = c.has_start ? c.start_at : tl.lo[c.trigger];
  if (own_clock) {
    if (events.has_known(row)) {
      const model::Moment known = events.known(row);
      S = known.lo_ms;
      exact = exact && known.precision != model::Precision::coarse &&
              (!hours || known.precision == model::Precision::instant);
    } else {
      exact = false;
    }
  }
  if (events.any_recorded_assumed() && (tl.profile & (has_decline | has_reason | has_history))) exact = false;
  if ((tl.profile & has_decline) && (tl.profile & has_coarse)) exact = false;
  Fulfilment F;
  if (exact && find_plain(c, &F)) {
    one_reading(c, tl.lo[c.trigger], S, F, o);
  } else {
    all_readings(c, o, hours);
  }
  if ((tl.bits[c.trigger] & entry_historic) && moved_after_due(c)) o.flags |= model::flag_moved_after_due;
  if (began_on_ < duty.from && duty.duty_class == DutyClass::code) o.flags |= model::flag_edition_by_assumption;
  if (duty.kind == DutyKind::window) set_window(&o);
}

/// C13: the victim's own time to act is used, lapsed, open or cannot be told; never compliance.
template <class Trace>
void Kernel<Trace>::set_window(Obligation* o) {
  using model::Outcome;
  using model::WindowState;
  switch (o->outcome) {
    case Outcome::kept:
      o->window = WindowState::used;
      return;
    case Outcome::open:
      o->window = WindowState::open;
      return;
    case Outcome::cannot_tell:
      o->window = WindowState::cannot_tell;
      return;
    default:
      o->window = WindowState::lapsed;
      return;
  }
}

/// C17-C19 turn on when a wish, a reason or a retraction was recorded: the first such row whose time a mapping assumed.
template <class Trace>
uint32_t Kernel<Trace>::assumed_record(const Case& c) const {
  const auto& events = world_.table;
  if (!events.any_recorded_assumed()) return Obligation::no_row;
  if (c.retracted_at != never && events.recorded_assumed(c.retracted_by)) return c.retracted_by;
  for (const Decline& decline : declines_) {
    if (!world_.is_topic(*c.duty, decline.root)) continue;
    const History* history = world_.facts.history_of(decline.root);
    if (!history) {
      if (events.recorded_assumed(decline.root)) return decline.root;
      continue;
    }
    for (const Version& version : history->versions)
      if (events.recorded_assumed(version.row)) return version.row;
    if (history->retracted_at != never && events.recorded_assumed(history->retracted_by)) return history->retracted_by;
  }
  for (const uint32_t i : reasons_)
    if (events.recorded_assumed(root(i)) && world_.is_topic(*c.duty, timeline_->row[i])) return root(i);
  return Obligation::no_row;
}

/// A wish not to be told (or its withdrawal) whose day is not known; no_row: none.
template <class Trace>
uint32_t Kernel<Trace>::vague_wish(bool withdrawn) const {
  if (!(timeline_->profile & has_coarse)) return Obligation::no_row;
  const auto is_coarse = [&](uint32_t row) { return world_.table.precision(row) == model::Precision::coarse; };
  if (withdrawn) {
    for (const uint32_t w : withdrawals_)
      if (is_coarse(timeline_->row[w])) return timeline_->row[w];
  } else {
    for (const Decline& decline : declines_) {
      const History* history = world_.facts.history_of(decline.root);
      if (const uint32_t row = history ? history->current() : decline.root; is_coarse(row)) return row;
    }
  }
  return Obligation::no_row;
}

/// When the trigger may have happened: its first and last possible moment, and both sides of every day between them on
/// which Enhanced Rights or a dated value changes the limit (rule U: a boundary between the extremes is one too).
template <class Trace>
void Kernel<Trace>::trigger_readings(const Case& c, std::vector<int64_t>* readings) {
  const int64_t last = hi(c.trigger);
  *readings = {timeline_->lo[c.trigger], last};
  if (c.has_start) return;
  const calendar::LocalDate first_day = on(c.trigger);
  const calendar::LocalDate last_day = calendar::london_date(last);
  const auto boundary = [&](calendar::LocalDate day) {
    if (day <= first_day || last_day < day) return;
    readings->push_back(calendar::end_of(day - 1));
    readings->push_back(calendar::start_of(day));
  };
  bool turns_on_enhanced = false;
  for (const DatedLimit& dated : c.duty->limits) {
    boundary(dated.from);
    turns_on_enhanced = turns_on_enhanced || !(dated.standard == dated.enhanced);
  }
  if (!turns_on_enhanced) return;
  const uint32_t row = timeline_->row[c.trigger];
  for (calendar::LocalDate day = next_change_of_enhanced(first_day); day <= last_day;
       day = next_change_of_enhanced(day))
    if (enhanced_on(day - 1, row, c.crime).yes != enhanced_on(day, row, c.crime).yes) boundary(day);
}

/// The limit, and the Enhanced Rights, of a reading in which the trigger happened on this day.
template <class Trace>
void Kernel<Trace>::take_limit_of(Case& c, calendar::LocalDate day, Obligation& reading) {
  constexpr uint32_t of_enhanced =
      model::flag_enhanced | model::flag_entitled_not_recognised | model::flag_enhanced_recorded_later;
  const uint32_t row = timeline_->row[c.trigger];
  const Enhancement enhanced = enhanced_on(day, row, c.crime);
  const DatedLimit* dated = &c.duty->limits.front();
  for (const DatedLimit& one : c.duty->limits)
    if (one.from <= day && day <= one.to) dated = &one;
  const TimeLimit& limit = enhanced.yes ? dated->enhanced : dated->standard;
  if (limit.kind == TimeLimit::Kind::agreed || limit.kind == TimeLimit::Kind::with_duty) return;
  c.limit = limit;
  reading.flags = (reading.flags & ~of_enhanced) | enhancement_flags(enhanced, c.trigger);
}

/// Every event that may fulfil in some reading, with its possible moments; and which fact is missing.
template <class Trace>
void Kernel<Trace>::gather_choices(const Case& c, bool hours, Obligation* base) {
  const Timeline& tl = *timeline_;
  const auto missing = [&](uint32_t entry) {
    if (base->missing_code != 0) return;
    base->missing_code = tl.code[entry];
    base->missing_agency = world_.table.agency(tl.row[entry]);
  };
  choices_.clear();
  for (const Pattern& pattern : fulfilments(c))
    for (const uint16_t code : pattern.codes)
      for (uint32_t j = first_[code]; j != no_entry; j = tl.next[j]) {
        if (!usable(j) || j == c.trigger || !mine(j, c.crime)) continue;
        if ((tl.bits[c.trigger] & tl.bits[j] & entry_historic) && root(c.trigger) == root(j)) continue;
        if (!pattern.tests.empty() && entry_tests(pattern.tests, j) != Truth::yes) continue;
        if (std::any_of(choices_.begin(), choices_.end(), [&](const Choice& other) { return other.entry == j; }))
          continue;
        const Truth equal = same(*c.duty, c.trigger, c.crime, j);
        if (equal == Truth::no) continue;
        Choice choice{};
        choice.entry = j;
        choice.count = 1;
        choice.at[0] = tl.lo[j];
        choice.may_be_absent = equal == Truth::unknown;
        if (is_vague(j, hours) && hi(j) != tl.lo[j]) {
          choice.count = 2;
          choice.at[1] = hi(j);
        }
        if (choice.may_be_absent) step(Step::Kind::unsure_key, tl.row[j]);
        if (choice.count == 2) step(Step::Kind::unsure_time, tl.row[j]);
        if (choice.may_be_absent || choice.count == 2) missing(j);
        choices_.push_back(choice);
      }
}

template <class Trace>
void Kernel<Trace>::all_readings(Case& c, Obligation& o, bool hours) {
  using model::Outcome;
  Obligation base = o;
  const Timeline& tl = *timeline_;
  const auto& events = world_.table;
  const uint32_t i = c.trigger;
  const uint32_t row = tl.row[i];
  gather_choices(c, hours, &base);

  trigger_readings_ = {tl.lo[i]};
  if (is_vague(i, hours) && hi(i) != tl.lo[i]) {
    trigger_readings(c, &trigger_readings_);
    if (base.missing_code == 0) base.missing_code = tl.code[i], base.missing_agency = events.agency(row);
  }
  // Where the bearer's own receipt bounds the clock: between occurred_at and the first sign that it knew.
  bool from_trigger = true;
  int64_t starts[2] = {0, 0};
  int start_count = 1;
  if (c.has_start) {
    from_trigger = false;
    starts[0] = c.start_at;
  } else if (c.duty->clock_known) {
    from_trigger = false;
    if (events.has_known(row)) {
      const model::Moment known = events.known(row);
      starts[0] = known.lo_ms;
      if (known.precision == model::Precision::coarse || (hours && known.precision != model::Precision::instant))
        starts[1] = std::min(known.hi_ms, world_.as_at), start_count = 2;
    } else {
      int64_t shown = world_.as_at;
      // A plan shows that the bearer knew as well as a telling does.
      for (const Pattern& pattern : fulfilments(c))
        for (const uint16_t code : pattern.codes)
          for (uint32_t j = first_[code]; j != no_entry; j = tl.next[j])
            if (is_live(j) && tl.lo[j] >= tl.lo[i] && mine(j, c.crime) && matches(pattern, tl.row[j]) &&
                same(*c.duty, i, c.crime, j) == Truth::yes)
              shown = std::min(shown, tl.lo[j]);
      const uint32_t sender = events.agency(row);
      if (sender != 0 && (world_.is_any_provider(c.duty_index) ||
                          world_.role_of_agency(sender) == world_.role_of_bearer(c.duty_index)))
        shown = std::min(shown, recorded_at(row));
      starts[0] = tl.lo[i];
      starts[1] = std::max(tl.lo[i], shown);
      start_count = 2;
      if (base.missing_code == 0)
        base.missing_code = tl.code[i], base.missing_agency = provider(c.duty_index, i, c.crime, on(i));
      step(Step::Kind::no_known_at, row, starts[0], 0, starts[1]);
    }
    if (start_count == 2) {
      if (starts[0] == starts[1]) start_count = 1;
      if (starts[1] < starts[0]) std::swap(starts[0], starts[1]);
    }
  }
  // What C17-C19 ask of a wish, a reason or a retraction, where its own time or that of its record is not known.
  const uint32_t unknown[] = {assumed_record(c), vague_wish(false), vague_wish(true)};
  unsigned combinations = 1;
  for (unsigned which = 0; which < 3; ++which) {
    if (unknown[which] == Obligation::no_row) continue;
    combinations = 8;
    if (base.missing_code == 0)
      base.missing_code = events.code(unknown[which]), base.missing_agency = events.agency(unknown[which]);
  }

  Obligation answers[model::outcome_count];
  uint16_t seen = 0;
  Obligation first;
  bool any = false;
  const auto answer = [&](int64_t t, int64_t known, const Fulfilment& F) {
    Obligation reading = base;
    if (trigger_readings_.size() > 1 && !c.has_start) take_limit_of(c, calendar::london_date(t), reading);
    one_reading(c, t, known, F, reading);
    step(Step::Kind::reading_act, F.found() ? tl.row[F.entry] : Obligation::no_row, F.found() ? F.at : 0, 0, known);
    step(Step::Kind::reading, Obligation::no_row, t, 0, static_cast<int64_t>(reading.outcome));
    const auto bit = static_cast<uint16_t>(1u << static_cast<unsigned>(reading.outcome));
    // Where the limit itself differs between readings, the earliest D is the one to act on and to show.
    const auto sooner = [&](const Obligation& than) {
      return trigger_readings_.size() > 2 && reading.due_on.kind != Due::Kind::none &&
             (than.due_on.kind == Due::Kind::none || due_end(reading.due_on) < due_end(than.due_on));
    };
    if (!any || sooner(first)) first = reading;
    any = true;
    if (!(seen & bit) || sooner(answers[static_cast<std::size_t>(reading.outcome)]))
      answers[static_cast<std::size_t>(reading.outcome)] = reading;
    seen |= bit;
  };
  const bool all_of = c.duty->all_of && !c.to_agree;
  const bool anywhere = c.duty->earlier_counts && c.interval <= 1;
  const TimeLimit limit = c.limit;
  for (unsigned late = 0; late < combinations; ++late) {
    // Only the combinations of what is in fact unknown.
    if (((late & 1) && unknown[0] == Obligation::no_row) || ((late & 2) && unknown[1] == Obligation::no_row) ||
        ((late & 4) && unknown[2] == Obligation::no_row))
      continue;
    c.assumed_late = (late & 1) != 0;
    c.wish_late = (late & 2) != 0;
    c.wish_ended_late = (late & 4) != 0;
    for (const int64_t t : trigger_readings_)
      for (int b = 0; b < start_count; ++b) {
        const int64_t known = from_trigger ? t : starts[b];
        // The earliest day on which an act counts is a boundary too: a vague act may lie before it, or just on it.
        const calendar::LocalDate counts_from =
            c.interval > 1 ? calendar::london_date(c.start_at) + 1 : calendar::london_date(t);
        for (Choice& choice : choices_) {
          const int64_t earliest = tl.lo[choice.entry];
          const int64_t last = is_vague(choice.entry, hours) ? hi(choice.entry) : earliest;
          choice.count = earliest == last ? 1 : 2;
          if (!anywhere && calendar::london_date(earliest) < counts_from && counts_from < calendar::london_date(last))
            choice.count = 3;
          for (uint8_t k = 0; k < choice.count; ++k) {
            choice.at[k] = k == 0 ? earliest : k == 1 ? last : calendar::start_of(counts_from);
            choice.eligible[k] = is_eligible(c, hours, t, choice.entry, &choice.at[k]);
          }
        }
        if (all_of) {
          every_combination(c, [&](const Fulfilment& F) { answer(t, known, F); });
        } else {
          each_possible_first([&](const Fulfilment& F) { answer(t, known, F); });
        }
      }
  }
  c.assumed_late = c.wish_late = c.wish_ended_late = false;
  c.limit = limit;

  const auto bit = [](Outcome outcome) { return static_cast<uint16_t>(1u << static_cast<unsigned>(outcome)); };
  const uint16_t failures = static_cast<uint16_t>(bit(Outcome::withdrawn_after_due) | bit(Outcome::late) |
                                                  bit(Outcome::missed) | bit(Outcome::overdue));
  if ((seen & (seen - 1)) == 0) {
    o = first;
    o.missing_code = o.outcome == Outcome::cannot_tell ? o.missing_code : 0;
    if (o.outcome != Outcome::cannot_tell) o.missing_agency = 0;
  } else if ((seen & ~failures) == 0) {
    // All failures: the worst, the missing fact named, so that a vague contact after D changes nothing.
    for (const Outcome worst : {Outcome::overdue, Outcome::missed, Outcome::late, Outcome::withdrawn_after_due})
      if (seen & bit(worst)) {
        o = answers[static_cast<std::size_t>(worst)];
        break;
      }
  } else {
    o = first;
    o.outcome = Outcome::cannot_tell;
    o.reason = model::Reason::rule_u;
    o.fulfilled_row = Obligation::no_row;
    o.fulfilled_at = 0;
    o.late_by = 0;
    o.late_ms = 0;
    o.late_unit = model::LateUnit::none;
    if (o.missing_code == 0) o.missing_code = tl.code[i];
    step(Step::Kind::outcome, Obligation::no_row, 0, 0, static_cast<int64_t>(o.outcome));
  }
  o.rule_u_outcomes = seen;
}

/// Every F that some combination of the choices gives, the first being each event at its earliest. One event at one
/// moment is F exactly when every other can be later or absent, so the product of all combinations need not be walked.
template <class Trace>
template <class Answer>
void Kernel<Trace>::each_possible_first(Answer answer) {
  constexpr uint32_t none = no_entry;
  Fulfilment natural;
  for (const Choice& choice : choices_)
    if (choice.eligible[0] &&
        (natural.entry == none || comes_before(choice.at[0], choice.entry, natural.at, natural.entry))) {
      natural.entry = choice.entry;
      natural.at = choice.at[0];
    }
  answer(natural);
  // The latest that each can be made: the two earliest of those bound every other.
  struct Bound {
    int64_t at;
    uint32_t entry;
  };
  Bound least{0, none}, second{0, none};
  bool all_absent = true;
  for (const Choice& choice : choices_) {
    bool may_be_absent = choice.may_be_absent;
    Bound latest{0, none};
    for (uint8_t k = 0; k < choice.count; ++k) {
      if (!choice.eligible[k]) {
        may_be_absent = true;
      } else if (latest.entry == none || comes_before(latest.at, choice.entry, choice.at[k], choice.entry) ||
                 choice.at[k] > latest.at) {
        latest = {choice.at[k], choice.entry};
      }
    }
    if (may_be_absent) continue;
    all_absent = false;
    if (least.entry == none || comes_before(latest.at, latest.entry, least.at, least.entry)) {
      second = least;
      least = latest;
    } else if (second.entry == none || comes_before(latest.at, latest.entry, second.at, second.entry)) {
      second = latest;
    }
  }
  for (const Choice& choice : choices_)
    for (uint8_t k = 0; k < choice.count; ++k) {
      if (!choice.eligible[k] || (choice.entry == natural.entry && choice.at[k] == natural.at)) continue;
      const Bound& bound = least.entry == choice.entry ? second : least;
      if (bound.entry != none && comes_before(bound.at, bound.entry, choice.at[k], choice.entry)) continue;
      Fulfilment F;
      F.entry = choice.entry;
      F.at = choice.at[k];
      answer(F);
    }
  if (all_absent && natural.found()) answer(Fulfilment{});
}

/// `all_of`: every combination of the choices that are open, up to 4,096.
template <class Trace>
template <class Answer>
void Kernel<Trace>::every_combination(const Case& c, Answer answer) {
  const auto& patterns = c.duty->fulfilled_by;
  std::vector<uint8_t> pick(choices_.size(), 0);
  const auto options = [&](const Choice& choice) {
    return static_cast<uint8_t>(choice.count + (choice.may_be_absent ? 1 : 0));
  };
  for (int combination = 0; combination < 4096; ++combination) {
    Fulfilment F;
    bool complete = true;
    for (std::size_t p = 0; p < patterns.size(); ++p) {
      Fulfilment best;
      for (std::size_t k = 0; k < choices_.size(); ++k) {
        const Choice& choice = choices_[k];
        if (pick[k] >= choice.count || !choice.eligible[pick[k]] || !matches(patterns[p], timeline_->row[choice.entry]))
          continue;
        if (!best.found() || comes_before(choice.at[pick[k]], choice.entry, best.at, best.entry)) {
          best.entry = choice.entry;
          best.at = choice.at[pick[k]];
        }
      }
      if (!best.found()) {
        complete = false;
        continue;
      }
      F.satisfied |= 1u << p;
      if (!F.found() || comes_before(F.at, F.entry, best.at, best.entry)) {
        F.entry = best.entry;
        F.at = best.at;
      }
    }
    if (!complete) F.entry = no_entry;
    answer(F);
    std::size_t k = choices_.size();
    while (k-- > 0) {
      if (++pick[k] < options(choices_[k])) break;
      pick[k] = 0;
    }
    if (k == static_cast<std::size_t>(-1)) return;
  }
}

/// A correction recorded after the D it replaces that moved D later: the earlier D still stands in the record.
template <class Trace>
bool Kernel<Trace>::moved_after_due(const Case& c) {
  const History* history = world_.facts.history_of(timeline_->row[c.trigger]);
  if (!history || history->versions.size() < 2 || history->current() != timeline_->row[c.trigger]) return false;
  const uint32_t was = history->versions.front().row;
  const int64_t was_at = world_.table.lo_ms(was);
  if (was_at >= timeline_->lo[c.trigger]) return false;
  Case before = c;
  before.before_row = was;
  before.ignore_holds = true;
  Due D;
  bool none = false;
  if (!limit_due(before, c.limit, was_at, world_.now, &D, &none) || none) return false;
  if (!is_after(history->versions.back().recorded_at, D)) return false;
  const bool on_a_day = D.kind == Due::Kind::date;
  step(Step::Kind::moved_later, was, on_a_day ? 0 : D.value, on_a_day ? static_cast<int32_t>(D.value) : 0);
  return true;
}

}  // namespace kept::engine
