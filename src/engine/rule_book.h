#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "calendar/working_days.h"
#include "model/vocabulary.h"

namespace kept::engine {

/// Comparison of one declared detail field with a value. A field that is absent makes the answer unknown, except for
/// `is_absent`.
enum class Compare : uint8_t { equal, not_equal, less, less_or_equal, greater, greater_or_equal, one_of, is_absent };
struct FieldTest {
  uint16_t field = 0;
  Compare compare = Compare::equal;
  int64_t value =
      0;  ///< encoded as in DetailValue (words: index; yes_no: 0/1); open codes: index into RuleBook::code_words
  std::vector<int64_t> values;  ///< one_of
};

/// Which events: any of these codes (sorted), and every test true.
struct Pattern {
  std::vector<uint16_t> codes;
  std::vector<FieldTest> tests;
};

/// A condition as a tree in one array; the children of node i are the nodes named by `children`. Answers yes, no or
/// unknown; unknown takes the reading that is kinder to the victim (C30) and is flagged.
struct ConditionNode {
  enum class Op : uint8_t {
    all,
    any,
    negate,         ///< over children
    trigger_field,  ///< tests on the trigger's own detail
    fact,  ///< an event matching `pattern` about this participant or crime, occurred on or before the trigger's date
    fact_ever,             ///< the same, at any time up to as_at
    age_under,             ///< years < `number` on the trigger's date
    age_under_at_offence,  ///< years < `number` on the first possible date of the crime's offence event (`pattern`),
                           ///< else of the trigger
    is_enhanced,
    applies,  ///< the participant's applicability class is one of `classes`
  };
  Op op = Op::all;
  std::vector<uint16_t> children;
  std::vector<FieldTest> tests;
  Pattern pattern;
  bool same_suspect = false;  ///< fact: must concern the trigger's suspect
  int32_t number = 0;
  std::vector<uint16_t> classes;
};
struct Condition {
  std::vector<ConditionNode> nodes;  ///< node 0 is the root; empty: always true
  bool empty() const { return nodes.empty(); }
};

/// The length in a rule.
struct TimeLimit {
  enum class Kind : uint8_t {
    no_number,
    hours,
    days,
    weeks,
    months,
    years,
    working_days,
    until_age,
    agreed,
    with_duty,
    before
  };
  Kind kind = Kind::no_number;
  int32_t count = 0;       ///< n (age in years for until_age)
  uint16_t duty = 0;       ///< with_duty: index of the duty whose D is taken
  Kind unit = Kind::days;  ///< before: days, working_days or hours
  uint16_t field = 0;      ///< before: the trigger's date field that is day 0
  bool operator==(const TimeLimit&) const = default;
};

/// Values in force inside an edition, by the trigger's London date; both ends inclusive.
struct DatedLimit {
  calendar::LocalDate from, to;
  TimeLimit standard, enhanced;  ///< equal where the rule makes no difference
};

enum SameKey : uint8_t { same_suspect = 1, same_hearing = 2, same_key = 4, same_participant = 8 };

enum class ReadAs : uint8_t { official, reproduction, recalled };
struct Source {
  std::string edition, paragraph, url, note;
  ReadAs read = ReadAs::recalled;  ///< how the text was read
  ReadAs paragraph_read = ReadAs::recalled;
  std::string unverified;  ///< which part of the row is only recalled, in words; empty: none
};

enum class DutyKind : uint8_t { duty, window, chain };
enum class DutyClass : uint8_t { code, related, local };

struct Cancellation {
  Pattern pattern;
  uint16_t successor = 0;  ///< index of the duty that takes over
};

constexpr uint16_t no_duty = 0xFFFF;

/// One duty: who owes what to whom, when the clock starts, how long, what fulfils it. Source: design 4.
struct Duty {
  std::string id, title, says, right, bearer, edition, topic, file;
  int32_t line = 0;
  std::vector<std::string> law_rows;  ///< the researched rows it encodes
  DutyKind kind = DutyKind::duty;
  DutyClass duty_class = DutyClass::code;
  Source source;
  bool owed_to_case = false;
  Pattern trigger;
  Condition condition;
  bool clock_known = false;        ///< S is `known_at` instead of `occurred_at`
  std::vector<DatedLimit> limits;  ///< at least one, covering [from, to]
  std::vector<Pattern> fulfilled_by;
  bool all_of = false;
  model::Act act = model::Act::unsaid;  ///< what is to be done: told, asked, referred, done; a window or chain: unsaid
  uint8_t same = 0;                     ///< SameKey bits
  bool earlier_counts = false;
  std::vector<Cancellation> cancelled_by;
  bool pausable = false;
  bool repeats = false;
  std::vector<Pattern> until;    ///< ends the repetition; without a number: D is the date of the first of these
  int32_t announces = -1;        ///< trigger's date field: told after it is too late to use (C21)
  calendar::LocalDate from, to;  ///< in force, both inclusive
  uint16_t continues = no_duty;  ///< the duty of the earlier edition whose repetition this one goes on with
  uint16_t leg_one = no_duty, leg_two = no_duty;  ///< kind chain
};

/// C20: Enhanced Rights by fact and by assessment, per edition (by trigger's date).
struct EnhancedRule {
  std::string edition;
  calendar::LocalDate from, to;
  Condition by_fact;
};

/// Who is under the Code at all, tried in order; the first that holds names the class.
struct ApplicabilityClass {
  std::string id, says;
  bool under_code = true;
  Condition when;
};

struct Edition {
  std::string id, title;
  DutyClass duty_class = DutyClass::code;
  calendar::LocalDate from, to;
};

/// The Code as flat tables: everything the kernel reads, integers only. Immutable once made; shared by all threads.
struct RuleBook {
  std::shared_ptr<const model::Vocabulary> vocabulary;
  std::shared_ptr<const calendar::WorkingDayCalendar> calendar;
  std::string version;  ///< digest of the rule files
  std::vector<Edition> editions;
  std::vector<Duty> duties;
  std::vector<EnhancedRule> enhanced;
  std::vector<ApplicabilityClass> applicability;                 ///< empty: every linked victim is under the Code
  std::vector<std::string> code_words;                           ///< open codes that tests compare with
  std::vector<std::pair<std::string, std::string>> not_encoded;  ///< law row -> why

  // Made by `index`: by code.
  std::vector<std::vector<uint16_t>> triggered_by;  ///< code -> duties it triggers, ascending
  std::vector<uint8_t> is_read;                     ///< code -> read by some duty or by the engine itself
  /// Fills the indexes. Call once after the duties are complete.
  void index();
  uint16_t find(const std::string& duty_id) const;  ///< no_duty when unknown
};

}  // namespace kept::engine
