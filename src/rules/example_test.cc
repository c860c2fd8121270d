#include "rules/example.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kept::rules {
namespace {

using model::Due;
using model::LateUnit;
using model::Obligation;
using model::Outcome;

std::optional<Expectation> read(const std::string& text, std::string* mistake = nullptr) {
  Problems problems;
  const auto document = Document::parse("\"" + text + "\"", "e.yaml", &problems);
  auto expectation = read_expectation(document->root(), &problems);
  if (mistake != nullptr && !problems.empty()) *mistake = problems.error().message;
  return expectation;
}

Obligation late_one() {
  Obligation one;
  one.outcome = Outcome::late;
  one.due_on = {Due::Kind::date, calendar::local_date({2026, 12, 31}).days};
  one.late_unit = LateUnit::working_days;
  one.late_by = 2;
  one.flags = model::flag_enhanced | model::flag_told_ahead;
  return one;
}

TEST(Example, AnExpectationHoldsForWhatItSays) {
  struct Row {
    const char* text;
    bool holds;
  };
  const Row rows[] = {{"late", true},
                      {"late, due 2026-12-31", true},
                      {"late, due 2026-12-30", false},
                      {"late, due none", false},
                      {"late, late 2 working days", true},
                      {"late, late 2 days", false},
                      {"late, late 3 working days", false},
                      {"late, enhanced", true},
                      {"late, due 2026-12-31, late 2 working days, told ahead, enhanced", true},
                      {"late, short notice", false},
                      {"kept", false},
                      {"done", false}};
  const engine::Duty duty;
  for (const Row& row : rows) {
    const auto expectation = read(row.text);
    ASSERT_TRUE(expectation.has_value()) << row.text;
    EXPECT_EQ(meets(*expectation, late_one(), duty), row.holds) << row.text;
  }
}

TEST(Example, DoneAndNotDoneStandForDutiesWithoutNumber) {
  const engine::Duty duty;
  Obligation one;
  one.outcome = Outcome::kept;
  EXPECT_TRUE(meets(*read("done"), one, duty));
  for (const Outcome outcome : {Outcome::open, Outcome::overdue, Outcome::missed}) {
    one.outcome = outcome;
    EXPECT_TRUE(meets(*read("not done"), one, duty));
  }
  one.outcome = Outcome::late;
  EXPECT_FALSE(meets(*read("not done"), one, duty));
}

TEST(Example, AWindowHasItsOwnWords) {
  engine::Duty duty;
  duty.kind = engine::DutyKind::window;
  Obligation one;
  one.outcome = Outcome::open;
  one.window = model::WindowState::lapsed;
  EXPECT_TRUE(meets(*read("lapsed"), one, duty));
  EXPECT_FALSE(meets(*read("open"), one, duty));
  EXPECT_EQ(expectation_text(one, duty), "lapsed");
}

TEST(Example, ItsWordsAreCompleteAndReadBack) {
  const engine::Duty duty;
  EXPECT_EQ(expectation_text(late_one(), duty), "late, due 2026-12-31, late 2 working days, told ahead, enhanced");
  EXPECT_TRUE(meets(*read(expectation_text(late_one(), duty)), late_one(), duty));
}

TEST(Example, MistakesSayTheMend) {
  struct Row {
    const char* text;
    const char* message;
  };
  const Row rows[] = {
      {"keept", "`keept` is not an outcome; did you mean `kept`?"},
      {"kept, due soon",
       "`due soon` is not a date or an instant; write due 2026-12-31, due 2026-12-31T10:00Z, or due none"},
      {"kept, due 2026-12", "`due 2026-12` is not a date or an instant"},
      {"late, late a bit", "`late a bit` does not say how late; write late 3 working days"},
      {"kept, told aheed", "did you mean `told ahead`?"}};
  for (const Row& row : rows) {
    std::string mistake;
    EXPECT_FALSE(read(row.text, &mistake).has_value()) << row.text;
    EXPECT_THAT(mistake, testing::HasSubstr(row.message)) << row.text;
  }
}

}  // namespace
}  // namespace kept::rules
