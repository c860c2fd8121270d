#include "ledger/group_commit.h"

#include <gtest/gtest.h>

#include <functional>
#include <new>
#include <thread>

#include "ledger/failing_database_test.h"
#include "ledger/store_test.h"

namespace kept::ledger {
namespace {

using base::Error;
using base::ErrorCode;

/// Adds one fact, or fails after it has.
class OneFact : public GroupCommit::Part {
 public:
  OneFact(Ledger& ledger, std::string name, base::Status ends = base::Done{}, bool alone = false, std::size_t size = 1)
      : ledger_(ledger), name_(std::move(name)), ends_(std::move(ends)), alone_(alone), size_(size) {}
  std::size_t size() const override { return size_; }
  bool is_alone() const override { return alone_; }
  base::Status put() override {
    ++puts;
    Entry entry;
    entry.kind = EntryKind::feed;
    entry.fields = {{"name", name_}};
    const auto added = ledger_.add(TreeName::facts, entry);
    if (!added) return added.error();
    position = *added;
    return ends_;
  }
  base::Status settle() override {
    ++settled;
    size_when_settled = ledger_.committed_size();
    if (runs_out_of_memory) throw std::bad_alloc();
    return base::Done{};
  }
  bool runs_out_of_memory = false;  ///< when it is settled
  int puts = 0, settled = 0;
  uint64_t position = 0, size_when_settled = 0;

 private:
  Ledger& ledger_;
  std::string name_;
  base::Status ends_;
  bool alone_;
  std::size_t size_;
};

class GroupCommitTest : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    store_ = make_store(GetParam(), folder_ + "/store");
    LedgerParts parts;
    parts.vocabulary = std::make_shared<model::Vocabulary>();
    parts.clock = &clock_;
    parts.chance = &base::system_chance();
    parts.disk = &base::system_disk();
    auto signing = SigningKey::open_or_create(*parts.disk, folder_ + "/signing.key", *parts.chance);
    ASSERT_TRUE(signing);
    signing_key_ = std::make_unique<SigningKey>(std::move(*signing));
    parts.signing_key = signing_key_.get();
    parts.heads_path = folder_ + "/heads";
    auto database = store_->open();
    ASSERT_TRUE(database);
    auto opened = Ledger::open(std::make_unique<FailingDatabase>(std::move(*database), &failure_), parts);
    ASSERT_TRUE(opened) << opened.error().message;
    ledger_ = std::move(*opened);
    group_ = std::make_unique<GroupCommit>(*ledger_);
  }
  void TearDown() override {
    ledger_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// All of them stand in the line, in this order, before the first is committed.
  std::vector<base::Status> commit(const std::vector<OneFact*>& parts) {
    std::vector<base::Status> out(parts.size(), base::Status(base::Done{}));
    std::vector<std::thread> threads;
    {
      const std::lock_guard<std::mutex> busy(group_->mutex());
      for (std::size_t i = 0; i < parts.size(); ++i) {
        threads.emplace_back([&, i] { out[i] = group_->commit(*parts[i]); });
        while (group_->waiting() != i + 1) std::this_thread::yield();
      }
    }
    for (std::thread& thread : threads) thread.join();
    return out;
  }
  /// The names of the facts that are there.
  std::string names() {
    std::string out;
    EXPECT_TRUE(
        ledger_->entries(TreeName::facts, 0, ledger_->size(), [&](uint64_t, const Entry& entry) -> base::Status {
          out += entry.fields.at("name");
          return base::Done{};
        }));
    return out;
  }

  const std::string folder_ = testing::TempDir() + "kept-group-" + std::to_string(getpid());
  base::ManualClock clock_{1'772'445'600'000};
  FailingDatabase::Failure failure_ = FailingDatabase::Failure::none;
  std::unique_ptr<TestStore> store_;
  std::unique_ptr<SigningKey> signing_key_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<GroupCommit> group_;
};
INSTANTIATE_TEST_SUITE_P(Stores, GroupCommitTest, testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(GroupCommitTest, LeavesNobodyWaitingWhereMemoryRunsOutAtTheEnd) {
  OneFact first(*ledger_, "a"), second(*ledger_, "b"), third(*ledger_, "c");
  first.runs_out_of_memory = true;
  const auto statuses = commit({&first, &second});
  ASSERT_FALSE(statuses[0]);
  EXPECT_EQ(statuses[0].error().code, ErrorCode::io);
  EXPECT_TRUE(statuses[1]);
  EXPECT_TRUE(group_->commit(third));
  EXPECT_EQ(names(), "abc") << "what it put was durable before";
}

TEST_P(GroupCommitTest, who_waits_for_the_same_commit_shares_it) {
  OneFact a(*ledger_, "a"), b(*ledger_, "b"), c(*ledger_, "c"), d(*ledger_, "d");
  for (const base::Status& each : commit({&a, &b, &c, &d})) EXPECT_TRUE(each);
  EXPECT_EQ(group_->commits(), 1u);
  EXPECT_EQ(names(), "abcd");
  for (const OneFact* each : {&a, &b, &c, &d}) {
    EXPECT_EQ(each->settled, 1);
    EXPECT_EQ(each->size_when_settled, 4u) << "settled once all of it is durable";
  }
  EXPECT_EQ(group_->waiting(), 0u);
  OneFact e(*ledger_, "e");
  EXPECT_TRUE(commit({&e})[0]);
  EXPECT_EQ(group_->commits(), 2u);
}

TEST_P(GroupCommitTest, one_that_cannot_be_taken_harms_no_other) {
  OneFact a(*ledger_, "a"), wrong(*ledger_, "w", Error{ErrorCode::conflict, "altered"}), b(*ledger_, "b");
  const auto ended = commit({&a, &wrong, &b});
  EXPECT_TRUE(ended[0]);
  ASSERT_FALSE(ended[1]);
  EXPECT_EQ(ended[1].error().message, "altered");
  EXPECT_TRUE(ended[2]);
  EXPECT_EQ(names(), "ab") << "nothing of the one that failed is there";
  EXPECT_EQ(wrong.settled, 0);
  EXPECT_EQ(a.puts, 2) << "the shared transaction was undone, and each put by itself";
  EXPECT_EQ(group_->commits(), 2u);
}

TEST_P(GroupCommitTest, a_disk_that_fails_fails_all_who_share) {
  OneFact a(*ledger_, "a"), full(*ledger_, "f", Error{ErrorCode::io, "disk full"}), b(*ledger_, "b");
  for (const base::Status& each : commit({&a, &full, &b})) {
    ASSERT_FALSE(each);
    EXPECT_EQ(each.error().message, "disk full");
  }
  EXPECT_EQ(names(), "");
  EXPECT_EQ(a.settled + b.settled, 0);
  EXPECT_FALSE(ledger_->has_stopped());
  OneFact later(*ledger_, "l");
  EXPECT_TRUE(commit({&later})[0]);
  EXPECT_EQ(names(), "l");

  failure_ = FailingDatabase::Failure::after;
  OneFact c(*ledger_, "c"), d(*ledger_, "d");
  for (const base::Status& each : commit({&c, &d})) {
    ASSERT_FALSE(each);
    EXPECT_EQ(each.error().code, ErrorCode::io);
  }
  EXPECT_EQ(c.settled + d.settled, 0);
  EXPECT_TRUE(ledger_->has_stopped());
  failure_ = FailingDatabase::Failure::none;
  OneFact e(*ledger_, "e");
  EXPECT_FALSE(commit({&e})[0]) << "what is on the disk nobody knows";
}

TEST_P(GroupCommitTest, a_large_part_and_one_that_shares_with_nobody_go_by_themselves) {
  constexpr std::size_t most = GroupCommit::most_together;
  OneFact a(*ledger_, "a"), large(*ledger_, "b", base::Done{}, false, most + 1), c(*ledger_, "c"), d(*ledger_, "d");
  OneFact alone(*ledger_, "e", base::Done{}, true), f(*ledger_, "f", base::Done{}, false, most), g(*ledger_, "g");
  for (const base::Status& each : commit({&a, &large, &c, &d, &alone, &f, &g})) EXPECT_TRUE(each);
  EXPECT_EQ(names(), "abcdefg") << "in the order in which they came";
  EXPECT_EQ(group_->commits(), 6u) << "a, b, cd, e, f, g";
}

}  // namespace
}  // namespace kept::ledger
