#include "ledger/head_file.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/memory_disk_test.h"

namespace kept::ledger {
namespace {

using base::MemoryDisk;
using base::Result;
using base::Status;

class HeadFileTest : public testing::Test {
 protected:
  SignedHead head(uint64_t size, const char* root = "root", const char* tree = "facts") const {
    return sign_head({"london-1", tree, size, leaf_hash(root + std::to_string(size)), 1'772'445'600'000}, key_);
  }
  HeadsRead read(uint64_t tail_bytes = UINT64_MAX) {
    Result<HeadsRead> heads = HeadFile::read(disk_, "heads", "london-1", keys_, tail_bytes);
    EXPECT_TRUE(heads);
    return std::move(*heads);
  }
  void append(const SignedHead& one) {
    Result<HeadFile> file = HeadFile::open(disk_, "heads");
    ASSERT_TRUE(file) << file.error().message;
    EXPECT_TRUE(file->append(one));
  }
  std::string& text() { return disk_.files["heads"].written; }

  MemoryDisk disk_;
  SigningKey key_{leaf_hash("a seed")};
  std::vector<PublicKey> keys_{key_.public_key()};
};

TEST_F(HeadFileTest, HeadsAreReadInOrder) {
  append(head(1));
  append(head(1, "audit root", "audit"));
  append(head(5));
  const HeadsRead heads = read();
  EXPECT_EQ(heads.heads, (std::vector<SignedHead>{head(1), head(1, "audit root", "audit"), head(5)}));
  EXPECT_TRUE(heads.faults.empty());
  EXPECT_FALSE(heads.is_torn);
  EXPECT_EQ(heads.whole_bytes, text().size());
  EXPECT_EQ(*heads.newest("facts"), head(5));
  EXPECT_EQ(*heads.newest("audit"), head(1, "audit root", "audit"));
  EXPECT_EQ(heads.newest("other"), nullptr);
}

TEST_F(HeadFileTest, ATreeShrinksOnlyWhereARestoreSaysSo) {
  const auto restored = [&](uint64_t size, uint64_t given_up, const char* root = "root") {
    Head one{"london-1", "facts", size, leaf_hash("root" + std::to_string(size)), 1'772'445'600'000};
    one.given_up = GivenUp{given_up, leaf_hash(root + std::to_string(given_up))};
    return sign_head(one, key_);
  };
  for (const uint64_t size : {1, 5, 8}) append(head(size));
  append(restored(5, 8));
  append(head(6, "other"));
  append(restored(5, 6, "other"));
  append(head(9));
  const HeadsRead good = read();
  EXPECT_TRUE(good.faults.empty()) << good.faults[0].message;
  EXPECT_EQ(good.newest("facts")->head.size, 9u);
  std::vector<uint64_t> standing;
  for (const SignedHead* one : good.standing("facts")) standing.push_back(one->head.size);
  EXPECT_EQ(standing, (std::vector<uint64_t>{1, 5, 5, 5, 9})) << "not 8 and 6, which were given up";
  EXPECT_TRUE(good.standing("audit").empty());

  const std::string before = text();
  struct Row {
    SignedHead head;
    const char* message;
  };
  const Row rows[] = {
      {restored(5, 8), "tree facts was put back in place of 8 leaves, and had 9 before: the restore hides something"},
      {restored(5, 9, "other"),
       "tree facts was put back in place of 9 leaves, and had 9 before: the restore hides something"},
      {head(8), "tree facts shrank from 9 leaves to 8: an older ledger was put in its place"}};
  for (const Row& row : rows) {
    text() = before;
    append(row.head);
    ASSERT_EQ(read().faults.size(), 1u);
    EXPECT_EQ(read().faults[0].message, row.message);
    EXPECT_EQ(*read().newest("facts"), head(9));
  }
  // Half a line of one is torn, as of any other.
  text() = before + restored(5, 9).line().substr(0, 300);
  EXPECT_TRUE(read().is_torn);
  EXPECT_EQ(read().heads.size(), good.heads.size());
}

TEST_F(HeadFileTest, NoFileIsNotAnEmptyFile) {
  EXPECT_EQ(HeadFile::read(disk_, "heads", "london-1", keys_).error().code, base::ErrorCode::not_found);
  ASSERT_TRUE(HeadFile::open(disk_, "heads"));
  EXPECT_TRUE(read().heads.empty());
  EXPECT_FALSE(read().is_torn);
}

TEST_F(HeadFileTest, TheEndAloneIsReadWhereThatIsWanted) {
  for (uint64_t size = 1; size <= 100; ++size) append(head(size));
  const std::size_t line = head(1).line().size() + 1;
  for (const uint64_t tail : {uint64_t{0}, uint64_t{1}, uint64_t{line}, uint64_t{3 * line}, uint64_t{1'000'000}}) {
    const HeadsRead heads = read(tail);
    EXPECT_TRUE(heads.faults.empty()) << tail;
    EXPECT_LE(heads.heads.size() * line, tail + 200);
    EXPECT_EQ(heads.newest("facts") != nullptr, tail > line) << tail;
    if (tail > line) {
      EXPECT_EQ(*heads.newest("facts"), head(100));
    }
  }
  EXPECT_EQ(read(1'000'000).heads.size(), 100u);
}

TEST_F(HeadFileTest, ATornLineIsReportedAndNeverTaken) {
  append(head(1));
  append(head(2));
  const std::string whole = text();
  const std::string torn = head(3).line();
  for (std::size_t kept = 1; kept <= torn.size(); ++kept) {
    text() = whole + torn.substr(0, kept);
    const HeadsRead heads = read();
    EXPECT_TRUE(heads.is_torn) << kept;
    EXPECT_EQ(heads.heads.size(), 2u) << kept;
    EXPECT_TRUE(heads.faults.empty()) << kept;
    EXPECT_EQ(heads.whole_bytes, whole.size()) << kept;
  }
  // What some file systems leave: the length grew, the bytes did not arrive.
  for (const std::string& tail : {std::string(100, '\0'), std::string(100, '\0') + "\n", std::string("rub\nbi\n\nsh"),
                                  torn.substr(0, 90) + "\nxyz\n"}) {
    text() = whole + tail;
    EXPECT_TRUE(read().is_torn);
    EXPECT_EQ(read().heads.size(), 2u);
  }
  // The next head follows the last whole one.
  append(head(3));
  EXPECT_EQ(text(), whole + torn + "\n");
  EXPECT_EQ(disk_.files["heads"].synced, text());
}

TEST_F(HeadFileTest, AFirstLineMayBeTorn) {
  text() = "kept-head-1 lon";
  EXPECT_TRUE(read().is_torn);
  append(head(1));
  EXPECT_EQ(read().heads.size(), 1u);
}

TEST_F(HeadFileTest, ANewerVersionsHeadIsNotCutOff) {
  append(head(1));
  text() += "kept-head-2 something\n";
  const std::string before = text();
  EXPECT_FALSE(read().is_torn);
  EXPECT_EQ(read().faults.at(0).message, "this head was written by a newer version of Kept");
  ASSERT_TRUE(HeadFile::open(disk_, "heads"));
  EXPECT_EQ(text(), before);
}

TEST_F(HeadFileTest, AFileOfOtherThingsIsNotCut) {
  text() = std::string(10'000, 'x');
  EXPECT_FALSE(HeadFile::open(disk_, "heads"));
  EXPECT_EQ(text().size(), 10'000u);
  EXPECT_TRUE(read(100).is_torn);
  std::string remarks;
  for (int i = 0; i < 200; ++i) remarks += "a remark\n";
  text() = head(1).line() + "\n" + remarks;
  EXPECT_EQ(HeadFile::open(disk_, "heads").error().message,
            "heads: does not end in heads. Put a copy of it in its place, or move it away and record why");
  EXPECT_EQ(read().faults.size(), 200u);
  EXPECT_FALSE(read().is_torn);
}

TEST_F(HeadFileTest, WhatIsWrongIsNamedByLine) {
  const SigningKey stranger(leaf_hash("stranger"));
  const std::string good = head(5).line();
  struct Row {
    std::string line;
    std::string message;
  };
  const Head forged = {"london-1", "facts", 9, leaf_hash("x"), 0};
  std::string badly_signed = good;
  badly_signed.back() = badly_signed.back() == '0' ? '1' : '0';
  const Row rows[] = {
      {"a remark", "not a head: the first word is not kept-head-1"},
      {sign_head(forged, stranger).line(),
       "signed with key " + stranger.public_key().id() + ", which is not among those trusted"},
      {badly_signed, "its signature by key " + key_.public_key().id() + " is wrong"},
      {sign_head({"other", "facts", 9, leaf_hash("x"), 0}, key_).line(), "of ledger other, not of london-1"},
      {head(4).line(), "tree facts shrank from 5 leaves to 4: an older ledger was put in its place"},
      {head(5, "changed").line(), "tree facts has two roots at 5 leaves: its facts were changed"}};
  for (const Row& row : rows) {
    text() = good + "\n" + row.line + "\n" + head(7).line() + "\n";
    const HeadsRead heads = read();
    ASSERT_EQ(heads.faults.size(), 1u) << row.message;
    EXPECT_EQ(heads.faults[0].line, 2u);
    EXPECT_EQ(heads.faults[0].message, row.message);
    EXPECT_EQ(heads.heads, (std::vector<SignedHead>{head(5), head(7)}));
  }
  // As the last line, too: a whole head that is wrong is no torn one.
  text() = good + "\n" + badly_signed + "\n";
  EXPECT_FALSE(read().is_torn);
  EXPECT_EQ(read().faults.size(), 1u);
}

TEST_F(HeadFileTest, WhateverFailsAnAcknowledgedHeadStays) {
  // Each change of the disk fails in turn, its write having got so far; then the power is cut.
  for (const std::size_t part : {0u, 1u, 100u, 1000u}) {
    for (int failing = 1; failing <= 12; ++failing) {
      disk_ = MemoryDisk();
      disk_.fail_change(failing, part);
      std::vector<uint64_t> acknowledged;
      for (uint64_t round = 0; round < 3; ++round) {
        Result<HeadFile> file = HeadFile::open(disk_, "heads");
        if (!file) continue;
        bool failed = false;
        for (uint64_t i = 1; i <= 3; ++i) {
          const Status status = file->append(head(round * 3 + i));
          EXPECT_FALSE(failed && status) << "an append after a failed one";
          failed = failed || !status;
          if (status) acknowledged.push_back(round * 3 + i);
        }
        disk_.power_cut(part);
      }
      Result<HeadFile> file = HeadFile::open(disk_, "heads");
      ASSERT_TRUE(file) << file.error().message;
      const HeadsRead heads = read();
      EXPECT_TRUE(heads.faults.empty());
      EXPECT_FALSE(heads.is_torn);
      std::size_t found = 0;
      for (const SignedHead& one : heads.heads) {
        if (found < acknowledged.size() && one == head(acknowledged[found])) ++found;
      }
      EXPECT_EQ(found, acknowledged.size()) << "failing at " << failing << " after " << part << " bytes";
      EXPECT_GE(acknowledged.size(), 5u);
    }
  }
}

}  // namespace
}  // namespace kept::ledger
