#include "model/obligation.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kept::model {
namespace {

TEST(Obligation, OutcomesHaveTheNamesOfTheTable) {
  EXPECT_STREQ(outcome_name(Outcome::not_owed), "not owed");
  EXPECT_STREQ(outcome_name(Outcome::withdrawn_after_due), "withdrawn after due");
  EXPECT_STREQ(outcome_name(Outcome::overdue), "overdue");
  for (int i = 0; i < outcome_count; ++i) {
    std::string key = outcome_key(static_cast<Outcome>(i));
    for (char& c : key) c = c == '_' ? ' ' : c;
    EXPECT_EQ(key, outcome_name(static_cast<Outcome>(i)));
  }
}

TEST(Obligation, EveryFlagHasItsOwnName) {
  std::set<std::string> names;
  for (uint32_t bit = 1; bit <= flag_transfer_not_accepted; bit <<= 1) names.insert(flag_name(bit));
  EXPECT_EQ(names.size(), 25u);
  EXPECT_STREQ(flag_name(flag_told_ahead), "told ahead");
  EXPECT_STREQ(flag_name(flag_inherited_due), "inherited due");
  EXPECT_STREQ(flag_name(flag_recorded_assumed), "recorded time assumed");
  EXPECT_STREQ(flag_name(flag_transfer_not_accepted), "transfer not accepted");
}

TEST(Obligation, IdsAreShortStableAndSeparateTheirParts) {
  const std::string id = obligation_id("VC2020-R6.1a", "V1", "niche", "e-17", 0);
  EXPECT_EQ(id.size(), 13u);
  EXPECT_EQ(id, obligation_id("VC2020-R6.1a", "V1", "niche", "e-17", 0));
  const std::set<std::string> different = {
      id,
      obligation_id("VC2020-R6.1a", "V1", "niche", "e-17", 1),
      obligation_id("VC2020-R6.1a", "V1", "niche", "e-18", 0),
      obligation_id("VC2020-R6.1a", "V1n", "iche", "e-17", 0),
      obligation_id("VC2020-R6.1a", "V", "1niche", "e-17", 0),
      obligation_id("VC2020-R6.1aV1", "", "niche", "e-17", 0),
  };
  EXPECT_EQ(different.size(), 6u);
  EXPECT_EQ(id.find_first_not_of("0123456789abcdefghjkmnpqrstvwxyz"), std::string::npos);
}

}  // namespace
}  // namespace kept::model
