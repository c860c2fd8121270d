#include "http/pace.h"

#include <gtest/gtest.h>

namespace kept::http {
namespace {

TEST(Pace, IsGraceAndWhatTheBytesEarned) {
  Limits limits;
  limits.grace_ms = 5'000;
  limits.bytes_per_second = 500;
  limits.idle_ms = 30'000;
  Pace pace(limits);
  EXPECT_EQ(pace.allowance_ms(), 5'000);
  pace.moved(500, 2'000);
  EXPECT_EQ(pace.allowance_ms(), 4'000) << "one second earned, two waited";
  pace.moved(250, 0);
  EXPECT_EQ(pace.allowance_ms(), 4'500);
  pace.moved(0, 4'500);
  EXPECT_EQ(pace.allowance_ms(), 0);
  pace.moved(std::size_t{1} << 40u, 0);
  EXPECT_EQ(pace.allowance_ms(), 30'000) << "no pause is longer, and nothing overflows";
}

}  // namespace
}  // namespace kept::http
