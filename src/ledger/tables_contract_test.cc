// What each table of a store's projections keeps and gives back, on each of the two databases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "ledger/batch_table.h"
#include "ledger/difference_table.h"
#include "ledger/feed_table.h"
#include "ledger/judged_table.h"
#include "ledger/migrations.h"
#include "ledger/name_table.h"
#include "ledger/outbox_table.h"
#include "ledger/quarantine_table.h"
#include "ledger/setting_table.h"
#include "ledger/store_test.h"
#include "ledger/waiting_table.h"

namespace kept::ledger {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class TablesContract : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    store_ = make_store(GetParam(), folder_);
    auto opened = store_->open(false);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
    const auto plan = plan_migrations(*database_);
    ASSERT_TRUE(plan) << plan.error().message;
    ASSERT_TRUE(apply_migrations(*database_, *plan, 1));
  }
  void TearDown() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  Database& database() { return *database_; }
  static void expect_done(const base::Status& done) { ASSERT_TRUE(done) << done.error().message; }

 private:
  const std::string folder_ = std::filesystem::temp_directory_path() / ("kept-tables-" + std::to_string(::getpid()));
  std::unique_ptr<TestStore> store_;
  std::unique_ptr<Database> database_;
};

TEST_P(TablesContract, judged_rows_are_replaced_found_by_time_and_gap_and_dropped) {
  JudgedTable table(database());
  EXPECT_EQ(table.sum().value().last_judged_at, 0);
  const std::string bytes("\0owed\xff", 6);
  const JudgedRow rows[] = {{7, 10, 100, false, bytes}, {3, 11, 90, true, ""}, {9, 9, INT64_MAX, true, "x"}};
  expect_done(table.write(rows));
  expect_done(table.write(std::vector<JudgedRow>{{9, 20, 95, false, "y"}}));
  EXPECT_THAT(table.subjects().value(), ElementsAre(3, 7, 9));
  EXPECT_THAT(table.due_by(95).value(), ElementsAre(3, 9));
  EXPECT_THAT(table.due_by(89).value(), IsEmpty());
  EXPECT_THAT(table.with_gaps().value(), ElementsAre(3));
  EXPECT_EQ(table.sum().value().last_judged_at, 20);
  EXPECT_EQ(table.sum().value().rows, 3u);
  expect_done(table.write_obligations(3, "changed"));
  std::vector<std::string> seen;
  expect_done(
      table.read(std::vector<int64_t>{9, 8, 7, 3}, [&](std::size_t which, const JudgedRow& row) -> base::Status {
        seen.push_back(std::to_string(which) + " " + std::to_string(row.subject) + " " + std::to_string(row.judged_at) +
                       " " + std::to_string(row.next_at) + (row.gap ? " gap " : " ") + std::string(row.obligations));
        return base::Done{};
      }));
  EXPECT_THAT(seen, ElementsAre("0 9 20 95 y", "2 7 10 100 " + bytes, "3 3 11 90 gap changed"));
  expect_done(table.drop(std::vector<int64_t>{3, 4, 9}));
  EXPECT_THAT(table.subjects().value(), ElementsAre(7));
}

TEST_P(TablesContract, a_difference_of_the_same_cause_takes_the_place_of_the_earlier) {
  DifferenceTable table(database());
  expect_done(table.write(std::vector<DifferenceRow>{{1, 5, "a"}, {2, 5, "b"}}));
  expect_done(table.write(std::vector<DifferenceRow>{{1, 5, "c"}, {1, 6, "d"}}));
  std::set<std::string> seen;
  expect_done(table.each([&](const DifferenceRow& row) -> base::Status {
    seen.insert(std::to_string(row.subject) + " " + std::to_string(row.entry) + " " + std::string(row.changes));
    return base::Done{};
  }));
  EXPECT_THAT(seen, ElementsAre("1 5 c", "1 6 d", "2 5 b"));
}

TEST_P(TablesContract, a_row_of_the_outbox_stays_as_live_and_as_old_as_it_was) {
  OutboxTable table(database());
  expect_done(
      table.add(std::vector<OutboxRow>{{1, "a", 1, 500, true, 10, 2, 30}, {1, "b", 1, std::nullopt, false, 10}}));
  expect_done(table.add(std::vector<OutboxRow>{{1, "a", 1, 600, false, 20, 3, 31}}));
  expect_done(table.settle(std::vector<OutboxRow>{{1, "b", 2, 700, true, 30}, {2, "b", 2, 700, true, 30}}));
  const auto rows = [&] {
    std::set<std::string> seen;
    expect_done(table.each([&](const OutboxRow& row) -> base::Status {
      seen.insert(std::to_string(row.subject) + " " + std::string(row.obligation) + " " + std::to_string(row.state) +
                  " " + std::to_string(row.due_at.value_or(-1)) + (row.live ? " live " : " historic ") +
                  std::to_string(row.since) + " " + std::to_string(row.act) + " " + std::to_string(row.agency));
      return base::Done{};
    }));
    return seen;
  };
  EXPECT_THAT(rows(), ElementsAre("1 a 1 600 live 10 3 31", "1 b 2 700 historic 10 0 0"));
  expect_done(table.replace_all(std::vector<OutboxRow>{{3, "c", 3, std::nullopt, true, 40, 1, 2}}));
  EXPECT_THAT(rows(), ElementsAre("3 c 3 -1 live 40 1 2"));
}

TEST_P(TablesContract, rows_of_the_outbox_are_described_and_counted) {
  OutboxTable table(database());
  expect_done(table.add(std::vector<OutboxRow>{{1, "a", 1, 500, true, 10},
                                               {1, "b", 1, 600, true, 10},
                                               {2, "a", 1, std::nullopt, true, 10},
                                               {2, "b", 2, 500, false, 10}}));
  expect_done(table.describe(std::vector<OutboxRow>{
      {1, "a", 3, 1, false, 1, 4, 30}, {1, "b", 3, 1, false, 1, 4, 30}, {9, "a", 1, 1, true, 1, 4, 30}}));
  const auto counts = table.counts(600);
  ASSERT_TRUE(counts) << counts.error().message;
  std::set<std::string> seen;
  for (const OutboxCount& each : *counts)
    seen.insert(std::to_string(each.agency) + " " + std::to_string(each.act) + " " + std::to_string(each.state) +
                (each.live ? " live" : " historic") + (each.is_past ? " past " : " ") + std::to_string(each.rows));
  // State, deadline and liveness stay; what waits for exactly now, or for no moment, is not past.
  EXPECT_THAT(seen, ElementsAre("0 0 1 live 1", "0 0 2 historic past 1", "30 4 1 live 1", "30 4 1 live past 1"));
}

TEST_P(TablesContract, a_setting_is_added_once_changed_by_put_and_found_by_its_prefix) {
  SettingTable table(database());
  EXPECT_FALSE(table.read("erased:V1").value());
  expect_done(table.add("erased:V2", "20"));
  expect_done(table.add("erased:V1", "10"));
  expect_done(table.add("other", "erased:V9"));
  EXPECT_FALSE(table.add("erased:V1", "11")) << "it is there already";
  expect_done(table.put("other", "1"));
  expect_done(table.put("other", "2"));
  EXPECT_EQ(table.read("other").value(), "2");
  EXPECT_EQ(table.read("erased:V1").value(), "10");
  std::vector<std::string> seen;
  expect_done(table.each_of("erased:", [&](std::string_view rest, std::string_view value) -> base::Status {
    seen.push_back(std::string(rest) + "=" + std::string(value));
    return base::Done{};
  }));
  EXPECT_THAT(seen, ElementsAre("V1=10", "V2=20"));
}

TEST_P(TablesContract, a_feed_keeps_its_latest_batch_and_sums_its_rows) {
  FeedTable table(database());
  EXPECT_FALSE(table.find("police").value());
  expect_done(table.add("police", 4));
  expect_done(table.add("courts", 5));
  expect_done(table.set_contract("courts", 6));
  expect_done(table.add_counts("police", {15, 1, 2, 3, 4, 5, 6}));
  expect_done(table.add_counts("police", {5, 1, 1, 1, 1, 1, 1}));
  expect_done(table.note_batch("police", 3, 300));
  expect_done(table.note_batch("police", 2, 400));
  const auto all = table.all().value();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, "courts");
  EXPECT_EQ(all[0].contract, 6u);
  EXPECT_EQ(all[0].last_batch, 0u);
  const FeedRow police = table.find("police").value().value();
  EXPECT_NE(police.key, all[0].key);
  EXPECT_EQ(police.last_batch, 3u);
  EXPECT_EQ(police.last_at, 400);
  EXPECT_EQ(police.counts.rows, 20u);
  EXPECT_EQ(police.counts.accepted, 2u);
  EXPECT_EQ(police.counts.duplicate, 3u);
  EXPECT_EQ(police.counts.conflict, 4u);
  EXPECT_EQ(police.counts.quarantined, 5u);
  EXPECT_EQ(police.counts.ignored, 6u);
  EXPECT_EQ(police.counts.events, 7u);
  EXPECT_TRUE(police.counts.add_up());
}

TEST_P(TablesContract, a_batch_advances_ends_and_is_found_by_number_and_by_its_bytes) {
  FeedTable feeds(database());
  expect_done(feeds.add("police", 4));
  const int64_t feed = feeds.find("police").value()->key;
  BatchTable table(database());
  EXPECT_EQ(table.next_key().value(), 1u);
  const auto add = [&](uint64_t key, uint64_t number, const char* digest, int64_t received_at) {
    BatchRow row;
    row.key = key;
    row.feed = feed;
    row.number = number;
    row.digest = digest;
    row.received_at = received_at;
    expect_done(table.add(row));
  };
  add(1, 2, "aa", 100);
  add(2, 1, "bb", 200);
  EXPECT_EQ(table.next_key().value(), 3u);
  EXPECT_EQ(table.unfinished(feed, "aa").value(), 2u);
  expect_done(table.advance(1, 11, {10, 9, 1, 0, 0, 0, 9}, BatchState::receiving));
  expect_done(table.advance(1, 21, {10, 10, 0, 0, 0, 0, 12}, BatchState::complete));
  expect_done(table.advance(2, 6, {5, 4, 0, 0, 1, 0, 4}, BatchState::held));
  expect_done(table.set_entry(1, 77));
  EXPECT_FALSE(table.unfinished(feed, "aa").value());
  EXPECT_EQ(table.unfinished(feed, "bb").value(), 1u);
  EXPECT_TRUE(table.is_taken("aa").value());
  EXPECT_FALSE(table.is_taken("bb").value()) << "held, not taken";
  EXPECT_EQ(table.entry_of(1).value(), 77u);
  EXPECT_FALSE(table.entry_of(2).value());
  EXPECT_FALSE(table.entry_of(9).value());
  EXPECT_EQ(table.count().value(), 2u);
  EXPECT_EQ(table.rows_between(feed, 100, 200, 0).value(), 25u);
  EXPECT_EQ(table.rows_between(feed, 100, 200, 2).value(), 20u);
  EXPECT_EQ(table.rows_between(feed, 101, 199, 0).value(), 0u);
  EXPECT_FALSE(table.find(feed, 3).value());
  const BatchRow first = table.find(feed, 2).value().value();
  EXPECT_EQ(first.key, 1u);
  EXPECT_EQ(first.digest, "aa");
  EXPECT_EQ(first.state, BatchState::complete);
  EXPECT_EQ(first.received_at, 100);
  EXPECT_EQ(first.next_row, 21u);
  EXPECT_EQ(first.counts.accepted, 19u);
  EXPECT_EQ(first.counts.events, 21u);
  EXPECT_EQ(first.entry, 77u);
  std::vector<uint64_t> numbers, keys;
  expect_done(table.each_of("police", [&](const BatchRow& row) -> base::Status {
    numbers.push_back(row.number);
    return base::Done{};
  }));
  EXPECT_THAT(numbers, ElementsAre(1u, 2u));
  expect_done(table.each([&](std::string_view name, const BatchRow& row) -> base::Status {
    EXPECT_EQ(name, "police");
    keys.push_back(row.key);
    return base::Done{};
  }));
  EXPECT_THAT(keys, ElementsAre(1u, 2u));

  QuarantineTable aside(database());
  expect_done(aside.add(std::vector<QuarantineRow>{
      {50, 1, 3, "malformed", std::nullopt}, {51, 1, 4, "future", std::nullopt}, {60, 2, 1, "no_id", std::nullopt}}));
  using Reasons = std::map<std::string, uint64_t>;
  EXPECT_EQ(aside.open_reasons(feed).value(), (Reasons{{"malformed", 1}, {"future", 1}, {"no_id", 1}}));
  expect_done(aside.settle(51, 90));
  expect_done(aside.settle(51, 91));
  EXPECT_EQ(aside.open_reasons(feed).value(), (Reasons{{"malformed", 1}, {"no_id", 1}}));
  EXPECT_EQ(aside.reasons_of_batch(1).value(), (Reasons{{"malformed", 1}, {"future", 1}})) << "settled or not";
  EXPECT_EQ(aside.reasons_of_batch(9).value(), Reasons{});
  const auto rows_of = [&](uint64_t batch, uint64_t most) {
    std::vector<uint64_t> rows;
    expect_done(aside.of_batch(batch, most, [&](const QuarantineRow& row) -> base::Status {
      rows.push_back(row.row);
      return base::Done{};
    }));
    return rows;
  };
  EXPECT_THAT(rows_of(1, 100), ElementsAre(3u, 4u));
  EXPECT_THAT(rows_of(1, 1), ElementsAre(3u));
  EXPECT_THAT(rows_of(2, 100), ElementsAre(1u));
  std::vector<std::string> seen;
  const auto note = [&](const QuarantineRow& row, std::string_view name, uint64_t batch_number) -> base::Status {
    seen.push_back(std::to_string(row.position) + " " + std::string(name) + " " + std::to_string(batch_number) + " " +
                   std::to_string(row.row) + " " + std::string(row.reason) +
                   (row.settled ? " " + std::to_string(*row.settled) : ""));
    return base::Done{};
  };
  expect_done(aside.newest("", false, 2, note));
  EXPECT_THAT(seen, ElementsAre("60 police 1 1 no_id", "51 police 2 4 future 90"));
  seen.clear();
  expect_done(aside.newest("police", true, UINT64_MAX, note));
  EXPECT_THAT(seen, ElementsAre("60 police 1 1 no_id", "50 police 2 3 malformed"));
  seen.clear();
  expect_done(aside.newest("courts", false, 9, note));
  expect_done(aside.find(52, note));
  EXPECT_THAT(seen, IsEmpty());
  expect_done(aside.find(51, note));
  EXPECT_THAT(seen, ElementsAre("51 police 2 4 future 90"));
  std::vector<uint64_t> positions;
  expect_done(aside.each([&](const QuarantineRow& row) -> base::Status {
    positions.push_back(row.position);
    return base::Done{};
  }));
  EXPECT_THAT(positions, ElementsAre(50u, 51u, 60u));
}

TEST_P(TablesContract, crimes_wait_by_feed_and_are_named_in_order) {
  const In names[] = {int64_t{1}, std::string_view("cC1"), int64_t{2}, std::string_view("pV1"),
                      int64_t{3}, std::string_view("cC2"), int64_t{4}, std::string_view("hH1")};
  expect_done(database().insert("name", "key, text", names, 2));
  EXPECT_THAT(named_crimes(database()).value(), ElementsAre(1, 3));
  EXPECT_THAT(named_subjects(database()).value(), ElementsAre(2, 4));
  WaitingTable table(database());
  EXPECT_FALSE(table.has_any().value());
  const std::vector<WaitingRow> rows{{1, "police", 5}, {3, "police", 6}};
  expect_done(table.add(rows));
  EXPECT_TRUE(table.has_any().value());
  EXPECT_EQ(table.all().value(), rows);
  EXPECT_EQ(table.count_of("police").value(), 2u);
  EXPECT_EQ(table.count_of("courts").value(), 0u);
  EXPECT_THAT(table.first_of("police").value(), ElementsAre("cC1", "cC2"));
  expect_done(table.drop(std::vector<int64_t>{1, 2}));
  EXPECT_THAT(table.first_of("police").value(), ElementsAre("cC2"));
}

INSTANTIATE_TEST_SUITE_P(Stores, TablesContract, testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace kept::ledger
