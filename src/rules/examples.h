#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "engine/assess.h"
#include "rules/rule_set.h"

namespace kept::rules {

/// An example that did not come out as its rule file says.
struct ExampleFailure {
  std::string file;
  int line = 0;
  std::string subject, why;
  std::string expected;  ///< as written
  std::string got;       ///< in the same words, complete
};

/// Runs every example of the rules through the engine and returns those that fail, in the order written.
/// `ran`, when given, is set to how many there were.
std::vector<ExampleFailure> check_examples(const RuleSet& rules, std::size_t* ran = nullptr);

/// A failure as a person reads it: `file:line: why: expected ..., got ...`.
std::string failure_text(const ExampleFailure& failure);

/// A story judged: its events and every obligation of every duty, in the order of trigger and interval.
struct JudgedStory {
  model::EventTable table;
  std::vector<model::Obligation> obligations;
  std::vector<std::pair<uint32_t, int32_t>> classes;  ///< participant, index into RuleBook::applicability or -1
  std::unique_ptr<engine::Coverage> coverage;
  engine::AssessOptions options;  ///< its coverage points to the one above
};

/// When a story is asked about. Absent as_at: the last moment recorded. Absent coverage: complete.
struct StoryClocks {
  Yaml as_at, recorded_by, coverage;
};

/// Tells and judges a story. Nothing after a problem; a refusal of the engine is a problem at `at`.
std::optional<JudgedStory> judge(const engine::RuleBook& book, const Story& story, const StoryClocks& clocks, Yaml at,
                                 Problems* problems);

}  // namespace kept::rules
