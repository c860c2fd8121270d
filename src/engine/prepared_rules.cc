#include "engine/prepared_rules.h"

#include <algorithm>
#include <map>

#include "engine/timeline.h"

namespace kept::engine {
namespace {
using model::Meaning;
using Unrecorded = PlainCondition::Unrecorded;

uint32_t profile_of(Meaning meaning) {
  switch (meaning) {
    case Meaning::participant_born:
      return has_birth;
    case Meaning::participant_died:
      return has_death;
    case Meaning::needs_assessed:
      return has_assessment;
    case Meaning::declined:
      return has_decline;
    case Meaning::decline_withdrawn:
      return has_withdrawal;
    case Meaning::good_reason:
      return has_reason;
    case Meaning::held:
      return has_hold;
    case Meaning::hold_ended:
      return has_hold_end;
    case Meaning::contact_agreed:
      return has_agreement;
    case Meaning::involvement_ended:
    case Meaning::involvement_reopened:
      return has_involvement;
    case Meaning::case_transferred:
    case Meaning::transfer_accepted:
      return has_transfer;
    case Meaning::nothing:
    case Meaning::links_victim:
    case Meaning::links_suspect:
    case Meaning::links_hearing:
      return 0;
  }
  return 0;
}
/// What a condition answers where none of the facts it asks for is recorded, and which codes those are.
Unrecorded answer_without_facts(const Condition& condition, uint16_t at, std::vector<uint16_t>* facts) {
  using Op = ConditionNode::Op;
  const ConditionNode& node = condition.nodes[at];
  switch (node.op) {
    case Op::all:
    case Op::any: {
      const Unrecorded decides = node.op == Op::all ? Unrecorded::no : Unrecorded::yes;
      Unrecorded answer = node.op == Op::all ? Unrecorded::yes : Unrecorded::no;
      for (const uint16_t child : node.children) {
        const Unrecorded one = answer_without_facts(condition, child, facts);
        if (one == decides) answer = decides;
        if (one == Unrecorded::depends && answer != decides) answer = Unrecorded::depends;
      }
      return answer;
    }
    case Op::negate: {
      const Unrecorded one = answer_without_facts(condition, node.children[0], facts);
      return one == Unrecorded::depends ? one : one == Unrecorded::yes ? Unrecorded::no : Unrecorded::yes;
    }
    case Op::fact:
    case Op::fact_ever:
      facts->insert(facts->end(), node.pattern.codes.begin(), node.pattern.codes.end());
      return Unrecorded::no;
    case Op::trigger_field:
    case Op::age_under:
    case Op::age_under_at_offence:
    case Op::is_enhanced:
    case Op::applies:
      break;
  }
  return Unrecorded::depends;
}

}  // namespace

PreparedRules::PreparedRules(const RuleBook& book_in) : book(book_in) {
  const auto& vocabulary = *book.vocabulary;
  fields = {vocabulary.field_id("topic"), vocabulary.field_id("until"), vocabulary.field_id("hold"),
            vocabulary.field_id("every"), vocabulary.field_id("unit"),  vocabulary.field_id("enhanced"),
            vocabulary.field_id("who"),   vocabulary.field_id("why"),   vocabulary.field_id("evidence"),
            vocabulary.field_id("from"),  vocabulary.field_id("second")};
  prepare_codes();
  prepare_duties();
  prepare_enhanced();
  prepare_plain();
}

void PreparedRules::prepare_codes() {
  const auto& vocabulary = *book.vocabulary;
  agreement_patterns.emplace_back();
  for (uint16_t code = 0; code < vocabulary.code_count(); ++code) {
    const Meaning meaning = vocabulary.meaning_of(code);
    type_of_code.push_back(vocabulary.type_index(code));
    field_in_code.push_back(vocabulary.type_of(code).distinguished_by);
    is_happening.push_back(meaning == Meaning::nothing);
    profile_of_code.push_back(profile_of(meaning));
    if (meaning == Meaning::contact_agreed) agreement_patterns[0].codes.push_back(code);
  }
  for (const EnhancedRule& rule : book.enhanced)
    for (const ConditionNode& node : rule.by_fact.nodes)
      for (const uint16_t code : node.pattern.codes) profile_of_code[code] |= has_enhanced_fact;
  for (uint16_t code = 0; code < vocabulary.code_count(); ++code) {
    constexpr uint32_t gathered = (1u << 11) - 1;
    if (profile_of_code[code] & gathered) collected_codes.emplace_back(profile_of_code[code] & gathered, code);
    if (profile_of_code[code] & has_enhanced_fact) enhanced_codes.push_back(code);
  }
  for (const bool of_case : {false, true}) {
    std::vector<uint32_t>& starts = of_case ? case_trigger_start : trigger_start;
    for (uint16_t code = 0; code < vocabulary.code_count(); ++code) {
      starts.push_back(static_cast<uint32_t>(trigger_duties.size()));
      for (const uint16_t duty : book.triggered_by[code])
        if (book.duties[duty].owed_to_case == of_case) trigger_duties.push_back(duty);
    }
    starts.push_back(static_cast<uint32_t>(trigger_duties.size()));
  }
}

void PreparedRules::prepare_duties() {
  const auto& vocabulary = *book.vocabulary;
  const model::Field* topic = fields.topic < 0 ? nullptr : &vocabulary.fields()[static_cast<std::size_t>(fields.topic)];
  topic_is_word = topic != nullptr && topic->kind == model::FieldKind::word;
  any_provider = add_role("provider");
  for (const auto& [agency, role] : vocabulary.roles()) add_role(role);
  is_with_target.assign(book.duties.size(), 0);
  is_deferred.assign(book.duties.size(), 0);
  for (std::size_t d = 0; d < book.duties.size(); ++d) {
    const Duty& duty = book.duties[d];
    int64_t value = -1;
    if (topic_is_word) {
      const auto word = std::find(topic->words.begin(), topic->words.end(), duty.topic);
      if (word != topic->words.end()) value = word - topic->words.begin();
    }
    topic_of_duty.push_back(value);
    role_of_bearer.push_back(add_role(duty.bearer));
    for (const DatedLimit& limit : duty.limits)
      for (const TimeLimit* one : {&limit.standard, &limit.enhanced})
        if (one->kind == TimeLimit::Kind::with_duty) {
          is_with_target[one->duty] = 1;
          is_deferred[d] = 1;
        }
    if (duty.kind == DutyKind::chain && duty.leg_one != no_duty && duty.leg_two != no_duty)
      chains.push_back(static_cast<uint16_t>(d));
  }
}

void PreparedRules::prepare_enhanced() {
  using Op = ConditionNode::Op;
  for (const EnhancedRule& rule : book.enhanced)
    for (const ConditionNode& node : rule.by_fact.nodes) {
      if (node.op == Op::trigger_field || node.same_suspect || node.op == Op::is_enhanced || node.op == Op::applies)
        enhanced_turns_on_trigger = true;
      if (node.op == Op::age_under || node.op == Op::age_under_at_offence) enhanced_ages.push_back(node.number);
      // Could a condition hold without any of its facts recorded (a `not`, an unknown)?
      no_standing_facts = no_standing_facts && node.op != Op::negate && node.op != Op::trigger_field &&
                          node.op != Op::applies && node.op != Op::all;
    }
}

uint16_t PreparedRules::add_role(const std::string& name) {
  const auto found = std::find(roles.begin(), roles.end(), name);
  if (found != roles.end()) return static_cast<uint16_t>(found - roles.begin());
  roles.push_back(name);
  return static_cast<uint16_t>(roles.size() - 1);
}

uint16_t PreparedRules::role_of(const std::string& agency) const {
  const auto& listed = book.vocabulary->roles();
  const auto found = listed.find(agency);
  const auto role = std::find(roles.begin(), roles.end(), found == listed.end() ? agency : found->second);
  return role == roles.end() ? no_role : static_cast<uint16_t>(role - roles.begin());
}

void PreparedRules::prepare_plain() {
  using Kind = TimeLimit::Kind;
  plain.resize(book.duties.size());
  plain_conditions.resize(book.duties.size());
  for (std::size_t d = 0; d < book.duties.size(); ++d) {
    const Duty& duty = book.duties[d];
    PlainDuty& p = plain[d];
    const auto fits = [](const TimeLimit& limit) {
      switch (limit.kind) {
        case Kind::no_number:
        case Kind::hours:
        case Kind::days:
        case Kind::weeks:
        case Kind::months:
        case Kind::years:
        case Kind::working_days:
          return true;
        case Kind::until_age:
        case Kind::agreed:
        case Kind::with_duty:
        case Kind::before:
          return false;
      }
      return false;
    };
    std::size_t codes = 0;
    bool pattern_tests = false;
    for (const Pattern& pattern : duty.fulfilled_by) {
      codes += pattern.codes.size();
      pattern_tests = pattern_tests || !pattern.tests.empty();
    }
    const bool ends_elsewhere =
        duty.limits.size() == 1 && !duty.until.empty() &&
        (duty.limits[0].standard.kind == Kind::no_number || duty.limits[0].enhanced.kind == Kind::no_number);
    p.from = duty.from.days;
    p.to = duty.to.days;
    p.is_plain = duty.kind != DutyKind::chain && !duty.owed_to_case && !duty.repeats && !is_with_target[d] &&
                 !is_deferred[d] && duty.limits.size() == 1 && fits(duty.limits[0].standard) &&
                 fits(duty.limits[0].enhanced) && codes >= 1 && codes <= 64;
    if (!p.is_plain) continue;
    p.first_code = static_cast<uint32_t>(plain_codes.size());
    p.code_count = static_cast<uint8_t>(codes);
    for (const Pattern& pattern : duty.fulfilled_by)
      for (const uint16_t code : pattern.codes) {
        plain_codes.push_back(code);
        p.code_mask |= code_bit(code);
      }
    p.extras = static_cast<uint8_t>(
        (duty.trigger.tests.empty() ? 0 : PlainDuty::trigger_tests) |
        (duty.condition.empty() ? 0 : PlainDuty::condition) |
        (duty.cancelled_by.empty() ? 0 : PlainDuty::cancellations) | (duty.clock_known ? PlainDuty::clock_known : 0) |
        (duty.kind == DutyKind::window ? PlainDuty::window : 0) |
        (pattern_tests || duty.all_of || duty.earlier_counts ? PlainDuty::search : 0) |
        (ends_elsewhere ? PlainDuty::ends_elsewhere : 0) | (duty.announces >= 0 ? PlainDuty::announces : 0));
    p.same = duty.same;
    if (!duty.condition.empty()) {
      PlainCondition& condition = plain_conditions[d];
      condition.absent = answer_without_facts(duty.condition, 0, &condition.facts);
    }
    p.began_from = duty.duty_class == DutyClass::code ? duty.from.days : INT32_MIN;
    p.kinds[0] = duty.limits[0].standard.kind;
    p.kinds[1] = duty.limits[0].enhanced.kind;
    p.counts[0] = duty.limits[0].standard.count;
    p.counts[1] = duty.limits[0].enhanced.count;
  }
}

}  // namespace kept::engine
