#include "simulation/pending.h"

#include <algorithm>
#include <cstring>

namespace kept::simulation {
namespace {

// Which of the fields that are often absent stand in a packed event.
enum Has : uint16_t {
  has_known = 1,
  has_corrects = 2,
  has_retracts = 4,
  has_participant = 8,
  has_crime = 16,
  has_suspect = 32,
  has_hearing = 64,
  has_urn = 128,
  has_key = 256,
};

template <class T>
void put(std::string& into, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  into.append(bytes, sizeof value);
}

template <class T>
T get(const char*& from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  from += sizeof value;
  return value;
}

}  // namespace

void Pending::pack(std::string& into, const Fact& fact) {
  uint16_t has = 0;
  if (fact.known_at != 0) has |= has_known;
  if (fact.corrects != 0) has |= has_corrects;
  if (fact.retracts != 0) has |= has_retracts;
  if (fact.participant != 0) has |= has_participant;
  if (fact.crime != 0) has |= has_crime;
  if (fact.suspect != 0) has |= has_suspect;
  if (fact.hearing != 0) has |= has_hearing;
  if (fact.urn != 0) has |= has_urn;
  if (fact.key != 0) has |= has_key;
  put(into, has);
  put(into, fact.type);
  put(into, fact.feed);
  put(into, fact.written);
  put(into, fact.detail_count);
  put(into, fact.occurred_at);
  put(into, fact.recorded_at);
  put(into, fact.id);
  if (has & has_known) put(into, fact.known_at);
  if (has & has_corrects) put(into, fact.corrects);
  if (has & has_retracts) put(into, fact.retracts);
  if (has & has_participant) put(into, fact.participant);
  if (has & has_crime) put(into, fact.crime);
  if (has & has_suspect) put(into, fact.suspect);
  if (has & has_hearing) put(into, fact.hearing);
  if (has & has_urn) put(into, fact.urn);
  if (has & has_key) put(into, fact.key);
  for (std::size_t i = 0; i < fact.detail_count; ++i) {
    put(into, fact.details[i].field);
    put(into, fact.details[i].form);
    put(into, fact.details[i].value);
  }
}

void Pending::unpack(const std::string& from, std::vector<Fact>& facts) {
  const char* at = from.data();
  const char* const end = at + from.size();
  while (at != end) {
    Fact fact;
    const auto has = get<uint16_t>(at);
    fact.type = get<Type>(at);
    fact.feed = get<Feed>(at);
    fact.written = get<Written>(at);
    fact.detail_count = get<uint8_t>(at);
    fact.occurred_at = get<int64_t>(at);
    fact.recorded_at = get<int64_t>(at);
    fact.id = get<uint32_t>(at);
    if (has & has_known) fact.known_at = get<int64_t>(at);
    if (has & has_corrects) fact.corrects = get<uint32_t>(at);
    if (has & has_retracts) fact.retracts = get<uint32_t>(at);
    if (has & has_participant) fact.participant = get<uint32_t>(at);
    if (has & has_crime) fact.crime = get<uint32_t>(at);
    if (has & has_suspect) fact.suspect = get<uint32_t>(at);
    if (has & has_hearing) fact.hearing = get<uint32_t>(at);
    if (has & has_urn) fact.urn = get<uint32_t>(at);
    if (has & has_key) fact.key = get<uint32_t>(at);
    for (std::size_t i = 0; i < fact.detail_count; ++i) {
      fact.details[i].field = get<Detail>(at);
      fact.details[i].form = get<FactDetail::Form>(at);
      fact.details[i].value = get<int64_t>(at);
    }
    facts.push_back(fact);
  }
}

void Pending::release(int32_t day, const std::function<void(const Fact&)>& event,
                      const std::function<void(const Truth&)>& truth) {
  while (!facts_.empty() && facts_.begin()->first <= day) {
    of_the_day_.clear();
    unpack(facts_.begin()->second, of_the_day_);
    facts_.erase(facts_.begin());
    std::vector<uint32_t> order(of_the_day_.size());
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [this](uint32_t a, uint32_t b) {
      const Fact &one = of_the_day_[a], &other = of_the_day_[b];
      return one.recorded_at != other.recorded_at ? one.recorded_at < other.recorded_at : one.id < other.id;
    });
    for (const uint32_t i : order) event(of_the_day_[i]);
  }
  while (!truths_.empty() && truths_.begin()->first <= day) {
    for (const Truth& row : truths_.begin()->second) truth(row);
    truths_.erase(truths_.begin());
  }
}

std::size_t Pending::bytes() const {
  std::size_t total = 0;
  for (const auto& [day, packed] : facts_) total += packed.capacity();
  for (const auto& [day, rows] : truths_) total += rows.capacity() * sizeof(Truth);
  return total;
}

}  // namespace kept::simulation
