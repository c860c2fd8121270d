#include "ledger/seal.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <numeric>
#include <set>
#include <span>

#include "ledger/hash.h"

namespace kept::ledger {
namespace {

// Gives the bytes that it is told to.
class Told : public base::Chance {
 public:
  explicit Told(std::string bytes) : bytes_(std::move(bytes)) {}
  void fill(std::span<uint8_t> bytes) override {
    ASSERT_EQ(bytes.size(), bytes_.size());
    std::copy(bytes_.begin(), bytes_.end(), bytes.begin());
  }

 private:
  std::string bytes_;
};

SealingKey counting_key(uint8_t from) {
  std::array<uint8_t, 32> bytes;
  std::iota(bytes.begin(), bytes.end(), from);
  return SealingKey(bytes);
}

TEST(Seal, OpensWhatWasSealed) {
  const SealingKey key = SealingKey::make(base::system_chance());
  for (const std::string& plain :
       {std::string(), std::string("a"), std::string("\0\xff", 2), std::string(100'000, 'x')}) {
    const std::string sealed = seal(plain, key, "name", base::system_chance());
    EXPECT_EQ(sealed.size(), plain.size() + seal_overhead);
    EXPECT_EQ(*open(sealed, key, "name"), plain);
  }
}

TEST(Seal, AgreesWithThePublishedVector) {
  // Source: draft-irtf-cfrg-xchacha-03, appendix A.3.1 - its text, key and nonce; the associated bytes are ours.
  const std::string plain =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
      "it.";
  Told nonce(*bytes_from_hex("404142434445464748494a4b4c4d4e4f5051525354555657"));
  const std::string sealed = seal(plain, counting_key(0x80), "note", nonce);
  EXPECT_EQ(to_hex(sealed.substr(0, 25)), "01404142434445464748494a4b4c4d4e4f5051525354555657");
  // The cipher text does not depend on the associated bytes; the tag does.
  EXPECT_EQ(to_hex(sealed.substr(25, plain.size())),
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c"
            "54c216cb"
            "96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c6"
            "8b13b52e");
  std::ifstream page(KEPT_SOURCE_DIR "/docs/formats/sealed.md");
  std::string text{std::istreambuf_iterator<char>(page), {}};
  std::erase(text, '\n');
  EXPECT_NE(text.find(to_hex(sealed)), text.npos) << to_hex(sealed);
}

TEST(Seal, TwiceTheSameIsNeverTheSame) {
  const SealingKey key = counting_key(0);
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(seal("same", key, "", base::system_chance())).second);
}

TEST(Seal, EveryChangeIsRefused) {
  const SealingKey key = counting_key(0);
  const std::string sealed = seal("an address", key, "address", base::system_chance());
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    EXPECT_FALSE(open(changed, key, "address")) << bit;
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_FALSE(open(sealed.substr(0, length), key, "address")) << length;
  }
  struct Row {
    std::string sealed;
    SealingKey key;
    std::string associated;
    base::ErrorCode code;
    const char* message;
  };
  const char* const changed = "what is sealed was changed, or is of another key or place";
  const Row rows[] = {{sealed, counting_key(1), "address", base::ErrorCode::invalid, changed},
                      {sealed, key, "phone", base::ErrorCode::invalid, changed},
                      {sealed, key, "", base::ErrorCode::invalid, changed},
                      {sealed + "x", key, "address", base::ErrorCode::invalid, changed},
                      {"", key, "address", base::ErrorCode::invalid, "what is sealed is empty"},
                      {sealed.substr(0, 40), key, "address", base::ErrorCode::invalid, "what is sealed is cut off"},
                      {"\2" + sealed.substr(1), key, "address", base::ErrorCode::unsupported,
                       "this was sealed by a later version of Kept, or is not sealed"}};
  for (const Row& row : rows) {
    const base::Result<std::string> opened = open(row.sealed, row.key, row.associated);
    ASSERT_FALSE(opened) << row.message;
    EXPECT_EQ(opened.error().code, row.code);
    EXPECT_EQ(opened.error().message, row.message);
  }
}

}  // namespace
}  // namespace kept::ledger
