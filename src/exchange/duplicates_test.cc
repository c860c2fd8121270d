#include "exchange/duplicates.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "exchange/sample_vocabulary_test.h"

namespace kept::exchange {
namespace {

using Random = std::mt19937_64;

/// A table and its Duplicates, filled as the readers fill them, beside a map that knows every id.
class Feed {
 public:
  /// As RowChecker does. Returns whether it was new.
  bool one(uint32_t source, const std::string& id) {
    const auto known = rows_.find({source, id});
    const uint32_t wanted = known == rows_.end() ? Duplicates::none : known->second;
    if (!id.empty()) {
      EXPECT_EQ(duplicates.find(table, source, id), wanted) << source << " " << id;
    }
    if (!id.empty() && wanted != Duplicates::none) return false;
    const uint32_t row = append(source, id);
    if (!id.empty()) duplicates.add(table, row, source, id);
    return true;
  }
  /// As BlockTaker does: whole stretches, and each id that is there already by itself.
  void many(const std::vector<uint32_t>& sources, const std::vector<std::string>& ids) {
    const std::vector<std::string_view> views(ids.begin(), ids.end());
    for (std::size_t i = 0; i < ids.size();) {
      const std::size_t left = ids.size() - i;
      const bool all_zero = std::all_of(sources.begin() + static_cast<std::ptrdiff_t>(i), sources.end(),
                                        [](uint32_t source) { return source == 0; });
      const std::size_t fresh =
          duplicates.claim(table, all_zero ? nullptr : sources.data() + i, views.data() + i, left);
      for (const std::size_t end = i + fresh; i < end; ++i) {
        ASSERT_TRUE(ids[i].empty() || !rows_.contains({sources[i], ids[i]})) << sources[i] << " " << ids[i];
        append(sources[i], ids[i]);
      }
      if (fresh == left) break;
      ASSERT_TRUE(rows_.contains({sources[i], ids[i]})) << sources[i] << " " << ids[i];
      ASSERT_FALSE(one(sources[i], ids[i]));
      ++i;
    }
  }
  /// Every id is found in its row, and some that never came are not.
  void check() {
    for (const auto& [of, row] : rows_) ASSERT_EQ(duplicates.find(table, of.first, of.second), row) << of.second;
    for (const char* id : {"nobody", "0123", "9999999998", "123456789012345678901", "-1", "+7", "1e3", " 7"}) {
      if (rows_.contains({3, id})) continue;
      ASSERT_EQ(duplicates.find(table, 3, id), Duplicates::none) << id;
    }
  }
  std::size_t ids() const { return rows_.size(); }

  model::EventTable table{sample_vocabulary()};
  Duplicates duplicates;

 private:
  uint32_t append(uint32_t source, const std::string& id) {
    model::EventRow row;
    row.source = source;
    row.id = id;
    const uint32_t at = table.append(row);
    if (!id.empty()) rows_.emplace(std::pair{source, id}, at);
    return at;
  }
  std::map<std::pair<uint32_t, std::string>, uint32_t> rows_;
};

/// The n-th id of a feed of some kind; those of a smaller n are of ids before it.
std::string id_of(int kind, uint64_t n) {
  switch (kind) {
    case 0:
      return std::to_string(n);
    case 1:
      return std::to_string(n * 7919 % 100'003);  // close together, in no order
    case 2:
      return std::to_string(n * 2'654'435'761 % 9'999'999'967);  // far apart
    case 3:
      return fmt::format("e{}", n * 7919 % 100'003);
    case 4:
      return fmt::format("{:05}", n * 7919 % 100'003);  // 00712 is not 712
    case 5:
      return std::to_string(9'999'990'000 + n * 77 % 20'011);  // about the greatest number of ten digits
    case 6:
      return std::to_string(99'999'000 + n * 77 % 2003);  // and of eight
    default:
      return std::string(n % 7, '0') + std::to_string(n * 31 % 1009);
  }
}

TEST(Duplicates, FindsWhatCameBeforeAndNothingElse) {
  std::size_t ids = 0;
  for (uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Random random(seed);
    const auto chance = [&](double p) { return static_cast<double>(random() >> 11) * 0x1p-53 < p; };
    Feed feed;
    const uint64_t sources = 1 + random() % 4;
    std::vector<int> kinds;
    for (uint64_t i = 0; i < sources; ++i) kinds.push_back(static_cast<int>(random() % 8));
    const bool mixed = chance(0.3);
    const double repeats = std::vector<double>{0, 0.001, 0.05, 0.5}[random() % 4];
    uint64_t number = 1;
    for (int block = 0; block < 30; ++block) {
      std::vector<uint32_t> source;
      std::vector<std::string> id;
      for (uint64_t i = random() % 200; i > 0; --i, ++number) {
        source.push_back(static_cast<uint32_t>(random() % sources));
        const int kind = mixed ? static_cast<int>(random() % 8) : kinds[source.back()];
        id.push_back(chance(0.02) ? "" : id_of(kind, chance(repeats) ? random() % number : number));
      }
      if (chance(0.3)) {
        for (std::size_t i = 0; i < id.size(); ++i) feed.one(source[i], id[i]);
      } else {
        feed.many(source, id);
      }
      if (testing::Test::HasFailure()) return;
    }
    feed.check();
    if (testing::Test::HasFailure()) return;
    ids += feed.ids();
  }
  EXPECT_GT(ids, 100'000u);
}

TEST(Duplicates, NumbersCloseTogetherTakeLittleMemory) {
  Feed feed;
  const uint64_t count = 100'003;
  for (uint64_t n = 0; n < count; ++n) ASSERT_TRUE(feed.one(1, id_of(1, n)));
  EXPECT_LT(feed.duplicates.memory_bytes(), 40'000u) << "a bit each, and some pages begun";
  EXPECT_FALSE(feed.one(1, "7"));
  EXPECT_TRUE(feed.one(2, "7")) << "of another source";
  EXPECT_TRUE(feed.one(1, "007")) << "another id";
  EXPECT_FALSE(feed.one(1, "007"));
  EXPECT_LT(feed.duplicates.memory_bytes(), 50'000u) << "a few repetitions are looked for in the table";
  for (uint64_t n = 0; n < count; n += 97) ASSERT_FALSE(feed.one(1, id_of(1, n)));
  EXPECT_LT(feed.duplicates.memory_bytes(), 16 * feed.table.size() + 1'100'000);
}

TEST(Duplicates, SourcesThatNeverUseTheSameNumberShareTheirBits) {
  Feed feed;
  const uint64_t count = 100'003;
  for (uint64_t n = 0; n < count; ++n) ASSERT_TRUE(feed.one(static_cast<uint32_t>(n % 40), id_of(1, n)));
  EXPECT_LT(feed.duplicates.memory_bytes(), 40'000u);
  EXPECT_TRUE(feed.one(1, id_of(1, 2))) << "the number of another source's event";
  EXPECT_GT(feed.duplicates.memory_bytes(), 400'000u) << "bits for each source";
  EXPECT_FALSE(feed.one(1, id_of(1, 2)));
  EXPECT_FALSE(feed.one(2, id_of(1, 2)));
  EXPECT_TRUE(feed.one(3, id_of(1, 2)));
  feed.check();
}

TEST(Duplicates, NumbersFarApartTakeNoMoreThanOtherIds) {
  Feed feed;
  std::size_t most = 0;
  for (uint64_t n = 0; n < 40'000; ++n) {
    ASSERT_TRUE(feed.one(static_cast<uint32_t>(n % 3), id_of(2, n)));
    most = std::max(most, feed.duplicates.memory_bytes());
    ASSERT_LE(feed.duplicates.memory_bytes(), (std::size_t{16} << 20) + 32 * feed.table.size());
  }
  EXPECT_GT(most, std::size_t{4} << 20) << "they were tried as numbers";
  EXPECT_LT(feed.duplicates.memory_bytes(), std::size_t{2} << 20) << "and are not any more";
  feed.check();
}

TEST(Duplicates, ASourceAnIdTakesNoMoreThanOthers) {
  Feed feed;
  for (uint32_t source = 0; source < 30'000; ++source) {
    ASSERT_TRUE(feed.one(source, "5"));
    ASSERT_TRUE(feed.one(source, "4"));
    ASSERT_LE(feed.duplicates.memory_bytes(), (std::size_t{16} << 20) + 32 * feed.table.size());
  }
  for (uint32_t source = 0; source < 30'000; ++source) ASSERT_FALSE(feed.one(source, "5"));
}

}  // namespace
}  // namespace kept::exchange
