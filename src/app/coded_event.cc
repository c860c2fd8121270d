#include "app/coded_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace kept::app {
namespace {

base::Error not_of_these_rules(const model::Event& event, const std::string& what) {
  return base::invalid(fmt::format(
      "an event of type {} {}; the rules in use are older than the event, or a type was taken out of them: use rules "
      "whose vocabulary has everything that was recorded",
      event.type, what));
}

// Packed one after another: when it occurred and was known; each value as its field, its kind and itself; seven texts.
// A moment is its precision, its first millisecond, and its last where it is no instant; a text its length and bytes.
enum class Kind : uint8_t { plain, moment, code };

class Writer {
 public:
  template <class Number>
  void number(Number value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void moment(const model::Moment& moment) {
    number(moment.precision);
    number(moment.lo_ms);
    if (moment.precision != model::Precision::instant) number(moment.hi_ms);
  }
  void text(std::string_view text) {
    number(static_cast<uint32_t>(text.size()));
    bytes_ += text;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(const char* at) : at_(at) {}
  template <class Number>
  Number number() {
    Number value;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  model::Moment moment() {
    model::Moment moment;
    moment.precision = number<model::Precision>();
    moment.lo_ms = moment.hi_ms = number<int64_t>();
    if (moment.precision != model::Precision::instant) moment.hi_ms = number<int64_t>();
    return moment;
  }
  std::string_view text() {
    const auto size = number<uint32_t>();
    const std::string_view text(at_, size);
    at_ += size;
    return text;
  }

 private:
  const char* at_;
};

}  // namespace

NamedInTable NamedInTable::of(const model::Event& event, model::EventTable* table) {
  return {table->participants.code(event.participant), table->crimes.code(event.crime),
          table->suspects.code(event.suspect), table->hearings.code(event.hearing)};
}

base::Result<CodedEvent> CodedEvent::of(const model::Event& event, const model::Vocabulary& vocabulary) {
  using model::FieldKind;
  const model::EventType* type = vocabulary.find(event.type);
  if (type == nullptr) return not_of_these_rules(event, "is not in the vocabulary");
  CodedEvent coded;
  coded.code_ = type->first_code;
  coded.recorded_at_ = event.recorded_at;
  coded.recorded_assumed_ = event.recorded_assumed;
  coded.has_known_ = event.known_at.has_value();
  Writer packed;
  packed.moment(event.occurred_at);
  if (event.known_at) packed.moment(*event.known_at);
  for (const auto& [name, value] : event.detail) {
    const int32_t found = vocabulary.field_id(name);
    if (found < 0) return not_of_these_rules(event, fmt::format("has a field {} that is not in the vocabulary", name));
    const auto id = static_cast<uint16_t>(found);
    const model::Field& field = vocabulary.fields()[id];
    if (field.kind == FieldKind::text || field.personal) continue;
    const auto wrong = [&] { return not_of_these_rules(event, fmt::format("has another kind of {}", name)); };
    int64_t plain = 0;
    switch (field.kind) {
      case FieldKind::yes_no:
        if (!std::holds_alternative<bool>(value)) return wrong();
        plain = std::get<bool>(value) ? 1 : 0;
        break;
      case FieldKind::number:
        if (!std::holds_alternative<int64_t>(value)) return wrong();
        plain = std::get<int64_t>(value);
        break;
      case FieldKind::date:
        if (!std::holds_alternative<model::Moment>(value)) return wrong();
        packed.number(id);
        packed.number(Kind::moment);
        packed.moment(std::get<model::Moment>(value));
        ++coded.values_;
        continue;
      case FieldKind::word: {
        if (!std::holds_alternative<std::string>(value)) return wrong();
        const auto word = std::find(field.words.begin(), field.words.end(), std::get<std::string>(value));
        if (word == field.words.end()) return not_of_these_rules(event, fmt::format("has a {} no longer listed", name));
        plain = word - field.words.begin();
        if (type->distinguished_by == found) {
          coded.code_ = static_cast<uint16_t>(type->first_code + 1 + plain);
          continue;
        }
        break;
      }
      case FieldKind::code:
        if (!std::holds_alternative<std::string>(value)) return wrong();
        packed.number(id);
        packed.number(Kind::code);
        packed.text(std::get<std::string>(value));
        ++coded.values_;
        continue;
      case FieldKind::text:
        continue;
    }
    packed.number(id);
    packed.number(Kind::plain);
    packed.number(plain);
    ++coded.values_;
  }
  for (const std::string* each :
       {&event.key, &event.source, &event.agency, &event.urn, &event.id, &event.corrects, &event.retracts})
    packed.text(*each);
  const std::string& bytes = packed.bytes();
  coded.size_ = static_cast<uint32_t>(bytes.size());
  coded.packed_ = std::make_unique_for_overwrite<char[]>(bytes.size());
  std::memcpy(coded.packed_.get(), bytes.data(), bytes.size());
  return coded;
}

uint32_t CodedEvent::add_to(model::EventTable* table, const NamedInTable& named) const {
  Reader reader(packed_.get());
  model::EventRow row;
  row.code = code_;
  row.recorded_at = recorded_at_;
  row.recorded_assumed = recorded_assumed_;
  row.participant = named.participant;
  row.crime = named.crime;
  row.suspect = named.suspect;
  row.hearing = named.hearing;
  row.occurred = reader.moment();
  row.has_known = has_known_;
  if (has_known_) row.known = reader.moment();
  std::vector<model::DetailValue> detail(values_);
  for (model::DetailValue& each : detail) {
    each.field = reader.number<uint16_t>();
    switch (reader.number<Kind>()) {
      case Kind::plain:
        each.value = reader.number<int64_t>();
        break;
      case Kind::moment:
        each.value = table->add_moment(reader.moment());
        break;
      case Kind::code:
        each.value = table->codes.code(reader.text());
        break;
    }
  }
  row.key = table->keys.code(reader.text());
  row.source = table->sources.code(reader.text());
  row.agency = table->agencies.code(reader.text());
  row.urn = table->urns.code(reader.text());
  row.id = reader.text();
  row.corrects = reader.text();
  row.retracts = reader.text();
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
  Reader reader(packed_.get());
  const auto see_moment = [&] {
    const model::Moment moment = reader.moment();
    see(moment.lo_ms);
    see(moment.hi_ms + 1);
  };
  see_moment();
  if (has_known_) see_moment();
  for (int i = 0; i < values_; ++i) {
    reader.number<uint16_t>();
    switch (reader.number<Kind>()) {
      case Kind::plain:
        reader.number<int64_t>();
        break;
      case Kind::moment:
        see_moment();
        break;
      case Kind::code:
        reader.text();
        break;
    }
  }
  return next;
}

std::size_t CodedEvent::memory_bytes() const { return sizeof *this + size_; }

}  // namespace kept::app
