#include "ledger/mention_memory.h"

#include <gtest/gtest.h>

namespace kept::ledger {
namespace {

using Positions = std::vector<uint64_t>;

TEST(MentionMemory, KeepsInStepWithWhatIsAdded) {
  MentionMemory memory;
  memory.add(1, 5);
  EXPECT_EQ(memory.find(1), nullptr) << "of a name that was never asked for not all positions are known";
  memory.keep(1, {2, 8});
  for (const uint64_t position : {9u, 4u, 8u}) memory.add(1, position);
  ASSERT_NE(memory.find(1), nullptr);
  EXPECT_EQ(*memory.find(1), (Positions{2, 4, 8, 9})) << "in order, each once";
  memory.forget();
  EXPECT_EQ(memory.find(1), nullptr);
}

TEST(MentionMemory, ForgetsFirstWhatWasNotAskedFor) {
  MentionMemory memory(100);  // four names or so in each half
  memory.keep(1, {1});
  for (int64_t name = 2; name < 6; ++name) memory.keep(name, {static_cast<uint64_t>(name)});
  memory.add(1, 7);  // while it stands among the old
  ASSERT_NE(memory.find(1), nullptr);
  EXPECT_EQ(*memory.find(1), (Positions{1, 7}));
  for (int64_t name = 6; name < 60; ++name) {
    memory.keep(name, {static_cast<uint64_t>(name)});
    EXPECT_NE(memory.find(1), nullptr) << name;
  }
  EXPECT_EQ(memory.find(2), nullptr);
}

}  // namespace
}  // namespace kept::ledger
