#pragma once
#include <string>
#include <vector>

#include "engine/rule_book.h"
#include "rules/document.h"
#include "rules/example.h"
#include "rules/terms.h"

namespace kept::rules {

/// What a file of duties says once for all of them.
struct DutyFileHeading {
  std::string edition, right, title, says;
  Yaml source;  ///< what its duties' own `source:` leaves out; absent: nothing
};

/// Reads `source: {paragraph, paragraph_read, read, url, document, unverified, note}`; a bare text is a note that was
/// only recalled. What the node leaves out is taken from `otherwise`. Mistakes are problems: no `read:`, or nothing
/// that says where.
engine::Source read_source(Yaml node, Yaml otherwise, const std::string& edition, const std::string& what,
                           Problems* problems);

/// Reads one duty. `needs_examples` is false only for rules written inside a scenario, whose events are the example.
/// Legs, limits and successors of other duties are resolved through `terms`.
engine::Duty read_duty(Yaml node, const DutyFileHeading& heading, const engine::Edition& edition, const Terms& terms,
                       bool needs_examples, std::vector<Example>* examples);

/// Pairs of duties that contradict each other: the same trigger, condition, bearer and fulfilment in force together,
/// but different limits. Also circles of `with`.
void find_contradictions(const std::vector<engine::Duty>& duties, Problems* problems);

}  // namespace kept::rules
