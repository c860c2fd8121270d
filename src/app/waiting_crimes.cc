#include "app/waiting_crimes.h"

#include <algorithm>

namespace kept::app {
namespace {

using ledger::Answer;
using ledger::In;
using ledger::Statement;

constexpr Statement any_waiting{"SELECT crime FROM waiting LIMIT 1"};
constexpr Statement end_waiting{"DELETE FROM waiting WHERE crime = $1"};
constexpr Statement count_waiting{"SELECT COUNT(*) FROM waiting WHERE feed = $1"};
constexpr Statement first_waiting{
    "SELECT name.text FROM waiting JOIN name ON name.key = waiting.crime WHERE waiting.feed = $1 ORDER BY "
    "waiting.crime LIMIT 6"};

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
  bool any = false;
  base::Status done = ledger_.database().ask(any_waiting, {}, [&](std::size_t, const Answer&) -> base::Status {
    any = true;
    return base::Done{};
  });
  if (!done) return done;
  const auto keys = ledger_.keys_of(crimes_);
  if (!keys) return keys.error();
  std::vector<In> ended, begun;
  for (std::size_t i = 0; i < crimes_.size(); ++i) {
    if (is_known[i] != 0 && keys_[i] != 0) ended.emplace_back((*keys)[i]);
    if (is_known[i] != 0 || is_spoken_of[i] == 0 || keys_[i] != 0) continue;
    begun.emplace_back((*keys)[i]);
    begun.emplace_back(std::string_view(feed));
    begun.emplace_back(now);
  }
  if (any && !ended.empty()) done = ledger_.database().run(end_waiting, ended, 1);
  if (done && !begun.empty()) done = ledger_.database().insert("waiting", "crime, feed, since", begun, 3);
  return done;
}

base::Result<CrimesOfFeed> waiting_crimes(ledger::Ledger& ledger, const std::string& feed) {
  CrimesOfFeed out;
  base::Status done = ledger.database().ask(count_waiting, {std::string_view(feed)},
                                            [&](std::size_t, const Answer& row) -> base::Status {
                                              out.count = static_cast<uint64_t>(row.number(0));
                                              return base::Done{};
                                            });
  if (done && out.count != 0)
    done = ledger.database().ask(first_waiting, {std::string_view(feed)},
                                 [&](std::size_t, const Answer& row) -> base::Status {
                                   out.first.emplace_back(row.bytes(0).substr(1));
                                   return base::Done{};
                                 });
  if (!done) return done.error();
  return out;
}

}  // namespace kept::app
