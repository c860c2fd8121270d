#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "model/vocabulary.h"
#include "rules/document.h"

namespace kept::rules {

/// The names that a rule may use, known before any rule is read: what patterns, conditions and limits are resolved
/// with.
struct Terms {
  const model::Vocabulary* vocabulary = nullptr;
  std::map<std::string, uint16_t, std::less<>> duties;   ///< id -> index into RuleBook::duties
  std::map<std::string, uint16_t, std::less<>> classes;  ///< applicability class -> index into RuleBook::applicability
  std::vector<std::string>* code_words = nullptr;        ///< RuleBook::code_words, grown as open codes are met
  Problems* problems = nullptr;

  void problem(Yaml at, std::string message) const { problems->add(at.file(), at.line(), std::move(message)); }
};

/// The types a pattern's codes belong to, each once.
std::vector<const model::EventType*> types_of(const engine::Pattern& pattern, const model::Vocabulary& vocabulary);
bool carries_field(const model::EventType& type, uint16_t field);

/// `{event: TYPE, where: {field: value}}`; `event:` may be a list of types. An empty pattern (no codes) after a
/// problem. `more_keys` are further keys the map may have, read by the caller.
engine::Pattern read_pattern(Yaml node, const Terms& terms, std::string what,
                             const std::vector<std::string>& more_keys = {});
/// One pattern, or `any_of:`/`all_of:` patterns, or a list of patterns (any of them). Patterns of `any_of` with equal
/// tests are merged into one.
struct PatternList {
  std::vector<engine::Pattern> patterns;
  bool all_of = false;
};
PatternList read_patterns(Yaml node, const Terms& terms, const std::string& what,
                          const std::vector<std::string>& more_keys = {});

/// The tests of a `where:` or `trigger:` map against events of `types`. Where a type is distinguished by a tested word,
/// `codes` (when given) is narrowed to the codes that pass instead of adding a test.
std::vector<engine::FieldTest> read_tests(Yaml node, const std::vector<const model::EventType*>& types,
                                          const Terms& terms, const std::string& what, std::vector<uint16_t>* codes);

/// A condition as docs/formats/rules.md writes it; `always` and an absent node are the empty condition. `trigger` are
/// the types of the duty's trigger (none: no trigger field may be asked).
engine::Condition read_condition(Yaml node, const std::vector<const model::EventType*>& trigger, const Terms& terms);

/// A limit's text: `5 working days`, `until age 20`, `28 days before hearing_on`, `with DUTY`, `agreed`, `none`.
engine::TimeLimit read_limit(Yaml node, const std::vector<const model::EventType*>& trigger, const Terms& terms);

bool equal(const engine::FieldTest& a, const engine::FieldTest& b);
bool equal(const engine::Pattern& a, const engine::Pattern& b);
bool equal(const engine::Condition& a, const engine::Condition& b);

}  // namespace kept::rules
