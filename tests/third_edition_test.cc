// A new edition of the Code is a change of data only, and one case can live under two: an invented third edition
// (tests/data/third-edition) whose limits, units and duties no program text knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "rules/examples.h"
#include "rules/rule_set.h"

namespace kept::rules {
namespace {

const RuleSet& third_edition() {
  static const base::Result<RuleSet> loaded = load_rule_set({KEPT_SOURCE_DIR "/tests/data/third-edition", ""});
  EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.error().message);
  return *loaded;
}

/// The obligations of a story in the words of an expectation, by duty.
std::map<std::string, std::vector<std::string>> judged(const std::vector<std::string>& events, const char* as_at) {
  const RuleSet& rules = third_edition();
  Problems problems;
  Story story;
  story.agency = "police";
  for (const std::string& event : events)
    story.lines.push_back({event, "story", static_cast<int>(story.lines.size()) + 1});
  const auto document = Document::parse(as_at, "as_at", &problems);
  const auto result = judge(rules.book, story, {document->root(), {}, {}}, {}, &problems);
  EXPECT_TRUE(problems.empty()) << problems.error().message;
  std::map<std::string, std::vector<std::string>> owed;
  if (!result) return owed;
  for (const auto& one : result->obligations) {
    const engine::Duty& duty = rules.book.duties[one.duty];
    std::string words = expectation_text(one, duty);
    const std::string always = ", edition by assumption";
    if (const auto at = words.find(always); at != std::string::npos) words.erase(at, always.size());
    owed[duty.id].push_back(words);
  }
  return owed;
}

using Owed = std::map<std::string, std::vector<std::string>>;

TEST(ThirdEdition, ItsExamplesComeOut) {
  std::size_t ran = 0;
  for (const ExampleFailure& failure : check_examples(third_edition(), &ran)) ADD_FAILURE() << failure_text(failure);
  EXPECT_GE(ran, 15u);
}

TEST(ThirdEdition, OneCaseLivesUnderTwo) {
  // Two suspects of one crime, arrested on either side of midnight in London: 23:59 and 00:01 British Summer Time.
  const auto owed =
      judged({"2026-08-20 crime.reported", "2026-08-31T22:59Z suspect.arrested suspect=A",
              "2026-08-31T23:01Z suspect.arrested suspect=B", "2026-09-04 victim.informed about=arrest suspect=A",
              "2026-09-04 victim.informed about=arrest suspect=B"},
             "2026-09-30");
  EXPECT_EQ(owed, (Owed{{"OLD-ARREST", {"kept, due 2026-09-07"}},
                        {"NEW-ARREST", {"late, due 2026-09-03, late 1 working day"}}}))
      << "the report was under the old Code, so that nobody owes a named person";
}

TEST(ThirdEdition, EnhancedLimitsMayBeInAnotherUnit) {
  const auto owed = judged({"2026-08-31 needs.assessed enhanced=yes", "2026-09-01T10:00Z suspect.arrested suspect=A",
                            "2026-09-02T12:30Z victim.informed about=arrest suspect=A"},
                           "2026-09-30");
  EXPECT_EQ(owed, (Owed{{"NEW-ARREST", {"late, due 2026-09-02T10:00:00Z, late 3 hours, enhanced"}}}));
}

TEST(ThirdEdition, ARepetitionGoesOnUnderTheNewOne) {
  // The second interval began under the old Code and keeps its four weeks; the third begins under the new one, which
  // has two.
  const auto owed = judged({"2026-07-20 investigation.opened", "2026-08-14 victim.informed about=update",
                            "2026-09-11 victim.informed about=update"},
                           "2026-09-20");
  ASSERT_EQ(owed.size(), 2u);
  EXPECT_EQ(owed.at("OLD-UPDATE"), (std::vector<std::string>{"kept, due 2026-08-17", "kept, due 2026-09-11"}));
  EXPECT_EQ(owed.at("NEW-UPDATE"), (std::vector<std::string>{"open, due 2026-09-25"}));
}

}  // namespace
}  // namespace kept::rules
