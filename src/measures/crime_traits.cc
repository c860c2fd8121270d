#include "measures/crime_traits.h"

#include <limits>
#include <map>

namespace kept::measures {
namespace {

using model::EventTable;
using model::EventType;
using model::Field;
using model::FieldKind;
using model::Vocabulary;

/// One trait being read: which field, and from events of which codes.
struct Reading {
  int32_t field = -1;
  FieldKind kind = FieldKind::text;
  std::vector<uint8_t> wanted;  ///< by code
};

bool has_field(const EventType& type, int32_t field) {
  for (const uint16_t one : type.fields) {
    if (one == field) return true;
  }
  return false;
}

Reading reading_of(const Vocabulary& vocabulary, std::initializer_list<const char*> names) {
  Reading reading;
  for (const char* name : names) {
    const int32_t field = vocabulary.field_id(name);
    if (field < 0) continue;
    const FieldKind kind = vocabulary.fields()[static_cast<std::size_t>(field)].kind;
    if (kind != FieldKind::word && kind != FieldKind::code) continue;
    reading.field = field;
    reading.kind = kind;
    break;
  }
  reading.wanted.assign(vocabulary.code_count(), 0);
  if (reading.field < 0) return reading;
  bool found = false;
  for (const bool about_the_crime : {true, false}) {
    for (uint16_t code = 0; code < vocabulary.code_count(); ++code) {
      const EventType& type = vocabulary.type_of(code);
      if (about_the_crime && type.name.rfind("crime.", 0) != 0) continue;
      if ((type.carries & model::carries_crime) == 0 || !has_field(type, reading.field)) continue;
      reading.wanted[code] = 1;
      found = true;
    }
    if (found) break;
  }
  return reading;
}

/// Values of one trait as small codes, in the order of their names' first appearance among crimes.
class Coding {
 public:
  Coding(const EventTable& table, const Reading& reading, uint16_t last, std::vector<std::string>* names)
      : table_(table), reading_(reading), last_(last), names_(names) {}
  uint16_t code(int64_t value) {
    const auto found = codes_.find(value);
    if (found != codes_.end()) return found->second;
    std::string name;
    if (reading_.kind == FieldKind::word) {
      const Field& field = table_.vocabulary().fields()[static_cast<std::size_t>(reading_.field)];
      if (value >= 0 && value < static_cast<int64_t>(field.words.size()))
        name = field.words[static_cast<std::size_t>(value)];
    } else {
      name = table_.codes.name(static_cast<uint32_t>(value));
    }
    uint16_t code = 0;
    if (!name.empty() && names_->size() <= last_) {
      code = static_cast<uint16_t>(names_->size());
      names_->push_back(name);
    }
    codes_.emplace(value, code);
    return code;
  }

 private:
  const EventTable& table_;
  const Reading& reading_;
  uint16_t last_;
  std::vector<std::string>* names_;
  std::map<int64_t, uint16_t> codes_;
};

}  // namespace

CrimeTraitsTable crime_traits(const EventTable& table, std::optional<int64_t> recorded_by) {
  CrimeTraitsTable out;
  out.by_crime.resize(table.crimes.size());
  const Reading borough = reading_of(table.vocabulary(), {"offence_borough", "borough"});
  const Reading offence = reading_of(table.vocabulary(), {"offence_group", "offence"});
  if (borough.field < 0 && offence.field < 0) return out;
  Coding borough_codes(table, borough, 4095, &out.boroughs);
  Coding offence_codes(table, offence, 16383, &out.offences);
  constexpr int64_t unset = std::numeric_limits<int64_t>::min();
  struct Since {
    int64_t borough = unset, offence = unset;
  };
  std::vector<Since> since(out.by_crime.size());

  const std::vector<uint16_t>& codes = table.code_column();
  for (uint32_t row = 0; row < table.size(); ++row) {
    const uint16_t code = codes[row];
    const bool names_borough = borough.wanted[code] != 0;
    const bool names_offence = offence.wanted[code] != 0;
    if (!names_borough && !names_offence) continue;
    const uint32_t crime = table.crime(row);
    if (crime == 0 || crime >= out.by_crime.size()) continue;
    const int64_t recorded_at = table.recorded_at(row);
    if (recorded_by && recorded_at > *recorded_by) continue;
    int64_t value = 0;
    if (names_borough && recorded_at >= since[crime].borough &&
        table.detail_value(row, static_cast<uint16_t>(borough.field), &value)) {
      since[crime].borough = recorded_at;
      out.by_crime[crime].borough = borough_codes.code(value);
    }
    if (names_offence && recorded_at >= since[crime].offence &&
        table.detail_value(row, static_cast<uint16_t>(offence.field), &value)) {
      since[crime].offence = recorded_at;
      out.by_crime[crime].offence = offence_codes.code(value);
    }
  }
  return out;
}

}  // namespace kept::measures
