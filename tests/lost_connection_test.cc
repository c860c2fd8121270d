// The connection to PostgreSQL is cut at every message of opening a store and of writing to it: whoever wrote is told
// of an error, or the event is there; sent again, it is there once. KEPT_EVERY_MESSAGE=1: also at every message of a
// batch, not only at some.
// Slow: it loses hundreds of connections.
// Shards: 2
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "ledger/cutting_proxy_test.h"
#include "ledger/key_store.h"
#include "ledger/ledger.h"
#include "ledger/store_test.h"

namespace kept::ledger {
namespace {

using base::ErrorCode;
using model::Event;

class LostConnection : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    keys_ = KeyStore::open(folder_ + "/keys.sqlite", base::system_chance()).value();
  }
  void TearDown() override {
    keys_.reset();
    std::filesystem::remove_all(folder_);
  }
  base::Result<std::unique_ptr<Ledger>> open(bool through_proxy) {
    PostgresOptions options = store_->options();
    if (through_proxy) options.where = proxy_.where();
    auto database = open_postgres(options);
    if (!database) return database.error();
    LedgerParts parts;
    parts.vocabulary = vocabulary_;
    parts.clock = &clock_;
    parts.chance = &base::system_chance();
    parts.keys = keys_.get();
    parts.disk = &base::system_disk();
    parts.heads_path = folder_ + "/heads";
    parts.signing_key = &signing_;
    return Ledger::open(std::move(*database), parts);
  }
  static NewEvent event(const std::string& id) {
    NewEvent made;
    made.event.id = id;
    made.event.source = "niche";
    made.event.type = "victim.informed";
    made.event.agency = "police";
    made.event.occurred_at = model::parse_moment("2026-03-02T10:00:00Z").value();
    made.event.recorded_at = made.event.occurred_at.lo_ms;
    made.event.participant = "V" + id;
    made.event.crime = "C1";
    return made;
  }
  static bool is_thorough() { return std::getenv("KEPT_EVERY_MESSAGE") != nullptr; }
  /// One event, and a batch large enough for COPY with a correction in it; ids of their own.
  static std::vector<std::vector<NewEvent>> work(const std::string& name) {
    std::vector<std::vector<NewEvent>> out{{event(name)}, {}};
    for (int i = 0; i < 25; ++i) out[1].push_back(event(name + "." + std::to_string(i)));
    out[1].back().event.corrects = name;
    return out;
  }
  static base::Result<std::vector<Placed>> commit(Ledger& ledger, const std::vector<NewEvent>& events) {
    if (const auto begun = ledger.begin(); !begun) return begun.error();
    std::vector<int64_t> touched;
    auto placed = ledger.add_events(events, &touched);
    const auto done = placed ? ledger.commit() : ledger.roll_back();
    if (!placed || done) return placed;
    return done.error();
  }

  PostgresServer& server_ = PostgresServer::shared();
  std::string folder_ = std::filesystem::temp_directory_path() / ("kept-lost-" + std::to_string(::getpid()));
  CuttingProxy proxy_{folder_ + "-proxy", PostgresServer::shared().socket()};
  std::unique_ptr<PostgresStore> store_ = std::make_unique<PostgresStore>();
  std::shared_ptr<const model::Vocabulary> vocabulary_ = std::make_shared<model::Vocabulary>();
  base::ManualClock clock_{1'772'445'600'000};
  SigningKey signing_{leaf_hash("a seed")};
  std::unique_ptr<KeyStore> keys_;
};

TEST_F(LostConnection, WhileAStoreIsMade) {
  uint64_t message = 1;
  for (bool is_made = false; !is_made; message += is_thorough() ? 1 : 5) {
    ASSERT_LT(message, 2'000u);
    store_ = std::make_unique<PostgresStore>();
    std::filesystem::remove(folder_ + "/heads");
    proxy_.cut_at(message, message % 2 == 0);
    {
      const auto opened = open(true);
      is_made = opened.ok();
      if (!is_made) {
        EXPECT_EQ(opened.error().code, ErrorCode::io) << message << ": " << opened.error().message;
      }
    }
    const auto opened = open(false);
    ASSERT_TRUE(opened) << message << ": " << opened.error().message;
    EXPECT_EQ((*opened)->size(), 0u);
    EXPECT_TRUE(commit(**opened, {event("1")}));
  }
  EXPECT_GT(message, 40u);
  fmt::print("making a store: cut up to message {}\n", message);
}

TEST_F(LostConnection, WhileEventsAreWritten) {
  // How many messages there are, when nothing is cut. The store is there already.
  ASSERT_TRUE(open(false));
  std::vector<uint64_t> after;
  {
    proxy_.cut_at(0);
    const auto ledger = open(true);
    ASSERT_TRUE(ledger) << ledger.error().message;
    proxy_.cut_at(0);
    for (const auto& events : work("first")) {
      ASSERT_TRUE(commit(**ledger, events));
      after.push_back(proxy_.passed());
    }
  }
  std::set<uint64_t> cuts;
  for (uint64_t k = 1; k <= after[1] + 30; k += k < after[0] || k + 30 > after[1] || is_thorough() ? 1 : 17)
    cuts.insert(k);
  int lost = 0, in_doubt = 0, whole = 0;
  uint64_t size = 26;
  for (const uint64_t cut : cuts) {
    const std::vector<std::vector<NewEvent>> all = work("k" + std::to_string(cut));
    std::vector<bool> acknowledged(all.size());
    {
      proxy_.cut_at(0);
      const auto ledger = open(true);
      ASSERT_TRUE(ledger) << ledger.error().message;
      proxy_.cut_at(cut, cut % 2 == 0);
      for (std::size_t i = 0; i < all.size(); ++i) {
        const auto placed = commit(**ledger, all[i]);
        acknowledged[i] = placed.ok();
        if (placed) continue;
        EXPECT_EQ(placed.error().code, ErrorCode::io) << placed.error().message;
        // What was lost stays lost; nothing is taken after it.
        EXPECT_FALSE(commit(**ledger, all[i]));
        break;
      }
      whole += acknowledged[1] ? 1 : 0;
    }
    const auto opened = open(false);
    ASSERT_TRUE(opened) << cut << ": " << opened.error().message;
    Ledger& ledger = **opened;
    for (std::size_t i = 0; i < all.size(); ++i) {
      std::size_t there = 0;
      for (const NewEvent& one : all[i]) there += ledger.find("niche", one.event.id).ok() ? 1 : 0;
      EXPECT_TRUE(there == 0 || there == all[i].size()) << cut << ": half a batch is there";
      if (acknowledged[i]) {
        EXPECT_EQ(there, all[i].size()) << cut << ": what was acknowledged is gone";
      }
      if (!acknowledged[i]) ++(there == 0 ? lost : in_doubt);
      const auto again = commit(ledger, all[i]);
      ASSERT_TRUE(again) << again.error().message;
      for (const Placed& one : *again)
        EXPECT_EQ(one.arrival, there == 0 ? Arrival::accepted : Arrival::duplicate) << cut;
      size += all[i].size();
    }
    EXPECT_EQ(ledger.size(), size) << cut;
    ASSERT_TRUE(ledger.publish_heads());
    if (HasFailure()) return;
  }
  EXPECT_GT(lost, static_cast<int>(after[0] / 2));
  EXPECT_GT(in_doubt, 2);  // the answer to COMMIT was cut, of the one and of the batch
  EXPECT_GT(whole, 1);
  fmt::print("{} cuts within {} messages: {} times nothing was kept, {} times all of it though an error was told\n",
             cuts.size(), after[1], lost, in_doubt);
}

}  // namespace
}  // namespace kept::ledger
