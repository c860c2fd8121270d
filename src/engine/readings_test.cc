// What is tried where the record does not say: an assumed recorded_at (C17-C19), and repetitions as long as they last.
#include <gtest/gtest.h>

#include "engine/test_world.h"

namespace kept::engine {
namespace {

using namespace testing;
using Kind = TimeLimit::Kind;
using model::Outcome;

/// Linked from the start, arrested on Monday 2 March 2026: five working days end on Tuesday 10 March (6 March is a
/// holiday in this calendar).
std::vector<Story> arrest() {
  std::vector<Story> events(3);
  events[0].type = "link.victim";
  events[0].occurred = "2026-01-01";
  events[0].participant = "V";
  events[1].type = "link.suspect";
  events[1].occurred = "2026-01-01";
  events[1].suspect = "A";
  events[2].type = "arrested";
  events[2].occurred = "2026-03-02";
  events[2].id = "T";
  events[2].suspect = "A";
  return events;
}

model::Obligation judged(const std::vector<Story>& events, const std::string& as_at) {
  TestWorld w;
  w.add("D1", Kind::working_days, 5);
  w.finish();
  AssessOptions options;
  options.as_at = end_of(as_at);
  Collect sink;
  const model::EventTable table = w.table(events);
  EXPECT_TRUE(assess(w.book, table, options, sink).ok());
  EXPECT_EQ(sink.all.size(), 1u);
  return sink.all.empty() ? model::Obligation{} : sink.all.front();
}

Story decline(bool assumed) {
  Story s;
  s.type = "decline";
  s.occurred = "2026-03-04";
  s.participant = "V";
  s.detail["topic"] = "D1";
  s.recorded_assumed = assumed;
  return s;
}

TEST(AssumedRecord, Care17_a_decline_may_have_been_entered_only_after_the_due_date) {
  std::vector<Story> events = arrest();
  events.push_back(decline(false));
  EXPECT_EQ(judged(events, "2026-03-20").outcome, Outcome::declined);
  events.back().recorded_assumed = true;
  const model::Obligation unsure = judged(events, "2026-03-20");
  EXPECT_EQ(unsure.outcome, Outcome::cannot_tell);
  EXPECT_EQ(unsure.reason, model::Reason::rule_u);
  EXPECT_TRUE(unsure.flags & model::flag_recorded_assumed);
  TestWorld w;
  EXPECT_EQ(unsure.missing_code, w.code("decline")) << "the missing fact is the wish's own";
  // While D has not passed nothing can have been entered after it.
  EXPECT_EQ(judged(events, "2026-03-10").outcome, Outcome::declined);
}

TEST(AssumedRecord, Care18_a_reason_may_have_needed_a_second_person) {
  std::vector<Story> events = arrest();
  Story reason;
  reason.type = "good_reason";
  reason.occurred = "2026-03-04";
  reason.participant = "V";
  reason.detail = {{"topic", "D1"},   {"who", "w"},           {"why", "y"},
                   {"evidence", "e"}, {"from", "2026-03-04"}, {"until", "2026-03-31"}};
  events.push_back(reason);
  EXPECT_EQ(judged(events, "2026-03-20").outcome, Outcome::excused);
  events.back().recorded_assumed = true;
  const model::Obligation unsure = judged(events, "2026-03-20");
  EXPECT_EQ(unsure.outcome, Outcome::cannot_tell);
  EXPECT_TRUE(unsure.flags & model::flag_recorded_assumed);
  // With a second person it stands either way.
  events.back().detail["second"] = "s";
  EXPECT_EQ(judged(events, "2026-03-20").outcome, Outcome::excused);
}

TEST(AssumedRecord, Care19_a_retraction_may_have_come_after_the_due_date) {
  std::vector<Story> events = arrest();
  Story back;
  back.type = "taken_back";
  back.occurred = "2026-03-05";
  back.retracts = "T";
  back.participant = "V";
  events.push_back(back);
  EXPECT_EQ(judged(events, "2026-03-20").outcome, Outcome::not_owed);
  events.back().recorded_assumed = true;
  const model::Obligation unsure = judged(events, "2026-03-20");
  EXPECT_EQ(unsure.outcome, Outcome::cannot_tell);
  EXPECT_TRUE(unsure.flags & model::flag_recorded_assumed);
  EXPECT_EQ(judged(events, "2026-03-10").outcome, Outcome::not_owed);
  // Assumed to be recorded when it happened, which is after D: later is no different.
  events.back().occurred = "2026-03-12";
  EXPECT_EQ(judged(events, "2026-03-20").outcome, Outcome::withdrawn_after_due);
}

TEST(AssumedRecord, a_retracted_decline_may_have_stood_on_the_due_date) {
  std::vector<Story> events = arrest();
  events.push_back(decline(false));
  events.back().id = "N";
  Story back;
  back.type = "taken_back";
  back.occurred = "2026-03-06";
  back.retracts = "N";
  back.participant = "V";
  events.push_back(back);
  EXPECT_EQ(judged(events, "2026-03-20").outcome, Outcome::overdue);
  events.back().recorded_assumed = true;
  EXPECT_EQ(judged(events, "2026-03-20").outcome, Outcome::cannot_tell);
}

TEST(Repetition, is_not_cut_however_long_it_lasts) {
  TestWorld w;
  w.add("D1", Kind::days, 1).repeats = true;
  w.finish();
  std::vector<Story> events = arrest();
  events[0].occurred = events[1].occurred = "2019-12-01";
  events[2].occurred = "2020-01-01";
  // Told once, three days before the end.
  Story told;
  told.type = "informed";
  told.occurred = "2022-12-29";
  told.participant = "V";
  told.suspect = "A";
  events.push_back(told);
  AssessOptions options;
  options.as_at = end_of("2022-12-31");
  Collect sink;
  ASSERT_TRUE(assess(w.book, w.table(events), options, sink).ok());
  // An interval starts on each day from 1 January 2020 to 31 December 2022.
  ASSERT_EQ(sink.all.size(), 1096u);
  for (std::size_t i = 0; i < sink.all.size(); ++i) ASSERT_EQ(sink.all[i].interval, i + 1);
  EXPECT_EQ(sink.all[500].outcome, Outcome::late) << "a late act makes every open interval late";
  EXPECT_EQ(sink.all[1092].outcome, Outcome::kept) << "due on 29 December 2022";
  EXPECT_EQ(sink.all[1093].outcome, Outcome::overdue);
  EXPECT_EQ(sink.all[1094].outcome, Outcome::open) << "due on the last day asked about";
}

}  // namespace
}  // namespace kept::engine
