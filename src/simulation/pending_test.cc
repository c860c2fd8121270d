#include "simulation/pending.h"

#include <gtest/gtest.h>

#include <vector>

namespace kept::simulation {
namespace {

TEST(Pending, GivesBackWhatWasPutInInOrderOfRecording) {
  Pending pending;
  Fact full = fact(Type::suspect_arrested, Feed::custody, -5);
  full.of(3)
      .by(4)
      .to(5)
      .at_hearing(6)
      .in_case(7)
      .keyed(8)
      .known(99)
      .text(Detail::about, "arrest")
      .yes_no(Detail::violent, true);
  full.written = Written::month;
  full.corrects = 11;
  full.retracts = 12;
  full.recorded_at = 700;
  full.id = 2;
  Fact early = fact(Type::link_victim, Feed::crime_reports, 1);
  early.recorded_at = 600;
  early.id = 9;
  Fact tied = early;
  tied.recorded_at = 700;
  tied.id = 1;
  pending.add(full, 10);
  pending.add(early, 10);
  pending.add(tied, 10);
  pending.add(early, 12);
  Truth truth;
  truth.event = 2;
  pending.add(truth, 11);

  std::vector<Fact> got;
  std::vector<Truth> truths;
  const auto event = [&](const Fact& one) { got.push_back(one); };
  const auto fate = [&](const Truth& one) { truths.push_back(one); };
  pending.release(9, event, fate);
  EXPECT_TRUE(got.empty());
  pending.release(11, event, fate);
  ASSERT_EQ(got.size(), 3U);
  ASSERT_EQ(truths.size(), 1U);
  EXPECT_EQ(got[0].id, 9U);
  EXPECT_EQ(got[1].id, 1U) << "recorded at the same moment: by id";
  const Fact& back = got[2];
  EXPECT_EQ(back.id, 2U);
  EXPECT_EQ(back.occurred_at, -5);
  EXPECT_EQ(back.known_at, 99);
  EXPECT_EQ(back.written, Written::month);
  EXPECT_EQ(back.crime, 3U);
  EXPECT_EQ(back.suspect, 4U);
  EXPECT_EQ(back.participant, 5U);
  EXPECT_EQ(back.hearing, 6U);
  EXPECT_EQ(back.urn, 7U);
  EXPECT_EQ(back.key, 8U);
  EXPECT_EQ(back.corrects, 11U);
  EXPECT_EQ(back.retracts, 12U);
  ASSERT_EQ(back.detail_count, 2);
  EXPECT_EQ(back.details[1].field, Detail::violent);
  EXPECT_EQ(back.details[1].value, 1);
  pending.release(12, event, fate);
  EXPECT_EQ(got.size(), 4U);
}

}  // namespace
}  // namespace kept::simulation
