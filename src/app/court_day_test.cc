#include "app/court_day.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "exchange/read_events.h"
#include "rules/rule_set.h"

namespace kept::app {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const model::Vocabulary> vocabulary() {
  static const auto made = [] {
    auto rules = rules::load_rules({});
    EXPECT_TRUE(rules) << rules.error().message;
    return rules->vocabulary;
  }();
  return made;
}

model::EventTable told(const std::string& lines) {
  const fs::path path = fs::temp_directory_path() / fmt::format("kept-court-day-{}.jsonl", ::getpid());
  std::ofstream(path) << lines;
  exchange::ReadRequest request;
  request.files = {path.string()};
  request.vocabulary = vocabulary();
  request.strict = true;
  auto read = exchange::read_events(request);
  fs::remove(path);
  EXPECT_TRUE(read) << read.error().message;
  return std::move(read->table);
}

int number = 0;
/// One event; `more` is JSON behind a comma. Recorded five minutes later where it does not say.
std::string event(const char* type, const char* at, const std::string& more) {
  const int64_t recorded = model::parse_moment(at)->lo_ms + 300'000;
  const bool says = more.find("recorded_at") != std::string::npos;
  return fmt::format(
      "{{\"id\":\"{}\",\"source\":\"s\",\"type\":\"{}\",\"occurred_at\":\"{}\"{},\"agency\":\"crown-court\","
      "{}}}\n",
      ++number, type, at, says ? "" : fmt::format(",\"recorded_at\":\"{}\"", model::instant_text(recorded)), more);
}
std::string listed(const char* hearing, const char* at, const char* on) {
  return event("hearing.listed", at, fmt::format("\"hearing\":\"{}\",\"hearing_on\":\"{}\"", hearing, on));
}

const calendar::LocalDate day = *calendar::parse_date("2026-03-10");

std::string without_result(const std::string& lines, std::optional<int64_t> by = {}) {
  const model::EventTable table = told(lines);
  std::string names;
  for (const auto& one : hearings_without_result(table, day, by))
    names += (names.empty() ? "" : " ") + table.hearings.name(one.hearing) + (one.held ? "(held)" : "");
  return names;
}

TEST(CourtDay, Care22_HearingsHeldWithNoResultByNextMorningAreListed) {
  const std::string lists = listed("A", "2026-02-01T10:00:00Z", "2026-03-10") +
                            listed("B", "2026-02-01T10:00:00Z", "2026-03-10") +
                            listed("C", "2026-02-01T10:00:00Z", "2026-03-11");
  EXPECT_EQ(without_result(lists), "A B");
  const std::string held = event("hearing.held", "2026-03-10T11:00:00Z", "\"hearing\":\"A\"");
  EXPECT_EQ(without_result(lists + held), "A(held) B");
  const auto result = [](const char* at, const char* recorded) {
    return event(
        "case.outcome", at,
        fmt::format("\"hearing\":\"A\",\"suspect\":\"S\",\"verdict\":\"convicted\",\"recorded_at\":\"{}\"", recorded));
  };
  EXPECT_EQ(without_result(lists + held + result("2026-03-10T11:00:00Z", "2026-03-11T08:59:00Z")), "B");
  // Recorded after nine: not there in the morning, there at noon.
  const std::string late = lists + held + result("2026-03-10T11:00:00Z", "2026-03-11T09:01:00Z");
  EXPECT_EQ(without_result(late), "A(held) B");
  EXPECT_EQ(without_result(late, model::parse_moment("2026-03-11T12:00:00Z")->lo_ms), "B");
  // A result of an earlier day at the same hearing is none of this day.
  EXPECT_EQ(without_result(lists + result("2026-03-09T11:00:00Z", "2026-03-09T12:00:00Z")), "A B");
}

TEST(CourtDay, AHearingThatWasMovedOrTakenOutIsNotWaitedFor) {
  const std::string first = listed("A", "2026-02-01T10:00:00Z", "2026-03-10");
  EXPECT_EQ(without_result(first + listed("A", "2026-03-10T14:00:00Z", "2026-04-10")), "");
  EXPECT_EQ(without_result(first + event("hearing.vacated", "2026-03-10T09:30:00Z", "\"hearing\":\"A\"")), "");
  // Moved to this day, and back in the list.
  EXPECT_EQ(without_result(listed("A", "2026-02-01T10:00:00Z", "2026-03-02") + first), "A");
  EXPECT_EQ(without_result(event("hearing.vacated", "2026-01-20T09:30:00Z", "\"hearing\":\"A\"") + first), "A");
  // A warned week is no day of its own.
  EXPECT_EQ(without_result(listed("A", "2026-02-01T10:00:00Z", "2026-03-09..2026-03-13")), "");
}

std::string published(const char* hearing, const char* at, const char* on) {
  return event("hearing.published", at,
               fmt::format("\"hearing\":\"{}\",\"hearing_on\":\"{}\",\"list_kind\":\"daily\"", hearing, on));
}

TEST(CourtDay, APublishedListCountsWhereNoEventSaidItBefore) {
  EXPECT_EQ(without_result(published("A", "2026-03-09T16:00:00Z", "2026-03-10")), "A");
  EXPECT_EQ(without_result(listed("A", "2026-02-01T10:00:00Z", "2026-03-20") +
                           published("A", "2026-03-09T16:00:00Z", "2026-03-10")),
            "A");
  // A warned time is no day.
  EXPECT_EQ(without_result(published("A", "2026-03-01T16:00:00Z", "2026-03-09..2026-03-13")), "");
}

TEST(CourtDay, WhatWasRetractedOrCorrectedDoesNotCount) {
  const std::string first = listed("A", "2026-02-01T10:00:00Z", "2026-03-10");
  const int id = number;
  const std::string retracted =
      event("hearing.listed", "2026-02-01T10:00:00Z", fmt::format("\"hearing\":\"A\",\"retracts\":\"{}\"", id));
  EXPECT_EQ(without_result(first + retracted), "");
  const std::string corrected = event("hearing.listed", "2026-02-01T10:00:00Z",
                                      fmt::format("\"hearing\":\"A\",\"hearing_on\":\"2026-03-11\",\"corrects\":\"{}\","
                                                  "\"recorded_at\":\"2026-02-03T10:00:00Z\"",
                                                  id));
  EXPECT_EQ(without_result(first + corrected), "");
}

std::string links() {
  return event("link.victim", "2026-01-01T10:00:00Z", "\"crime\":\"C\",\"participant\":\"V\",\"role\":\"victim\"") +
         event("link.hearing", "2026-01-02T10:00:00Z", "\"crime\":\"C\",\"hearing\":\"A\"");
}
std::string informed(const char* at, const char* about, const char* hearing = "A") {
  return event(
      "victim.informed", at,
      fmt::format("\"crime\":\"C\",\"participant\":\"V\",\"hearing\":\"{}\",\"about\":\"{}\"", hearing, about));
}
const int64_t spring = model::parse_moment("2026-06-01")->lo_ms;

TEST(ListingNotice, Care22_IsWorkedOutFromTheFourTimes) {
  const model::EventTable table =
      told(links() + listed("A", "2026-02-02T15:00:00Z", "2026-03-10") +
           event("court.received", "2026-02-03T09:00:00Z",
                 "\"hearing\":\"A\",\"crime\":\"C\",\"what\":\"listing\",\"typed\":true") +
           informed("2026-02-04T11:00:00Z", "hearing") + listed("A", "2026-03-09T16:00:00Z", "2026-05-20") +
           informed("2026-03-10T08:00:00Z", "hearing_changed"));
  const auto notices = listing_notices(table, spring);
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[0].change, ListingNotice::Change::listed);
  EXPECT_EQ(notices[0].receipt, ListingNotice::Receipt::typed);
  EXPECT_EQ(model::instant_text(*notices[0].unit_had_at), "2026-02-03T09:00:00Z");
  ASSERT_EQ(notices[0].told.size(), 1u);
  EXPECT_EQ(notices[0].told[0].notice_days, 34);
  EXPECT_FALSE(notices[0].told[0].too_late);
  // Moved the evening before; told on the morning on which she was to come.
  EXPECT_EQ(notices[1].change, ListingNotice::Change::moved);
  EXPECT_EQ(notices[1].receipt, ListingNotice::Receipt::none);
  EXPECT_EQ(calendar::to_string(*notices[1].on), "2026-03-10");
  EXPECT_EQ(notices[1].told[0].notice_days, 0);
  EXPECT_TRUE(notices[1].told[0].too_late);
}

TEST(ListingNotice, WhatAPublishedListRepeatsIsNoChange) {
  const model::EventTable table =
      told(links() + listed("A", "2026-02-02T15:00:00Z", "2026-03-10") +
           published("A", "2026-03-03T17:00:00Z", "2026-03-10") + published("A", "2026-03-09T16:00:00Z", "2026-03-10") +
           published("A", "2026-03-09T18:00:00Z", "2026-03-12") + informed("2026-03-09T19:00:00Z", "hearing_changed"));
  const auto notices = listing_notices(table, spring);
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_EQ(notices[0].change, ListingNotice::Change::listed);
  EXPECT_FALSE(notices[0].told[0].told_at.has_value());  // the list had changed by then
  EXPECT_EQ(notices[1].change, ListingNotice::Change::moved);
  EXPECT_EQ(model::instant_text(notices[1].made_at), "2026-03-09T18:00:00Z");
  EXPECT_EQ(notices[1].told[0].notice_days, 1);
}

TEST(ListingNotice, OurOwnReceiptGoesBeforeATypedOne) {
  const model::EventTable table = told(links() + listed("A", "2026-02-02T15:00:00Z", "2026-03-10") +
                                       event("court.received", "2026-02-05T09:00:00Z",
                                             "\"hearing\":\"A\",\"crime\":\"C\",\"what\":\"listing\",\"typed\":true"));
  const auto notices =
      listing_notices(table, spring, [](uint32_t) { return model::parse_moment("2026-02-02T15:20:00Z")->lo_ms; });
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_EQ(notices[0].receipt, ListingNotice::Receipt::carried);
  EXPECT_EQ(model::instant_text(*notices[0].unit_had_at), "2026-02-02T15:20:00Z");
  ASSERT_EQ(notices[0].told.size(), 1u);
  EXPECT_FALSE(notices[0].told[0].told_at.has_value());
}

TEST(ListingNotice, AVacatedHearingCountsToTheDayItHad) {
  const model::EventTable table =
      told(links() + listed("A", "2026-02-02T15:00:00Z", "2026-03-10") +
           event("hearing.vacated", "2026-03-02T15:00:00Z", "\"hearing\":\"A\",\"listing_reason\":\"K\"") +
           informed("2026-03-04T11:00:00Z", "hearing_changed") + informed("2026-02-04T11:00:00Z", "hearing", "OTHER"));
  const auto notices = listing_notices(table, spring);
  ASSERT_EQ(notices.size(), 2u);
  EXPECT_FALSE(notices[0].told[0].told_at.has_value());  // told of another hearing
  EXPECT_EQ(notices[1].change, ListingNotice::Change::vacated);
  EXPECT_EQ(calendar::to_string(*notices[1].on), "2026-03-10");
  EXPECT_EQ(notices[1].told[0].notice_days, 6);
}

TEST(ListingNotice, Care02_WithoutALinkItIsATaskAndNobodyIsGuessed) {
  const auto notices = listing_notices(told(links() + listed("B", "2026-02-02T15:00:00Z", "2026-03-10")), spring);
  ASSERT_EQ(notices.size(), 1u);
  EXPECT_TRUE(notices[0].unlinked);
  EXPECT_TRUE(notices[0].told.empty());
}

}  // namespace
}  // namespace kept::app
