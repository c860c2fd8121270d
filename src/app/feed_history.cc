#include "app/feed_history.h"

#include <algorithm>

#include "calendar/london_time.h"

namespace kept::app {

base::Status FeedHistory::read() {
  auto withdrawn = withdrawn_windows(ledger_);
  if (!withdrawn) return withdrawn.error();
  withdrawn_ = std::move(*withdrawn);
  feeds_.clear();
  for (const auto& [name, contract] : contracts_) {
    OfFeed& of = feeds_[name];
    of.from = contract.since;
    of.to = of.from - 1;
    const base::Status done =
        ledger::BatchTable(ledger_.database()).each_of(name, [&](const ledger::BatchRow& batch) -> base::Status {
          if (batch.state == ledger::BatchState::complete) {
            take(name, batch.number, batch.received_at, &of);
          } else {
            of.has_unfinished = true;
          }
          return base::Done{};
        });
    if (!done) return done;
  }
  return base::Done{};
}

bool FeedHistory::is_withdrawn(const std::string& feed, int64_t received_at) const {
  return std::any_of(withdrawn_.begin(), withdrawn_.end(), [&](const WithdrawnWindow& window) {
    return window.feed == feed && window.from <= received_at && received_at <= window.to;
  });
}

// A feed is complete from its contract's first day to the day before its last batch came, but for the days between two
// batches of which one in the middle never did, or was withdrawn.
void FeedHistory::take(const std::string& feed, uint64_t number, int64_t received_at, OfFeed* of) const {
  if (is_withdrawn(feed, received_at)) return;
  const calendar::LocalDate received = calendar::london_date(received_at);
  if (number != of->expected) {
    if (of->from <= of->to) of->days.emplace_back(of->from, of->to);
    // What the missing one would have held, nobody knows.
    of->from = received;
  }
  of->to = std::max(of->to, received - 1);
  of->expected = number + 1;
}

// A type that several feeds of an agency send is complete where all are.
std::vector<NamedCoverage> FeedHistory::coverage() const {
  std::map<std::pair<std::string, std::string>, Days> covered;  // by agency and type
  for (const auto& [name, contract] : contracts_) {
    const auto of = feeds_.find(name);
    if (of == feeds_.end()) continue;
    Days days = of->second.days;
    if (of->second.from <= of->second.to) days.emplace_back(of->second.from, of->second.to);
    for (const std::string& type : contract.sends) {
      const auto [found, is_first] = covered.try_emplace({contract.agency, type}, days);
      if (is_first) continue;
      Days both;
      for (const auto& [a, b] : found->second)
        for (const auto& [c, d] : days)
          if (std::max(a, c) <= std::min(b, d)) both.emplace_back(std::max(a, c), std::min(b, d));
      found->second = std::move(both);
    }
  }
  std::vector<NamedCoverage> coverage;
  for (const auto& [whose, days] : covered)
    for (const auto& [from, to] : days) coverage.push_back({whose.first, whose.second, from, to});
  return coverage;
}

base::Result<bool> FeedHistory::note_complete(const std::string& feed, uint64_t number, int64_t received_at) {
  OfFeed& of = feeds_[feed];
  if (number != of.expected || is_withdrawn(feed, received_at)) {
    // It fills a hole, or leaves one.
    if (base::Status done = read(); !done) return done.error();
    return true;
  }
  const calendar::LocalDate before = of.to;
  take(feed, number, received_at, &of);
  return of.to != before;
}

base::Result<uint64_t> FeedHistory::rows_of_day(const std::string& feed, int64_t feed_key, calendar::LocalDate day) {
  if (undone_ != ledger_.undone()) {
    undone_ = ledger_.undone();
    for (auto& [name, of] : feeds_) of.day.reset();
  }
  OfFeed& of = feeds_[feed];
  if (of.day == day) return of.rows;
  constexpr uint64_t no_batch = 0;
  const auto rows = ledger::BatchTable(ledger_.database())
                        .rows_between(feed_key, calendar::start_of(day), calendar::end_of(day), no_batch);
  if (!rows) return rows.error();
  of.day = day;
  of.rows = *rows;
  return *rows;
}

void FeedHistory::add_rows(const std::string& feed, calendar::LocalDate day, uint64_t rows, ledger::BatchState state) {
  OfFeed& of = feeds_[feed];
  if (of.day == day) of.rows += rows;
  if (state != ledger::BatchState::complete) of.has_unfinished = true;
}

bool FeedHistory::may_have_unfinished(const std::string& feed) const {
  const auto of = feeds_.find(feed);
  return of == feeds_.end() || of->second.has_unfinished;
}

}  // namespace kept::app
