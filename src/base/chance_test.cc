#include "base/chance.h"

#include <gtest/gtest.h>

#include <set>

namespace kept::base {
namespace {

TEST(Chance, NeverGivesTheSameTwice) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = hex_of_chance(system_chance(), 16);
    EXPECT_EQ(text.size(), 32u);
    EXPECT_EQ(text.find_first_not_of("0123456789abcdef"), std::string::npos);
    seen.insert(text);
  }
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(Chance, IsWrittenByteByByte) {
  struct Counting final : Chance {
    void fill(std::span<std::uint8_t> bytes) override {
      for (std::uint8_t& byte : bytes) byte = next += 0x0f;
    }
    std::uint8_t next = 0;
  } chance;
  EXPECT_EQ(hex_of_chance(chance, 3), "0f1e2d");
}

}  // namespace
}  // namespace kept::base
