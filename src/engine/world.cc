#include "engine/world.h"

#include <algorithm>

#include "engine/parts.h"
#include "engine/timeline.h"

namespace kept::engine {
World::World(const PreparedRules& rules_in, const model::EventTable& table_in, const Facts& facts_in,
             const Links& links_in, const AssessOptions& options)
    : rules(rules_in),
      book(rules_in.book),
      table(table_in),
      facts(facts_in),
      links(links_in),
      coverage(options.coverage && !options.coverage->is_complete() ? options.coverage : nullptr),
      as_at(options.as_at),
      as_at_on(calendar::london_date(options.as_at)),
      now(book.calendar->known_on(as_at_on)),
      epoch_now(book.calendar->epoch(as_at_on)),
      known_alike_from(book.calendar->epoch_start(as_at_on)),
      fields(rules_in.fields),
      threads_(options.threads) {
  for (const std::string& word : book.code_words) code_symbols_.push_back(table.codes.find(word));
  if (!rules.topic_is_word && fields.topic >= 0)
    for (const Duty& duty : book.duties) {
      const uint32_t symbol = table.codes.find(duty.topic);
      topic_of_duty_.push_back(symbol != 0 ? int64_t{symbol} : -1);
    }
  agencies_of_role_.resize(rules.roles.size());
  role_of_agency_.resize(table.agencies.size());
  for (uint32_t agency = 1; agency < table.agencies.size(); ++agency) {
    uint16_t role = rules.role_of(table.agencies.name(agency));
    // An agency that is in no role of the book is a role of its own.
    if (role == PreparedRules::no_role) {
      role = static_cast<uint16_t>(agencies_of_role_.size());
      agencies_of_role_.emplace_back();
    }
    role_of_agency_[agency] = role;
    agencies_of_role_[role].push_back(agency);
  }
  index_hold_ends();
}

void World::index_hold_ends() {
  std::vector<uint8_t> ends(rules.profile_of_code.size(), 0);
  for (std::size_t code = 0; code < ends.size(); ++code) ends[code] = (rules.profile_of_code[code] & has_hold_end) != 0;
  if (fields.hold < 0 || std::find(ends.begin(), ends.end(), 1) == ends.end()) return;
  const auto take = [&](uint32_t row, std::vector<HoldEnd>* found) {
    int64_t named = 0;
    if (!ends[table.code(row)] || table.lo_ms(row) > as_at ||
        !table.detail_value(row, static_cast<uint16_t>(fields.hold), &named))
      return;
    found->push_back({static_cast<uint32_t>(named), row});
  };
  const uint32_t workers = workers_for(table.size(), threads_);
  std::vector<std::vector<HoldEnd>> found(parts_for(workers));
  in_parts(table.size(), parts_for(workers), workers, [&](uint32_t part, uint32_t from, uint32_t to) {
    for (uint32_t row = from; row < to; ++row)
      if (facts.is_simple(row)) take(row, &found[part]);
  });
  for (const std::vector<HoldEnd>& one : found) hold_ends_.insert(hold_ends_.end(), one.begin(), one.end());
  for (const History& history : facts.histories())
    if (history.retracted_at == never) take(history.current(), &hold_ends_);
  std::sort(hold_ends_.begin(), hold_ends_.end(), [](const HoldEnd& a, const HoldEnd& b) { return a.id < b.id; });
}

bool World::is_end_of(uint32_t end_row, uint32_t hold_root) const {
  if (table.source(end_row) == table.source(hold_root)) return true;
  const uint32_t ended_for = table.participant(end_row), crime = table.crime(end_row);
  const auto concerns = [&](uint32_t row) {
    const uint32_t held_for = table.participant(row);
    return ended_for && held_for ? ended_for == held_for : crime && crime == table.crime(row);
  };
  const History* history = facts.history_of(hold_root);
  if (!history) return concerns(hold_root);
  return std::any_of(history->versions.begin(), history->versions.end(),
                     [&](const Version& version) { return concerns(version.row); });
}

int64_t World::hold_ended_at(uint32_t hold_root) const {
  const uint32_t id = table.codes.find(table.id(hold_root));
  int64_t first = never;
  if (id == 0) return first;
  const auto [from, to] = std::equal_range(hold_ends_.begin(), hold_ends_.end(), HoldEnd{id, 0},
                                           [](const HoldEnd& a, const HoldEnd& b) { return a.id < b.id; });
  for (auto end = from; end != to; ++end)
    if (is_end_of(end->row, hold_root)) first = std::min(first, table.lo_ms(end->row));
  return first;
}

int64_t World::topic_value(uint32_t row) const {
  int64_t value = -1;
  if (fields.topic >= 0) table.detail_value(row, static_cast<uint16_t>(fields.topic), &value);
  return value;
}

bool World::is_topic(const Duty& duty, uint32_t row) const {
  const int64_t wanted = topic_of_duty(static_cast<uint16_t>(&duty - book.duties.data()));
  return wanted >= 0 && topic_value(row) == wanted;
}

void World::First::take(uint32_t reference, int32_t on) {
  if (value == 0 || value == reference) {
    since = value == 0 ? on : std::min(since, on);
    value = reference;
  } else if (on < since) {
    another_since = since;
    value = reference;
    since = on;
  } else {
    another_since = std::min(another_since, on);
  }
}

/// Every reference of every crime. Each thread goes through all rows for its own crimes.
void World::index_values() const {
  const uint32_t crimes = table.crimes.size();
  values_.resize(std::size_t{crimes} * 3);
  const uint32_t workers = workers_for(table.size(), threads_);
  in_parts(crimes, workers, workers, [&](uint32_t, uint32_t from, uint32_t to) {
    const auto take = [&](uint32_t row) {
      const uint32_t crime = table.crime(row);
      if (crime < from || crime >= to || table.lo_ms(row) > as_at) return;
      const uint32_t references[3] = {table.suspect(row), table.hearing(row), table.key(row)};
      if ((references[0] | references[1] | references[2]) == 0) return;
      const int32_t on = calendar::london_date(table.lo_ms(row)).days;
      for (std::size_t which = 0; which < 3; ++which)
        if (references[which] != 0) values_[std::size_t{crime} * 3 + which].take(references[which], on);
    };
    for (uint32_t row = 0; row < table.size(); ++row)
      if (facts.is_simple(row)) take(row);
    for (const History& history : facts.histories())
      if (history.retracted_at == never) take(history.current());
  });
}

uint32_t World::only_value(int which, uint32_t crime, calendar::LocalDate by) const {
  std::call_once(indexed_, [this] { index_values(); });
  const First& first = values_[std::size_t{crime} * 3 + static_cast<std::size_t>(which)];
  if (first.value == 0 || first.since > by.days) return 0;
  return first.another_since > by.days ? first.value : several;
}

}  // namespace kept::engine
