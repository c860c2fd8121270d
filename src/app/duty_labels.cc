#include "app/duty_labels.h"

#include <algorithm>

namespace kept::app {
namespace {

using engine::Duty;
using engine::DutyClass;
using engine::DutyKind;
using measures::Standing;

Standing standing_of(const Duty& duty) {
  if (duty.kind == DutyKind::window) return Standing::window;
  if (duty.kind == DutyKind::chain) return Standing::chain;
  switch (duty.duty_class) {
    case DutyClass::local:
      return Standing::local;
    case DutyClass::related:
      return Standing::related;
    case DutyClass::code:
      return is_verified(duty) ? Standing::code : Standing::unverified;
  }
  return Standing::code;
}

}  // namespace

bool is_verified(const Duty& duty) { return duty.source.read != engine::ReadAs::recalled; }

measures::DutyLabels duty_labels(const engine::RuleBook& book) {
  measures::DutyLabels labels;
  labels.reserve(book.duties.size());
  for (const Duty& duty : book.duties) {
    measures::DutyLabel label;
    label.id = duty.id;
    label.says = duty.says;
    label.right = duty.right;
    label.right_title = duty.title;
    label.bearer = duty.bearer;
    label.edition = duty.edition;
    label.of_the_code = duty.duty_class == DutyClass::code;
    label.verified = is_verified(duty);
    label.unverified = duty.source.unverified;
    label.standing = standing_of(duty);
    label.has_number = std::any_of(duty.limits.begin(), duty.limits.end(), [](const engine::DatedLimit& limit) {
      return limit.standard.kind != engine::TimeLimit::Kind::no_number ||
             limit.enhanced.kind != engine::TimeLimit::Kind::no_number;
    });
    if (duty.kind == DutyKind::chain && duty.leg_two != engine::no_duty) label.has_number = true;
    labels.push_back(std::move(label));
  }
  return labels;
}

}  // namespace kept::app
