#pragma once
#include <string>

#include "base/result.h"
#include "rules/rule_set.h"

namespace kept::app {

/// docs/events.md: every type of event with what it means, carries and is read for. The contract with agencies.
std::string events_page(const rules::RuleSet& rules);

/// docs/the-code.md: every duty by edition and Right, with limits, source, how it was read and what is still to be
/// verified; and every row of the researched law that is not encoded, with the reason.
std::string code_page(const rules::RuleSet& rules);

struct PagesAnswer {
  std::string text;  ///< for a person: what was written, or which page is not current
  bool good = false;
};

/// Writes both pages under docs/ of the project. Errors: those of the rules; io.
base::Result<PagesAnswer> write_rule_pages();

/// Compares both pages with what the rules give now.
base::Result<PagesAnswer> check_rule_pages();

}  // namespace kept::app
