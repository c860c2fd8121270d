#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "model/event.h"
#include "model/moment.h"
#include "model/vocabulary.h"

namespace kept::ledger {

/// A vocabulary with one personal field, `said`.
inline std::shared_ptr<const model::Vocabulary> vocabulary() {
  static const auto made = [] {
    auto words = std::make_shared<model::Vocabulary>();
    model::Field said;
    said.name = "said";
    EXPECT_TRUE(words->add_field(said));
    return words;
  }();
  return made;
}

/// Event number n, from 0 on: the same whenever it is made, of up to a kilobyte. Some speak of people that nobody heard
/// of yet, some of old ones; every third has something personal, every fourth from 16 on corrects another.
inline model::Event event_number(uint64_t n) {
  model::Event event;
  event.id = "e" + std::to_string(n);
  event.source = n % 3 == 0 ? "niche" : "athena";
  event.type = "victim.informed";
  event.agency = "police";
  event.occurred_at = model::parse_moment("2026-03-02T10:00:00Z").value();
  event.recorded_at = event.occurred_at.lo_ms + static_cast<int64_t>(n);
  event.participant = "V" + std::to_string(n % 11 == 0 ? n : n % 200);
  event.crime = "C" + std::to_string(n / 10);
  event.detail["about"] = std::string(n * 37 % 900, static_cast<char>('a' + n % 26));
  if (n % 3 == 0) event.detail["said"] = "words of number " + std::to_string(n);
  if (n % 4 == 0 && n > 12) event.corrects = "e" + std::to_string(n - 12);
  return event;
}

}  // namespace kept::ledger
