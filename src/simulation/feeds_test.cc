#include "simulation/feeds.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace kept::simulation {
namespace {

using calendar::local_date;

const calendar::LocalDate from = local_date({2024, 1, 1});
const calendar::LocalDate to = local_date({2024, 12, 31});

TEST(Silences, FallWithinTheRunAndNeverTwiceAtOnce) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed, 0);
    const Silences silences = Silences::drawn(random, from, to);
    EXPECT_FALSE(silences.all().empty());
    for (const Silence& silence : silences.all()) {
      EXPECT_LE(from, silence.from);
      EXPECT_LE(silence.to, to);
      EXPECT_LE(silence.to.days - silence.from.days, 27);
      EXPECT_TRUE(names(silence.feed).may_fall_silent);
      EXPECT_EQ(silences.on(silence.feed, silence.from), &silence);
      EXPECT_EQ(silences.on(silence.feed, silence.to + 1), nullptr);
    }
  }
}

TEST(Coverage, LeavesOutWhatASilentFeedCarriedAndNothingElse) {
  bool saw_custody = false;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed, 0);
    const Silences silences = Silences::drawn(random, from, to);
    const auto covers = [&](const char* agency, const char* type, calendar::LocalDate on) {
      for (const CoverageRow& row : coverage(silences, from, to)) {
        if (std::string(row.agency) == agency && (std::string(row.type) == type || std::string(row.type) == "*") &&
            row.from <= on && on <= row.to)
          return true;
      }
      return false;
    };
    for (const Silence& silence : silences.all()) {
      const char* type = silence.feed == Feed::custody          ? "suspect.arrested"
                         : silence.feed == Feed::police_contact ? "victim.informed"
                                                                : "hearing.listed";
      EXPECT_EQ(covers(names(silence.feed).agency, type, silence.from + 1), silence.backfilled);
      EXPECT_TRUE(covers("cica", "cica.decided", silence.from));
      if (silence.feed == Feed::custody && !silence.backfilled) {
        saw_custody = true;
        EXPECT_TRUE(covers("met", "needs.assessed", silence.from)) << "the crime reports went on";
      }
    }
    if (seed > 20 && saw_custody) break;
  }
  EXPECT_TRUE(saw_custody);
}

TEST(Feeds, AllHaveNames) {
  std::set<std::string> sources;
  for (std::size_t i = 1; i < feed_count; ++i) {
    EXPECT_TRUE(sources.insert(names(static_cast<Feed>(i)).source).second);
    EXPECT_STRNE(names(static_cast<Feed>(i)).agency, "");
  }
}

}  // namespace
}  // namespace kept::simulation
