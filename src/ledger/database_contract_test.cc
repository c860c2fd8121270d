// What a ledger wants of a database, of each of the two there are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "ledger/store_test.h"

namespace kept::ledger {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Statement add_row{"INSERT INTO t (key, number, text, bytes) VALUES ($1, $2, $3, $4)"};
constexpr Statement read_row{"SELECT key, number, text, bytes FROM t WHERE key = $1"};
constexpr Statement count_rows{"SELECT COUNT(*), SUM(number) FROM t"};

struct OneRow {
  int64_t key = 0, number = 0;
  std::string text, bytes;
  bool absent[4] = {};
  bool operator==(const OneRow&) const = default;
};

class DatabaseContract : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    store_ = make_store(GetParam(), folder_);
    reopen();
    const auto made = database_->run_script(
        "CREATE TABLE t (key {number} PRIMARY KEY, number {number}, text {text}, bytes {bytes});"
        "CREATE TABLE u (text {text} UNIQUE)");
    ASSERT_TRUE(made) << made.error().message;
  }
  void TearDown() override {
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  void reopen() {
    database_.reset();
    auto opened = store_->open(false);
    ASSERT_TRUE(opened) << opened.error().message;
    database_ = std::move(*opened);
  }
  std::vector<OneRow> read(std::vector<In> keys, Database* from = nullptr) {
    std::vector<OneRow> out;
    const auto done =
        (from == nullptr ? *database_ : *from)
            .ask(read_row, keys, 1, [&](std::size_t, const Answer& row) -> base::Status {
              OneRow one{row.number(0), row.number(1), std::string(row.bytes(2)), std::string(row.bytes(3))};
              for (int i = 0; i < 4; ++i) one.absent[i] = row.is_absent(i);
              out.push_back(one);
              return base::Done{};
            });
    EXPECT_TRUE(done) << done.error().message;
    return out;
  }
  std::pair<int64_t, int64_t> count(Database& database) {
    std::pair<int64_t, int64_t> found{-1, -1};
    const auto done = database.ask(count_rows, {}, [&](std::size_t, const Answer& row) -> base::Status {
      found = {row.number(0), row.number(1)};
      return base::Done{};
    });
    EXPECT_TRUE(done) << done.error().message;
    return found;
  }
  int64_t count() { return count(*database_).first; }

  std::string folder_ = std::filesystem::temp_directory_path() / ("kept-database-" + std::to_string(::getpid()));
  std::unique_ptr<TestStore> store_;
  std::unique_ptr<Database> database_;
};

// Few rows and many go different ways; what is read back is the same.
TEST_P(DatabaseContract, GivesBackEveryValue) {
  std::string all_bytes;
  for (int i = 0; i < 256; ++i) all_bytes += static_cast<char>(i);
  const std::string text = "na\u00efve \u2013 \u201cquoted\u201d \U0001F600 \\ ' \t\n";
  const int64_t numbers[] = {0, -1, 1, 255, -256, INT32_MAX, INT64_MAX, INT64_MIN};
  std::vector<In> few, many;
  std::vector<OneRow> expected;
  for (int64_t key = 0; key < 200; ++key) {
    std::vector<In>& rows = key < 5 ? few : many;
    rows.emplace_back(key);
    if (key % 4 == 3) {
      rows.insert(rows.end(), 3, In(std::monostate()));
      expected.push_back({key, 0, "", "", {false, true, true, true}});
      continue;
    }
    const int64_t number = numbers[static_cast<std::size_t>(key) % std::size(numbers)];
    const std::string_view words = key % 4 == 2 ? std::string_view() : std::string_view(text);
    const std::string_view bytes = key % 4 == 1 ? std::string_view() : std::string_view(all_bytes);
    rows.emplace_back(number);
    rows.emplace_back(words);
    rows.emplace_back(Bytes{bytes});
    expected.push_back({key, number, std::string(words), std::string(bytes), {}});
  }
  ASSERT_TRUE(database_->insert("t", "key, number, text, bytes", few, 4));
  ASSERT_TRUE(database_->insert("t", "key, number, text, bytes", many, 4));
  std::vector<In> keys;
  for (int64_t key = 0; key < 200; ++key) keys.emplace_back(key);
  EXPECT_EQ(read(keys), expected);
  reopen();
  EXPECT_EQ(read(keys), expected);
}

TEST_P(DatabaseContract, SumsAreNumbers) {
  EXPECT_EQ(count(*database_), (std::pair<int64_t, int64_t>{0, 0}));
  int64_t sum = 0, key = 0;
  for (const int64_t number :
       {int64_t{7}, int64_t{10'000}, int64_t{-123'456'789'012}, int64_t{1'000'000'000'000'000}}) {
    ASSERT_TRUE(database_->run(add_row, {++key, number, std::string_view("x"), Bytes{"y"}}));
    sum += number;
    EXPECT_EQ(count(*database_), (std::pair<int64_t, int64_t>{key, sum}));
  }
}

// Both sides have more to say than fits between them.
TEST_P(DatabaseContract, ManyQuestionsWithLongAnswersGetThrough) {
  const std::string large(20'000, 'x');
  std::vector<In> rows;
  for (int64_t key = 0; key < 3'000; ++key) {
    rows.emplace_back(key);
    rows.emplace_back(key * 3);
    rows.emplace_back(std::string_view(large));
    rows.emplace_back(Bytes{std::string_view(large).substr(0, static_cast<std::size_t>(key))});
  }
  ASSERT_TRUE(database_->begin(false));
  ASSERT_TRUE(database_->insert("t", "key, number, text, bytes", rows, 4));
  ASSERT_TRUE(database_->commit());
  // Questions as long as answers: found by their text, and absent ones between.
  static constexpr Statement by_text{"SELECT key, text FROM t WHERE key = $1 AND text = $2"};
  std::vector<In> wanted;
  for (int64_t key = 0; key < 3'000; ++key) {
    wanted.emplace_back(key % 7 == 0 ? key + 100'000 : key);
    wanted.emplace_back(std::string_view(large));
  }
  std::size_t seen = 0, last = 0;
  const auto done = database_->ask(by_text, wanted, 2, [&](std::size_t which, const Answer& row) -> base::Status {
    EXPECT_EQ(row.number(0), static_cast<int64_t>(which));
    EXPECT_EQ(row.bytes(1).size(), large.size());
    EXPECT_TRUE(seen == 0 || which > last);
    last = which;
    ++seen;
    return base::Done{};
  });
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(seen, 3'000u - (3'000 + 6) / 7);
}

TEST_P(DatabaseContract, AVisitorMayAskSomethingElseAndStop) {
  for (int64_t key = 0; key < 3; ++key)
    ASSERT_TRUE(database_->run(add_row, {key, key, std::string_view("x"), Bytes{"y"}}));
  int seen = 0;
  const std::vector<In> keys{int64_t{0}, int64_t{1}, int64_t{2}};
  const auto stopped = database_->ask(read_row, keys, 1, [&](std::size_t which, const Answer&) -> base::Status {
    EXPECT_EQ(count(), 3);
    ++seen;
    if (which == 1) return base::invalid("enough");
    return base::Done{};
  });
  EXPECT_EQ(stopped.error().message, "enough");
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(count(), 3);
}

TEST_P(DatabaseContract, ARolledBackTransactionLeavesNothing) {
  ASSERT_TRUE(database_->begin(false));
  EXPECT_TRUE(database_->is_in_transaction());
  ASSERT_TRUE(database_->run(add_row, {int64_t{1}, int64_t{1}, std::string_view("x"), Bytes{"y"}}));
  ASSERT_TRUE(database_->roll_back());
  EXPECT_FALSE(database_->is_in_transaction());
  EXPECT_TRUE(database_->roll_back());
  EXPECT_EQ(count(), 0);
}

// What was refused is said without what was written: it may be somebody's name.
TEST_P(DatabaseContract, ARefusalHoldsNoValueAndTheConnectionGoesOn) {
  const std::vector<In> one{std::string_view("Jane Canary")};
  std::vector<In> many;
  std::vector<std::string> texts;
  for (int i = 0; i < 100; ++i) texts.push_back("Jane Canary " + std::to_string(i % 60));
  for (const std::string& text : texts) many.emplace_back(std::string_view(text));
  ASSERT_TRUE(database_->insert("u", "text", one, 1));
  const std::span<const In> inputs[] = {one, many};
  for (const std::span<const In> rows : inputs) {
    ASSERT_TRUE(database_->begin(false));
    const auto refused = database_->insert("u", "text", rows, 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, base::ErrorCode::io);
    EXPECT_THAT(refused.error().message, Not(HasSubstr("Canary")));
    EXPECT_THAT(refused.error().message, HasSubstr("u"));
    ASSERT_TRUE(database_->roll_back());
  }
  static constexpr Statement nonsense{"SELECT nothing FROM nowhere"};
  EXPECT_FALSE(database_->run(nonsense));
  EXPECT_FALSE(database_->run(nonsense));
  EXPECT_EQ(count(), 0);
}

TEST_P(DatabaseContract, ATransactionInWhichSomethingFailedIsNotCommittedInSilence) {
  ASSERT_TRUE(database_->run(add_row, {int64_t{1}, int64_t{1}, std::string_view("x"), Bytes{"y"}}));
  ASSERT_TRUE(database_->begin(false));
  ASSERT_TRUE(database_->run(add_row, {int64_t{2}, int64_t{1}, std::string_view("x"), Bytes{"y"}}));
  ASSERT_FALSE(database_->run(add_row, {int64_t{1}, int64_t{1}, std::string_view("x"), Bytes{"y"}}));
  // Either the database keeps what was done before, and says so, or it says that it did not.
  const bool is_kept = database_->commit().ok();
  EXPECT_FALSE(database_->is_in_transaction());
  EXPECT_EQ(count(), is_kept ? 2 : 1);
}

TEST_P(DatabaseContract, AReaderSeesOneMomentWhileAWriterCommits) {
  ASSERT_TRUE(database_->run(add_row, {int64_t{1}, int64_t{1}, std::string_view("x"), Bytes{"y"}}));
  auto opened = store_->open(true);
  ASSERT_TRUE(opened) << opened.error().message;
  Database& reader = **opened;
  ASSERT_TRUE(reader.begin(true));
  EXPECT_EQ(count(reader).first, 1);
  ASSERT_TRUE(database_->begin(false));
  ASSERT_TRUE(database_->run(add_row, {int64_t{2}, int64_t{1}, std::string_view("x"), Bytes{"y"}}));
  EXPECT_EQ(count(), 2);
  EXPECT_EQ(count(reader).first, 1);
  ASSERT_TRUE(database_->commit());
  EXPECT_EQ(count(reader).first, 1);
  EXPECT_EQ(read({int64_t{2}}, &reader).size(), 0u);
  ASSERT_TRUE(reader.commit());
  EXPECT_EQ(count(reader).first, 2);
  EXPECT_FALSE(reader.run(add_row, {int64_t{3}, int64_t{1}, std::string_view("x"), Bytes{"y"}}));
}

TEST_P(DatabaseContract, TextIsOrderedByItsBytes) {
  for (const char* text : {"b", "B", "a", "\u00e9", "x", "X", "y", "_", "10", "9"})
    ASSERT_TRUE(database_->insert("u", "text", std::vector<In>{std::string_view(text)}, 1));
  static constexpr Statement ordered{"SELECT text FROM u WHERE text >= $1 ORDER BY text"};
  std::vector<std::string> found;
  ASSERT_TRUE(database_->ask(ordered, {std::string_view("9")}, [&](std::size_t, const Answer& row) -> base::Status {
    found.emplace_back(row.bytes(0));
    return base::Done{};
  }));
  EXPECT_EQ(found, (std::vector<std::string>{"9", "B", "X", "_", "a", "b", "x", "y", "\u00e9"}));
}

TEST_P(DatabaseContract, SizeGrowsWithWhatIsKept) {
  const auto before = database_->size_bytes();
  ASSERT_TRUE(before) << before.error().message;
  std::vector<In> rows;
  const std::string noise = [] {
    std::string out;
    uint32_t x = 1;
    for (int i = 0; i < 1'000; ++i) out += static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
    return out;
  }();
  for (int64_t key = 0; key < 1'000; ++key)
    rows.insert(rows.end(), {In(key), In(key), In(std::string_view("x")), In(Bytes{noise})});
  ASSERT_TRUE(database_->begin(false));
  ASSERT_TRUE(database_->insert("t", "key, number, text, bytes", rows, 4));
  ASSERT_TRUE(database_->commit());
  const auto after = database_->size_bytes();
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_GT(*after, *before + 900'000);
  EXPECT_LT(*after, *before + 2'000'000);
}

TEST_P(DatabaseContract, WhatIsNotThereIsNotMadeByAReader) {
  const std::unique_ptr<TestStore> other = make_store(GetParam(), folder_ + "/other");
  const auto opened = other->open(true);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::not_found);
}

INSTANTIATE_TEST_SUITE_P(Stores, DatabaseContract, testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace kept::ledger
