#include "model/symbols.h"

#include <gtest/gtest.h>

#include <string>

namespace kept::model {
namespace {

TEST(Symbols, CodesCountUpInTheOrderFirstSeen) {
  Symbols symbols;
  EXPECT_EQ(symbols.code(""), 0u);
  EXPECT_EQ(symbols.code("anna"), 1u);
  EXPECT_EQ(symbols.code("7"), 2u);
  EXPECT_EQ(symbols.code("anna"), 1u);
  EXPECT_EQ(symbols.code_of_number(7), 2u);
  EXPECT_EQ(symbols.code_of_number(0), 3u);
  EXPECT_EQ(symbols.code("0"), 3u);
  EXPECT_EQ(symbols.size(), 4u);
  EXPECT_EQ(symbols.find("7"), 2u);
  EXPECT_EQ(symbols.find("8"), 0u);
  EXPECT_EQ(symbols.find("berta"), 0u);
  EXPECT_EQ(symbols.find(""), 0u);
}

TEST(Symbols, EveryNamePrintsBackExactly) {
  Symbols symbols;
  const char* const names[] = {"007", "7", "00", "0", "-1", "1e3", "67108863", "67108864", "99999999999", " 7", "٧"};
  for (const char* name : names) EXPECT_EQ(symbols.name(symbols.code(name)), name);
  EXPECT_EQ(symbols.size(), std::size(names) + 1) << "no two of them are one";
  EXPECT_EQ(symbols.name(0), "");
}

TEST(Symbols, NumbersMayComeScatteredAndInAnyOrder) {
  Symbols symbols;
  // Far apart first (not worth a slot each), then densely: the early ones keep their codes.
  const uint32_t far = symbols.code("60000000");
  for (uint32_t i = 0; i < 200'000; ++i) symbols.code_of_number(i * 50);
  EXPECT_EQ(symbols.code("60000000"), far);
  EXPECT_EQ(symbols.find("60000000"), far);
  EXPECT_EQ(symbols.name(far), "60000000");
  EXPECT_EQ(symbols.code_of_number(50), 3u);
  EXPECT_EQ(symbols.code_of_number(100'000'000), symbols.code("100000000"));
  EXPECT_EQ(symbols.name(symbols.find("100000000")), "100000000");
}

TEST(Symbols, ACopyStandsOnItsOwn) {
  Symbols copy;
  {
    Symbols original;
    original.code("a name long enough to live outside the string itself");
    original.code("b");
    copy = original;
  }
  EXPECT_EQ(copy.find("b"), 2u);
  EXPECT_EQ(copy.code("a name long enough to live outside the string itself"), 1u);
  EXPECT_EQ(copy.code("c"), 3u);
}

}  // namespace
}  // namespace kept::model
