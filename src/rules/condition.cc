#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "rules/terms.h"
#include "rules/vocabulary_section.h"

namespace kept::rules {
namespace {

using engine::Condition;
using engine::ConditionNode;
using model::EventType;
using Op = ConditionNode::Op;

/// The event whose first possible day is the day of the offence, where a condition names no other.
constexpr const char* offence_event = "crime.committed";

const std::vector<std::string> condition_keys = {
    "all", "any", "not", "trigger", "fact", "age_under", "age_under_at_offence", "enhanced", "applies"};

class ConditionReader {
 public:
  ConditionReader(const std::vector<const EventType*>& trigger, const Terms& terms)
      : trigger_(trigger), terms_(terms) {}

  uint16_t read(Yaml node) {
    const auto index = static_cast<uint16_t>(condition_.nodes.size());
    condition_.nodes.emplace_back();
    const Fields map(node, "a condition", condition_keys, terms_.problems);
    const auto entries = node.entries();
    if (!map.is_map()) return index;
    if (entries.empty()) {
      terms_.problem(node,
                     "a condition is empty; write one of: all, any, not, trigger, fact, age_under, "
                     "age_under_at_offence, enhanced, applies");
      return index;
    }
    ConditionNode made;
    if (entries.size() == 1) {
      made = single(entries.front().first.text(), entries.front().second);
    } else {
      // Several keys side by side are all meant.
      made.op = Op::all;
      for (const auto& [key, value] : entries) {
        const auto child = static_cast<uint16_t>(condition_.nodes.size());
        condition_.nodes.emplace_back();
        ConditionNode child_node = single(key.text(), value);
        condition_.nodes[child] = std::move(child_node);
        made.children.push_back(child);
      }
    }
    condition_.nodes[index] = std::move(made);
    return index;
  }

  Condition take() { return std::move(condition_); }

 private:
  ConditionNode single(const std::string& key, Yaml value) {
    ConditionNode node;
    if (key == "all" || key == "any") {
      node.op = key == "all" ? Op::all : Op::any;
      if (!value.is_list() || value.items().empty()) {
        terms_.problem(value, fmt::format("`{}:` takes a list of conditions: {}: [{{...}}, {{...}}]", key, key));
        return node;
      }
      for (const Yaml& item : value.items()) node.children.push_back(read(item));
    } else if (key == "not") {
      node.op = Op::negate;
      node.children.push_back(read(value));
    } else if (key == "trigger") {
      node.op = Op::trigger_field;
      if (trigger_.empty()) {
        terms_.problem(value, "there is no trigger to ask here; use `fact: {event: ...}`");
      } else {
        node.tests = read_tests(value, trigger_, terms_, "`trigger:`", nullptr);
      }
    } else if (key == "fact") {
      read_fact(value, &node);
    } else if (key == "age_under" || key == "age_under_at_offence") {
      read_age(key, value, &node);
    } else if (key == "enhanced") {
      node.op = Op::is_enhanced;
      if (value.text() == "false" || value.text() == "no") {
        ConditionNode negated;
        negated.op = Op::negate;
        negated.children.push_back(static_cast<uint16_t>(condition_.nodes.size()));
        condition_.nodes.push_back(std::move(node));
        return negated;
      }
      if (value.text() != "true" && value.text() != "yes") terms_.problem(value, "`enhanced:` is true or false");
    } else if (key == "applies") {
      node.op = Op::applies;
      for (const std::string& name : texts_of(value, "`applies:`", terms_.problems)) {
        const auto found = terms_.classes.find(name);
        if (found == terms_.classes.end()) {
          std::vector<std::string> known;
          for (const auto& [id, place] : terms_.classes) known.push_back(id);
          terms_.problem(
              value, fmt::format("`{}` is not a class of applicability.yaml{}", shown(name), suggestion(name, known)));
        } else {
          node.classes.push_back(found->second);
        }
      }
    }
    return node;
  }

  void read_fact(Yaml value, ConditionNode* node) {
    node->pattern = read_pattern(value, terms_, "`fact:`", {"when", "same"});
    const Fields map(value, "`fact:`", {"event", "where", "when", "same"}, terms_.problems);
    const auto when = map.one_of("when", {"by_trigger", "ever"});
    node->op = when == std::size_t{1} || (trigger_.empty() && !when) ? Op::fact_ever : Op::fact;
    for (const std::string& same : map.texts("same")) {
      if (same != "suspect") {
        terms_.problem(map.get("same"),
                       fmt::format("a fact can be about the `same: [suspect]`, not `{}`", shown(same)));
      }
      node->same_suspect = true;
    }
  }

  void read_age(const std::string& key, Yaml value, ConditionNode* node) {
    node->op = key == "age_under" ? Op::age_under : Op::age_under_at_offence;
    Yaml years = value;
    std::string event;
    if (value.is_map() && node->op == Op::age_under_at_offence) {
      const Fields map(value, "`age_under_at_offence:`", {"years", "event"}, terms_.problems);
      years = map.need("years", "write the age: {years: 18, event: crime.committed}");
      event = map.text("event");
    }
    const std::string& text = years.text();
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), node->number);
    if (failed != std::errc() || end != text.data() + text.size() || node->number < 1 || node->number > 120) {
      terms_.problem(value, fmt::format("`{}:` is an age in whole years from 1 to 120, not \"{}\"", key, shown(text)));
    }
    const bool has_birth =
        std::any_of(terms_.vocabulary->types().begin(), terms_.vocabulary->types().end(),
                    [](const EventType& one) { return one.meaning == model::Meaning::participant_born; });
    if (!has_birth)
      terms_.problem(
          value,
          fmt::format("`{}:` needs a date of birth; add an event with `means: participant_born` to the vocabulary",
                      key));
    if (node->op == Op::age_under) return;
    const EventType* type = terms_.vocabulary->find(event.empty() ? offence_event : event);
    if (type != nullptr) {
      for (uint16_t i = 0; i < type->codes; ++i)
        node->pattern.codes.push_back(static_cast<uint16_t>(type->first_code + i));
    } else {
      terms_.problem(value,
                     fmt::format("`age_under_at_offence:` counts to the event `{}`, which is not in the vocabulary; "
                                 "name the one that gives the day of the offence: {{years: 18, event: ...}}",
                                 event.empty() ? offence_event : shown(event)));
    }
  }

  const std::vector<const EventType*>& trigger_;
  const Terms& terms_;
  Condition condition_;
};

}  // namespace

Condition read_condition(Yaml node, const std::vector<const EventType*>& trigger, const Terms& terms) {
  if (!node || node.text() == "always") return {};
  ConditionReader reader(trigger, terms);
  reader.read(node);
  Condition condition = reader.take();
  if (condition.nodes.size() > 1000) terms.problem(node, "a condition has more than 1,000 parts; split the duty");
  return condition;
}

bool equal(const Condition& a, const Condition& b) {
  if (a.nodes.size() != b.nodes.size()) return false;
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    const ConditionNode& x = a.nodes[i];
    const ConditionNode& y = b.nodes[i];
    const bool same_tests =
        x.tests.size() == y.tests.size() && std::equal(x.tests.begin(), x.tests.end(), y.tests.begin(),
                                                       [](const auto& s, const auto& t) { return equal(s, t); });
    if (x.op != y.op || x.children != y.children || !same_tests || !equal(x.pattern, y.pattern) ||
        x.same_suspect != y.same_suspect || x.number != y.number || x.classes != y.classes)
      return false;
  }
  return true;
}

}  // namespace kept::rules
