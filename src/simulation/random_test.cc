#include "simulation/random.h"

#include <gtest/gtest.h>

namespace kept::simulation {
namespace {

// The numbers themselves are part of the contract: a change here changes every simulated record.
TEST(Random, GivesTheSameNumbersEverywhere) {
  Random random(1, 1);
  EXPECT_EQ(random.next(), 692070443750663535ULL);
}

TEST(Random, KeepsItsBounds) {
  Random random(7, 3);
  for (int i = 0; i < 20000; ++i) {
    EXPECT_LT(random.below(3), 3U);
    const int32_t one = random.between(-5, 5);
    EXPECT_GE(one, -5);
    EXPECT_LE(one, 5);
    const int32_t soon = random.very_soon(2, 9);
    EXPECT_GE(soon, 2);
    EXPECT_LE(soon, 9);
  }
}

TEST(Random, ChancesComeOutAsTheySay) {
  Random random(11, 0);
  int hits = 0, rare = 0;
  for (int i = 0; i < 200000; ++i) {
    hits += random.chance(125) ? 1 : 0;
    rare += random.rare(1000) ? 1 : 0;
  }
  EXPECT_NEAR(hits, 25000, 600);
  EXPECT_NEAR(rare, 200, 60);
}

TEST(Random, StreamsOfOneSeedDiffer) {
  Random one(5, 1), other(5, 2), again(5, 1);
  const uint64_t first = one.next();
  EXPECT_EQ(first, again.next());
  EXPECT_NE(first, other.next());
}

TEST(Random, WeighsItsChoices) {
  Random random(3, 9);
  const uint32_t weights[] = {0, 1, 3};
  int got[3] = {0, 0, 0};
  for (int i = 0; i < 40000; ++i) ++got[random.weighted(weights)];
  EXPECT_EQ(got[0], 0);
  EXPECT_NEAR(got[2], 30000, 600);
}

}  // namespace
}  // namespace kept::simulation
