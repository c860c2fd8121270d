#include "base/digest.h"

#include <gtest/gtest.h>

#include <string>

namespace kept::base {
namespace {

TEST(Digest, AgreesWithThePublishedVectors) {
  // Source: the authors' vectors for the input 00 01 02 ... of each length.
  struct Row {
    std::size_t length;
    uint64_t expected;
  };
  const Row rows[] = {{0, 0x726fdb47dd0e0e31ULL}, {1, 0x74f839c593dc67fdULL}, {2, 0x0d6c8009d9a94f5aULL},
                      {7, 0xab0200f58b01d137ULL}, {8, 0x93f5f5799a932462ULL}, {15, 0xa129ca6149be45e5ULL}};
  for (const Row& row : rows) {
    std::string input;
    for (std::size_t i = 0; i < row.length; ++i) input += static_cast<char>(i);
    EXPECT_EQ(digest(input), row.expected) << row.length;
  }
}

TEST(Digest, ASeedGivesAnother) { EXPECT_NE(digest("same", 0), digest("same", 1)); }

}  // namespace
}  // namespace kept::base
