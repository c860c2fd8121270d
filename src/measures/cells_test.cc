#include "measures/cells.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

#include "calendar/london_time.h"
#include "measures/headline.h"

namespace kept::measures {
namespace {

using calendar::local_date;
using calendar::LocalDate;
using model::Due;
using model::Obligation;
using model::Outcome;

TEST(CellKey, ComesBackAsItWas) {
  const CellKey keys[] = {{0, no_month, 0, 0, false, false},
                          {65535, 3599, 4095, 16383, true, true},
                          {7, 1500, 33, 12, true, false},
                          {1, 0, 1, 1, false, true}};
  for (const CellKey& key : keys) EXPECT_EQ(Cells::unpack(Cells::pack(key)), key);
}

TEST(Months, AreThoseOfTheCalendar) {
  EXPECT_EQ(month_of(local_date({1900, 1, 1})), 0);
  EXPECT_EQ(month_of(local_date({2024, 2, 29})), (2024 - 1900) * 12 + 1);
  EXPECT_EQ(month_of(local_date({2199, 12, 31})), 3599);
  EXPECT_EQ(month_of(local_date({1899, 12, 31})), no_month);
  EXPECT_EQ(first_day(month_of(local_date({2024, 2, 29}))), local_date({2024, 2, 1}));
}

std::vector<Obligation> some_obligations(std::size_t count) {
  std::mt19937 random(3);  // NOLINT: the same every time
  std::vector<Obligation> out(count);
  for (Obligation& one : out) {
    one.duty = static_cast<uint16_t>(random() % 20);
    one.crime = static_cast<uint32_t>(random() % 50);
    one.outcome = static_cast<Outcome>(random() % model::outcome_count);
    const auto kind = random() % 8;
    if (kind == 0) one.due_on = {Due::Kind::instant, 1'700'000'000'000 + static_cast<int64_t>(random())};
    if (kind > 1) one.due_on = {Due::Kind::date, 19000 + static_cast<int64_t>(random() % 900)};
    if (random() % 9 == 0) one.flags |= model::flag_enhanced;
    if (random() % 9 == 0) one.flags |= model::flag_too_late_to_use;
    if (random() % 20 == 0) one.window = static_cast<model::WindowState>(1 + random() % 4);
  }
  return out;
}

TEST(Cells, CountWhatAPlainMapCounts) {
  std::vector<CrimeTraits> traits(40);
  for (std::size_t i = 0; i < traits.size(); ++i)
    traits[i] = {static_cast<uint16_t>(i % 7), static_cast<uint16_t>(i % 5)};
  const std::vector<Obligation> all = some_obligations(200'000);
  Cells cells(&traits);
  cells.take(all.data(), all.size());
  std::map<uint64_t, std::array<uint32_t, 12>> plain;
  uint64_t windows = 0;
  for (const Obligation& one : all) {
    if (one.window != model::WindowState::not_a_window) {
      ++windows;
      continue;
    }
    CellKey key{one.duty, no_month, 0, 0, (one.flags & model::flag_enhanced) != 0, false};
    if (one.due_on.kind == Due::Kind::date) key.month = month_of(LocalDate{static_cast<int32_t>(one.due_on.value)});
    if (one.due_on.kind == Due::Kind::instant) key.month = month_of(calendar::london_date(one.due_on.value));
    if (one.crime < traits.size()) key.borough = traits[one.crime].borough, key.offence = traits[one.crime].offence;
    auto& counts = plain[Cells::pack(key)];
    ++counts[static_cast<std::size_t>(one.outcome)];
    counts[11] += (one.flags & model::flag_too_late_to_use) != 0;
  }
  ASSERT_EQ(cells.size(), plain.size());
  EXPECT_EQ(cells.obligations() + windows, all.size());
  cells.for_each([&](const CellKey& key, const Cell& cell) {
    const auto found = plain.find(Cells::pack(key));
    ASSERT_NE(found, plain.end());
    for (std::size_t i = 0; i < 11; ++i) EXPECT_EQ(cell.outcomes[i], found->second[i]);
    EXPECT_EQ(cell.too_late_to_use, found->second[11]);
  });
}

TEST(Cells, PartsAddUpToTheWhole) {
  const std::vector<Obligation> all = some_obligations(20'000);
  Cells whole;
  whole.take(all.data(), all.size());
  Cells sum;
  for (std::size_t from = 0; from < all.size(); from += 7'001) {
    Cells part;
    part.take(all.data() + from, std::min<std::size_t>(7'001, all.size() - from));
    sum.merge(part);
  }
  const auto a = whole.sorted();
  const auto b = sum.sorted();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].first, b[i].first);
    EXPECT_EQ(a[i].second.outcomes, b[i].second.outcomes);
  }
  EXPECT_EQ(whole.windows(), sum.windows());
}

OutcomeCounts counts(std::initializer_list<std::pair<Outcome, uint64_t>> some) {
  OutcomeCounts out{};
  for (const auto& [outcome, count] : some) out[static_cast<std::size_t>(outcome)] = count;
  return out;
}

TEST(Headline, Care26_OneDefinitionWithItsRange) {
  struct Row {
    const char* why;
    OutcomeCounts counts;
    int64_t kept, due, low, high, whole;
  };
  const Row rows[] = {
      {"what counts below the line",
       counts({{Outcome::kept, 6},
               {Outcome::late, 1},
               {Outcome::overdue, 1},
               {Outcome::missed, 1},
               {Outcome::excused, 1},
               {Outcome::withdrawn_after_due, 1}}),
       6, 11, 6, 6, 11},
      {"an excuse is never added to kept", counts({{Outcome::excused, 5}}), 0, 5, 0, 0, 5},
      {"open, declined, lapsed and not owed count in neither part",
       counts({{Outcome::kept, 1},
               {Outcome::open, 9},
               {Outcome::declined, 9},
               {Outcome::lapsed, 9},
               {Outcome::not_owed, 9}}),
       1, 1, 1, 1, 1},
      {"what cannot be told widens the range and leaves the rate",
       counts({{Outcome::kept, 3}, {Outcome::late, 1}, {Outcome::cannot_tell, 4}}), 3, 4, 3, 7, 8},
      {"nothing but what cannot be told", counts({{Outcome::cannot_tell, 2}}), 0, 0, 0, 2, 2},
  };
  for (const Row& row : rows) {
    const Headline headline = Headline::from(row.counts);
    EXPECT_EQ(headline.kept, row.kept) << row.why;
    EXPECT_EQ(headline.due, row.due) << row.why;
    EXPECT_EQ(headline.low_part(), row.low) << row.why;
    EXPECT_EQ(headline.high_part(), row.high) << row.why;
    EXPECT_EQ(headline.range_whole(), row.whole) << row.why;
  }
}

}  // namespace
}  // namespace kept::measures
