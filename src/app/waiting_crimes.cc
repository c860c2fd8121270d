#include "app/waiting_crimes.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <unordered_map>

#include "ledger/batch_table.h"
#include "ledger/name_table.h"
#include "ledger/transaction.h"

namespace kept::app {
namespace {

constexpr std::size_t crimes_at_a_time = 2000;

bool makes_known(const model::Event& event) { return !event.participant.empty() || event.type.starts_with("crime."); }

using FeedNames = std::unordered_map<uint64_t, std::string>;  ///< by key of a batch

base::Result<FeedNames> feeds_of_batches(ledger::Ledger& ledger) {
  FeedNames out;
  const base::Status done = ledger::BatchTable(ledger.database())
                                .each([&](std::string_view feed, const ledger::BatchRow& batch) -> base::Status {
                                  out.emplace(batch.key, feed);
                                  return base::Done{};
                                });
  if (!done) return done.error();
  return out;
}

/// Those of some crimes that wait, as the facts give it.
base::Status add_waiting(ledger::Ledger& ledger, std::span<const int64_t> crimes, const FeedNames& feeds,
                         std::vector<ledger::WaitingRow>* out) {
  struct Seen {
    int64_t key = 0;
    bool is_spoken_of = false, is_known = false;
    uint64_t batch = 0;
    int64_t since = 0;
  };
  const auto texts = ledger.names_of(crimes);
  if (!texts) return texts.error();
  std::unordered_map<std::string, Seen> seen;
  for (std::size_t i = 0; i < crimes.size(); ++i) seen[(*texts)[i]].key = crimes[i];
  std::vector<uint64_t> positions;
  base::Status done = ledger.mentions(crimes, [&](std::size_t, uint64_t position) -> base::Status {
    positions.push_back(position);
    return base::Done{};
  });
  if (!done) return done;
  std::sort(positions.begin(), positions.end());
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
  done = ledger.facts(positions, [&](ledger::Fact& fact) -> base::Status {
    // Of a family of corrections each is found under the crimes of all.
    const auto found = seen.find(ledger::name_text(ledger::name_crime, fact.event.crime));
    if (fact.entry.kind != ledger::EntryKind::event || found == seen.end()) return base::Done{};
    Seen& crime = found->second;
    if (!crime.is_spoken_of) {
      crime.is_spoken_of = true;
      crime.batch = fact.entry.batch;
      crime.since = fact.entry.received_at;
    }
    crime.is_known = crime.is_known || makes_known(fact.event);
    return base::Done{};
  });
  if (!done) return done;
  for (const auto& [text, crime] : seen) {
    if (!crime.is_spoken_of || crime.is_known) continue;
    const auto feed = feeds.find(crime.batch);
    if (feed != feeds.end()) out->push_back({crime.key, feed->second, crime.since});
  }
  return done;
}

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

base::Result<std::vector<ledger::WaitingRow>> waiting_by_facts(ledger::Ledger& ledger) {
  const auto feeds = feeds_of_batches(ledger);
  if (!feeds) return feeds.error();
  const auto crimes = ledger::named_crimes(ledger.database());
  if (!crimes) return crimes.error();
  std::vector<ledger::WaitingRow> out;
  for (std::size_t from = 0; from < crimes->size(); from += crimes_at_a_time) {
    const auto some = std::span(*crimes).subspan(from, std::min(crimes_at_a_time, crimes->size() - from));
    if (base::Status done = add_waiting(ledger, some, *feeds, &out); !done) return done.error();
  }
  std::sort(out.begin(), out.end());
  return out;
}

base::Result<uint64_t> remake_waiting(ledger::Ledger& ledger) {
  const auto right = waiting_by_facts(ledger);
  if (!right) return right.error();
  ledger::WaitingTable table(ledger.database());
  const auto stored = table.all();
  if (!stored) return stored.error();
  std::vector<ledger::WaitingRow> wrong, lacking;
  std::set_difference(stored->begin(), stored->end(), right->begin(), right->end(), std::back_inserter(wrong));
  std::set_difference(right->begin(), right->end(), stored->begin(), stored->end(), std::back_inserter(lacking));
  if (wrong.empty() && lacking.empty()) return uint64_t{0};
  std::vector<int64_t> gone;
  for (const ledger::WaitingRow& row : wrong) gone.push_back(row.crime);
  std::set<int64_t> crimes(gone.begin(), gone.end());
  for (const ledger::WaitingRow& row : lacking) crimes.insert(row.crime);
  const base::Status done = ledger::in_transaction(ledger, [&]() -> base::Status {
    const base::Status dropped = table.drop(gone);
    return dropped ? table.add(lacking) : dropped;
  });
  if (!done) return done.error();
  return crimes.size();
}

}  // namespace kept::app
