#include "app/event_words.h"

#include <fmt/format.h>

#include "app/spoken_time.h"
#include "measures/grouping.h"

namespace kept::app {

std::string EventWords::event(uint32_t row) const { return table_.vocabulary().code_name(table_.code(row)); }

std::string EventWords::means(uint32_t row) const { return table_.vocabulary().type_of(table_.code(row)).says; }

std::string EventWords::when(uint32_t row) const { return moment_words(table_.occurred(row)); }

std::string EventWords::entered_at(uint32_t row) const { return "entered " + instant_words(table_.recorded_at(row)); }

std::string EventWords::agency(uint32_t symbol) const {
  return symbol == 0 ? "an agency that is not named" : table_.agencies.name(symbol);
}

std::string EventWords::source(uint32_t row) const { return table_.sources.name(table_.source(row)); }

std::string EventWords::keys(uint32_t row) const {
  std::string out;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out += fmt::format(", {} {}", name, value);
  };
  add("crime", table_.crimes.name(table_.crime(row)));
  add("suspect", table_.suspects.name(table_.suspect(row)));
  add("hearing", table_.hearings.name(table_.hearing(row)));
  add(table_.vocabulary().type_of(table_.code(row)).key.c_str(), table_.keys.name(table_.key(row)));
  return out;
}

std::string EventWords::details(uint32_t row, bool dates) const {
  const model::Vocabulary& vocabulary = table_.vocabulary();
  std::string out;
  for (const model::DetailValue value : table_.detail(row)) {
    const model::Field& field = vocabulary.fields()[value.field];
    if (field.personal || field.kind == model::FieldKind::text) continue;
    if (!dates && field.kind == model::FieldKind::date) continue;
    if (static_cast<int32_t>(value.field) == vocabulary.type_of(table_.code(row)).distinguished_by) continue;
    out += fmt::format("{}{}: {}", out.empty() ? " (" : ", ", measures::spaced(field.name),
                       value_words(field, value.value));
  }
  return out.empty() ? out : out + ")";
}

std::string EventWords::detail(uint32_t row, uint16_t field) const {
  int64_t value = 0;
  if (!table_.detail_value(row, field, &value)) return "";
  return value_words(table_.vocabulary().fields()[field], value);
}

std::string EventWords::detail(uint32_t row, const char* name) const {
  const int32_t field = table_.vocabulary().field_id(name);
  return field < 0 ? std::string() : detail(row, static_cast<uint16_t>(field));
}

std::string EventWords::value_words(const model::Field& field, int64_t value) const {
  switch (field.kind) {
    case model::FieldKind::yes_no:
      return value != 0 ? "yes" : "no";
    case model::FieldKind::number:
      return std::to_string(value);
    case model::FieldKind::word:
      return value >= 0 && value < static_cast<int64_t>(field.words.size())
                 ? measures::spaced(field.words[static_cast<std::size_t>(value)])
                 : "?";
    case model::FieldKind::code:
      return table_.codes.name(static_cast<uint32_t>(value));
    case model::FieldKind::date:
      return moment_words(table_.moment(value));
    case model::FieldKind::text:
      break;
  }
  return "";
}

}  // namespace kept::app
