#include "app/fact_memory.h"

#include <gtest/gtest.h>

namespace kept::app {
namespace {

std::shared_ptr<const RememberedFact> fact(uint64_t position) {
  auto one = std::make_shared<RememberedFact>();
  one->position = position;
  return one;
}

TEST(FactMemory, ForgetsFirstWhatWasNotAskedFor) {
  FactMemory memory(10'000);
  const auto kept = fact(1);
  memory.keep(kept);
  for (uint64_t position = 2; position < 1000; ++position) {
    memory.keep(fact(position));
    ASSERT_EQ(memory.find(1), kept) << "asked for all the time, after " << position;
    ASSERT_NE(memory.find(position), nullptr);
  }
  std::size_t there = 0;
  for (uint64_t position = 1; position < 1000; ++position) there += memory.find(position) != nullptr;
  EXPECT_LT(there, 60u) << "10,000 bytes hold no more";
  memory.forget();
  EXPECT_EQ(memory.find(1), nullptr);
}

TEST(FactMemory, WithoutRoomStillAnswersForWhatCameLast) {
  FactMemory memory(0);
  memory.keep(fact(1));
  EXPECT_NE(memory.find(1), nullptr);
}

}  // namespace
}  // namespace kept::app
