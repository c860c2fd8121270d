// Rows handed on whole, for a ledger: RowChecker's way out that does not go through the table.
#include "exchange/row_checker.h"

namespace kept::exchange {

using model::FieldKind;

model::Event RowChecker::whole_event(const Pending& pending) const {
  const model::EventRow& row = pending.row;
  const model::EventType& type = vocabulary_->type_of(row.code);
  model::Event event;
  event.id = std::string(row.id);
  event.source = text_of(pending.source);
  event.type = type.name;
  event.agency = text_of(pending.agency);
  event.actor = text_of(pending.actor);
  event.occurred_at = row.occurred;
  if (row.has_known) event.known_at = row.known;
  event.recorded_at = row.recorded_at;
  event.recorded_assumed = row.recorded_assumed;
  std::string* const references[] = {&event.crime,   &event.urn,     &event.participant,
                                     &event.suspect, &event.hearing, &event.key};
  for (std::size_t place = 0; place < std::size(references); ++place) {
    if ((pending.carried & (1u << place)) != 0) *references[place] = text_of(pending.reference[place]);
  }
  event.corrects = std::string(row.corrects);
  event.retracts = std::string(row.retracts);
  for (const PendingDetail& detail : pending.details) {
    const model::Field& field = vocabulary_->fields()[detail.field];
    model::Event::Value& value = event.detail[field.name];
    switch (detail.kind) {
      case FieldKind::yes_no:
        value = detail.value != 0;
        break;
      case FieldKind::number:
        value = detail.value;
        break;
      case FieldKind::word:
        value = field.words[static_cast<std::size_t>(detail.value)];
        break;
      case FieldKind::code:
      case FieldKind::text:
        value = std::string(detail.text);
        break;
      case FieldKind::date:
        value = detail.moment;
        break;
    }
  }
  // The word that tells types apart is part of the code.
  if (type.distinguished_by >= 0 && row.code != type.first_code) {
    const model::Field& field = vocabulary_->fields()[static_cast<std::size_t>(type.distinguished_by)];
    event.detail[field.name] = field.words[static_cast<std::size_t>(row.code - type.first_code - 1)];
  }
  return event;
}

bool RowChecker::hand_over(std::size_t made, const Cell* cells, std::string_view raw) {
  ReadResult& result = reading_->result;
  ReadCounts& counts = result.counts;
  const std::string text = raw.empty() ? joined(cells) : std::string();
  whole_.row = counts.rows;
  whole_.line = line_;
  whole_.text = raw.empty() ? std::string_view(text) : raw;
  whole_.events.clear();
  for (std::size_t i = 0; i < made; ++i) {
    const model::EventRow& row = pending_[i].row;
    whole_.events.push_back(whole_event(pending_[i]));
    if (row.recorded_assumed) ++counts.recorded_assumed;
    if (result.last_recorded_at == 0 || row.recorded_at > result.last_recorded_at)
      result.last_recorded_at = row.recorded_at;
  }
  counts.events += made;
  ++counts.taken;
  const base::Status taken = reading_->request.whole->take(whole_);
  if (taken) return true;
  error_ = taken.error();
  return false;
}

}  // namespace kept::exchange
