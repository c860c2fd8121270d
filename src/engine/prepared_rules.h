#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/rule_book.h"

namespace kept::engine {

/// The fields of `detail` that the engine itself reads, as ids; -1 where the vocabulary has none.
struct EngineFields {
  int32_t topic, until, hold, every, unit, enhanced, who, why, evidence, from, second;
};

/// A duty as the plain path reads it: no repetition, no second fact to wait for, a limit that needs only a date.
struct PlainDuty {
  enum Extra : uint8_t {
    trigger_tests = 1,
    condition = 2,
    cancellations = 4,
    clock_known = 8,
    window = 16,
    search = 32,          ///< what fulfils it takes more than the first entry of a code
    ends_elsewhere = 64,  ///< without a number: due on the day of what ends it
    announces = 128,
  };
  int32_t from = 0, to = 0;
  bool is_plain = false;
  uint8_t extras = 0;
  uint8_t same = 0;
  uint8_t code_count = 0;
  uint32_t first_code = 0;        ///< into plain_codes
  uint64_t code_mask = 0;         ///< code_bit of each
  int32_t began_from = 0;         ///< a story that began earlier might be read under an earlier edition
  TimeLimit::Kind kinds[2] = {};  ///< standard, enhanced
  int32_t counts[2] = {};
};

/// A set of codes by one bit each, of which several share one: who is not in it is certain, who is in it is not.
inline uint64_t code_bit(uint16_t code) { return uint64_t{1} << (code & 63u); }

/// A condition's answer where none of its facts is recorded, and which facts those are.
struct PlainCondition {
  enum class Unrecorded : uint8_t { no, yes, depends };
  Unrecorded absent = Unrecorded::depends;
  std::vector<uint16_t> facts;
};

/// What the engine looks up in a rule book all the time, found once: it serves any number of runs, on any threads.
struct PreparedRules {
  /// `book` must outlive it and not change.
  explicit PreparedRules(const RuleBook& book);

  /// The role of a name that the book knows as an agency or a role; `no_role` for any other.
  static constexpr uint16_t no_role = 0xFFFF;
  uint16_t role_of(const std::string& agency) const;

  const RuleBook& book;
  EngineFields fields{};

  // By code.
  std::vector<uint32_t> profile_of_code;
  std::vector<uint16_t> type_of_code;
  std::vector<int32_t> field_in_code;  ///< -1: none
  std::vector<uint8_t> is_happening;   ///< something that happened, not what the engine needs to know about people
  /// Into trigger_duties: the duties that the code triggers for a person, and for a case; one place more than codes.
  std::vector<uint32_t> trigger_start, case_trigger_start;
  std::vector<uint16_t> trigger_duties;
  std::vector<std::pair<uint32_t, uint16_t>> collected_codes;  ///< profile bit and code, of what is gathered apart

  // By duty.
  std::vector<int64_t> topic_of_duty;  ///< as a value of the topic field, where that is a word; -1: none
  std::vector<uint16_t> role_of_bearer;
  std::vector<uint8_t> is_with_target, is_deferred;
  std::vector<PlainDuty> plain;
  std::vector<PlainCondition> plain_conditions;
  std::vector<uint16_t> plain_codes;
  std::vector<uint16_t> chains;

  bool topic_is_word = false;
  std::vector<std::string> roles;
  uint16_t any_provider = 0;
  std::vector<Pattern> agreement_patterns;

  // Enhanced by fact.
  std::vector<uint16_t> enhanced_codes;
  std::vector<int32_t> enhanced_ages;
  bool enhanced_turns_on_trigger = false;
  bool no_standing_facts = true;  ///< without any of its facts recorded it cannot hold

 private:
  void prepare_codes();
  void prepare_duties();
  void prepare_enhanced();
  void prepare_plain();
  uint16_t add_role(const std::string& name);
};

}  // namespace kept::engine
