#include "engine/timeline.h"

#include <algorithm>
#include <string>
#include <utility>

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
                     int64_t as_at, std::vector<uint32_t> profile_of_code, uint64_t* without_link,
                     uint64_t* after_as_at)
    : table_(table), facts_(facts), links_(links), as_at_(as_at), profile_of_code_(std::move(profile_of_code)) {
  if (!place_grouped(after_as_at)) place_all(without_link, after_as_at);
  const bool owes_cases =
      std::any_of(book.duties.begin(), book.duties.end(), [](const Duty& duty) { return duty.owed_to_case; });
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
  placed_.reserve(rows);
  const uint16_t* code = table_.code_column().data();
  const int64_t* lo = table_.lo_column().data();
  const uint8_t* precision = table_.precision_column().data();
  uint32_t row = 0;
  for (uint32_t participant = 1; participant < participants_; ++participant) {
    start_[participant] = placed_.size();
    for (; row < rows && whose[row] == participant; ++row) {
      if (lo[row] > as_at_) {
        ++*after_as_at;
      } else {
        placed_.push_back({lo[row], row, code[row], precision[row], 0});
      }
    }
  }
  start_[participants_] = placed_.size();
  return true;
}

/// A sort by participant that keeps the order of rows: what each row reaches is worked out twice rather than kept.
void Timelines::place_all(uint64_t* without_link, uint64_t* after_as_at) {
  participants_ = table_.participants.size();
  start_.assign(participants_ + 1, 0);
  const uint32_t rows = table_.size();
  std::vector<Reached> reached;
  const auto each = [&](auto&& put, bool count) {
    for (uint32_t row = 0; row < rows; ++row) {
      if (!facts_.is_simple(row)) continue;
      if (table_.lo_ms(row) > as_at_) {
        if (count) ++*after_as_at;
        continue;
      }
      if (const uint32_t participant = table_.participant(row)) {
        put(participant, row, 0);
        continue;
      }
      bool unlinked = false;
      links_.reach(row, &reached, &unlinked);
      if (unlinked && count) ++*without_link;
      for (const Reached& r : reached) put(r.participant, row, 0);
    }
    for (const History& history : facts_.histories()) {
      for (std::size_t v = 0; v < history.versions.size(); ++v) {
        const uint32_t row = history.versions[v].row;
        const bool current = v + 1 == history.versions.size();
        if (table_.lo_ms(row) > as_at_) continue;
        const uint8_t bits =
            static_cast<uint8_t>(entry_historic | (current && history.retracted_at == never ? 0 : entry_trigger_only));
        if (const uint32_t participant = table_.participant(row)) {
          put(participant, row, bits);
          continue;
        }
        bool unlinked = false;
        links_.reach(row, &reached, &unlinked);
        if (unlinked && count && current) ++*without_link;
        for (const Reached& r : reached) put(r.participant, row, bits);
      }
    }
  };
  // Scattering millions of rows straight to their participants would miss the cache at each: first into buckets of
  // neighbouring participants, few enough to write to side by side, then within each bucket, which the cache holds.
  constexpr uint32_t most_buckets = 1024;
  int shift = 0;
  while ((participants_ >> shift) >= most_buckets) ++shift;
  const std::size_t buckets = (participants_ >> shift) + std::size_t{1};
  std::vector<uint64_t> bucket_start(buckets + 1, 0);
  each([&](uint32_t participant, uint32_t, uint8_t) { ++bucket_start[(participant >> shift) + 1u]; }, true);
  uint64_t largest = 0;
  for (std::size_t b = 0; b < buckets; ++b) {
    largest = std::max(largest, bucket_start[b + 1]);
    bucket_start[b + 1] += bucket_start[b];
  }
  placed_.resize(bucket_start.back());
  std::vector<uint32_t> whose(placed_.size());
  {
    std::vector<uint64_t> next(bucket_start.begin(), bucket_start.end() - 1);
    const uint16_t* code = table_.code_column().data();
    const int64_t* lo = table_.lo_column().data();
    const uint8_t* precision = table_.precision_column().data();
    each(
        [&](uint32_t participant, uint32_t row, uint8_t bits) {
          const uint64_t at = next[participant >> shift]++;
          placed_[at] = {lo[row], row, code[row], precision[row], bits};
          whose[at] = participant;
        },
        false);
  }
  std::vector<Placed> bucket(largest);
  std::vector<uint64_t> next(std::size_t{1} << shift);
  for (std::size_t b = 0; b < buckets; ++b) {
    const uint64_t from = bucket_start[b];
    const uint64_t to = bucket_start[b + 1];
    const uint32_t first = static_cast<uint32_t>(b << shift);
    const uint32_t last = std::min<uint32_t>(participants_, static_cast<uint32_t>((b + 1) << shift));
    std::copy(placed_.begin() + static_cast<std::ptrdiff_t>(from), placed_.begin() + static_cast<std::ptrdiff_t>(to),
              bucket.begin());
    std::fill(next.begin(), next.end(), 0);
    for (uint64_t i = from; i < to; ++i) ++next[whose[i] - first];
    uint64_t at = from;
    for (uint32_t participant = first; participant < last; ++participant) {
      start_[participant] = at;
      at += std::exchange(next[participant - first], at);
    }
    for (uint64_t i = from; i < to; ++i) placed_[next[whose[i] - first]++] = bucket[i - from];
  }
  start_[participants_] = placed_.size();
}

/// Cases: every hearing that a duty owed to a case may be triggered for, with the entries that name it.
void Timelines::place_cases() {
  std::vector<std::pair<uint32_t, Placed>> pairs;
  for (uint32_t row = 0; row < table_.size(); ++row) {
    const uint32_t hearing = table_.hearing(row);
    if (hearing == 0 || table_.lo_ms(row) > as_at_) continue;
    uint8_t bits = 0;
    if (!facts_.is_simple(row)) {
      const History* history = facts_.history_of(row);
      if (!history) continue;
      bits = static_cast<uint8_t>(
          entry_historic | (history->current() == row && history->retracted_at == never ? 0 : entry_trigger_only));
    }
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
  const Placed* entries = placed_.data() + start_[participant];
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
      if (!names_hearing && (of_person || table_.participant(e.row) == 0)) gathered.push_back(e);
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
  const bool may_be_planned = !table_.recorded_with_occurrence();
  for (uint32_t i = 0; i < n; ++i) {
    profile |= profile_of_code_[out->code[i]];
    any_precision |= static_cast<uint8_t>(1u << out->precision[i]);
    if (may_be_planned) {
      const uint32_t row = out->row[i];
      const History* history = (out->bits[i] & entry_historic) ? facts_.history_of(row) : nullptr;
      out->bits[i] |= history ? plan_bit(table_, history->current()) : plan_bit(table_, row);
    }
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
