#include "engine/links.h"

#include <algorithm>
#include <iterator>

#include "engine/parts.h"

namespace kept::engine {
namespace {
using model::EventTable;
using model::Meaning;
using Pairs = std::vector<std::pair<uint32_t, Link>>;

/// One entry per (symbol, other): the earliest.
void keep_earliest(Pairs* pairs) {
  std::sort(pairs->begin(), pairs->end(), [](const auto& a, const auto& b) {
    if (a.first != b.first) return a.first < b.first;
    if (a.second.other != b.second.other) return a.second.other < b.second.other;
    return a.second.since < b.second.since;
  });
  pairs->erase(
      std::unique(pairs->begin(), pairs->end(),
                  [](const auto& a, const auto& b) { return a.first == b.first && a.second.other == b.second.other; }),
      pairs->end());
}
}  // namespace

Links::Links(const EventTable& table, const Facts& facts, int64_t as_at, int threads) : table_(table) {
  const auto& vocabulary = table.vocabulary();
  std::vector<uint8_t> kind(vocabulary.code_count(), 0);
  bool any = false;
  for (uint16_t code = 0; code < vocabulary.code_count(); ++code) {
    const Meaning meaning = vocabulary.meaning_of(code);
    kind[code] = meaning == Meaning::links_victim    ? 1
                 : meaning == Meaning::links_suspect ? 2
                 : meaning == Meaning::links_hearing ? 3
                                                     : 0;
    any = any || kind[code] != 0;
  }
  if (!any) return;
  struct Found {
    Pairs victims, suspects, hearings, by_suspect, by_participant;
  };
  const auto take = [&](uint32_t row, Found* found) {
    const uint8_t what = kind[table.code(row)];
    if (what == 0 || table.lo_ms(row) > as_at) return;
    const uint32_t crime = table.crime(row);
    const int64_t since = table.lo_ms(row);
    if (what == 1) {
      found->victims.push_back({crime, {table.participant(row), since}});
      found->by_participant.push_back({table.participant(row), {crime, since}});
    } else if (what == 2) {
      found->suspects.push_back({crime, {table.suspect(row), since}});
      found->by_suspect.push_back({table.suspect(row), {crime, since}});
    } else {
      found->hearings.push_back({table.hearing(row), {crime, since}});
    }
  };
  const uint32_t workers = workers_for(table.size(), threads);
  std::vector<Found> found(parts_for(workers) + 1);
  in_parts(table.size(), parts_for(workers), workers, [&](uint32_t part, uint32_t from, uint32_t to) {
    for (uint32_t row = from; row < to; ++row)
      if (facts.is_simple(row)) take(row, &found[part]);
  });
  for (const History& history : facts.histories())
    if (history.retracted_at == never) take(history.current(), &found.back());
  struct Job {
    Pairs Found::* pairs;
    Index<Link>* into;
    uint32_t symbols;
  };
  const Job jobs[] = {{&Found::victims, &victims_of_, table.crimes.size()},
                      {&Found::suspects, &suspects_of_, table.crimes.size()},
                      {&Found::by_participant, &crimes_of_participant_, table.participants.size()},
                      {&Found::by_suspect, &crimes_of_suspect_, table.suspects.size()},
                      {&Found::hearings, &crimes_of_hearing_, table.hearings.size()}};
  constexpr auto count = static_cast<uint32_t>(std::size(jobs));
  in_parts(count, count, workers, [&](uint32_t k, uint32_t, uint32_t) {
    Pairs all;
    std::size_t size = 0;
    for (const Found& part : found) size += (part.*jobs[k].pairs).size();
    all.reserve(size);
    for (const Found& part : found) all.insert(all.end(), (part.*jobs[k].pairs).begin(), (part.*jobs[k].pairs).end());
    keep_earliest(&all);
    jobs[k].into->make(jobs[k].symbols, std::move(all));
  });
  empty_ = victims_of_.empty() && suspects_of_.empty() && crimes_of_hearing_.empty();
}

int64_t Links::suspect_since(uint32_t suspect, uint32_t crime) const {
  for (const Link* link = suspects_of_.begin(crime); link != suspects_of_.end(crime); ++link)
    if (link->other == suspect) return link->since;
  return never;
}

void Links::crimes_of(uint32_t row, std::vector<uint32_t>* out) const {
  out->clear();
  if (const uint32_t crime = table_.crime(row)) {
    out->push_back(crime);
    return;
  }
  if (const uint32_t hearing = table_.hearing(row))
    for (const Link* link = crimes_of_hearing_.begin(hearing); link != crimes_of_hearing_.end(hearing); ++link)
      out->push_back(link->other);
  if (out->empty())
    if (const uint32_t suspect = table_.suspect(row)) {
      const Link* first = crimes_of_suspect_.begin(suspect);
      if (crimes_of_suspect_.end(suspect) - first == 1)
        out->push_back(first->other);  // only one crime recorded: no guess
    }
}

void Links::reach(uint32_t row, std::vector<Reached>* out, bool* unlinked) const {
  out->clear();
  *unlinked = false;
  thread_local std::vector<uint32_t> crimes;
  crimes_of(row, &crimes);
  const uint32_t suspect = table_.suspect(row);
  bool carried = false;
  for (const uint32_t crime : crimes) {
    if (suspect && suspect_since(suspect, crime) == never) continue;
    carried = true;
    for (const Link* link = victims_of_.begin(crime); link != victims_of_.end(crime); ++link) {
      const auto same =
          std::find_if(out->begin(), out->end(), [&](const Reached& r) { return r.participant == link->other; });
      if (same == out->end()) {
        out->push_back({link->other, crime});
      } else if (table_.crimes.name(crime) > table_.crimes.name(same->crime)) {
        same->crime = crime;
      }
    }
  }
  *unlinked = !carried && (suspect != 0 || table_.hearing(row) != 0);
}

bool Links::reaches(uint32_t row, uint32_t participant, uint32_t* crime) const {
  if (const uint32_t named = table_.participant(row)) {
    *crime = table_.crime(row);
    return named == participant;
  }
  thread_local std::vector<Reached> reached;
  bool unlinked = false;
  reach(row, &reached, &unlinked);
  for (const Reached& r : reached)
    if (r.participant == participant) {
      *crime = r.crime;
      return true;
    }
  return false;
}

int64_t Links::victim_since(uint32_t participant, uint32_t crime) const {
  int64_t since = never;
  for (const Link* link = crimes_of_participant_.begin(participant); link != crimes_of_participant_.end(participant);
       ++link)
    if (crime == 0 || link->other == crime) since = std::min(since, link->since);
  return since == never ? no_link : since;
}

}  // namespace kept::engine
