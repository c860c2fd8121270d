#include "ledger/signing_key.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/memory_disk_test.h"
#include "ledger/hash.h"

namespace kept::ledger {
namespace {

using base::MemoryDisk;
using base::Result;

// Chance that is none: 0, 1, 2, ...
class Counting : public base::Chance {
 public:
  void fill(std::span<uint8_t> bytes) override {
    for (uint8_t& byte : bytes) byte = next_++;
  }

 private:
  uint8_t next_ = 0;
};

TEST(SigningKey, AgreesWithThePublishedVectors) {
  // Source: RFC 8032, section 7.1, tests 1 to 3.
  struct Row {
    const char *secret, *public_key, *message, *signature;
  };
  const Row rows[] = {{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46"
                       "bd25bf5f0595bbe246551"
                       "41438e7a100b"},
                      {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8"
                       "c387b2eaeb4302aeeb00d"
                       "291612bb0c00"},
                      {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                       "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                       "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc65"
                       "94a7c15e9716ed28dc027"
                       "beceea1ec40a"}};
  for (const Row& row : rows) {
    const SigningKey key(*hash_from_hex(row.secret));
    EXPECT_EQ(to_hex(key.public_key().bytes), row.public_key);
    const std::string message = *bytes_from_hex(row.message);
    Signature signature = key.sign(message);
    EXPECT_EQ(to_hex(std::string_view(reinterpret_cast<const char*>(signature.data()), signature.size())),
              row.signature);
    EXPECT_TRUE(key.public_key().verifies(message, signature));
    EXPECT_FALSE(key.public_key().verifies(message + "x", signature));
    for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
      signature[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
      EXPECT_FALSE(key.public_key().verifies(message, signature)) << bit;
      signature[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    }
  }
}

TEST(SigningKey, IsMadeOnceAndFoundAgain) {
  MemoryDisk disk;
  Counting chance;
  const Result<SigningKey> made = SigningKey::open_or_create(disk, "key", chance);
  ASSERT_TRUE(made);
  EXPECT_EQ(disk.files["key"].synced,
            "kept-signing-key-1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n");
  const Result<SigningKey> found = SigningKey::open_or_create(disk, "key", chance);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->public_key(), made->public_key());
}

TEST(SigningKey, AFileThatIsNoKeyIsRefused) {
  struct Row {
    const char *text, *why;
  };
  const Row rows[] = {
      {"", "nothing: a key cut off by a full disk"},
      {"kept-signing-key-1 00", "too short"},
      {"kept-signing-key-1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "no end of the line"},
      {"kept-signing-key-2 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n", "another version"}};
  for (const Row& row : rows) {
    MemoryDisk disk;
    Counting chance;
    disk.files["key"] = {row.text, row.text};
    EXPECT_EQ(
        SigningKey::open_or_create(disk, "key", chance).error().message,
        "key: not a signing key. Wanted: one line, kept-signing-key-1 and 64 hexadecimal digits. Put the right file "
        "back; a new key cannot sign for the old one")
        << row.why;
    EXPECT_EQ(disk.files["key"].written, row.text) << row.why;
  }
  MemoryDisk disk;
  Counting chance;
  ASSERT_TRUE(SigningKey::open_or_create(disk, "key", chance));
  disk.files["key"].is_private = false;
  EXPECT_EQ(SigningKey::open_or_create(disk, "key", chance).error().message,
            "key: others may read this signing key. Make sure that nobody did, then: chmod 600 key");
}

TEST(SigningKey, AFailingDiskGivesNoKey) {
  MemoryDisk disk;
  Counting chance;
  disk.fail_change(1);
  EXPECT_EQ(SigningKey::open_or_create(disk, "key", chance).error().code, base::ErrorCode::io);
  EXPECT_TRUE(disk.files.empty());
}

TEST(PublicKey, ItsLineIsReadBack) {
  const SigningKey key(*hash_from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  const std::string line = key.public_key().line();
  EXPECT_EQ(line,
            "kept-public-key-1 21fe31dfa154a261 d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(*PublicKey::from_line(line), key.public_key());
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::string changed = line;
    changed[i] = changed[i] == 'e' ? 'f' : 'e';
    EXPECT_FALSE(PublicKey::from_line(changed)) << i;
    EXPECT_FALSE(PublicKey::from_line(line.substr(0, i))) << i;
  }
  EXPECT_FALSE(PublicKey::from_line(line + "\n"));
}

}  // namespace
}  // namespace kept::ledger
