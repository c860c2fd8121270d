#pragma once
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "rules/examples.h"
#include "rules/rule_set.h"

namespace kept::app {

/// Which duties to list.
struct DutyFilter {
  std::string edition;           ///< empty: every edition
  bool unverified_only = false;  ///< only those of which some part is still recalled
};

/// One line a duty: id, bearer, limit, what it says, and a mark where something is still to be verified; grouped by
/// edition and Right. Errors: not_found for an edition that the rules do not have, naming those they have.
base::Result<std::string> list_duties(const rules::RuleSet& rules, const DutyFilter& filter);

/// One duty in plain words: who owes what to whom, when the clock starts, how long, what keeps it, where it stands and
/// how that was read, its examples. Errors: not_found, with the nearest id.
base::Result<std::string> describe_duty(const rules::RuleSet& rules, const std::string& id);

/// What `kept rules check` found.
struct RulesCheck {
  std::string text;  ///< for a person: what was read, every failure, what to do next
  bool good = false;
};

/// Loads the rules and runs their examples. A refusal to load is the error; a failing example is in the answer.
base::Result<RulesCheck> check_rules(const rules::RulesPaths& paths);

}  // namespace kept::app
