// Matching (design 4): which events can fulfil, and in what order. Part of kernel.cc.

namespace kept::engine {

template <class Trace>
bool Kernel<Trace>::mine(uint32_t entry, uint32_t crime) const {
  const uint32_t its = crime_of(entry);
  return its == 0 || crime == 0 || its == crime;
}

template <class Trace>
bool Kernel<Trace>::matches(const Pattern& pattern, uint32_t row) const {
  const uint16_t code = world_.table.code(row);
  if (std::find(pattern.codes.begin(), pattern.codes.end(), code) == pattern.codes.end()) return false;
  return pattern.tests.empty() || tests(pattern.tests, row) == Truth::yes;
}

template <class Trace>
bool Kernel<Trace>::matches_any(const std::vector<Pattern>& patterns, uint32_t row) const {
  for (const Pattern& pattern : patterns)
    if (matches(pattern, row)) return true;
  return false;
}

/// Equal on every `same` key. A key absent on one side matches only if the crime had exactly one value of it by F's
/// date, otherwise it cannot be told; absent on both matches.
template <class Trace>
Truth Kernel<Trace>::same(const Duty& duty, uint32_t trigger, uint32_t crime, uint32_t entry) const {
  if (duty.same == 0) return Truth::yes;
  Truth answer = Truth::yes;
  const auto compare = [&](uint32_t a, uint32_t b, int which) {
    if (a == b) return true;
    if (a != 0 && b != 0) return false;
    if (world_.only_value(which, crime, calendar::london_date(hi(entry))) != (a ? a : b)) answer = Truth::unknown;
    return true;
  };
  const auto in_column = [&](const std::vector<uint32_t>& column, int which) {
    return column.empty() || compare(column[trigger], column[entry], which);
  };
  if ((duty.same & same_suspect) && !in_column(timeline_->suspect, 0)) return Truth::no;
  if ((duty.same & same_hearing) && !in_column(timeline_->hearing_of, 1)) return Truth::no;
  if (duty.same & same_key) {
    // Few duties ask for it, so that it is read from the table and not gathered for every entry.
    const uint32_t* row = timeline_->row.data();
    if (!compare(world_.table.key(row[trigger]), world_.table.key(row[entry]), 2)) return Truth::no;
  }
  return answer;
}

/// London date; an instant after what is known only to the day or coarser; instant; recorded_at; source; id.
template <class Trace>
bool Kernel<Trace>::comes_before(int64_t at_a, uint32_t a, int64_t at_b, uint32_t b) const {
  const calendar::LocalDate on_a = calendar::london_date(at_a);
  const calendar::LocalDate on_b = calendar::london_date(at_b);
  if (on_a != on_b) return on_a < on_b;
  const bool instant_a = is_instant(a);
  const bool instant_b = is_instant(b);
  if (instant_a != instant_b) return instant_b;
  if (instant_a && at_a != at_b) return at_a < at_b;
  const uint32_t row_a = timeline_->row[a];
  const uint32_t row_b = timeline_->row[b];
  if (recorded_at(row_a) != recorded_at(row_b)) return recorded_at(row_a) < recorded_at(row_b);
  const uint32_t root_a = root(a);
  const uint32_t root_b = root(b);
  const auto& table = world_.table;
  if (table.source(root_a) != table.source(root_b))
    return table.sources.name(table.source(root_a)) < table.sources.name(table.source(root_b));
  if (root_a == root_b) return a < b;
  return table.has_ids() ? table.id(root_a) < table.id(root_b) : root_a < root_b;
}

/// Is F not after this moment? On one date without both times: F comes before cancellation, decline and end.
template <class Trace>
bool Kernel<Trace>::before_on_the_day(const Fulfilment& F, int64_t at, bool instant) const {
  if (!F.found()) return false;
  if (F.at <= at) return true;
  return calendar::london_date(F.at) == calendar::london_date(at) && (!is_instant(F.entry) || !instant);
}

template <class Trace>
bool Kernel<Trace>::before_on_the_day(const Fulfilment& F, int64_t at, uint32_t entry) const {
  return before_on_the_day(F, at, is_instant(entry));
}

template <class Trace>
int64_t Kernel<Trace>::hi(uint32_t i) const {
  if (is_instant(i)) return timeline_->lo[i];
  return std::min(world_.table.occurred(timeline_->row[i]).hi_ms, world_.as_at);
}

/// The first entry of `code` not before entry `from`: the cursor while walking forwards, else along the chain.
template <class Trace>
uint32_t Kernel<Trace>::head(uint16_t code, uint32_t from) const {
  if (cursor_valid_) return cursor_[code];
  uint32_t j = first_[code];
  while (j != no_entry && j < from) j = timeline_->next[j];
  return j;
}

/// F where every time is exact enough and every key is known. Returns false when rule U has to be asked.
template <class Trace>
bool Kernel<Trace>::find_plain(const Case& c, Fulfilment* F) {
  const Duty& duty = *c.duty;
  const Timeline& tl = *timeline_;
  const uint32_t i = c.trigger;
  const auto& patterns = fulfilments(c);
  const bool later_interval = c.has_start && c.interval > 1;
  const bool anywhere = duty.earlier_counts && !later_interval;
  const int64_t day_start = calendar::start_of(on(i));
  // Entries of the trigger's own date may stand before it in the order and still count (a date and an instant: the same
  // day counts).
  uint32_t day_first = i;
  if (!anywhere && !later_interval)
    while (day_first > 0 && tl.lo[day_first - 1] >= day_start) --day_first;
  const int64_t not_before = later_interval ? calendar::start_of(calendar::london_date(c.start_at) + 1) : 0;
  const uint32_t mask = static_cast<uint32_t>((uint64_t{1} << patterns.size()) - 1);
  uint32_t first = no_entry;
  uint32_t last = 0;
  for (std::size_t p = 0; p < patterns.size(); ++p) {
    const Pattern& pattern = patterns[p];
    uint32_t best = no_entry;
    for (const uint16_t code : pattern.codes) {
      uint32_t j = anywhere ? first_[code] : head(code, i);
      for (uint32_t k = day_first; k < i; ++k)
        if (tl.code[k] == code && !(is_instant(k) && is_instant(i) && tl.lo[k] < tl.lo[i])) {
          j = k;
          break;
        }
      for (; j != no_entry && j < best; j = tl.next[j]) {
        if (j == i || !usable(j) || tl.lo[j] < not_before || !mine(j, c.crime)) continue;
        if ((tl.bits[i] & tl.bits[j] & entry_historic) && root(i) == root(j)) continue;
        if (j < i && !anywhere && is_instant(j) && is_instant(i) && tl.lo[j] < tl.lo[i]) continue;
        if (!pattern.tests.empty() && entry_tests(pattern.tests, j) != Truth::yes) continue;
        const Truth equal = same(duty, i, c.crime, j);
        if (equal == Truth::unknown) return false;
        if (equal == Truth::yes) best = j;
      }
    }
    if (!duty.all_of || c.to_agree) {
      first = std::min(first, best);
    } else if (best != no_entry) {
      F->satisfied |= 1u << p;
      last = std::max(last, best);
    }
  }
  if (duty.all_of && !c.to_agree) first = F->satisfied == mask ? last : no_entry;
  F->entry = first;
  if (first != no_entry) F->at = tl.lo[first];
  return true;
}

/// May this candidate, at this moment, fulfil in this reading? Its moment may be read as no earlier than the trigger's.
template <class Trace>
bool Kernel<Trace>::is_eligible(const Case& c, bool hours, int64_t t, uint32_t entry, int64_t* at) const {
  const calendar::LocalDate on_f = calendar::london_date(*at);
  if (c.has_start && c.interval > 1) return on_f > calendar::london_date(c.start_at);
  if (c.duty->earlier_counts) return true;
  if (is_instant(entry) && is_instant(c.trigger)) return *at >= t;
  const calendar::LocalDate on_t = calendar::london_date(t);
  if (hours && on_f == on_t) {
    *at = std::max(*at, t);
    return true;
  }
  return on_f >= on_t;
}

}  // namespace kept::engine
