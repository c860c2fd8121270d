#include "model/vocabulary.h"

#include <cassert>
#include <utility>

#include <fmt/format.h>

namespace kept::model {

const char* act_word(Act act) {
  switch (act) {
    case Act::unsaid:
      return "";
    case Act::tell:
      return "tell";
    case Act::ask:
      return "ask";
    case Act::refer:
      return "refer";
    case Act::perform:
      return "do";
  }
  return "";
}

const EventType* Vocabulary::find(std::string_view type) const {
  const auto found = type_by_name_.find(type);
  return found == type_by_name_.end() ? nullptr : &types_[found->second];
}

int32_t Vocabulary::field_id(std::string_view name) const {
  const auto found = field_by_name_.find(name);
  return found == field_by_name_.end() ? -1 : found->second;
}

std::string Vocabulary::code_name(uint16_t code) const {
  const EventType& type = type_of(code);
  const int32_t word = code - type.first_code - 1;
  if (type.distinguished_by < 0 || word < 0) return type.name;
  const Field& field = fields_[static_cast<std::size_t>(type.distinguished_by)];
  return fmt::format("{} {}={}", type.name, field.name, field.words[static_cast<std::size_t>(word)]);
}

base::Result<uint16_t> Vocabulary::add_field(Field field) {
  // Free text and personal fields are never read by a condition, whatever the caller asked for.
  if (field.kind == FieldKind::text || field.personal) field.column = false;
  const auto found = field_by_name_.find(field.name);
  if (found != field_by_name_.end()) {
    const Field& known = fields_[found->second];
    if (known.kind != field.kind || known.words != field.words || known.personal != field.personal) {
      return base::Error{base::ErrorCode::conflict,
                         fmt::format("the field `{}` is defined twice with a different kind, list of words or privacy; "
                                     "a field means one thing everywhere: keep one definition or give one of them "
                                     "another name",
                                     field.name)};
    }
    return found->second;
  }
  if (fields_.size() >= 65'000) {
    return base::Error{base::ErrorCode::too_large, "a vocabulary has at most 65,000 fields"};
  }
  const auto id = static_cast<uint16_t>(fields_.size());
  field_by_name_.emplace(field.name, id);
  fields_.push_back(std::move(field));
  return id;
}

base::Status Vocabulary::add_type(EventType type) {
  if (type_by_name_.contains(type.name)) {
    return base::Error{
        base::ErrorCode::conflict,
        fmt::format("the type of event `{}` is defined twice; keep one definition or rename the other", type.name)};
  }
  std::size_t words = 0;
  if (type.distinguished_by >= 0) {
    const Field& field = fields_.at(static_cast<std::size_t>(type.distinguished_by));
    if (field.kind != FieldKind::word) {
      return base::invalid(
          fmt::format("the type of event `{}` is distinguished by `{}`, which is not a field of kind "
                      "word; give it `kind: word` and its `words:`",
                      type.name, field.name));
    }
    words = field.words.size();
  }
  if (type_of_code_.size() + words + 1 > 65'000) {
    return base::Error{base::ErrorCode::too_large,
                       fmt::format("the type of event `{}` takes the vocabulary past 65,000 codes", type.name)};
  }
  type.first_code = static_cast<uint16_t>(type_of_code_.size());
  type.codes = static_cast<uint16_t>(words + 1);
  const auto index = static_cast<uint16_t>(types_.size());
  type_of_code_.insert(type_of_code_.end(), words + 1, index);
  meaning_of_code_.insert(meaning_of_code_.end(), words + 1, type.meaning);
  type_by_name_.emplace(type.name, index);
  types_.push_back(std::move(type));
  return base::Done{};
}

}  // namespace kept::model
