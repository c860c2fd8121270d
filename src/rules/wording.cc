#include "rules/wording.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "rules/terms.h"

namespace kept::rules {
namespace {

using engine::Compare;
using engine::Condition;
using engine::ConditionNode;
using engine::FieldTest;
using engine::Pattern;
using engine::RuleBook;
using engine::TimeLimit;
using Limit = TimeLimit::Kind;
using Op = ConditionNode::Op;

std::string counted(int32_t count, const char* unit) {
  return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& parts, const char* last) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? fmt::format(" {} ", last) : std::string(", ");
    text += parts[i];
  }
  return text;
}

std::string value_words(const model::Field& field, int64_t value, const RuleBook& book) {
  switch (field.kind) {
    case model::FieldKind::yes_no:
      return value != 0 ? "yes" : "no";
    case model::FieldKind::word:
      return field.words[static_cast<std::size_t>(value)];
    case model::FieldKind::code:
      return book.code_words[static_cast<std::size_t>(value)];
    case model::FieldKind::date:
      return calendar::to_string(calendar::LocalDate{static_cast<int32_t>(value)});
    default:
      return std::to_string(value);
  }
}

std::string test_words(const FieldTest& test, const RuleBook& book) {
  const model::Field& field = book.vocabulary->fields()[test.field];
  const std::string value = test.compare == Compare::one_of || test.compare == Compare::is_absent
                                ? std::string()
                                : value_words(field, test.value, book);
  switch (test.compare) {
    case Compare::equal:
      return fmt::format("{} is {}", field.name, value);
    case Compare::not_equal:
      return fmt::format("{} is not {}", field.name, value);
    case Compare::less:
      return fmt::format("{} is less than {}", field.name, value);
    case Compare::less_or_equal:
      return fmt::format("{} is at most {}", field.name, value);
    case Compare::greater:
      return fmt::format("{} is more than {}", field.name, value);
    case Compare::greater_or_equal:
      return fmt::format("{} is at least {}", field.name, value);
    case Compare::is_absent:
      return fmt::format("{} is not said", field.name);
    case Compare::one_of:
      break;
  }
  std::vector<std::string> values;
  for (const int64_t one : test.values) values.push_back(value_words(field, one, book));
  return fmt::format("{} is {}", field.name, joined(values, "or"));
}

std::string tests_words(const std::vector<FieldTest>& tests, const RuleBook& book) {
  std::vector<std::string> parts;
  for (const FieldTest& test : tests) parts.push_back(test_words(test, book));
  return joined(parts, "and");
}

class ConditionWords {
 public:
  ConditionWords(const Condition& condition, const RuleBook& book) : condition_(condition), book_(book) {}

  std::string at(uint16_t index) const {
    const ConditionNode& node = condition_.nodes[index];
    switch (node.op) {
      case Op::all:
        return many(node, "and");
      case Op::any:
        return many(node, "or");
      case Op::negate:
        return "not (" + at(node.children.front()) + ")";
      case Op::trigger_field:
        return "in the trigger " + tests_words(node.tests, book_);
      case Op::fact:
        return "there is, by the trigger's day, " + pattern_words(node.pattern, book_) +
               (node.same_suspect ? " about the same suspect" : "");
      case Op::fact_ever:
        return "there is, at any time, " + pattern_words(node.pattern, book_) +
               (node.same_suspect ? " about the same suspect" : "");
      case Op::age_under:
        return fmt::format("the victim is under {} on the trigger's day", node.number);
      case Op::age_under_at_offence:
        return fmt::format("the victim was under {} at the offence", node.number);
      case Op::is_enhanced:
        return "the victim has Enhanced Rights";
      case Op::applies:
        break;
    }
    std::vector<std::string> classes;
    for (const uint16_t one : node.classes) classes.push_back("`" + book_.applicability[one].id + "`");
    return "the person is " + joined(classes, "or");
  }

 private:
  std::string many(const ConditionNode& node, const char* word) const {
    std::vector<std::string> parts;
    for (const uint16_t child : node.children) {
      const Op op = condition_.nodes[child].op;
      const bool wrap = (op == Op::all || op == Op::any) && condition_.nodes[child].children.size() > 1;
      parts.push_back(wrap ? "(" + at(child) + ")" : at(child));
    }
    return joined(parts, word);
  }
  const Condition& condition_;
  const RuleBook& book_;
};

}  // namespace

std::string date_words(calendar::LocalDate date) {
  constexpr std::array<const char*, 12> months = {"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
  const calendar::YearMonthDay parts = year_month_day(date);
  return fmt::format("{} {} {}", parts.day, months[static_cast<std::size_t>(parts.month - 1)], parts.year);
}

std::string force_words(calendar::LocalDate from, calendar::LocalDate to) {
  const bool no_end = to >= calendar::local_date({2099, 12, 31});
  return no_end ? "from " + date_words(from) : "from " + date_words(from) + " to " + date_words(to);
}

std::string limit_words(const TimeLimit& limit, const RuleBook& book) {
  switch (limit.kind) {
    case Limit::no_number:
      return "without a number";
    case Limit::hours:
      return counted(limit.count, "hour");
    case Limit::days:
      return counted(limit.count, "day");
    case Limit::weeks:
      return counted(limit.count, "week");
    case Limit::months:
      return counted(limit.count, "month");
    case Limit::years:
      return counted(limit.count, "year");
    case Limit::working_days:
      return counted(limit.count, "working day");
    case Limit::until_age:
      return fmt::format("until the day before the birthday of {} years", limit.count);
    case Limit::agreed:
      return "as often as agreed with the victim";
    case Limit::with_duty:
      return "when " + book.duties[limit.duty].id + " is due";
    case Limit::before:
      break;
  }
  const char* unit = limit.unit == Limit::hours ? "hour" : limit.unit == Limit::working_days ? "working day" : "day";
  return fmt::format("{} before {}", counted(limit.count, unit), book.vocabulary->fields()[limit.field].name);
}

std::string limits_words(const engine::Duty& duty, const RuleBook& book) {
  if (duty.kind == engine::DutyKind::chain)
    return fmt::format("that of {}, then that of {}", book.duties[duty.leg_one].id, book.duties[duty.leg_two].id);
  std::string text;
  for (const engine::DatedLimit& dated : duty.limits) {
    if (!text.empty()) text += "; ";
    if (duty.limits.size() > 1) text += force_words(dated.from, dated.to) + ": ";
    text += limit_words(dated.standard, book);
    if (!(dated.standard == dated.enhanced))
      text += ", or " + limit_words(dated.enhanced, book) + " with Enhanced Rights";
  }
  return text;
}

std::string pattern_words(const Pattern& pattern, const RuleBook& book) {
  const model::Vocabulary& vocabulary = *book.vocabulary;
  // Types asked for the same words stand together: `a` or `b` about x.
  std::vector<std::pair<std::string, std::vector<std::string>>> by_words;
  for (const model::EventType* type : types_of(pattern, vocabulary)) {
    std::vector<std::string> words;
    const auto first = std::lower_bound(pattern.codes.begin(), pattern.codes.end(), type->first_code);
    const auto last = std::lower_bound(first, pattern.codes.end(), type->first_code + type->codes);
    if (last - first < type->codes) {
      for (auto code = first; code != last; ++code) {
        const int32_t word = *code - type->first_code - 1;
        words.push_back(word < 0 ? "(not said)"
                                 : vocabulary.fields()[static_cast<std::size_t>(type->distinguished_by)]
                                       .words[static_cast<std::size_t>(word)]);
      }
    }
    std::string asked;
    if (!words.empty()) {
      const std::string& name = vocabulary.fields()[static_cast<std::size_t>(type->distinguished_by)].name;
      asked = words.size() > 8 ? fmt::format(", {} one of {} words", name, words.size())
                               : fmt::format(", {} {}", name, joined(words, "or"));
    }
    const auto same =
        std::find_if(by_words.begin(), by_words.end(), [&](const auto& one) { return one.first == asked; });
    if (same == by_words.end()) {
      by_words.push_back({asked, {"`" + type->name + "`"}});
    } else {
      same->second.push_back("`" + type->name + "`");
    }
  }
  std::vector<std::string> groups;
  for (const auto& [asked, types] : by_words) groups.push_back(joined(types, "or") + asked);
  std::string text = joined(groups, "or");
  if (!pattern.tests.empty()) text += ", where " + tests_words(pattern.tests, book);
  return text;
}

std::string patterns_words(const std::vector<Pattern>& patterns, bool all_of, const RuleBook& book) {
  std::string text;
  for (const Pattern& pattern : patterns)
    text += (text.empty() ? "" : all_of ? "; and " : "; or ") + pattern_words(pattern, book);
  return text;
}

std::string condition_words(const Condition& condition, const RuleBook& book) {
  return condition.empty() ? std::string() : ConditionWords(condition, book).at(0);
}

std::string read_words(engine::ReadAs read) {
  switch (read) {
    case engine::ReadAs::official:
      return "official text";
    case engine::ReadAs::reproduction:
      return "reproduction";
    case engine::ReadAs::recalled:
      break;
  }
  return "recalled, still to be verified";
}

std::string unverified_words(const engine::Source& source) {
  if (source.read == engine::ReadAs::recalled)
    return source.unverified.empty() ? "the whole rule is recalled"
                                     : "the whole rule is recalled: " + source.unverified;
  return source.unverified;
}

}  // namespace kept::rules
