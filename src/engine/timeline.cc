#include "engine/timeline.h"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include "engine/parts.h"

namespace kept::engine {
namespace {
using model::EventTable;
using model::Precision;

/// Moves a planned event's mark onto the entry: recorded on an earlier London date than it occurred (design 3).
uint8_t plan_bit(const EventTable& table, uint32_t row) {
  const int64_t recorded_at = table.recorded_at(row);
  const int64_t lo = table.lo_ms(row);
  return recorded_at < lo && calendar::london_date(recorded_at) < calendar::london_date(lo) ? entry_plan : 0;
}
}  // namespace

Timelines::Timelines(const RuleBook& book, const EventTable& table, const Facts& facts, const Links& links,
                     int64_t as_at, int threads, std::vector<uint32_t> profile_of_code, uint64_t* without_link,
                     uint64_t* after_as_at)
    : table_(table), facts_(facts), links_(links), as_at_(as_at), profile_of_code_(std::move(profile_of_code)) {
  const bool owes_cases =
      std::any_of(book.duties.begin(), book.duties.end(), [](const Duty& duty) { return duty.owed_to_case; });
  if (!place_grouped(after_as_at)) place_all(threads, without_link, after_as_at);
  if (owes_cases) place_cases();
}

/// Where each participant's rows lie together already, there is nothing to sort. False: they do not.
bool Timelines::place_grouped(uint64_t* after_as_at) {
  const std::vector<uint32_t>& whose = table_.participant_column().values();
  const uint32_t rows = table_.size();
  if (!facts_.is_plain() || whose.size() != rows || rows == 0 || whose[0] == 0 ||
      !std::is_sorted(whose.begin(), whose.end()))
    return false;
  participants_ = table_.participants.size();
  start_.assign(participants_ + 1, 0);
  placed_ = std::make_unique_for_overwrite<Placed[]>(rows);
  const uint16_t* code = table_.code_column().data();
  const int64_t* lo = table_.lo_column().data();
  const uint8_t* precision = table_.precision_column().data();
  const bool may_be_planned = !table_.recorded_with_occurrence();
  uint32_t row = 0;
  uint64_t count = 0;
  for (uint32_t participant = 1; participant < participants_; ++participant) {
    start_[participant] = count;
    for (; row < rows && whose[row] == participant; ++row) {
      if (lo[row] > as_at_) {
        ++*after_as_at;
      } else {
        placed_[count++] = {lo[row], row, code[row], precision[row],
                            may_be_planned ? plan_bit(table_, row) : uint8_t{0}};
      }
    }
  }
  start_[participants_] = count;
  return true;
}

/// A range of rows on its way to its participants: counted first, then placed.
struct Timelines::Part {
  std::vector<uint64_t> next;     ///< by bucket: how many entries, then where the next one goes
  std::vector<uint32_t> reached;  ///< of each event that names nobody, how many it reaches and whom
  uint64_t without_link = 0, after_as_at = 0;
};

/// Calls put(participant, row, bits) for every row of a range, and with the last range for every fact with a history.
/// `again`: the second time; what rows reach is read from `part`, and plans are marked.
template <class Put>
void Timelines::place_rows(Part* part, uint32_t from, uint32_t to, bool again, Put put) const {
  const bool marks_plans = again && !table_.recorded_with_occurrence();
  std::vector<Reached> reached;
  std::size_t known = 0;
  const auto place = [&](uint32_t row, uint8_t bits, uint32_t planned_by, bool current) {
    if (marks_plans) bits |= plan_bit(table_, planned_by);
    if (const uint32_t participant = table_.participant(row)) {
      put(participant, row, bits);
      return;
    }
    bits |= entry_through_crime;
    if (again) {
      for (uint32_t left = part->reached[known++]; left > 0; --left) put(part->reached[known++], row, bits);
      return;
    }
    bool unlinked = false;
    links_.reach(row, &reached, &unlinked);
    if (unlinked && current) ++part->without_link;
    part->reached.push_back(static_cast<uint32_t>(reached.size()));
    for (const Reached& r : reached) {
      part->reached.push_back(r.participant);
      put(r.participant, row, bits);
    }
  };
  for (uint32_t row = from; row < to; ++row) {
    if (!facts_.is_simple(row)) continue;
    if (table_.lo_ms(row) > as_at_) {
      if (!again) ++part->after_as_at;
      continue;
    }
    place(row, 0, row, true);
  }
  if (to != table_.size()) return;
  for (const History& history : facts_.histories())
    for (std::size_t v = 0; v < history.versions.size(); ++v) {
      const uint32_t row = history.versions[v].row;
      const bool current = v + 1 == history.versions.size();
      if (table_.lo_ms(row) > as_at_) continue;
      const uint8_t bits =
          static_cast<uint8_t>(entry_historic | (current && history.retracted_at == never ? 0 : entry_trigger_only));
      place(row, bits, history.current(), current);
    }
}

/// A sort by participant that keeps the order of rows. Scattering millions of rows straight to their participants would
/// miss the cache at each: first into buckets of neighbouring participants, few enough to write to side by side, then
/// within each bucket, which the cache holds.
void Timelines::place_all(int threads, uint64_t* without_link, uint64_t* after_as_at) {
  participants_ = table_.participants.size();
  start_.assign(participants_ + 1, 0);
  const uint32_t rows = table_.size();
  constexpr uint32_t most_buckets = 1024;
  int shift = 0;
  while ((participants_ >> shift) >= most_buckets) ++shift;
  const uint32_t buckets = (participants_ >> shift) + 1;
  std::vector<Part> parts(parts_for(rows, threads));
  const auto count = static_cast<uint32_t>(parts.size());
  in_parts(rows, count, [&](uint32_t k, uint32_t from, uint32_t to) {
    Part& part = parts[k];
    part.next.assign(buckets, 0);
    place_rows(&part, from, to, false,
               [&](uint32_t participant, uint32_t, uint8_t) { ++part.next[participant >> shift]; });
  });
  // Within a bucket the parts stand in their order.
  std::vector<uint64_t> bucket_start(buckets + std::size_t{1}, 0);
  uint64_t all = 0;
  for (uint32_t b = 0; b < buckets; ++b) {
    bucket_start[b] = all;
    for (Part& part : parts) all += std::exchange(part.next[b], all);
  }
  bucket_start[buckets] = all;
  placed_ = std::make_unique_for_overwrite<Placed[]>(all);
  const auto whose = std::make_unique_for_overwrite<uint32_t[]>(all);
  in_parts(rows, count, [&](uint32_t k, uint32_t from, uint32_t to) {
    Part& part = parts[k];
    const uint16_t* code = table_.code_column().data();
    const int64_t* lo = table_.lo_column().data();
    const uint8_t* precision = table_.precision_column().data();
    place_rows(&part, from, to, true, [&](uint32_t participant, uint32_t row, uint8_t bits) {
      const uint64_t at = part.next[participant >> shift]++;
      placed_[at] = {lo[row], row, code[row], precision[row], bits};
      whose[at] = participant;
    });
  });
  in_parts(buckets, count, [&](uint32_t, uint32_t from_bucket, uint32_t to_bucket) {
    std::vector<Placed> bucket;
    std::vector<uint64_t> next(std::size_t{1} << shift);
    for (uint32_t b = from_bucket; b < to_bucket; ++b) {
      const uint64_t from = bucket_start[b];
      const uint64_t to = bucket_start[b + 1];
      const uint32_t first = b << shift;
      const uint32_t last = std::min(participants_, (b + 1) << shift);
      bucket.assign(placed_.get() + from, placed_.get() + to);
      std::fill(next.begin(), next.end(), 0);
      for (uint64_t i = from; i < to; ++i) ++next[whose[i] - first];
      uint64_t at = from;
      for (uint32_t participant = first; participant < last; ++participant) {
        start_[participant] = at;
        at += std::exchange(next[participant - first], at);
      }
      for (uint64_t i = from; i < to; ++i) placed_[next[whose[i] - first]++] = bucket[i - from];
    }
  });
  start_[participants_] = all;
  for (const Part& part : parts) {
    *without_link += part.without_link;
    *after_as_at += part.after_as_at;
  }
}

/// Cases: every hearing that a duty owed to a case may be triggered for, with the entries that name it.
void Timelines::place_cases() {
  std::vector<std::pair<uint32_t, Placed>> pairs;
  if (table_.hearing_column().empty()) return;
  const bool may_be_planned = !table_.recorded_with_occurrence();
  for (uint32_t row = 0; row < table_.size(); ++row) {
    const uint32_t hearing = table_.hearing(row);
    if (hearing == 0 || table_.lo_ms(row) > as_at_) continue;
    uint8_t bits = 0;
    uint32_t planned_by = row;
    if (!facts_.is_simple(row)) {
      const History* history = facts_.history_of(row);
      if (!history) continue;
      planned_by = history->current();
      bits = static_cast<uint8_t>(
          entry_historic | (history->current() == row && history->retracted_at == never ? 0 : entry_trigger_only));
    }
    if (may_be_planned) bits |= plan_bit(table_, planned_by);
    pairs.push_back(
        {hearing, {table_.lo_ms(row), row, table_.code(row), static_cast<uint8_t>(table_.precision(row)), bits}});
  }
  by_hearing_.make(table_.hearings.size(), std::move(pairs));
  for (uint32_t hearing = 1; hearing < table_.hearings.size(); ++hearing)
    if (by_hearing_.begin(hearing) != by_hearing_.end(hearing)) case_hearings_.push_back(hearing);
}

bool Timelines::comes_before(uint32_t row_a, uint32_t row_b) const {
  if (table_.recorded_at(row_a) != table_.recorded_at(row_b))
    return table_.recorded_at(row_a) < table_.recorded_at(row_b);
  const uint32_t a = facts_.root_of(row_a);
  const uint32_t b = facts_.root_of(row_b);
  if (table_.source(a) != table_.source(b))
    return table_.sources.name(table_.source(a)) < table_.sources.name(table_.source(b));
  if (a != b && !table_.has_ids()) return a < b;
  const std::string id_a = table_.id(a);
  const std::string id_b = table_.id(b);
  return id_a != id_b ? id_a < id_b : row_a < row_b;
}

void Timelines::fill(uint32_t participant, Timeline* out, uint32_t* first) const {
  out->participant = participant;
  out->hearing = 0;
  out->victims.clear();
  const auto n = static_cast<uint32_t>(entries_of(participant));
  const Placed* entries = placed_.get() + start_[participant];
  out->lo.resize(n);
  out->code.resize(n);
  out->row.resize(n);
  out->precision.resize(n);
  out->bits.resize(n);
  bool sorted = true;
  for (uint32_t i = 0; i < n; ++i) {
    const Placed& e = entries[i];
    out->lo[i] = e.lo;
    out->code[i] = e.code;
    out->row[i] = e.row;
    out->precision[i] = e.precision;
    out->bits[i] = e.bits;
    // Strictly later needs no tie-break. Equal moments are sorted by what was recorded, never by arrival.
    if (i > 0 && e.lo <= entries[i - 1].lo) sorted = false;
  }
  if (!sorted) {
    thread_local std::vector<Placed> scratch;
    scratch.assign(entries, entries + n);
    std::sort(scratch.begin(), scratch.end(), [this](const Placed& a, const Placed& b) {
      if (a.lo != b.lo) return a.lo < b.lo;
      const bool instant_a = a.precision == static_cast<uint8_t>(Precision::instant);
      const bool instant_b = b.precision == static_cast<uint8_t>(Precision::instant);
      if (instant_a != instant_b) return instant_b;
      return comes_before(a.row, b.row);
    });
    for (uint32_t i = 0; i < n; ++i) {
      const Placed& e = scratch[i];
      out->lo[i] = e.lo;
      out->code[i] = e.code;
      out->row[i] = e.row;
      out->precision[i] = e.precision;
      out->bits[i] = e.bits;
    }
  }
  finish(out, first);
}

namespace {
constexpr uint64_t most_fetched = 64;  // a long record would push out what is at hand
}

void Timelines::fetch_ahead(uint32_t participant) const {
  const uint64_t last = std::min(start_[participant + 1], start_[participant] + most_fetched);
  for (uint64_t i = start_[participant]; i < last; ++i) table_.fetch_ahead(placed_[i].row);
}

void Timelines::fetch_details_ahead(uint32_t participant) const {
  const uint64_t last = std::min(start_[participant + 1], start_[participant] + most_fetched);
  for (uint64_t i = start_[participant]; i < last; ++i) __builtin_prefetch(table_.detail(placed_[i].row).first);
}

void Timelines::fill_case(uint32_t index, Timeline* out, uint32_t* first) const {
  const uint32_t hearing = case_hearings_[index];
  thread_local std::vector<Placed> gathered;
  gathered.assign(by_hearing_.begin(hearing), by_hearing_.end(hearing));
  out->victims.clear();
  const auto& crimes = links_.crimes_of_hearing();
  for (const Link* crime = crimes.begin(hearing); crime != crimes.end(hearing); ++crime)
    for (const Link* victim = links_.victims_of().begin(crime->other); victim != links_.victims_of().end(crime->other);
         ++victim)
      out->victims.push_back(victim->other);
  std::sort(out->victims.begin(), out->victims.end());
  out->victims.erase(std::unique(out->victims.begin(), out->victims.end()), out->victims.end());
  // What decides Enhanced and involvement of each victim of the case, and events of its crimes that name no hearing.
  const uint32_t wanted = has_birth | has_assessment | has_death | has_enhanced_fact;
  for (const uint32_t victim : out->victims)
    for (uint64_t i = start_[victim]; i < start_[victim + 1]; ++i) {
      const Placed& e = placed_[i];
      const bool names_hearing = table_.hearing(e.row) != 0;
      const bool of_person = (profile_of_code_[e.code] & wanted) != 0;
      if (!names_hearing && (of_person || (e.bits & entry_through_crime))) gathered.push_back(e);
    }
  std::sort(gathered.begin(), gathered.end(), [](const Placed& a, const Placed& b) { return a.row < b.row; });
  gathered.erase(
      std::unique(gathered.begin(), gathered.end(), [](const Placed& a, const Placed& b) { return a.row == b.row; }),
      gathered.end());
  std::sort(gathered.begin(), gathered.end(), [this](const Placed& a, const Placed& b) {
    if (a.lo != b.lo) return a.lo < b.lo;
    const bool instant_a = a.precision == static_cast<uint8_t>(Precision::instant);
    const bool instant_b = b.precision == static_cast<uint8_t>(Precision::instant);
    if (instant_a != instant_b) return instant_b;
    return comes_before(a.row, b.row);
  });
  out->participant = 0;
  out->hearing = hearing;
  const auto n = static_cast<uint32_t>(gathered.size());
  out->lo.resize(n);
  out->code.resize(n);
  out->row.resize(n);
  out->precision.resize(n);
  out->bits.resize(n);
  for (uint32_t i = 0; i < n; ++i) {
    out->lo[i] = gathered[i].lo;
    out->code[i] = gathered[i].code;
    out->row[i] = gathered[i].row;
    out->precision[i] = gathered[i].precision;
    out->bits[i] = gathered[i].bits;
  }
  finish(out, first);
}

/// Profile, the references the table has columns for, and the chains of equal codes.
void Timelines::finish(Timeline* out, uint32_t* first) const {
  const uint32_t n = out->size();
  uint32_t profile = 0;
  uint8_t any_precision = 0;
  uint8_t any_bits = 0;
  for (uint32_t i = 0; i < n; ++i) {
    profile |= profile_of_code_[out->code[i]];
    any_precision |= static_cast<uint8_t>(1u << out->precision[i]);
    any_bits |= out->bits[i];
  }
  if (any_precision & (1u << static_cast<uint8_t>(Precision::coarse))) profile |= has_coarse;
  if (any_precision & (1u << static_cast<uint8_t>(Precision::date))) profile |= has_date;
  if (any_bits & entry_plan) profile |= has_plan;
  if (any_bits & entry_historic) profile |= has_history;
  out->profile = profile;
  const auto gather = [&](const model::SparseColumn<uint32_t>& column, std::vector<uint32_t>* into) {
    if (column.empty()) {
      into->clear();
      return;
    }
    into->resize(n);
    for (uint32_t i = 0; i < n; ++i) (*into)[i] = column[out->row[i]];
  };
  gather(table_.crime_column(), &out->crime);
  gather(table_.suspect_column(), &out->suspect);
  gather(table_.hearing_column(), &out->hearing_of);
  gather(table_.key_column(), &out->key);
  out->agency.clear();
  if (table_.agencies.size() > 1) {
    out->agency.resize(n);
    for (uint32_t i = 0; i < n; ++i) out->agency[i] = table_.agency(out->row[i]);
  }
  out->next.resize(n);
  for (uint32_t i = n; i-- > 0;) {
    uint32_t& head = first[out->code[i]];
    out->next[i] = head;
    head = i;
  }
}

void Timelines::release(const Timeline& timeline, uint32_t* first) {
  for (const uint16_t code : timeline.code) first[code] = no_entry;
}

}  // namespace kept::engine
