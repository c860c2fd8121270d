#include "engine/world.h"

#include <algorithm>

#include "engine/parts.h"
#include "engine/timeline.h"

namespace kept::engine {
namespace {
using model::Meaning;

uint32_t profile_of(Meaning meaning) {
  switch (meaning) {
    case Meaning::participant_born:
      return has_birth;
    case Meaning::participant_died:
      return has_death;
    case Meaning::needs_assessed:
      return has_assessment;
    case Meaning::declined:
      return has_decline;
    case Meaning::decline_withdrawn:
      return has_withdrawal;
    case Meaning::good_reason:
      return has_reason;
    case Meaning::held:
      return has_hold;
    case Meaning::hold_ended:
      return has_hold_end;
    case Meaning::contact_agreed:
      return has_agreement;
    case Meaning::involvement_ended:
    case Meaning::involvement_reopened:
      return has_involvement;
    case Meaning::case_transferred:
    case Meaning::transfer_accepted:
      return has_transfer;
    case Meaning::nothing:
    case Meaning::links_victim:
    case Meaning::links_suspect:
    case Meaning::links_hearing:
      return 0;
  }
  return 0;
}
}  // namespace

World::World(const RuleBook& book_in, const model::EventTable& table_in, const Facts& facts_in, const Links& links_in,
             const AssessOptions& options)
    : book(book_in),
      table(table_in),
      facts(facts_in),
      links(links_in),
      coverage(options.coverage && !options.coverage->is_complete() ? options.coverage : nullptr),
      as_at(options.as_at),
      as_at_on(calendar::london_date(options.as_at)),
      now(book_in.calendar->known_on(as_at_on)),
      epoch_now(book_in.calendar->epoch(as_at_on)),
      threads_(options.threads) {
  known_alike_from = as_at_on;
  while (known_alike_from > book.calendar->first() && book.calendar->epoch(known_alike_from - 1) == epoch_now)
    known_alike_from = known_alike_from - 1;
  const auto& vocabulary = *book.vocabulary;
  fields = {vocabulary.field_id("topic"), vocabulary.field_id("until"), vocabulary.field_id("hold"),
            vocabulary.field_id("every"), vocabulary.field_id("unit"),  vocabulary.field_id("enhanced"),
            vocabulary.field_id("who"),   vocabulary.field_id("why"),   vocabulary.field_id("evidence"),
            vocabulary.field_id("from"),  vocabulary.field_id("second")};
  profile_of_code.resize(vocabulary.code_count());
  for (uint16_t code = 0; code < vocabulary.code_count(); ++code) type_of_code.push_back(vocabulary.type_index(code));
  for (uint16_t code = 0; code < vocabulary.code_count(); ++code)
    field_in_code_.push_back(vocabulary.type_of(code).distinguished_by);
  for (uint16_t code = 0; code < vocabulary.code_count(); ++code)
    is_happening.push_back(vocabulary.meaning_of(code) == Meaning::nothing);
  for (uint16_t code = 0; code < vocabulary.code_count(); ++code)
    profile_of_code[code] = profile_of(vocabulary.meaning_of(code));
  for (const EnhancedRule& rule : book.enhanced)
    for (const ConditionNode& node : rule.by_fact.nodes)
      for (const uint16_t code : node.pattern.codes) profile_of_code[code] |= has_enhanced_fact;
  for (const std::string& word : book.code_words) code_symbols_.push_back(table.codes.find(word));
  const model::Field* topic = fields.topic < 0 ? nullptr : &vocabulary.fields()[static_cast<std::size_t>(fields.topic)];
  for (const Duty& duty : book.duties) {
    int64_t value = -1;
    if (topic && topic->kind == model::FieldKind::word) {
      const auto word = std::find(topic->words.begin(), topic->words.end(), duty.topic);
      if (word != topic->words.end()) value = word - topic->words.begin();
    } else if (topic) {
      const uint32_t symbol = table.codes.find(duty.topic);
      if (symbol) value = symbol;
    }
    topic_of_duty_.push_back(value);
  }
  agencies_of_role_.reserve(64);
  any_provider_ = role("provider");
  role_of_agency_.resize(table.agencies.size());
  for (uint32_t agency = 1; agency < table.agencies.size(); ++agency) {
    const std::string name = table.agencies.name(agency);
    const auto listed = vocabulary.roles().find(name);
    const uint16_t r = role(listed == vocabulary.roles().end() ? name : listed->second);
    role_of_agency_[agency] = r;
    agencies_of_role_[r].push_back(agency);
  }
  for (const Duty& duty : book.duties) role_of_bearer_.push_back(role(duty.bearer));
  index_hold_ends();
}

void World::index_hold_ends() {
  std::vector<uint8_t> ends(profile_of_code.size(), 0);
  for (std::size_t code = 0; code < ends.size(); ++code) ends[code] = (profile_of_code[code] & has_hold_end) != 0;
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

uint16_t World::role(const std::string& name) {
  const auto found = std::find(roles_.begin(), roles_.end(), name);
  if (found != roles_.end()) return static_cast<uint16_t>(found - roles_.begin());
  roles_.push_back(name);
  agencies_of_role_.emplace_back();
  return static_cast<uint16_t>(roles_.size() - 1);
}

int64_t World::topic_value(uint32_t row) const {
  int64_t value = -1;
  if (fields.topic >= 0) table.detail_value(row, static_cast<uint16_t>(fields.topic), &value);
  return value;
}

bool World::is_topic(const Duty& duty, uint32_t row) const {
  const int64_t wanted = topic_of_duty_[static_cast<std::size_t>(&duty - book.duties.data())];
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
