// Batches that reach one store from many threads at once, on both databases.
#include <algorithm>
#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "app/feeds_text.h"
#include "app/ledger_checks.h"
#include "ledger/tree.h"
#include "support/checked_build.h"
#include "support/intake_stores_test.h"

namespace kept::app {
namespace {

using base::ErrorCode;
using Received = base::Result<BatchReceipt>;

constexpr const char* feed = "police-older-system";

std::string arrest(const std::string& id, const std::string& crime, const std::string& suspect = "S1") {
  return fmt::format(
      R"({{"id":"{}","type":"suspect.arrested","crime":"{}","suspect":"{}","occurred_at":"2024-03-06T09:00:00Z","recorded_at":"2024-03-06T09:30:00Z"}})"
      "\n",
      id, crime, suspect);
}

class ConcurrentIntake : public IntakeStores {
 protected:
  BatchRequest batch(const std::string& text, std::optional<uint64_t> number = {}, const std::string& of = feed) {
    BatchRequest request;
    request.feed = of;
    request.path = write(fmt::format("{}.{}", ++files_, text.starts_with('{') ? "jsonl" : "csv"), text);
    request.number = number;
    request.accept_volume = true;
    return request;
  }
  static void wait_until(const std::function<bool()>& holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), until) << "it never came to that";
      std::this_thread::yield();
    }
  }
  /// All of them wait in the line before the first is committed.
  std::vector<Received> receive_together(const std::vector<BatchRequest>& requests) {
    std::vector<std::future<Received>> under_way;
    store();
    {
      const std::lock_guard<std::mutex> busy(store().mutex());
      for (std::size_t i = 0; i < requests.size(); ++i) {
        under_way.push_back(
            std::async(std::launch::async, [this, &requests, i] { return receive_batch(store(), requests[i]); }));
        wait_until([&] { return store().commits().waiting() == i + 1; });
      }
    }
    std::vector<Received> out;
    for (auto& each : under_way) out.push_back(each.get());
    return out;
  }
  /// The receipt proves where the batch stands, and what stands there says the same of it.
  void expect_proved(const BatchReceipt& receipt) {
    EXPECT_TRUE(receipt.counts.add_up());
    ASSERT_TRUE(receipt.receipt);
    const ledger::Receipt& proof = *receipt.receipt;
    EXPECT_TRUE(ledger::verify_inclusion(proof.leaf, proof.position, proof.size, proof.proof, proof.root));
    const auto read = store().ledger().entries(
        ledger::TreeName::facts, proof.position, 1, [&](uint64_t, const ledger::Entry& entry) -> base::Status {
          EXPECT_EQ(entry.kind, ledger::EntryKind::batch);
          EXPECT_EQ(entry.batch, receipt.key);
          EXPECT_EQ(entry.fields.at("number"), std::to_string(receipt.number));
          EXPECT_EQ(entry.fields.at("sha256"), receipt.digest);
          EXPECT_EQ(entry.fields.at("rows"), std::to_string(receipt.counts.rows));
          return base::Done{};
        });
    EXPECT_TRUE(read);
  }
  void expect_whole() {
    expect_as_judged_anew();
    EXPECT_TRUE(store().publish(true));
    const auto checked = check_ledger(store(), {});
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_TRUE(checked->is_good()) << check_text(*checked);
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, ConcurrentIntake, both_stores, store_name);

TEST_P(ConcurrentIntake, BatchesThatWaitForTheSameCommitShareItAndEachHasItsReceipt) {
  std::vector<BatchRequest> requests;
  for (uint64_t number = 1; number <= 10; ++number)
    requests.push_back(batch(arrest(fmt::format("a{}", number), fmt::format("C{}", number % 3)), number));
  requests.push_back(batch(victims_heading + "\n", 1, "police-victims"));
  store();
  const uint64_t before = store().commits().commits();
  const auto receipts = receive_together(requests);
  EXPECT_EQ(store().commits().commits(), before + 1);
  std::set<uint64_t> keys, positions;
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    ASSERT_TRUE(receipts[i]) << receipts[i].error().message;
    expect_proved(*receipts[i]);
    EXPECT_EQ(receipts[i]->number, *requests[i].number);
    EXPECT_EQ(receipts[i]->feed, requests[i].feed);
    EXPECT_EQ(receipts[i]->counts.accepted, i < 10 ? 1u : 0u);
    EXPECT_TRUE(receipts[i]->missing.empty()) << "taken in the order in which they came";
    keys.insert(receipts[i]->key);
    positions.insert(receipts[i]->receipt->position);
  }
  EXPECT_EQ(keys.size(), receipts.size());
  EXPECT_EQ(positions.size(), receipts.size());
  EXPECT_EQ(events(), 10u);
  expect_whole();
  // What was acknowledged is there when the store is opened again.
  close();
  EXPECT_EQ(state(feed).last_batch, 10u);
  EXPECT_EQ(state(feed).counts.accepted, 10u);
}

TEST_P(ConcurrentIntake, WhatIsRefusedHarmsNoOtherOfItsGroup) {
  ASSERT_TRUE(receive_batch(store(), batch(arrest("a1", "C1"), 1)));
  std::vector<BatchRequest> requests{batch(arrest("a2", "C1"), 2),
                                     batch(arrest("a1", "C1"), 1),
                                     batch(arrest("x", "C1"), 1),
                                     batch(arrest("a3", "C2"), 3),
                                     batch("{broken\n" + arrest("a4", "C2"), 4),
                                     batch("no,such,heading\n1,2,3\n", 1, "police-victims"),
                                     batch(arrest("a5", "C3"), 5),
                                     batch(arrest("a6", "C3"), 6)};
  requests[6].rows = 2;
  const auto got = receive_together(requests);
  ASSERT_TRUE(got[0]);
  expect_proved(*got[0]);
  ASSERT_TRUE(got[1]) << "the same batch again";
  EXPECT_TRUE(got[1]->again);
  expect_proved(*got[1]);
  ASSERT_FALSE(got[2]) << "other content under a number that came before";
  EXPECT_EQ(got[2].error().code, ErrorCode::conflict);
  ASSERT_TRUE(got[3]);
  ASSERT_TRUE(got[4]) << "a row that is broken is put aside";
  EXPECT_EQ(got[4]->counts.quarantined, 1u);
  EXPECT_EQ(got[4]->counts.accepted, 1u);
  ASSERT_FALSE(got[5]) << "no table of that feed";
  EXPECT_EQ(got[5].error().code, ErrorCode::invalid);
  ASSERT_FALSE(got[6]) << "it has one row, and says two";
  EXPECT_EQ(got[6].error().code, ErrorCode::conflict);
  ASSERT_TRUE(got[7]);
  EXPECT_EQ(got[7]->missing, std::vector<uint64_t>{5});
  EXPECT_EQ(state(feed).missing, std::vector<uint64_t>{5});
  EXPECT_EQ(state(feed).counts.rows, 6u);
  EXPECT_EQ(state("police-victims").counts.rows, 0u);
  EXPECT_EQ(events(), 5u) << "a1, a2, a3, a4, a6";
  // What was refused is sent again as it should be.
  requests[6].rows = 1;
  ASSERT_TRUE(receive_batch(store(), requests[6]));
  EXPECT_TRUE(state(feed).missing.empty());
  expect_whole();
}

TEST_P(ConcurrentIntake, Care01_OldNewsSharesItsCommitWithNobodySoThatItSilencesNobodyElse) {
  ASSERT_TRUE(receive_batch(store(), batch(csv(victims_heading, {victim("C1", "V1", "v1")}), 1, "police-victims")));
  std::string old = arrest("a1", "C1");
  for (const auto& [from, to] :
       {std::pair{"2024-03-06T09:00", "2024-01-06T09:00"}, {"2024-03-06T09:30", "2024-01-06T09:30"}})
    old.replace(old.find(from), std::string(from).size(), to);
  store();
  const uint64_t before = store().commits().commits();
  const auto got =
      receive_together({batch(arrest("a2", "C1", "S2"), 1), batch(old, 2), batch(arrest("a3", "C1", "S3"), 3)});
  for (const Received& each : got) ASSERT_TRUE(each) << each.error().message;
  EXPECT_EQ(store().commits().commits(), before + 3);
  std::map<std::string, bool> is_historic;
  for (const ledger::Fact& fact : facts())
    if (fact.entry.kind == ledger::EntryKind::event) is_historic[fact.event.id] = fact.entry.historic;
  EXPECT_TRUE(is_historic["a1"]);
  EXPECT_FALSE(is_historic["a2"]);
  expect_whole();
}

TEST_P(ConcurrentIntake, TheSameBatchSentTwiceAtOnceIsTakenOnce) {
  std::string rows;
  for (int i = 1; i <= 7; ++i) rows += arrest(fmt::format("a{}", i), "C1");
  for (const std::size_t a_commit : {std::size_t{100}, std::size_t{2}}) {
    close();
    std::filesystem::remove_all(data());
    if (is_postgres()) database_ = fresh_database("template1");
    std::vector<BatchRequest> twice{batch(rows, 1), batch(rows, 1)};
    for (BatchRequest& each : twice) each.events_a_commit = a_commit;
    const auto got = receive_together(twice);
    ASSERT_TRUE(got[0]) << got[0].error().message;
    ASSERT_TRUE(got[1]) << got[1].error().message;
    EXPECT_FALSE(got[0]->again);
    EXPECT_TRUE(got[1]->again);
    EXPECT_FALSE(got[1]->resumed);
    for (const Received& each : got) {
      EXPECT_EQ(each->counts.accepted, 7u);
      EXPECT_EQ(each->key, got[0]->key);
      expect_proved(*each);
    }
    EXPECT_EQ(events(), 7u);
    EXPECT_EQ(state(feed).counts.rows, 7u);
  }
}

TEST_P(ConcurrentIntake, ALargeBatchLetsOthersInBetweenItsCommits) {
  std::string rows;
  constexpr int count = 4'000;
  for (int i = 1; i <= count; ++i) rows += arrest(fmt::format("a{}", i), fmt::format("C{}", i));
  BatchRequest large = batch(rows);
  large.events_a_commit = 500;
  const BatchRequest small = batch(csv(victims_heading, {victim("C1", "V1", "v1")}), 1, "police-victims");
  const BatchRequest same_feed = batch(arrest("b2", "C1"), 2);
  const BatchRequest next = batch(arrest("b3", "C1"));
  store();
  const uint64_t before = store().commits().commits();
  bool is_in_between = false;
  std::future<Received> waits;
  large.progress = [&](uint64_t done, uint64_t total) {
    if (is_in_between || store().commits().commits() == before || done == total) return;
    is_in_between = true;
    // A batch of another feed, and one of the same feed that says which it is, are taken at once.
    for (const BatchRequest* each : {&small, &same_feed}) {
      auto got = std::async(std::launch::async, [&, each] { return receive_batch(store(), *each); });
      ASSERT_EQ(got.wait_for(std::chrono::minutes(2)), std::future_status::ready) << "it waits for the large one";
      const Received receipt = got.get();
      ASSERT_TRUE(receipt) << receipt.error().message;
      EXPECT_EQ(receipt->counts.accepted, 1u);
      expect_proved(*receipt);
    }
    // One that does not say so is the one after.
    waits = std::async(std::launch::async, [&] { return receive_batch(store(), next); });
  };
  large.number = 1;
  const Received receipt = receive_batch(store(), large);
  ASSERT_TRUE(receipt) << receipt.error().message;
  ASSERT_TRUE(is_in_between) << "the large batch took more than one commit";
  EXPECT_EQ(receipt->counts.accepted, static_cast<uint64_t>(count));
  EXPECT_FALSE(receipt->resumed);
  expect_proved(*receipt);
  const Received after = waits.get();
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->number, 3u);
  EXPECT_EQ(events(), std::size_t{count} + 3);
  EXPECT_EQ(state(feed).last_batch, 3u);
  EXPECT_EQ(state(feed).counts.rows, static_cast<uint64_t>(count) + 2);
  expect_as_judged_anew();
}

TEST_P(ConcurrentIntake, ManyThreadsAtOnceAreEachToldTheTruth) {
  constexpr int threads = 6;
  const int each = part_when_checked > 1 ? 8 : 25;
  store();
  std::vector<BatchRequest> requests;
  for (int t = 0; t < threads; ++t)
    for (int i = 0; i < each; ++i) {
      // Every fourth was sent by another thread as well, every fifth has a row that nobody can read.
      const std::string id = i % 4 == 3 ? fmt::format("s{}", i) : fmt::format("t{}-{}", t, i);
      requests.push_back(batch(arrest(id, fmt::format("C{}", i % 7)) + (i % 5 == 4 ? "{broken\n" : "")));
    }
  std::vector<Received> got(requests.size(), Received(base::invalid("never sent")));
  std::vector<std::thread> senders;
  for (int t = 0; t < threads; ++t)
    senders.emplace_back([&, t] {
      for (int i = t * each; i < (t + 1) * each; ++i)
        got[static_cast<std::size_t>(i)] = receive_batch(store(), requests[static_cast<std::size_t>(i)]);
    });
  // Somebody looks meanwhile, as the service's timer does.
  std::atomic<bool> is_over = false;
  std::thread looks([&] {
    while (!is_over) {
      const std::lock_guard<std::mutex> lock(store().mutex());
      EXPECT_TRUE(visit_time(store(), store().now(), false));
    }
  });
  for (std::thread& one : senders) one.join();
  is_over = true;
  looks.join();
  std::set<uint64_t> numbers, keys, positions;
  RowCounts all;
  for (const Received& one : got) {
    ASSERT_TRUE(one) << one.error().message;
    numbers.insert(one->number);
    keys.insert(one->key);
    positions.insert(one->receipt->position);
    all += one->counts;
    expect_proved(*one);
  }
  EXPECT_EQ(numbers.size(), got.size());
  EXPECT_EQ(*numbers.rbegin(), got.size()) << "numbered without holes";
  EXPECT_EQ(keys.size(), got.size());
  EXPECT_EQ(positions.size(), got.size());
  const FeedState stands = state(feed);
  EXPECT_EQ(stands.counts.rows, all.rows);
  EXPECT_EQ(stands.counts.accepted, all.accepted);
  EXPECT_EQ(stands.counts.duplicate, all.duplicate);
  EXPECT_EQ(stands.counts.quarantined, all.quarantined);
  EXPECT_EQ(events(), all.accepted) << "each event once, however many sent it";
  EXPECT_GT(all.duplicate, 0u);
  expect_whole();
}

}  // namespace
}  // namespace kept::app
