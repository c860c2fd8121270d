#include "app/coded_event.h"

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

base::Result<CodedEvent> CodedEvent::of(const model::Event& event, const model::Vocabulary& vocabulary) {
  using model::FieldKind;
  const model::EventType* type = vocabulary.find(event.type);
  if (type == nullptr) return not_of_these_rules(event, "is not in the vocabulary");
  CodedEvent coded;
  coded.code_ = type->first_code;
  coded.moments_.push_back(event.occurred_at);
  coded.has_known_ = event.known_at.has_value();
  if (event.known_at) coded.moments_.push_back(*event.known_at);
  coded.recorded_at_ = event.recorded_at;
  coded.recorded_assumed_ = event.recorded_assumed;
  const std::string* const texts[last] = {&event.participant, &event.crime,    &event.suspect, &event.hearing,
                                          &event.key,         &event.source,   &event.agency,  &event.urn,
                                          &event.id,          &event.corrects, &event.retracts};
  std::size_t length = 0;
  for (const std::string* each : texts) length += each->size();
  coded.texts_.reserve(length);
  for (std::size_t i = 0; i < last; ++i) {
    coded.texts_ += *texts[i];
    coded.ends_[i] = static_cast<uint32_t>(coded.texts_.size());
  }
  for (const auto& [name, value] : event.detail) {
    const int32_t found = vocabulary.field_id(name);
    if (found < 0) return not_of_these_rules(event, fmt::format("has a field {} that is not in the vocabulary", name));
    const auto id = static_cast<uint16_t>(found);
    const model::Field& field = vocabulary.fields()[id];
    if (field.kind == FieldKind::text || field.personal) continue;
    const auto wrong = [&] { return not_of_these_rules(event, fmt::format("has another kind of {}", name)); };
    Value out{id, Kind::plain, 0};
    switch (field.kind) {
      case FieldKind::yes_no:
        if (!std::holds_alternative<bool>(value)) return wrong();
        out.value = std::get<bool>(value) ? 1 : 0;
        break;
      case FieldKind::number:
        if (!std::holds_alternative<int64_t>(value)) return wrong();
        out.value = std::get<int64_t>(value);
        break;
      case FieldKind::date:
        if (!std::holds_alternative<model::Moment>(value)) return wrong();
        out.kind = Kind::moment;
        out.value = static_cast<int64_t>(coded.moments_.size());
        coded.moments_.push_back(std::get<model::Moment>(value));
        break;
      case FieldKind::word: {
        if (!std::holds_alternative<std::string>(value)) return wrong();
        const auto word = std::find(field.words.begin(), field.words.end(), std::get<std::string>(value));
        if (word == field.words.end()) return not_of_these_rules(event, fmt::format("has a {} no longer listed", name));
        out.value = word - field.words.begin();
        if (type->distinguished_by == found) {
          coded.code_ = static_cast<uint16_t>(type->first_code + 1 + out.value);
          continue;
        }
        break;
      }
      case FieldKind::code:
        if (!std::holds_alternative<std::string>(value)) return wrong();
        out.kind = Kind::code;
        out.value = static_cast<int64_t>(coded.codes_.size());
        coded.codes_.push_back(std::get<std::string>(value));
        break;
      case FieldKind::text:
        continue;
    }
    coded.values_.push_back(out);
  }
  coded.values_.shrink_to_fit();
  return coded;
}

uint32_t CodedEvent::add_to(model::EventTable* table) const {
  model::EventRow row;
  row.code = code_;
  row.occurred = moments_[0];
  row.has_known = has_known_;
  if (has_known_) row.known = moments_[1];
  row.recorded_at = recorded_at_;
  row.recorded_assumed = recorded_assumed_;
  row.participant = table->participants.code(text(participant));
  row.crime = table->crimes.code(text(crime));
  row.suspect = table->suspects.code(text(suspect));
  row.hearing = table->hearings.code(text(hearing));
  row.key = table->keys.code(text(key));
  row.source = table->sources.code(text(source));
  row.agency = table->agencies.code(text(agency));
  row.urn = table->urns.code(text(urn));
  row.id = text(id);
  row.corrects = text(corrects);
  row.retracts = text(retracts);
  std::vector<model::DetailValue> detail(values_.size());
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const auto at = static_cast<std::size_t>(values_[i].value);
    detail[i].field = values_[i].field;
    switch (values_[i].kind) {
      case Kind::plain:
        detail[i].value = values_[i].value;
        break;
      case Kind::moment:
        detail[i].value = table->add_moment(moments_[at]);
        break;
      case Kind::code:
        detail[i].value = table->codes.code(codes_[at]);
        break;
    }
  }
  row.detail = detail.data();
  row.detail_count = detail.size();
  return table->append(row);
}

int64_t CodedEvent::next_after(int64_t now) const {
  int64_t next = INT64_MAX;
  const auto see = [&](int64_t at) {
    if (at > now) next = std::min(next, at);
  };
  see(recorded_at_);
  for (const model::Moment& moment : moments_) {
    see(moment.lo_ms);
    see(moment.hi_ms + 1);
  }
  return next;
}

std::size_t CodedEvent::memory_bytes() const {
  std::size_t bytes = sizeof *this + texts_.capacity() + moments_.capacity() * sizeof(model::Moment) +
                      values_.capacity() * sizeof(Value) + codes_.capacity() * sizeof(std::string);
  for (const std::string& code : codes_) bytes += code.capacity();
  return bytes;
}

}  // namespace kept::app
