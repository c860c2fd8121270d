#include "app/waiting_crimes.h"

#include <algorithm>

#include "ledger/waiting_table.h"

namespace kept::app {
namespace {

bool makes_known(const model::Event& event) { return !event.participant.empty() || event.type.starts_with("crime."); }

}  // namespace

base::Status WaitingCrimes::before(std::span<const ledger::NewEvent> events) {
  crimes_.clear();
  for (const ledger::NewEvent& one : events)
    if (!one.event.crime.empty()) crimes_.push_back(ledger::name_text(ledger::name_crime, one.event.crime));
  std::sort(crimes_.begin(), crimes_.end());
  crimes_.erase(std::unique(crimes_.begin(), crimes_.end()), crimes_.end());
  auto keys = ledger_.keys_of(crimes_);
  if (!keys) return keys.error();
  keys_ = std::move(*keys);
  return base::Done{};
}

base::Status WaitingCrimes::after(std::span<const ledger::NewEvent> events, std::span<const ledger::Placed> placed,
                                  const std::string& feed, int64_t now) {
  if (crimes_.empty()) return base::Done{};
  std::vector<char> is_spoken_of(crimes_.size()), is_known(crimes_.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const model::Event& event = events[i].event;
    if (event.crime.empty() || placed[i].arrival != ledger::Arrival::accepted) continue;
    const auto at =
        std::lower_bound(crimes_.begin(), crimes_.end(), ledger::name_text(ledger::name_crime, event.crime));
    const auto which = static_cast<std::size_t>(at - crimes_.begin());
    is_spoken_of[which] = 1;
    if (makes_known(event)) is_known[which] = 1;
  }
  ledger::WaitingTable waiting(ledger_.database());
  const auto any = waiting.has_any();
  if (!any) return any.error();
  const auto keys = ledger_.keys_of(crimes_);
  if (!keys) return keys.error();
  std::vector<int64_t> ended;
  std::vector<ledger::WaitingRow> begun;
  for (std::size_t i = 0; i < crimes_.size(); ++i) {
    if (is_known[i] != 0 && keys_[i] != 0) ended.push_back((*keys)[i]);
    if (is_known[i] != 0 || is_spoken_of[i] == 0 || keys_[i] != 0) continue;
    begun.push_back({(*keys)[i], feed, now});
  }
  base::Status done = base::Done{};
  if (*any) done = waiting.drop(ended);
  if (done) done = waiting.add(begun);
  return done;
}

base::Result<CrimesOfFeed> waiting_crimes(ledger::Ledger& ledger, const std::string& feed) {
  CrimesOfFeed out;
  ledger::WaitingTable waiting(ledger.database());
  const auto count = waiting.count_of(feed);
  if (!count) return count.error();
  out.count = *count;
  if (out.count == 0) return out;
  const auto names = waiting.first_of(feed);
  if (!names) return names.error();
  for (const std::string& name : *names) out.first.push_back(name.substr(1));
  return out;
}

}  // namespace kept::app
