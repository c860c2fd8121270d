#include "base/randomness.h"

#include <gtest/gtest.h>

#include <array>
#include <bitset>
#include <set>
#include <vector>

namespace kept::base {
namespace {

TEST(Randomness, FillsEveryByteAnew) {
  std::set<std::array<uint8_t, 16>> seen;
  for (int i = 0; i < 1000; ++i) {
    std::array<uint8_t, 16> bytes{};
    system_randomness().fill(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
  // More than one call of the system gives, and half of the bits set, give or take ten standard deviations.
  std::vector<uint8_t> many(1 << 20);
  system_randomness().fill(many);
  std::size_t set = 0;
  for (const uint8_t byte : many) set += std::bitset<8>(byte).count();
  EXPECT_NEAR(static_cast<double>(set), 4.0 * (1 << 20), 10 * 1449);
  system_randomness().fill({});
}

}  // namespace
}  // namespace kept::base
