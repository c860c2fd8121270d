#include "app/event_rows.h"

#include <fmt/format.h>

#include <algorithm>

namespace kept::app {
namespace {

base::Error not_of_these_rules(const model::Event& event, const std::string& what) {
  return base::invalid(fmt::format(
      "an event of type {} {}; the rules in use are older than the event, or a type was taken out of them: use rules "
      "whose vocabulary has everything that was recorded",
      event.type, what));
}

}  // namespace

base::Result<uint32_t> EventRows::add(const model::Event& event) {
  using model::FieldKind;
  model::EventTable& table = *table_;
  const model::Vocabulary& vocabulary = table.vocabulary();
  const model::EventType* type = vocabulary.find(event.type);
  if (type == nullptr) return not_of_these_rules(event, "is not in the vocabulary");
  model::EventRow row;
  row.code = type->first_code;
  row.occurred = event.occurred_at;
  row.has_known = event.known_at.has_value();
  if (event.known_at) row.known = *event.known_at;
  row.recorded_at = event.recorded_at;
  row.recorded_assumed = event.recorded_assumed;
  row.participant = table.participants.code(event.participant);
  row.crime = table.crimes.code(event.crime);
  row.suspect = table.suspects.code(event.suspect);
  row.hearing = table.hearings.code(event.hearing);
  row.key = table.keys.code(event.key);
  row.source = table.sources.code(event.source);
  row.agency = table.agencies.code(event.agency);
  row.urn = table.urns.code(event.urn);
  row.id = event.id;
  row.corrects = event.corrects;
  row.retracts = event.retracts;
  values_.clear();
  for (const auto& [name, value] : event.detail) {
    const int32_t found = vocabulary.field_id(name);
    if (found < 0) return not_of_these_rules(event, fmt::format("has a field {} that is not in the vocabulary", name));
    const auto id = static_cast<uint16_t>(found);
    const model::Field& field = vocabulary.fields()[id];
    if (field.kind == FieldKind::text || field.personal) continue;
    const auto wrong = [&] { return not_of_these_rules(event, fmt::format("has another kind of {}", name)); };
    int64_t coded = 0;
    switch (field.kind) {
      case FieldKind::yes_no:
        if (!std::holds_alternative<bool>(value)) return wrong();
        coded = std::get<bool>(value) ? 1 : 0;
        break;
      case FieldKind::number:
        if (!std::holds_alternative<int64_t>(value)) return wrong();
        coded = std::get<int64_t>(value);
        break;
      case FieldKind::date:
        if (!std::holds_alternative<model::Moment>(value)) return wrong();
        coded = table.add_moment(std::get<model::Moment>(value));
        break;
      case FieldKind::word: {
        if (!std::holds_alternative<std::string>(value)) return wrong();
        const auto word = std::find(field.words.begin(), field.words.end(), std::get<std::string>(value));
        if (word == field.words.end()) return not_of_these_rules(event, fmt::format("has a {} no longer listed", name));
        coded = word - field.words.begin();
        if (type->distinguished_by == found) {
          row.code = static_cast<uint16_t>(type->first_code + 1 + coded);
          continue;
        }
        break;
      }
      case FieldKind::code:
        if (!std::holds_alternative<std::string>(value)) return wrong();
        coded = table.codes.code(std::get<std::string>(value));
        break;
      case FieldKind::text:
        continue;
    }
    values_.push_back({id, coded});
  }
  row.detail = values_.data();
  row.detail_count = values_.size();
  return table.append(row);
}

}  // namespace kept::app
