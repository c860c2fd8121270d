#include "engine/rule_book.h"

#include <algorithm>

namespace kept::engine {

void RuleBook::index() {
  const std::size_t codes = vocabulary->code_count();
  triggered_by.assign(codes, {});
  is_read.assign(codes, 0);
  const auto read = [&](const Pattern& pattern) {
    for (const uint16_t code : pattern.codes) is_read[code] = 1;
  };
  for (std::size_t code = 0; code < codes; ++code)
    if (vocabulary->meaning_of(static_cast<uint16_t>(code)) != model::Meaning::nothing) is_read[code] = 1;
  for (std::size_t d = 0; d < duties.size(); ++d) {
    Duty& duty = duties[d];
    if (duty.kind == DutyKind::chain && duty.leg_one != no_duty && duty.leg_two != no_duty) {
      // The chain is fulfilled by what fulfils its second leg, on the first leg's trigger.
      const Duty& two = duties[duty.leg_two];
      duty.trigger = duties[duty.leg_one].trigger;
      duty.fulfilled_by = two.fulfilled_by;
      duty.same = two.same;
      duty.all_of = two.all_of;
      if (duty.limits.empty()) duty.limits.push_back({duty.from, duty.to, {}, {}});
      if (duty.topic.empty() || duty.topic == duty.id) duty.topic = two.topic;
    } else {
      for (const uint16_t code : duty.trigger.codes) triggered_by[code].push_back(static_cast<uint16_t>(d));
    }
    read(duty.trigger);
    for (const Pattern& pattern : duty.fulfilled_by) read(pattern);
    for (const Cancellation& cancellation : duty.cancelled_by) read(cancellation.pattern);
    for (const Pattern& pattern : duty.until) read(pattern);
    for (const ConditionNode& node : duty.condition.nodes) read(node.pattern);
  }
  for (const EnhancedRule& rule : enhanced)
    for (const ConditionNode& node : rule.by_fact.nodes) read(node.pattern);
  for (const ApplicabilityClass& one : applicability)
    for (const ConditionNode& node : one.when.nodes) read(node.pattern);
}

uint16_t RuleBook::find(const std::string& duty_id) const {
  const auto found = std::find_if(duties.begin(), duties.end(), [&](const Duty& duty) { return duty.id == duty_id; });
  return found == duties.end() ? no_duty : static_cast<uint16_t>(found - duties.begin());
}

}  // namespace kept::engine
