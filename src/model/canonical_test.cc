#include "model/canonical.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <random>

namespace kept::model {
namespace {

using testing::HasSubstr;

Event arrest() {
  Event event;
  event.id = "e-17";
  event.source = "niche";
  event.type = "suspect.arrested";
  event.agency = "met";
  event.occurred_at = *parse_moment("2026-03-02T10:00:00Z");
  event.recorded_at = event.occurred_at.lo_ms + 90'000;
  event.suspect = "A";
  return event;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  return bytes;
}

TEST(Canonical, GivesBackEveryEvent) {
  Event full = arrest();
  full.crime = "01/123/26";
  full.urn = "01AB1234526";
  full.participant = "V";
  full.hearing = "H";
  full.key = "K";
  full.actor = "DC 1234";
  full.corrects = "e-16";
  full.known_at =
      parse_moment("2026-03")->precision == Precision::coarse ? std::optional(*parse_moment("2026-03")) : std::nullopt;
  full.recorded_assumed = true;
  full.detail = {{"about", std::string("arrest")},
                 {"conditions", true},
                 {"dose", int64_t{-5}},
                 {"large", INT64_MAX},
                 {"small", INT64_MIN},
                 {"until", *parse_moment("2026-04-01..2026-05-03")},
                 {"words", std::string("naïve – “quoted”")},
                 {"empty", std::string()}};
  for (const Event& event : {arrest(), full}) {
    const auto bytes = encode_event(event);
    ASSERT_TRUE(bytes.ok()) << bytes.error().message;
    const auto back = decode_event(*bytes);
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(*back, event);
  }
}

TEST(Canonical, RefusesToWriteWhatCannotBeReadBack) {
  struct Row {
    const char* why;
    void (*spoil)(Event*);
    const char* message;
  };
  const Row rows[] = {
      {"no id", [](Event* e) { e->id.clear(); }, "an event without `id` cannot be encoded"},
      {"no agency", [](Event* e) { e->agency.clear(); }, "an event without `agency` cannot be encoded"},
      {"bytes that are no text", [](Event* e) { e->crime = "\xff"; }, "`crime` of an event is not UTF-8"},
      {"half a surrogate", [](Event* e) { e->detail["words"] = std::string("\xed\xa0\x80"); },
       "the detail `words` is not UTF-8"},
      {"an overlong slash", [](Event* e) { e->crime = "\xc0\xaf"; }, "`crime` of an event is not UTF-8"},
      {"a detail without name", [](Event* e) { e->detail[""] = true; }, "a field of `detail` has no name"},
      {"a date that is not whole", [](Event* e) { e->occurred_at = {1, 2, Precision::date}; },
       "a time of an event is not an instant, a date"},
      {"too much free text", [](Event* e) { e->detail["words"] = std::string(2 << 20, 'a'); },
       "more than the 1048576 that are kept"},
  };
  for (const Row& row : rows) {
    Event event = arrest();
    row.spoil(&event);
    const auto bytes = encode_event(event);
    ASSERT_FALSE(bytes.ok()) << row.why;
    EXPECT_THAT(bytes.error().message, HasSubstr(row.message)) << row.why;
  }
}

TEST(Canonical, ANewerVersionIsRefusedInWords) {
  std::string bytes = *encode_event(arrest());
  const std::size_t version = bytes.find(std::string("\x61v\x01", 3));
  ASSERT_EQ(version, 1u) << "the version comes first";
  bytes[3] = 2;
  const auto newer = decode_event(bytes);
  ASSERT_FALSE(newer.ok());
  EXPECT_EQ(newer.error().code, base::ErrorCode::unsupported);
  EXPECT_EQ(newer.error().message,
            "this event is written in encoding 2, and this build of Kept reads up to 1; use a newer Kept");
  // Whatever a newer version added need not be understood for that.
  EXPECT_EQ(decode_event(from_hex("a26176186461b0f6")).error().code, base::ErrorCode::unsupported);
}

TEST(Canonical, EveryOtherSpellingIsRefused) {
  const std::string good = *encode_event(arrest());
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(decode_event(good.substr(0, length)).ok()) << length;
  EXPECT_THAT(decode_event(good + good).error().message, HasSubstr("something follows the event"));
  // Any one byte changed either is refused or is another event, which then encodes to exactly those bytes.
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      const auto event = decode_event(bytes);
      if (!event) continue;
      EXPECT_EQ(*encode_event(*event), bytes) << at << " " << bit;
    }
  }
}

TEST(Canonical, RandomBytesNeverCrash) {
  std::mt19937_64 random(7);
  const std::string good = *encode_event(arrest());
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good;
    const int changes = 1 + static_cast<int>(random() % 8);
    for (int k = 0; k < changes; ++k) bytes[random() % bytes.size()] = static_cast<char>(random());
    const auto event = decode_event(bytes);
    if (event) {
      EXPECT_EQ(*encode_event(*event), bytes);
    }
  }
}

}  // namespace
}  // namespace kept::model
