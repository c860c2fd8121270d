#include "model/symbols.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>
#include <vector>

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

TEST(Symbols, AFewTakeNoRoomForTheNumbersBetweenThem) {
  Symbols few, many;
  few.expect_few();
  for (const char* name : {"900000", "", "7", "anna", "900000", "60000000", "7"})
    EXPECT_EQ(few.code(name), many.code(name)) << name;
  EXPECT_EQ(few.code_of_number(900'000), 1u);
  EXPECT_EQ(few.code_of_number(8), 5u);
  EXPECT_EQ(few.find("8"), 5u);
  EXPECT_EQ(few.find("9"), 0u);
  EXPECT_EQ(few.name(5), "8");
  EXPECT_LT(few.memory_bytes(), 10'000u);
  EXPECT_GT(many.memory_bytes(), 1'000'000u) << "which is what it is for";
}

TEST(Symbols, NumeralsAndTextsOfEveryLengthAreToldApart) {
  Symbols symbols;
  std::set<std::string> names;
  std::mt19937_64 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::string name;
    for (std::size_t size = 1 + random() % 10; size > 0; --size) {
      const bool other = random() % 12 == 0;
      name += other ? "/:\x80x \xff-."[random() % 8] : static_cast<char>('0' + random() % 10);
    }
    const bool fresh = names.insert(name).second;
    const uint32_t before = symbols.size();
    const uint32_t code = symbols.code(name);
    ASSERT_EQ(symbols.size(), before + (fresh ? 1 : 0)) << name;
    ASSERT_EQ(symbols.name(code), name);
    ASSERT_EQ(symbols.find(name), code);
  }
  // The same, many at once, by another table.
  Symbols together;
  std::vector<std::string> order;
  for (int i = 0; i < 5'000; ++i)
    order.push_back(symbols.name(1 + static_cast<uint32_t>(random() % (symbols.size() - 1))));
  std::vector<Name> ready;
  for (const std::string& name : order) ready.push_back(Name::of(name));
  std::vector<uint32_t> codes(order.size());
  together.codes_of(ready.data(), ready.size(), codes.data());
  Symbols one_by_one;
  for (std::size_t i = 0; i < order.size(); ++i) ASSERT_EQ(codes[i], one_by_one.code(order[i])) << order[i];
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
