#include "simulation/fact_values.h"

#include "calendar/london_time.h"
#include "simulation/feeds.h"
#include "simulation/row_writer.h"

namespace kept::simulation {

std::string time_text(int64_t at_ms, Written written) {
  std::string text;
  if (written == Written::instant) {
    append_instant(text, at_ms);
    return text;
  }
  append_date(text, calendar::london_date(at_ms).days);
  if (written == Written::month) text.resize(7);
  if (written == Written::year) text.resize(4);
  return text;
}

exchange::NamedValues values_of(const Fact& fact) {
  exchange::NamedValues values;
  const TypeName& type = type_names[static_cast<std::size_t>(fact.type)];
  const auto reference = [&](const char* name, uint32_t number) {
    if (number != 0) values[name] = std::to_string(number);
  };
  reference("id", fact.id);
  values["source"] = names(fact.feed).source;
  values["agency"] = names(fact.feed).agency;
  values["type"] = type.name;
  reference("crime", fact.crime);
  reference("urn", fact.urn);
  reference("participant", fact.participant);
  reference("suspect", fact.suspect);
  reference("hearing", fact.hearing);
  values["occurred_at"] = time_text(fact.occurred_at, fact.written);
  if (fact.known_at != 0) values["known_at"] = time_text(fact.known_at, Written::instant);
  values["recorded_at"] = time_text(fact.recorded_at, Written::instant);
  reference("corrects", fact.corrects);
  reference("retracts", fact.retracts);
  if (type.key != nullptr) reference(type.key, fact.key);
  for (std::size_t i = 0; i < fact.detail_count; ++i) {
    const FactDetail& detail = fact.details[i];
    std::string& value = values[detail_names[static_cast<std::size_t>(detail.field)].name];
    switch (detail.form) {
      case FactDetail::Form::text:
        value = reinterpret_cast<const char*>(static_cast<intptr_t>(detail.value));
        break;
      case FactDetail::Form::yes_no:
        value = detail.value != 0 ? "yes" : "no";
        break;
      case FactDetail::Form::number:
        value = std::to_string(detail.value);
        break;
      case FactDetail::Form::date:
        append_date(value, static_cast<int32_t>(detail.value));
        break;
    }
  }
  return values;
}

}  // namespace kept::simulation
