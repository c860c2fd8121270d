#include "ledger/head.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "ledger/tree.h"

namespace kept::ledger {
namespace {

// Source: the key of RFC 8032, section 7.1, test 1.
SigningKey first_key() {
  return SigningKey(*hash_from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
}

Head first_head() { return {"london-1", "facts", 3, leaf_hash("x"), 1'772'445'600'000}; }
/// Of a tree of five that was put back with one leaf.
Head restored_head() {
  Head head{"london-1", "facts", 1, leaf_hash(""), 1'772'445'720'000};
  head.given_up = GivenUp{5, leaf_hash("x")};
  return head;
}

TEST(Head, ThePageShowsTheVectors) {
  const SigningKey key = first_key();
  std::ifstream page(KEPT_SOURCE_DIR "/docs/formats/ledger-head.md");
  const std::string text{std::istreambuf_iterator<char>(page), {}};
  EXPECT_NE(text.find(key.public_key().line() + "\n"), text.npos) << key.public_key().line();
  const Head heads[] = {{"london-1", "facts", 0, empty_root(), 1'772'445'600'000},
                        {"london-1", "facts", 1, leaf_hash(""), 1'772'445'660'250},
                        {"london-1", "audit", tree_largest_size, leaf_hash("x"), 1'772'445'660'250},
                        restored_head()};
  for (const Head& head : heads) {
    const std::string line = sign_head(head, key).line();
    EXPECT_NE(text.find(line + "\n"), text.npos) << line;
  }
}

TEST(Head, ALineIsReadBack) {
  const SigningKey key = first_key();
  for (const Head& head : {first_head(), restored_head()}) {
    const SignedHead made = sign_head(head, key);
    const base::Result<SignedHead> read = parse_head(made.line());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(*read, made);
    EXPECT_TRUE(read->is_signed_by(key.public_key()));
    EXPECT_FALSE(read->is_signed_by(SigningKey(leaf_hash("other")).public_key()));
  }
}

TEST(Head, OfARestoreWhatIsWrongIsSaid) {
  const std::string line = sign_head(restored_head(), first_key()).line();
  const auto with = [&line](const std::string& from, const std::string& to) {
    std::string changed = line;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  struct Row {
    std::string text;
    const char* message;
  };
  const Row rows[] = {{with("kept-restored-1", "kept-restored-2"), "this head was written by a newer version of Kept"},
                      {with("kept-restored-1", "kept-head-1"), "not a head: wanted 8 words"},
                      {with(" 5 ", " "), "not a head: wanted 10 words"},
                      {with(" 5 ", " 0 "), "word 7 of the head is less than was put back"},
                      {with(" 5 ", " five "), "word 7 of the head is no size"},
                      {with(" 5 ", " 05 "), "the head is spelt in another way than Kept does"},
                      {with(to_hex(leaf_hash("x")), to_hex(leaf_hash("x")).substr(1)), "word 8 of the head is no root"},
                      {with(" 21fe31", " 21FE31"), "word 9 of the head is no key's id"},
                      {line.substr(0, line.size() - 1), "word 10 of the head is no signature"}};
  for (const Row& row : rows) {
    const base::Result<SignedHead> read = parse_head(row.text);
    ASSERT_FALSE(read) << row.text;
    EXPECT_EQ(read.error().message, row.message) << row.text;
  }
}

TEST(Head, AnyChangedByteOfALineIsRefused) {
  const SigningKey key = first_key();
  for (const Head& head : {first_head(), restored_head()}) {
    const std::string line = sign_head(head, key).line();
    for (std::size_t i = 0; i < line.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string changed = line;
        changed[i] = static_cast<char>(changed[i] ^ 1 << bit);
        const base::Result<SignedHead> read = parse_head(changed);
        EXPECT_TRUE(!read || !read->is_signed_by(key.public_key())) << changed;
      }
      EXPECT_FALSE(parse_head(line.substr(0, i))) << i;
    }
  }
}

TEST(Head, EveryOtherSpellingIsRefused) {
  const std::string line = sign_head(first_head(), first_key()).line();
  const auto with = [&line](const std::string& from, const std::string& to) {
    std::string changed = line;
    changed.replace(changed.find(from), from.size(), to);
    return changed;
  };
  struct Row {
    std::string text;
    const char* message;
  };
  const Row rows[] = {
      {"", "not a head: the first word is not kept-head-1"},
      {with("kept-head-1", "kept-head"), "not a head: the first word is not kept-head-1"},
      {with("kept-head-1", "kept-head-2"), "this head was written by a newer version of Kept"},
      {with("kept-head-1", "kept-head-"), "not a head: the first word is not kept-head-1"},
      {with("kept-head-1", "kept-head-1a"), "not a head: the first word is not kept-head-1"},
      {with("kept-head-1", "kept-head-2") + '\0', "not a head: the first word is not kept-head-1"},
      {line + " ", "not a head: wanted 8 words"},
      {with(" facts", ""), "not a head: wanted 8 words"},
      {with("london-1", "London"), "word 2 of the head is no ledger's id"},
      {with("london-1", std::string(65, 'a')), "word 2 of the head is no ledger's id"},
      {with("facts", ""), "word 3 of the head is no tree's name"},
      {with(" 3 ", " -3 "), "word 4 of the head is no size"},
      {with(" 3 ", " 3x "), "word 4 of the head is no size"},
      {with(" 3 ", " 18446744073709551615 "), "word 4 of the head is no size"},
      {with(" 3 ", " 03 "), "the head is spelt in another way than Kept does"},
      {with("2026-03-02T10:00:00Z", "2026-03-02T10:00:00.000Z"), "the head is spelt in another way than Kept does"},
      {with("2026-03-02T10:00:00Z", "2026-03-02T11:00:00+01:00"), "the head is spelt in another way than Kept does"},
      {with("2026-03-02T10:00:00Z", "2026-03-02"), "word 6 of the head is no time"},
      {with("21fe31", "21FE31"), "word 7 of the head is no key's id"},
      {line.substr(0, line.size() - 1), "word 8 of the head is no signature"},
      {line + "\n", "word 8 of the head is no signature"}};
  for (const Row& row : rows) {
    const base::Result<SignedHead> read = parse_head(row.text);
    ASSERT_FALSE(read) << row.text;
    EXPECT_EQ(read.error().message, row.message) << row.text;
  }
}

}  // namespace
}  // namespace kept::ledger
