#include "rules/wording.h"

#include <gtest/gtest.h>

#include "rules/rule_set.h"
#include "rules/test_rules.h"

namespace kept::rules {
namespace {

engine::RuleBook with(const std::string& from, const std::string& to) {
  std::string text = small_rules;
  text.replace(text.find(from), from.size(), to);
  auto rules = parse_rules(text, "care.yaml", test_calendar(), false);
  EXPECT_TRUE(rules.ok()) << rules.error().message;
  return std::move(rules->book);
}

TEST(Wording, Limits) {
  struct Row {
    const char* written;
    const char* words;
  };
  const Row rows[] = {
      {"1 hour", "1 hour"},
      {"24 hours", "24 hours"},
      {"1 working day", "1 working day"},
      {"{standard: 5 working days, enhanced: 1 working day}", "5 working days, or 1 working day with Enhanced Rights"},
      {"8 weeks", "8 weeks"},
      {"3 months", "3 months"},
      {"2 years", "2 years"},
      {"until age 18", "until the day before the birthday of 18 years"},
      {"none", "without a number"},
      {"28 days before seen_on", "28 days before seen_on"},
      {"2 weeks before seen_on", "14 days before seen_on"},
      {"[{to: 2015-12-31, limit: 2 hours}, {limit: 1 hour}]",
       "from 1 January 2014 to 31 December 2015: 2 hours; from 1 January 2016: 1 hour"}};
  for (const Row& row : rows) {
    const engine::RuleBook book = with("limit: 1 hour", std::string("limit: ") + row.written);
    EXPECT_EQ(limits_words(book.duties.front(), book), row.words);
  }
}

TEST(Wording, ConditionsAndPatterns) {
  const std::string old = "condition: {trigger: {urgent: yes}}";
  struct Row {
    const char* written;
    const char* words;
  };
  const Row rows[] = {
      {"{trigger: {urgent: yes}}", "in the trigger urgent is yes"},
      {"{trigger: {dose: \">= 12\", ward: [a, b]}}", "in the trigger dose is at least 12 and ward is a or b"},
      {"{not: {trigger: {ward: absent}}}", "not (in the trigger ward is not said)"},
      {"{any: [{enhanced: true}, {all: [{trigger: {urgent: yes}}, {fact: {event: moved}}]}]}",
       "the victim has Enhanced Rights or (in the trigger urgent is yes and there is, by the trigger's day, `moved`)"},
      {"{fact: {event: given, where: {drug: [antibiotic, fluid]}, when: ever, same: [suspect]}}",
       "there is, at any time, `given`, drug antibiotic or fluid about the same suspect"},
      {"{fact: {event: given, where: {dose: \"< 3\"}}}",
       "there is, by the trigger's day, `given`, where dose is less than 3"}};
  for (const Row& row : rows) {
    const engine::RuleBook book = with(old, std::string("condition: ") + row.written);
    EXPECT_EQ(condition_words(book.duties.front().condition, book), row.words);
  }
  const engine::RuleBook book = with(old, old);
  EXPECT_EQ(patterns_words(book.duties.front().fulfilled_by, false, book), "`given`, drug antibiotic");
}

TEST(Wording, WhatIsToBeVerified) {
  engine::Source source;
  source.read = engine::ReadAs::reproduction;
  EXPECT_EQ(unverified_words(source), "");
  source.unverified = "the exceptions";
  EXPECT_EQ(unverified_words(source), "the exceptions");
  source.read = engine::ReadAs::recalled;
  EXPECT_EQ(unverified_words(source), "the whole rule is recalled: the exceptions");
}

}  // namespace
}  // namespace kept::rules
