#include "app/outbox_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "app/json_string.h"
#include "ledger/outbox_table.h"
#include "model/moment.h"

namespace kept::app {
namespace {

using Cell = AnswerTable::Cell;

base::Result<int64_t> key_of_agency(Store& store, const std::string& agency) {
  const std::vector<std::string> names = {ledger::name_text(ledger::name_agency, agency)};
  const auto keys = store.ledger().keys_of(names);
  if (!keys) return keys.error();
  if (keys->front() == 0)
    return base::Error{
        base::ErrorCode::not_found,
        fmt::format("this store never heard of an agency \"{}\"; `kept feeds --json` names them", agency)};
  return keys->front();
}

/// Names of agencies by their keys; of 0: none.
base::Result<std::map<int64_t, std::string>> agencies_of(Store& store, const std::vector<int64_t>& keys) {
  const auto names = store.ledger().names_of(keys);
  if (!names) return names.error();
  std::map<int64_t, std::string> out;
  for (std::size_t i = 0; i < keys.size(); ++i)
    out.emplace(keys[i], (*names)[i].empty() ? std::string() : (*names)[i].substr(1));
  return out;
}

/// The id of the duty that a row is of: by its number, or, where the rules no longer have it, as the row's name has it.
std::string duty_of(std::string_view obligation, const engine::RuleBook& book) {
  if (const uint16_t duty = outbox_duty(obligation, book); duty != engine::no_duty) return book.duties[duty].id;
  std::string_view id = obligation;
  for (int after = 0; after < 4; ++after) id = id.substr(0, std::min(id.rfind('.'), id.size()));
  return std::string(id);
}

Cell instant(const std::optional<int64_t>& at) { return at ? Cell(model::instant_text(*at)) : Cell(); }
Cell text(const std::string& word) { return word.empty() ? Cell() : Cell(word); }
Cell count(uint64_t number) { return static_cast<int64_t>(number); }

}  // namespace

base::Result<std::vector<OutboxItem>> outbox_items(Store& store, const OutboxFilter& filter, uint64_t* matching) {
  int64_t agency = 0;
  if (!filter.agency.empty()) {
    const auto key = key_of_agency(store, filter.agency);
    if (!key) return key.error();
    agency = *key;
  }
  struct Found {
    int64_t due_at, subject;
    std::string obligation;
    ledger::OutboxRow row;
    bool operator<(const Found& other) const {
      return std::tie(due_at, subject, obligation) < std::tie(other.due_at, other.subject, other.obligation);
    }
  };
  std::vector<Found> first;  // a heap: the last of the first `most` on top
  *matching = 0;
  base::Status done = ledger::OutboxTable(store.ledger().database()).each([&](const ledger::OutboxRow& row) {
    if (agency != 0 && row.agency != agency) return base::Status(base::Done{});
    if (filter.act && row.act != static_cast<int64_t>(*filter.act)) return base::Status(base::Done{});
    if (filter.state && row.state != static_cast<int64_t>(*filter.state)) return base::Status(base::Done{});
    if (filter.live && row.live != *filter.live) return base::Status(base::Done{});
    if (filter.due_before && (!row.due_at || *row.due_at >= *filter.due_before)) return base::Status(base::Done{});
    ++*matching;
    first.push_back({row.due_at.value_or(INT64_MAX), row.subject, std::string(row.obligation), row});
    std::push_heap(first.begin(), first.end());
    if (first.size() > filter.most) {
      std::pop_heap(first.begin(), first.end());
      first.pop_back();
    }
    return base::Status(base::Done{});
  });
  if (!done) return done.error();
  std::sort_heap(first.begin(), first.end());
  std::vector<int64_t> keys;
  for (const Found& found : first) keys.push_back(found.row.agency);
  const auto agencies = agencies_of(store, keys);
  if (!agencies) return agencies.error();
  std::vector<OutboxItem> items;
  for (const Found& found : first)
    items.push_back({fmt::format("{}/{}", found.subject, found.obligation),
                     duty_of(found.obligation, store.rules().book), agencies->at(found.row.agency),
                     static_cast<model::Act>(found.row.act), static_cast<OutboxState>(found.row.state), found.row.live,
                     found.row.due_at, found.row.since});
  return items;
}

base::Result<std::vector<OutboxSum>> outbox_sums(Store& store, const OutboxFilter& filter, int64_t now) {
  int64_t agency = 0;
  if (!filter.agency.empty()) {
    const auto key = key_of_agency(store, filter.agency);
    if (!key) return key.error();
    agency = *key;
  }
  const auto counts = ledger::OutboxTable(store.ledger().database()).counts(now);
  if (!counts) return counts.error();
  std::vector<int64_t> keys;
  for (const ledger::OutboxCount& each : *counts) keys.push_back(each.agency);
  const auto agencies = agencies_of(store, keys);
  if (!agencies) return agencies.error();
  std::map<std::pair<std::string, int64_t>, OutboxSum> sums;
  for (const ledger::OutboxCount& each : *counts) {
    if (agency != 0 && each.agency != agency) continue;
    if (filter.act && each.act != static_cast<int64_t>(*filter.act)) continue;
    if (filter.live && each.live != *filter.live) continue;
    OutboxSum& sum = sums[{agencies->at(each.agency), each.act}];
    sum.agency = agencies->at(each.agency);
    sum.act = static_cast<model::Act>(each.act);
    switch (static_cast<OutboxState>(each.state)) {
      case OutboxState::waiting:
        (each.live ? sum.live_waiting : sum.historic_waiting) += each.rows;
        if (each.is_past) sum.overdue += each.rows;
        break;
      case OutboxState::done:
        sum.done += each.rows;
        break;
      case OutboxState::ended:
        sum.ended += each.rows;
        break;
    }
  }
  std::vector<OutboxSum> out;
  for (auto& [key, sum] : sums) out.push_back(std::move(sum));
  return out;
}

AnswerTable table_of_items(const std::vector<OutboxItem>& items) {
  AnswerTable table({{"due_at", "due"},
                     {"agency", "agency"},
                     {"act", "to"},
                     {"duty", "duty"},
                     {"state", "state"},
                     {"live", "live"},
                     {"since", "since"},
                     {"obligation", "obligation"}});
  for (const OutboxItem& item : items)
    table.add({instant(item.due_at), text(item.agency), text(act_word(item.act)), item.duty,
               std::string(outbox_state_word(item.state)), item.live, instant(item.since), item.reference});
  return table;
}

AnswerTable table_of_sums(const std::vector<OutboxSum>& sums) {
  AnswerTable table({{"agency", "agency"},
                     {"act", "to"},
                     {"live_waiting", "waiting"},
                     {"historic_waiting", "historic"},
                     {"overdue", "overdue"},
                     {"done", "done"},
                     {"ended", "ended"}});
  for (const OutboxSum& sum : sums)
    table.add({text(sum.agency), text(act_word(sum.act)), count(sum.live_waiting), count(sum.historic_waiting),
               count(sum.overdue), count(sum.done), count(sum.ended)});
  return table;
}

std::string sums_json(const std::vector<OutboxSum>& sums, int64_t now) {
  return fmt::format("{{\"as_at\":{},\"outbox\":{}}}\n", json_string(model::instant_text(now)),
                     table_of_sums(sums).json());
}

}  // namespace kept::app
