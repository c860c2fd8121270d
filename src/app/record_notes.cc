#include "app/record_notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "exchange/rejects.h"
#include "html/number_text.h"

namespace kept::app {
namespace {

std::string number(uint64_t count) { return html::grouped(static_cast<int64_t>(count)); }

/// Agencies that fill neither a role the vocabulary gives them nor one of their own name. A vocabulary that lists no
/// agency goes by names alone, and has nothing to say.
std::optional<std::string> unlisted_agencies(const Records& records) {
  const model::EventTable& table = records.read.table;
  const auto& listed = table.vocabulary().roles();
  if (listed.empty()) return std::nullopt;
  std::set<std::string> roles;
  for (const auto& [agency, role] : listed) roles.insert(role);
  for (const engine::Duty& duty : records.book.duties) roles.insert(duty.bearer);
  std::vector<std::pair<uint64_t, uint32_t>> unlisted;  // how many events, and whose
  std::vector<std::size_t> place(table.agencies.size(), 0);
  for (uint32_t agency = 1; agency < table.agencies.size(); ++agency) {
    const std::string name = table.agencies.name(agency);
    if (listed.contains(name) || roles.contains(name)) continue;
    unlisted.emplace_back(0, agency);
    place[agency] = unlisted.size();
  }
  if (unlisted.empty()) return std::nullopt;
  uint64_t events = 0;
  for (uint32_t row = 0; row < table.size(); ++row) {
    const std::size_t at = place[table.agency(row)];
    if (at == 0) continue;
    ++unlisted[at - 1].first;
    ++events;
  }
  // More than a few are hardly agencies: they may be people who entered something.
  constexpr std::size_t most_agencies = 20;
  constexpr std::size_t shown = 3;
  std::string names;
  if (unlisted.size() <= most_agencies) {
    std::stable_sort(unlisted.begin(), unlisted.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (std::size_t i = 0; i < std::min(shown, unlisted.size()); ++i)
      names +=
          fmt::format("{}\"{}\"", i == 0 ? ": " : ", ", exchange::shown(table.agencies.name(unlisted[i].second), 60));
    if (unlisted.size() > shown) names += fmt::format(" and {} more", unlisted.size() - shown);
  } else {
    names = fmt::format(": {} different ones, which are not shown because so many may be names of people",
                        number(unlisted.size()));
  }
  return fmt::format(
      "Agencies that the rules do not list, in {} events{}. They fill no role, so that nothing of theirs is found "
      "where "
      "the police, a court or another bearer is asked about. Call them as rules/vocabulary/agencies.yaml does, or by "
      "their role (police), or translate them in a mapping: docs/formats/mappings.md, \"No column for the suspect\"",
      number(events), names);
}

/// Events that say `offence` where none says `offence_group`, which alone is counted by.
std::optional<std::string> offence_without_group(const Records& records) {
  const model::EventTable& table = records.read.table;
  const model::Vocabulary& vocabulary = table.vocabulary();
  const int32_t group = vocabulary.field_id("offence_group");
  const int32_t offence = vocabulary.field_id("offence");
  if (group < 0 || offence < 0) return std::nullopt;
  const auto carried = [&](int32_t field) {
    std::vector<uint8_t> out(vocabulary.code_count(), 0);
    for (uint16_t code = 0; code < vocabulary.code_count(); ++code) {
      const model::EventType& type = vocabulary.type_of(code);
      for (const auto* fields : {&type.fields, &type.needed_fields})
        if (std::find(fields->begin(), fields->end(), field) != fields->end()) out[code] = 1;
    }
    return out;
  };
  const std::vector<uint8_t> has_group = carried(group);
  const std::vector<uint8_t> has_offence = carried(offence);
  uint64_t events = 0;
  for (uint32_t row = 0; row < table.size(); ++row) {
    const uint16_t code = table.code(row);
    int64_t value = 0;
    if (has_group[code] != 0 && table.detail_value(row, static_cast<uint16_t>(group), &value)) return std::nullopt;
    if (has_offence[code] != 0 && table.detail_value(row, static_cast<uint16_t>(offence), &value)) ++events;
  }
  if (events == 0) return std::nullopt;
  return fmt::format(
      "Events that give an `offence` (a code of the Home Office): {}; none gives an `offence_group`. The report counts "
      "by the group, and Enhanced Rights are found by it: without it its table by offence is empty. Fill offence_group "
      "with its words in docs/events.md, for example offence_group: {{column: Offence, values: {{Assault s47: "
      "assault_with_injury}}}}: docs/formats/mappings.md",
      number(events));
}

}  // namespace

std::vector<std::string> record_notes(const Records& records) {
  std::vector<std::string> out;
  for (auto note : {unlisted_agencies(records), offence_without_group(records)}) {
    if (note) out.push_back(std::move(*note));
  }
  return out;
}

}  // namespace kept::app
