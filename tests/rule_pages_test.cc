// The pages made from the rules say what the rules say: docs/events.md and docs/the-code.md.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/rules_answer.h"
#include "app/rules_pages.h"

namespace kept::app {
namespace {

using testing::HasSubstr;

TEST(RulePages, AreCurrent) {
  const auto answer = check_rule_pages();
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_TRUE(answer->good) << answer->text << "run: ./kept rules docs, and read the difference";
}

TEST(RulePages, SayWhatARelianceOnThemNeeds) {
  const auto rules = rules::load_rule_set({});
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  const std::string page = code_page(*rules);
  EXPECT_THAT(page, HasSubstr("The **Victim Notification Scheme** has no row here"));
  for (const engine::Duty& duty : rules->book.duties) {
    EXPECT_THAT(page, HasSubstr("| " + duty.id + " |"));
    // Every duty is cited.
    EXPECT_FALSE(duty.source.url.empty() && duty.source.note.empty() && duty.source.paragraph.empty()) << duty.id;
  }
  for (const auto& row : rules->not_encoded) EXPECT_THAT(page, HasSubstr("| " + row.row + " |"));
}

TEST(RulesCommand, ListsShowsAndRefusesInWords) {
  const auto rules = rules::load_rule_set({});
  ASSERT_TRUE(rules.ok()) << rules.error().message;
  const auto list = list_duties(*rules, {"VC2020", false});
  ASSERT_TRUE(list.ok()) << list.error().message;
  EXPECT_THAT(*list, HasSubstr("Right 6. "));
  EXPECT_THAT(*list, HasSubstr("VC2020-R6.1a"));
  EXPECT_THAT(*list, testing::Not(HasSubstr("VC2015-")));
  const auto doubtful = list_duties(*rules, {"", true});
  ASSERT_TRUE(doubtful.ok());
  for (const engine::Duty& duty : rules->book.duties) {
    const bool listed = doubtful->find("    " + duty.id + " ") != std::string::npos;
    EXPECT_EQ(listed, duty.source.read == engine::ReadAs::recalled || !duty.source.unverified.empty()) << duty.id;
  }
  EXPECT_THAT(list_duties(*rules, {"VC2021", false}).error().message, HasSubstr("there is no edition \"VC2021\""));
  const auto shown = describe_duty(*rules, "VC2020-R6.1a");
  ASSERT_TRUE(shown.ok()) << shown.error().message;
  for (const char* part :
       {"Who           police", "Starts with   `suspect.arrested`",
        "5 working days, or 1 working day with Enhanced Rights", "for the same suspect", "To verify", "Examples"}) {
    EXPECT_THAT(*shown, HasSubstr(part));
  }
  EXPECT_THAT(describe_duty(*rules, "VC2020-R6.1").error().message, HasSubstr("did you mean VC2020-R6.1a?"));
}

// Every rule carries its own proof.
TEST(RulesCommand, EveryExampleOfTheCodeComesOut) {
  const auto check = check_rules({});
  ASSERT_TRUE(check.ok()) << check.error().message;
  EXPECT_TRUE(check->good) << check->text;
  EXPECT_THAT(check->text, HasSubstr("all of which come out"));
}

}  // namespace
}  // namespace kept::app
