#include "model/event_table.h"

#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kept::model {
namespace {

EventTable empty_table() {
  auto vocabulary = std::make_shared<Vocabulary>();
  EventType type;
  type.name = "thing.happened";
  EXPECT_TRUE(vocabulary->add_type(type).ok());
  return EventTable(vocabulary);
}

EventRow row_at(const Moment& occurred, int64_t recorded_at) {
  EventRow row;
  row.occurred = occurred;
  row.recorded_at = recorded_at;
  return row;
}

TEST(EventTable, ColumnsGiveTheTableOfTheirRows) {
  EventTable rows = empty_table();
  EventTable columns = empty_table();
  const Moment month = *parse_moment("2026-02");
  const std::vector<int64_t> lo = {1000, month.lo_ms, 3000, 4000};
  const std::vector<int64_t> recorded = {1000, month.lo_ms, 3500, 4000};
  const std::vector<uint16_t> code(4, 0);
  const std::vector<uint8_t> precision = {0, static_cast<uint8_t>(Precision::coarse), 0, 0};
  const std::vector<uint8_t> assumed = {0, 1, 0, 0};
  const std::vector<uint32_t> participant = {0, 7, 8, 0};
  const std::vector<std::string_view> id = {"a", "", "c", ""};
  // In two halves: the second is the first to be recorded at another moment.
  for (std::size_t from = 0; from < 4; from += 2) {
    EventColumns part;
    part.count = 2;
    part.code = code.data() + from;
    part.lo_ms = lo.data() + from;
    part.precision = precision.data() + from;
    part.recorded_at = recorded.data() + from;
    if (from == 0) part.recorded_assumed = assumed.data();
    part.participant = participant.data() + from;
    part.id = id.data() + from;
    EXPECT_EQ(columns.append(part), from);
    if (from == 0) {
      columns.set_coarse_end(1, month.hi_ms);
      EXPECT_TRUE(columns.recorded_with_occurrence());
    }
  }
  columns.set_known(2, month);
  for (std::size_t i = 0; i < 4; ++i) {
    EventRow row = row_at(i == 1 ? month : Moment::instant(lo[i]), recorded[i]);
    row.recorded_assumed = assumed[i] != 0;
    row.participant = participant[i];
    row.id = id[i];
    row.has_known = i == 2;
    row.known = month;
    rows.append(row);
  }
  ASSERT_EQ(columns.size(), rows.size());
  for (uint32_t row = 0; row < 4; ++row) {
    EXPECT_EQ(columns.occurred(row), rows.occurred(row)) << row;
    EXPECT_EQ(columns.recorded_at(row), rows.recorded_at(row)) << row;
    EXPECT_EQ(columns.recorded_assumed(row), rows.recorded_assumed(row)) << row;
    EXPECT_EQ(columns.participant(row), rows.participant(row)) << row;
    EXPECT_EQ(columns.crime(row), 0u);
    EXPECT_EQ(columns.id(row), rows.id(row)) << row;
    EXPECT_EQ(columns.has_known(row), rows.has_known(row)) << row;
  }
  EXPECT_EQ(columns.known(2), month);
}

TEST(EventTable, GivesBackWhatWasAppended) {
  EventTable table = empty_table();
  const Moment day = Moment::date(calendar::local_date({2026, 7, 2}));
  const Moment month = *parse_moment("2026-02");
  EventRow plain = row_at(Moment::instant(1000), 1000);
  EventRow full = row_at(day, day.lo_ms + 5);
  full.participant = table.participants.code("V");
  full.crime = table.crimes.code("X");
  full.suspect = table.suspects.code("A");
  full.hearing = table.hearings.code("H");
  full.key = table.keys.code("K");
  full.source = table.sources.code("s");
  full.agency = table.agencies.code("met");
  full.urn = table.urns.code("01AB");
  full.has_known = true;
  full.known = month;
  full.recorded_assumed = true;
  full.id = "e-1";
  full.corrects = "e-0";
  const DetailValue detail[] = {{3, 42}, {1, table.add_moment(day)}};
  full.detail = detail;
  full.detail_count = 2;
  EventRow coarse = row_at(month, month.lo_ms);
  coarse.retracts = "e-1";

  EXPECT_EQ(table.append(plain), 0u);
  EXPECT_FALSE(table.any_corrections());
  EXPECT_FALSE(table.has_ids());
  EXPECT_EQ(table.append(full), 1u);
  EXPECT_EQ(table.append(coarse), 2u);

  EXPECT_EQ(table.size(), 3u);
  EXPECT_EQ(table.occurred(0), Moment::instant(1000));
  EXPECT_EQ(table.occurred(1), day);
  EXPECT_EQ(table.occurred(2), month);
  EXPECT_EQ(table.recorded_at(0), 1000);
  EXPECT_EQ(table.recorded_at(1), day.lo_ms + 5);
  EXPECT_EQ(table.recorded_at(2), month.lo_ms);
  EXPECT_EQ(table.participant(0), 0u);
  EXPECT_EQ(table.participants.name(table.participant(1)), "V");
  EXPECT_EQ(table.participant(2), 0u) << "beyond the end of a sparse column is absent";
  EXPECT_EQ(table.crimes.name(table.crime(1)), "X");
  EXPECT_EQ(table.suspects.name(table.suspect(1)), "A");
  EXPECT_EQ(table.hearings.name(table.hearing(1)), "H");
  EXPECT_EQ(table.keys.name(table.key(1)), "K");
  EXPECT_EQ(table.sources.name(table.source(1)), "s");
  EXPECT_EQ(table.agencies.name(table.agency(1)), "met");
  EXPECT_EQ(table.urns.name(table.urn(1)), "01AB");
  EXPECT_FALSE(table.has_known(0));
  ASSERT_TRUE(table.has_known(1));
  EXPECT_EQ(table.known(1), month);
  EXPECT_FALSE(table.recorded_assumed(0));
  EXPECT_TRUE(table.recorded_assumed(1));
  EXPECT_FALSE(table.recorded_assumed(2));
  EXPECT_EQ(table.id(0), "0");
  EXPECT_EQ(table.id(1), "e-1");
  EXPECT_EQ(table.corrects(1), "e-0");
  EXPECT_EQ(table.retracts(2), "e-1");
  EXPECT_EQ(table.corrects(2), "");
  EXPECT_TRUE(table.any_corrections());
  int64_t value = 0;
  EXPECT_TRUE(table.detail_value(1, 3, &value));
  EXPECT_EQ(value, 42);
  ASSERT_TRUE(table.detail_value(1, 1, &value));
  EXPECT_EQ(table.moment(value), day);
  EXPECT_FALSE(table.detail_value(1, 2, &value));
  EXPECT_FALSE(table.detail_value(0, 3, &value));
  EXPECT_EQ(table.detail(1).size(), 2u);
  EXPECT_TRUE(table.detail(0).empty());
  EXPECT_EQ(table.detail(0).size(), 0u);
  EXPECT_GT(table.memory_bytes(), 0u);
}

TEST(EventTable, TheRecordedColumnCostsNothingWhileItRepeatsTheFirstMoment) {
  EventTable table = empty_table();
  for (int i = 0; i < 100; ++i) table.append(row_at(Moment::instant(i), i));
  table.append(row_at(Moment::instant(100), 500));
  table.append(row_at(Moment::instant(101), 101));
  EXPECT_EQ(table.recorded_at(42), 42);
  EXPECT_EQ(table.recorded_at(100), 500);
  EXPECT_EQ(table.recorded_at(101), 101);
}

TEST(EventTable, AnEmptyColumnTakesNoMemory) {
  EventTable table = empty_table();
  for (int i = 0; i < 1000; ++i) {
    EventRow row = row_at(Moment::instant(i), i);
    row.participant = static_cast<uint32_t>(i + 1);
    table.append(row);
  }
  EXPECT_TRUE(table.hearing_column().empty());
  EXPECT_EQ(table.participant_column().values().size(), 1000u);
}

TEST(SparseColumn, FillsTheGapBeforeTheFirstValue) {
  SparseColumn<int32_t> column(-1);
  column.set(0, -1);
  EXPECT_TRUE(column.empty());
  column.set(5, 7);
  EXPECT_EQ(column[4], -1);
  EXPECT_EQ(column[5], 7);
  EXPECT_EQ(column[6], -1);
  column.set(5, -1);
  EXPECT_EQ(column[5], -1);
}

TEST(EventTable, DetailValuesOfAnySizeComeBackAsTheyWere) {
  EventTable table = empty_table();
  const int64_t large = int64_t{1} << 45;
  const std::vector<std::vector<DetailValue>> rows = {
      {{0, 0}},
      {},
      {{1, -1}, {3, large - 1}, {2, large}, {65'000, -large}},
      {{3, -large - 1}, {1, std::numeric_limits<int64_t>::max()}, {2, std::numeric_limits<int64_t>::min()}},
      {{2, 5}, {3, -5}}};
  // More than a chunk holds, so that runs meet its end.
  for (uint32_t i = 0; i < 20'000; ++i) {
    EventRow row = row_at(Moment::instant(i), i);
    row.detail = rows[i % rows.size()].data();
    row.detail_count = rows[i % rows.size()].size();
    table.append(row);
  }
  for (uint32_t i = 0; i < table.size(); ++i) {
    const std::vector<DetailValue>& wanted = rows[i % rows.size()];
    ASSERT_EQ(table.detail(i).size(), wanted.size());
    ASSERT_EQ(table.detail(i).empty(), wanted.empty());
    std::size_t k = 0;
    for (const auto [field, value] : table.detail(i)) {
      ASSERT_EQ(field, wanted[k].field);
      ASSERT_EQ(value, wanted[k].value);
      int64_t found = 0;
      ASSERT_TRUE(table.detail_value(i, field, &found));
      ASSERT_EQ(found, wanted[k++].value);
    }
    ASSERT_EQ(k, wanted.size());
  }
}

TEST(EventTable, IdsOfAnyLengthComeBackAsTheyWere) {
  EventTable table = empty_table();
  const auto id_of = [](std::size_t i) { return std::to_string(i) + std::string(i * 7919 % 65'531, 'x'); };
  for (std::size_t i = 0; i < 300; ++i) {
    EventRow row = row_at(Moment::instant(0), 0);
    const std::string id = id_of(i);
    row.id = id;
    table.append(row);
  }
  for (uint32_t i = 0; i < 300; ++i) ASSERT_EQ(table.given_id(i), id_of(i));
}

TEST(EventTable, AColumnInUseTakesRoomForTheRowsExpectedAndOthersNone) {
  EventTable table = empty_table();
  table.reserve(100'000);
  const std::size_t before = table.memory_bytes();
  EventRow row = row_at(Moment::instant(0), 0);
  row.crime = 1;
  table.append(row);
  const std::size_t one_column = table.memory_bytes() - before;
  EXPECT_EQ(one_column, 100'000 * sizeof(uint32_t));
  for (int i = 1; i < 100'000; ++i) table.append(row);
  EXPECT_EQ(table.memory_bytes(), before + one_column) << "nothing grew";
}

TEST(RareColumn, HoldsWhatWasSetAndNothingElse) {
  RareColumn<uint64_t> column;
  EXPECT_TRUE(column.empty());
  EXPECT_EQ(column[0], 0u);
  const auto is_set = [](std::size_t row) { return row % 1000 < 130 ? row % 3 == 0 : row % 577 == 5; };
  std::size_t count = 0;
  for (std::size_t row = 0; row < 50'000; ++row) {
    if (!is_set(row)) continue;
    column.set(row, row + 1);
    ++count;
  }
  EXPECT_FALSE(column.empty());
  for (std::size_t row = 0; row < 60'000; ++row) ASSERT_EQ(column[row], row < 50'000 && is_set(row) ? row + 1 : 0);
  EXPECT_LT(column.memory_bytes(), 2 * (count * 8 + 50'000 / 4));
}

}  // namespace
}  // namespace kept::model
