#include "app/gathering.h"

#include <algorithm>
#include <string>
#include <utility>

namespace kept::app {

base::Status Gathering::read(const std::vector<int64_t>& names) {
  std::vector<int64_t> fresh;
  for (const int64_t name : names)
    if (asked_.insert(name).second) fresh.push_back(name);
  std::sort(fresh.begin(), fresh.end());
  std::vector<uint64_t> positions;
  const base::Status done = ledger_.mentions(fresh, [&](std::size_t, uint64_t position) -> base::Status {
    if (!here_.insert(position).second) return base::Done{};
    if (auto fact = memory_->find(position)) {
      facts_.push_back(std::move(fact));
    } else {
      positions.push_back(position);
    }
    return base::Done{};
  });
  if (!done || positions.empty()) return done;
  std::sort(positions.begin(), positions.end());
  return read_facts(positions);
}

base::Status Gathering::read_facts(const std::vector<uint64_t>& positions) {
  const base::Status done = ledger_.facts(positions, [&](ledger::Fact& fact) -> base::Status {
    if (fact.entry.kind != ledger::EntryKind::event) return base::Done{};
    return code(fact.position, fact.entry.historic, fact.event);
  });
  if (!done) return done;
  auto read = remember_coded();
  if (!read) return read.error();
  facts_.insert(facts_.end(), read->begin(), read->end());
  return base::Done{};
}

base::Status Gathering::learn(std::span<const ledger::NewEvent> events, std::span<const ledger::Placed> placed) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (placed[i].arrival != ledger::Arrival::accepted) continue;
    if (base::Status coded = code(placed[i].position, events[i].historic, events[i].event); !coded) return coded;
  }
  const auto learnt = remember_coded();
  return learnt ? base::Status(base::Done{}) : base::Status(learnt.error());
}

base::Status Gathering::code(uint64_t position, bool historic, const model::Event& event) {
  auto coded = CodedEvent::of(event, vocabulary_);
  if (!coded) return coded.error();
  auto one = std::make_shared<RememberedFact>();
  one->position = position;
  one->historic = historic;
  one->event = std::move(*coded);
  const auto name = [&](ledger::NameKind kind, const std::string& text, int64_t* key) {
    if (text.empty()) return;
    texts_.push_back(name_text(kind, text));
    key_of_text_.push_back(key);
  };
  name(ledger::name_participant, event.participant, &one->participant);
  name(ledger::name_crime, event.crime, &one->crime);
  name(ledger::name_suspect, event.suspect, &one->suspect);
  name(ledger::name_hearing, event.hearing, &one->hearing);
  coded_.push_back(std::move(one));
  return base::Done{};
}

base::Result<std::vector<std::shared_ptr<RememberedFact>>> Gathering::remember_coded() {
  const auto keys = ledger_.keys_of(texts_);
  if (!keys) return keys.error();
  for (std::size_t i = 0; i < key_of_text_.size(); ++i) *key_of_text_[i] = (*keys)[i];
  for (const auto& one : coded_) memory_->keep(one);
  texts_.clear();
  key_of_text_.clear();
  return std::exchange(coded_, {});
}

std::vector<int64_t> Gathering::keys(int64_t RememberedFact::* which, std::size_t first) const {
  std::vector<int64_t> out;
  for (std::size_t i = first; i < facts_.size(); ++i)
    if ((*facts_[i]).*which != 0) out.push_back((*facts_[i]).*which);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace kept::app
