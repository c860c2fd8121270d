#pragma once
#include <gtest/gtest.h>

#include <memory>

#include "model/vocabulary.h"

namespace kept::exchange {

/// A small vocabulary with every kind of field, for the tests of this room.
inline std::shared_ptr<const model::Vocabulary> sample_vocabulary() {
  using namespace model;
  static const std::shared_ptr<const Vocabulary> made = [] {
    auto vocabulary = std::make_shared<Vocabulary>();
    const auto field = [&](Field each) {
      auto id = vocabulary->add_field(std::move(each));
      EXPECT_TRUE(id);
      return *id;
    };
    const uint16_t about = field({"about", FieldKind::word, "", false, true, {"arrest", "bail", "charge"}});
    const uint16_t offence = field({"offence", FieldKind::code, "", false, true, {}});
    const uint16_t enhanced = field({"enhanced", FieldKind::yes_no, "", false, true, {}});
    const uint16_t amount = field({"amount", FieldKind::number, "", false, true, {}});
    const uint16_t until = field({"until", FieldKind::date, "", false, true, {}});
    const uint16_t born = field({"born", FieldKind::date, "", true, false, {}});
    const uint16_t note = field({"note", FieldKind::text, "", true, false, {}});
    const uint16_t way = field({"way", FieldKind::word, "", false, true, {"phone", "letter"}});
    const auto type = [&](const char* name, Meaning meaning, int carries, int needs, const char* key,
                          std::vector<uint16_t> fields, std::vector<uint16_t> needed, int32_t distinguished = -1) {
      EventType each;
      each.name = name;
      each.meaning = meaning;
      each.carries = static_cast<uint8_t>(carries | needs);
      each.needs = static_cast<uint8_t>(needs);
      each.key = key;
      each.fields = std::move(fields);
      each.needed_fields = std::move(needed);
      each.distinguished_by = distinguished;
      EXPECT_TRUE(vocabulary->add_type(each));
    };
    type("link.victim", Meaning::links_victim, 0, carries_participant | carries_crime, "", {}, {});
    type("suspect.arrested", Meaning::nothing, carries_urn, carries_crime | carries_suspect, "", {offence, note}, {});
    type("victim.informed", Meaning::nothing, carries_crime | carries_suspect | carries_hearing, carries_participant,
         "", {about, way, note, enhanced, amount, until, born}, {about}, about);
    type("complaint.received", Meaning::nothing, carries_key, carries_participant, "complaint", {amount}, {});
    type("triage", Meaning::nothing, carries_crime, carries_participant, "", {enhanced, way}, {});
    type("antibiotics", Meaning::nothing, carries_crime, carries_participant, "", {}, {});
    type("lactic_acid", Meaning::nothing, carries_crime, carries_participant, "", {}, {});
    return vocabulary;
  }();
  return made;
}

}  // namespace kept::exchange
