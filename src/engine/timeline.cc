#include "engine/timeline.h"

#include <algorithm>
#include <string>
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
    : table_(table),
      facts_(facts),
      links_(links),
      as_at_(as_at),
      threads_(threads),
      profile_of_code_(std::move(profile_of_code)) {
  participants_ = table_.participants.size();
  start_.assign(participants_ + std::size_t{1}, 0);
  owes_cases_ = std::any_of(book.duties.begin(), book.duties.end(), [](const Duty& duty) { return duty.owed_to_case; });
  is_grouped_ = count_grouped(after_as_at);
  if (!is_grouped_) count_all(without_link, after_as_at);
  if (owes_cases_) place_cases();
}

/// Cuts into shards of about as many entries, at the first participants of buckets, and makes room for the largest.
void Timelines::make_room() {
  constexpr uint64_t most_shards = 4;  // each goes through all rows once
  constexpr uint64_t least_entries = 1 << 20;
  const uint64_t all = bucket_start_.back();
  const uint64_t shards = std::clamp<uint64_t>(all / least_entries, 1, most_shards);
  uint64_t largest = 0;
  uint64_t from = 0;
  for (uint32_t b = 1; b < bucket_start_.size(); ++b) {
    const bool last = b + 1 == bucket_start_.size();
    if (!last && (shard_from_.size() >= shards || bucket_start_[b] < all * shard_from_.size() / shards)) continue;
    largest = std::max(largest, bucket_start_[b] - from);
    from = bucket_start_[b];
    shard_from_.push_back(last ? participants_ : b << shift_);
  }
  entries_ = std::make_unique_for_overwrite<Entry[]>(largest);
  if (!is_grouped_) whose_ = std::make_unique_for_overwrite<uint32_t[]>(largest);
  if (!owes_cases_) return;
  of_cases_at_.resize(participants_);
}

Entry Timelines::entry(uint32_t row, uint8_t bits) const {
  return {table_.lo_ms(row),
          table_.recorded_at(row),
          table_.first_detail(row),
          row,
          table_.crime(row),
          table_.suspect(row),
          table_.hearing(row),
          table_.agency(row),
          table_.code(row),
          static_cast<uint8_t>(table_.precision(row)),
          bits};
}

/// Where each participant's rows lie together already, there is nothing to sort. False: they do not.
bool Timelines::count_grouped(uint64_t* after_as_at) {
  const std::vector<uint32_t>& whose = table_.participant_column().values();
  const uint32_t rows = table_.size();
  if (!facts_.is_plain() || whose.size() != rows || rows == 0 || whose[0] == 0 ||
      !std::is_sorted(whose.begin(), whose.end()))
    return false;
  is_grouped_ = true;
  uint32_t row = 0;
  uint64_t count = 0;
  for (uint32_t participant = 1; participant < participants_; ++participant) {
    start_[participant] = count;
    for (; row < rows && whose[row] == participant; ++row) {
      if (table_.lo_ms(row) > as_at_) {
        ++*after_as_at;
      } else {
        ++count;
      }
    }
  }
  start_[participants_] = count;
  bucket_start_ = start_;
  make_room();
  return true;
}

void Timelines::gather_grouped(uint32_t first, uint32_t last) {
  const std::vector<uint32_t>& whose = table_.participant_column().values();
  const bool may_be_planned = !table_.recorded_with_occurrence();
  Entry* next = entries_.get();
  for (auto row = static_cast<uint32_t>(std::lower_bound(whose.begin(), whose.end(), first) - whose.begin());
       row < whose.size() && whose[row] < last; ++row)
    if (table_.lo_ms(row) <= as_at_) *next++ = entry(row, may_be_planned ? plan_bit(table_, row) : uint8_t{0});
}

/// Calls put(participant, row, bits) for every row of a range, and with the last range for every fact with a history,
/// that reaches a participant from `first` to before `last`. `again`: what rows reach is read from `part`.
template <class Put>
void Timelines::place_rows(Part* part, uint32_t from, uint32_t to, bool again, uint32_t first, uint32_t last,
                           Put put) const {
  std::vector<Reached> reached;
  std::size_t known = 0;
  const auto is_wanted = [&](uint32_t participant) { return first <= participant && participant < last; };
  const auto place_through_crime = [&](uint32_t row, uint8_t bits, bool current) {
    bits |= entry_through_crime;
    if (again) {
      for (uint32_t left = part->reached[known++]; left > 0; --left)
        if (const uint32_t participant = part->reached[known++]; is_wanted(participant)) put(participant, row, bits);
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
    const uint32_t participant = table_.participant(row);
    if ((participant != 0 && !is_wanted(participant)) || !facts_.is_simple(row)) continue;
    if (table_.lo_ms(row) > as_at_) {
      if (!again) ++part->after_as_at;
    } else if (participant != 0) {
      put(participant, row, 0);
    } else {
      place_through_crime(row, 0, true);
    }
  }
  if (to != table_.size()) return;
  for (const History& history : facts_.histories())
    for (std::size_t v = 0; v < history.versions.size(); ++v) {
      const uint32_t row = history.versions[v].row;
      const bool current = v + 1 == history.versions.size();
      if (table_.lo_ms(row) > as_at_) continue;
      const uint8_t bits =
          static_cast<uint8_t>(entry_historic | (current && history.retracted_at == never ? 0 : entry_trigger_only));
      if (const uint32_t participant = table_.participant(row)) {
        if (is_wanted(participant)) put(participant, row, bits);
      } else {
        place_through_crime(row, bits, current);
      }
    }
}

/// How many entries each bucket of neighbouring participants will have, and where those of each range of rows go.
void Timelines::count_all(uint64_t* without_link, uint64_t* after_as_at) {
  constexpr uint32_t most_buckets = 1024;
  while ((participants_ >> shift_) >= most_buckets) ++shift_;
  const uint32_t buckets = (participants_ >> shift_) + 1;
  const uint32_t workers = workers_for(table_.size(), threads_);
  parts_.resize(parts_for(workers));
  in_parts(table_.size(), static_cast<uint32_t>(parts_.size()), workers, [&](uint32_t k, uint32_t from, uint32_t to) {
    Part& part = parts_[k];
    part.next.assign(buckets, 0);
    place_rows(&part, from, to, false, 0, participants_,
               [&](uint32_t participant, uint32_t, uint8_t) { ++part.next[participant >> shift_]; });
  });
  // Within a bucket the parts stand in their order.
  uint64_t all = 0;
  for (uint32_t b = 0; b < buckets; ++b) {
    bucket_start_.push_back(all);
    for (Part& part : parts_) all += std::exchange(part.next[b], all);
  }
  bucket_start_.push_back(all);
  for (const Part& part : parts_) {
    *without_link += part.without_link;
    *after_as_at += part.after_as_at;
  }
  make_room();
}

void Timelines::gather(uint32_t shard) {
  const uint32_t first = shard_from_[shard];
  const uint32_t last = shard_from_[shard + 1];
  if (is_grouped_) {
    gather_grouped(first, last);
  } else {
    gather_buckets(first, last);
  }
  shard_start_ = start_[first];
  if (!owes_cases_) return;
  // What decides Enhanced and involvement of each victim of a case, and events of all their crimes that name no
  // hearing.
  constexpr uint32_t wanted = has_birth | has_assessment | has_death | has_enhanced_fact;
  const uint32_t workers = workers_for(table_.size(), threads_);
  const auto lists = static_cast<uint32_t>(of_cases_.size());
  of_cases_.resize(lists + parts_for(workers));
  in_parts(last - first, parts_for(workers), workers, [&](uint32_t part, uint32_t from, uint32_t to) {
    std::vector<Placed>& list = of_cases_[lists + part];
    for (uint32_t participant = first + from; participant < first + to; ++participant) {
      const auto begin = static_cast<uint32_t>(list.size());
      for (uint64_t i = start_[participant]; i < start_[participant + 1]; ++i) {
        const Entry& e = entries_[i - shard_start_];
        if (e.hearing == 0 && ((profile_of_code_[e.code] & wanted) || (e.bits & entry_through_crime)))
          list.push_back({e.row, e.bits});
      }
      of_cases_at_[participant] = {lists + part, begin, static_cast<uint32_t>(list.size())};
    }
  });
}

/// A sort by participant that keeps the order of rows. Scattering millions of rows straight to their participants would
/// miss the cache at each: first into buckets of neighbouring participants, few enough to write to side by side, then
/// within each bucket, which the cache holds.
void Timelines::gather_buckets(uint32_t first, uint32_t last) {
  const auto parts = static_cast<uint32_t>(parts_.size());
  const uint32_t first_bucket = first >> shift_;
  const uint32_t end_bucket = last == participants_ ? static_cast<uint32_t>(bucket_start_.size()) - 1 : last >> shift_;
  const uint64_t base = bucket_start_[first_bucket];
  const bool may_be_planned = !table_.recorded_with_occurrence();
  const uint32_t workers = workers_for(table_.size(), threads_);
  in_parts(table_.size(), parts, workers, [&](uint32_t k, uint32_t from, uint32_t to) {
    Part& part = parts_[k];
    place_rows(&part, from, to, true, first, last, [&](uint32_t participant, uint32_t row, uint8_t bits) {
      if (may_be_planned) bits |= plan_bit(table_, (bits & entry_historic) ? facts_.history_of(row)->current() : row);
      const uint64_t at = part.next[participant >> shift_]++ - base;
      entries_[at] = entry(row, bits);
      whose_[at] = participant;
    });
  });
  in_parts(end_bucket - first_bucket, parts, workers, [&](uint32_t, uint32_t from_bucket, uint32_t to_bucket) {
    std::vector<Entry> bucket;
    std::vector<uint64_t> next(std::size_t{1} << shift_);
    for (uint32_t b = first_bucket + from_bucket; b < first_bucket + to_bucket; ++b) {
      const uint64_t from = bucket_start_[b] - base;
      const uint64_t to = bucket_start_[b + 1] - base;
      const uint32_t lowest = b << shift_;
      const uint32_t end = std::min(participants_, (b + 1) << shift_);
      bucket.assign(entries_.get() + from, entries_.get() + to);
      std::fill(next.begin(), next.end(), 0);
      for (uint64_t i = from; i < to; ++i) ++next[whose_[i] - lowest];
      uint64_t at = from;
      for (uint32_t participant = lowest; participant < end; ++participant) {
        start_[participant] = base + at;
        at += std::exchange(next[participant - lowest], at);
      }
      for (uint64_t i = from; i < to; ++i) entries_[next[whose_[i] - lowest]++] = bucket[i - from];
    }
  });
  start_[last] = bucket_start_[end_bucket];
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
    pairs.push_back({hearing, {row, bits}});
  }
  by_hearing_.make(table_.hearings.size(), std::move(pairs));
  for (uint32_t hearing = 1; hearing < table_.hearings.size(); ++hearing)
    if (by_hearing_.begin(hearing) != by_hearing_.end(hearing)) case_hearings_.push_back(hearing);
}

bool Timelines::comes_before(const Entry& entry_a, const Entry& entry_b) const {
  if (entry_a.lo != entry_b.lo) return entry_a.lo < entry_b.lo;
  const bool instant_a = entry_a.precision == static_cast<uint8_t>(Precision::instant);
  const bool instant_b = entry_b.precision == static_cast<uint8_t>(Precision::instant);
  if (instant_a != instant_b) return instant_b;
  if (entry_a.recorded_at != entry_b.recorded_at) return entry_a.recorded_at < entry_b.recorded_at;
  const uint32_t a = (entry_a.bits & entry_historic) ? facts_.root_of(entry_a.row) : entry_a.row;
  const uint32_t b = (entry_b.bits & entry_historic) ? facts_.root_of(entry_b.row) : entry_b.row;
  if (table_.source(a) != table_.source(b))
    return table_.sources.name(table_.source(a)) < table_.sources.name(table_.source(b));
  if (a != b && !table_.has_ids()) return a < b;
  const std::string id_a = table_.id(a);
  const std::string id_b = table_.id(b);
  return id_a != id_b ? id_a < id_b : entry_a.row < entry_b.row;
}

/// Entries into the columns of a timeline, in Matching's order.
void Timelines::arrange(const Entry* entries, uint32_t count, Timeline* out) const {
  // Strictly later needs no tie-break. Equal moments are sorted by what was recorded, never by arrival.
  thread_local std::vector<Entry> sorted;
  for (uint32_t i = 1; i < count; ++i)
    if (entries[i].lo <= entries[i - 1].lo) {
      sorted.assign(entries, entries + count);
      std::sort(sorted.begin(), sorted.end(), [this](const Entry& a, const Entry& b) { return comes_before(a, b); });
      entries = sorted.data();
      break;
    }
  const auto take = [&](auto* column, auto of) {
    column->resize(count);
    for (uint32_t i = 0; i < count; ++i) (*column)[i] = of(entries[i]);
  };
  take(&out->lo, [](const Entry& e) { return e.lo; });
  take(&out->code, [](const Entry& e) { return e.code; });
  take(&out->row, [](const Entry& e) { return e.row; });
  take(&out->precision, [](const Entry& e) { return e.precision; });
  take(&out->bits, [](const Entry& e) { return e.bits; });
  take(&out->recorded_at, [](const Entry& e) { return e.recorded_at; });
  take(&out->detail, [](const Entry& e) { return e.detail; });
  const auto take_if = [&](bool any, std::vector<uint32_t>* column, auto of) {
    column->clear();
    if (any) take(column, of);
  };
  take_if(!table_.crime_column().empty(), &out->crime, [](const Entry& e) { return e.crime; });
  take_if(!table_.suspect_column().empty(), &out->suspect, [](const Entry& e) { return e.suspect; });
  take_if(!table_.hearing_column().empty(), &out->hearing_of, [](const Entry& e) { return e.hearing; });
  take_if(table_.agencies.size() > 1, &out->agency, [](const Entry& e) { return e.agency; });
}

void Timelines::fill(uint32_t participant, Timeline* out, uint32_t* first) const {
  out->participant = participant;
  out->hearing = 0;
  out->victims.clear();
  arrange(entries_.get() + (start_[participant] - shard_start_), static_cast<uint32_t>(entries_of(participant)), out);
  finish(out, first);
}

void Timelines::fetch_ahead(uint32_t participant) const {
  constexpr uint64_t most = 64;  // a long record would push out what is at hand
  const uint64_t last = std::min(start_[participant + 1], start_[participant] + most);
  for (uint64_t i = start_[participant]; i < last; ++i) __builtin_prefetch(entries_[i - shard_start_].detail);
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
  for (const uint32_t victim : out->victims) {
    const OfCases at = of_cases_at_[victim];
    if (at.from == at.to) continue;
    const Placed* list = of_cases_[at.list].data();
    gathered.insert(gathered.end(), list + at.from, list + at.to);
  }
  std::sort(gathered.begin(), gathered.end(), [](const Placed& a, const Placed& b) { return a.row < b.row; });
  gathered.erase(
      std::unique(gathered.begin(), gathered.end(), [](const Placed& a, const Placed& b) { return a.row == b.row; }),
      gathered.end());
  out->participant = 0;
  out->hearing = hearing;
  thread_local std::vector<Entry> entries;
  entries.clear();
  for (const Placed& e : gathered) entries.push_back(entry(e.row, e.bits));
  arrange(entries.data(), static_cast<uint32_t>(entries.size()), out);
  finish(out, first);
}

/// Profile and the chains of equal codes.
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
