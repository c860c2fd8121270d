#include "ledger/entry.h"

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include "ledger/hash.h"

namespace kept::ledger {
namespace {

using base::ErrorCode;

/// The entries of docs/formats/ledger-entry.md, in its order.
std::vector<Entry> examples() {
  std::vector<Entry> out(3);
  out[0].kind = EntryKind::clock;
  out[1].kind = EntryKind::batch;
  out[1].batch = 300;
  out[1].received_at = 1'772'445'600'000;
  out[1].historic = true;
  out[1].fields = {{"feed", "police-crimes"}, {"number", "7"}, {"rows", "24"}};
  out[2].kind = EntryKind::event;
  out[2].batch = 1;
  out[2].row = 65'536;
  out[2].received_at = -1;
  out[2].own_clock = true;
  out[2].body = std::string("\x00\xff", 2);
  out[2].sealed = {{"place", std::string("\x01\x02", 2)}, {"q", ""}};
  return out;
}

std::string page() {
  std::ifstream file(std::string(KEPT_SOURCE_DIR) + "/docs/formats/ledger-entry.md");
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

TEST(Entry, IsWrittenAsItsPageSays) {
  const std::string text = page();
  for (const Entry& entry : examples()) {
    const auto bytes = encode_entry(entry);
    ASSERT_TRUE(bytes);
    EXPECT_NE(text.find(to_hex(*bytes) + "\n" + to_hex(leaf_hash(*bytes))), std::string::npos)
        << to_hex(*bytes) << "\n"
        << to_hex(leaf_hash(*bytes));
    EXPECT_EQ(decode_entry(*bytes).value(), entry);
  }
}

TEST(Entry, HasOneSpelling) {
  for (const Entry& entry : examples()) {
    const std::string bytes = encode_entry(entry).value();
    for (std::size_t length = 0; length < bytes.size(); ++length)
      EXPECT_FALSE(decode_entry(bytes.substr(0, length))) << length;
    EXPECT_FALSE(decode_entry(bytes + '\0'));
    // A bit that flips makes another entry, with its own one spelling, or none: never the same one.
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      const auto read = decode_entry(flipped);
      if (!read) continue;
      EXPECT_EQ(encode_entry(*read).value(), flipped) << bit;
    }
  }
}

TEST(Entry, RefusesWhatIsLargerOrNewer) {
  Entry entry;
  entry.kind = EntryKind::quarantined;
  entry.sealed = {{"row", std::string(std::size_t{4} << 20, 'x')}};
  EXPECT_EQ(encode_entry(entry).error().code, ErrorCode::too_large);
  entry.sealed.clear();
  std::string bytes = encode_entry(entry).value();
  bytes[1] = 2;
  EXPECT_EQ(decode_entry(bytes).error().code, ErrorCode::unsupported);
  EXPECT_EQ(decode_entry(std::string((std::size_t{4} << 20) + 1, 'x')).error().code, ErrorCode::too_large);
}

}  // namespace
}  // namespace kept::ledger
