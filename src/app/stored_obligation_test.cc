#include "app/stored_obligation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace kept::app {
namespace {

using Random = std::mt19937_64;

/// Nothing, something small, or anything.
int64_t number(Random& random) {
  switch (random() % 4) {
    case 0:
      return 0;
    case 1:
      return static_cast<int64_t>(random() % 100);
    case 2:
      return -static_cast<int64_t>(random() % 100);
    default:
      return static_cast<int64_t>(random());
  }
}

StoredObligation obligation(Random& random) {
  StoredObligation o;
  o.duty = static_cast<uint16_t>(random());
  o.interval = static_cast<uint32_t>(number(random));
  o.trigger = random() % 4 == 0 ? StoredObligation::no_position : random() % 1'000'000;
  o.crime = number(random);
  o.hearing = number(random);
  o.agency = number(random);
  o.missing_agency = number(random);
  o.fulfilled = random() % 2 == 0 ? StoredObligation::no_position : random();
  o.decided = random() % 2 == 0 ? StoredObligation::no_position : random() % 100;
  o.start_at = number(random);
  o.fulfilled_at = number(random);
  o.due_on.kind = static_cast<model::Due::Kind>(random() % 3);
  o.due_on.value = number(random);
  o.first_due_on = o.due_on;
  if (random() % 2 == 0) o.first_due_on.value = number(random);
  o.outcome = static_cast<model::Outcome>(random() % 6);
  o.would_have_been = static_cast<model::Outcome>(random() % 6);
  o.window = static_cast<model::WindowState>(random() % 3);
  o.reason = static_cast<model::Reason>(random() % 8);
  o.late_unit = static_cast<model::LateUnit>(random() % 3);
  o.late_by = static_cast<int32_t>(number(random));
  o.late_ms = number(random);
  o.missing_code = static_cast<uint16_t>(random());
  o.missing_on = static_cast<int32_t>(number(random));
  o.flags = static_cast<uint32_t>(number(random));
  o.rule_u_outcomes = static_cast<uint16_t>(random());
  return o;
}

std::vector<StoredObligation> obligations(Random& random) {
  std::vector<StoredObligation> out(random() % 6);
  for (StoredObligation& each : out) each = obligation(random);
  std::sort(out.begin(), out.end());
  return out;
}

TEST(StoredObligation, ComesBackAsItWas) {
  Random random(1);
  for (int i = 0; i < 5000; ++i) {
    const std::vector<StoredObligation> before = obligations(random), after = obligations(random);
    EXPECT_EQ(decode_obligations(encode_obligations(before)).value(), before);
    const auto changes = changes_between(before, after);
    const auto read = decode_changes(encode_changes(changes)).value();
    ASSERT_EQ(read.size(), changes.size());
    for (std::size_t k = 0; k < read.size(); ++k) {
      EXPECT_EQ(read[k].was, changes[k].was);
      EXPECT_EQ(read[k].is, changes[k].is);
      EXPECT_EQ(read[k].before, changes[k].before);
      EXPECT_EQ(read[k].after, changes[k].after);
    }
  }
}

// Cut short, nothing is read; with a bit flipped, nothing is or something whose one spelling is exactly those bytes.
TEST(StoredObligation, DamagedBytesAreRefusedOrMeanSomethingElse) {
  Random random(2);
  uint64_t refused = 0, other = 0;
  for (int i = 0; i < 60; ++i) {
    const std::vector<StoredObligation> before = obligations(random), after = obligations(random);
    const std::string bytes = encode_obligations(before), changes = encode_changes(changes_between(before, after));
    for (std::size_t length = 0; length < bytes.size(); ++length)
      EXPECT_FALSE(decode_obligations(bytes.substr(0, length)));
    for (std::size_t length = 0; length < changes.size(); ++length)
      EXPECT_FALSE(decode_changes(changes.substr(0, length)));
    EXPECT_FALSE(decode_obligations(bytes + '\0'));
    EXPECT_FALSE(decode_changes(changes + '\0'));
    for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      const auto read = decode_obligations(flipped);
      if (!read) {
        ++refused;
        continue;
      }
      ++other;
      EXPECT_NE(*read, before);
      EXPECT_EQ(encode_obligations(*read), flipped);
    }
    for (std::size_t bit = 0; bit < changes.size() * 8; ++bit) {
      std::string flipped = changes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      const auto read = decode_changes(flipped);
      if (read) {
        EXPECT_EQ(encode_changes(*read), flipped);
      }
    }
  }
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(other, 500u);
}

}  // namespace
}  // namespace kept::app
