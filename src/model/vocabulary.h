#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kept::model {

/// What a type of event means to the engine, beyond its name. Most types mean `nothing` special: rules name them.
enum class Meaning : uint8_t {
  nothing,
  links_victim,       ///< this participant is owed the Code in this crime, from when the event occurred
  links_suspect,      ///< this suspect is concerned in this crime
  links_hearing,      ///< this hearing (or charge) concerns this crime
  participant_born,   ///< date of birth, as exactly as known
  participant_died,   ///< C6
  needs_assessed,     ///< field `enhanced` yes/no: C20
  declined,           ///< C17; fields `topic`, `until?`
  decline_withdrawn,  ///< field `topic`
  good_reason,        ///< C18; fields `topic`, `who`, `why`, `evidence`, `from`, `until`, `second?`
  held,               ///< a hold on the clock of pausable duties
  hold_ended,         ///< field `hold`: the id of the event that put it
  contact_agreed,     ///< C25; fields `every`, `unit`
  involvement_ended,  ///< C23
  involvement_reopened,
  case_transferred,   ///< C24: field `to`: sent to another agency, not yet accepted
  transfer_accepted,  ///< C24: the event's agency holds the case from here
};

/// What is done to somebody when an event of this type fulfils a duty. The numbers are stored: never renumbered.
enum class Act : uint8_t {
  unsaid = 0,
  tell = 1,    ///< a notice: somebody is told, or sent, what is known
  ask = 2,     ///< a request: somebody is offered, invited or asked something, and answers
  refer = 3,   ///< somebody or something is passed on to another agency
  perform = 4  ///< `do`: anything else that is to be done
};
/// `tell`, `ask`, `refer`, `do`; empty where unsaid.
const char* act_word(Act act);

/// What a field of `detail` holds.
enum class FieldKind : uint8_t {
  yes_no,  ///< 0 or 1
  number,  ///< a whole number
  word,    ///< one of a closed list; the value is the index into `words`
  code,    ///< an open short code (offence code, court code): a symbol
  date,    ///< a Moment of any precision (the value is an index into the table's moments)
  text,    ///< free text: never read by the engine
};

struct Field {
  std::string name;
  FieldKind kind = FieldKind::text;
  std::string says;
  bool personal = false;
  bool column = true;              ///< may conditions read it? never true for text or personal fields
  std::vector<std::string> words;  ///< for FieldKind::word
};

/// The references an event can carry besides `participant`.
enum CarriedBits : uint8_t {
  carries_crime = 1,
  carries_urn = 2,
  carries_participant = 4,
  carries_suspect = 8,
  carries_hearing = 16,
  carries_key = 32
};

/// One type of event as agencies record it. Field names have one meaning and kind throughout a vocabulary.
struct EventType {
  std::string name;  ///< `suspect.arrested`
  std::string family;
  std::string says;  ///< one plain sentence
  Meaning meaning = Meaning::nothing;
  Act act = Act::unsaid;
  bool dates_back =
      false;            ///< what it tells of lies back by its nature: only when it was recorded says how fresh it is
  uint8_t carries = 0;  ///< CarriedBits it may carry
  uint8_t needs = 0;    ///< CarriedBits it must carry
  std::string key;      ///< the name of its own reference (`complaint`, `claim`, `referral`), or empty
  std::vector<uint16_t> fields;  ///< ids into Vocabulary::fields()
  std::vector<uint16_t> needed_fields;
  int32_t distinguished_by = -1;  ///< id of a `word` field whose value is part of the event's code, or -1
  uint16_t first_code = 0;        ///< codes first_code .. first_code + words (first_code itself: the word is absent)
  uint16_t codes = 1;
};

/// The types of event, as data. The contract with agencies (docs/events.md is generated from it).
/// A **code** is a type, or a type together with the word that distinguishes it (`victim.informed` about `arrest`):
/// what the engine matches on.
class Vocabulary {
 public:
  const std::vector<EventType>& types() const { return types_; }
  const std::vector<Field>& fields() const { return fields_; }
  /// nullptr when unknown.
  const EventType* find(std::string_view type) const;
  int32_t field_id(std::string_view name) const;  ///< -1 when unknown
  uint16_t code_count() const { return static_cast<uint16_t>(type_of_code_.size()); }
  const EventType& type_of(uint16_t code) const { return types_[type_of_code_[code]]; }
  uint16_t type_index(uint16_t code) const { return type_of_code_[code]; }
  Meaning meaning_of(uint16_t code) const { return meaning_of_code_[code]; }
  std::string code_name(uint16_t code) const;  ///< `victim.informed about=arrest`
  /// Agency name -> the role it fills (police, wcu, cps, court, probation ...); an agency not listed fills the role of
  /// its own name.
  const std::map<std::string, std::string>& roles() const { return roles_; }
  const std::string& version() const { return version_; }

  // Building; called by the reader in the rules room and by tests.
  base::Result<uint16_t> add_field(Field field);  ///< the same field again must agree in kind and words
  base::Status add_type(EventType type);          ///< assigns codes; refuses a name twice, or past 65,000 codes
  void set_role(const std::string& agency, const std::string& role) { roles_[agency] = role; }
  void set_version(std::string version) { version_ = std::move(version); }

 private:
  std::vector<EventType> types_;
  std::vector<Field> fields_;
  std::map<std::string, uint16_t, std::less<>> type_by_name_;
  std::map<std::string, uint16_t, std::less<>> field_by_name_;
  std::vector<uint16_t> type_of_code_;
  std::vector<Meaning> meaning_of_code_;
  std::map<std::string, std::string> roles_;
  std::string version_;
};

}  // namespace kept::model
