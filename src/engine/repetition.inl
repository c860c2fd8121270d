// Repetition (design 4): interval 1 starts at S; the next on a timely F, else on D. Part of kernel.cc.

namespace kept::engine {

template <class Trace>
void Kernel<Trace>::repeat(Case c) {
  const Timeline& tl = *timeline_;
  int64_t start = std::max(tl.lo[c.trigger], c.joined_at);
  int64_t stop = world_.as_at;
  for (const Pattern& pattern : c.duty->until)
    for (const uint16_t code : pattern.codes)
      for (uint32_t j = first_[code]; j != no_entry; j = tl.next[j]) {
        if (tl.lo[j] < start || !is_live(j) || !mine(j, c.crime) || same(*c.duty, c.trigger, c.crime, j) == Truth::no)
          continue;
        if (!pattern.tests.empty() && entry_tests(pattern.tests, j) != Truth::yes) continue;
        stop = std::min(stop, tl.lo[j]);
        break;
      }
  // C6: nothing new is owed to somebody who has died; the interval that was running is ended by the death.
  const auto begins_after_death = [&] {
    return died_at_ != never && calendar::london_date(died_at_) < calendar::london_date(start);
  };
  for (uint32_t k = 1; start <= stop && (k == 1 || !begins_after_death()); ++k) {
    Case one = c;
    one.interval = k;
    one.has_start = true;
    one.start_at = start;
    if (k > 1) {
      one.has_inherited = false;
      // Each interval takes the edition in force at its own start: the rule that says it continues this one.
      const calendar::LocalDate day = calendar::london_date(start);
      while (day > one.duty->to) {
        uint16_t next = no_duty;
        for (std::size_t d = 0; d < book_.duties.size(); ++d)
          if (book_.duties[d].continues == one.duty_index) next = static_cast<uint16_t>(d);
        if (next == no_duty) return;
        one.duty_index = next;
        one.duty = &book_.duties[next];
      }
    }
    const std::size_t steps_before = [&] {
      if constexpr (Trace::enabled) return trace.steps.size();
      return std::size_t{0};
    }();
    Obligation o{};
    assess_one(one, o);
    out_->push_back(o);
    if constexpr (Trace::enabled) spans.emplace_back(steps_before, trace.steps.size());
    const bool has_f = o.fulfilled_row != Obligation::no_row;
    if (o.outcome == model::Outcome::not_owed || (o.due_on.kind == Due::Kind::none && !has_f)) return;
    int64_t next = 0;
    if (o.flags & model::flag_no_agreement) {
      if (!has_f) return;
      next = o.fulfilled_at;
    } else {
      next = has_f && !is_after(o.fulfilled_at, o.due_on) ? o.fulfilled_at : due_end(o.due_on);
    }
    // A limit that ends where its interval begins leaves no time for another.
    if (k > 1 && next <= start) return;
    start = next;
  }
}

}  // namespace kept::engine
