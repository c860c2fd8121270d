// The forms of the courts: listing events and published lists.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "exchange/court_json.h"
#include "exchange/court_reasons.h"
#include "exchange/read_events.h"

namespace kept::exchange {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const model::Vocabulary> courts_vocabulary() {
  static const auto made = [] {
    using namespace model;
    auto out = std::make_shared<Vocabulary>();
    const auto field = [&](Field each) { return *out->add_field(std::move(each)); };
    const uint16_t on = field({"hearing_on", FieldKind::date, "", false, true, {}});
    const uint16_t kind = field({"hearing_kind",
                                 FieldKind::word,
                                 "",
                                 false,
                                 true,
                                 {"first_hearing", "bail", "plea_and_trial_preparation", "case_management", "trial",
                                  "sentence", "breach", "appeal", "application", "other"}});
    const uint16_t court = field({"court", FieldKind::code, "", false, true, {}});
    const uint16_t court_kind = field({"court_kind", FieldKind::word, "", false, true, {"magistrates", "crown"}});
    const uint16_t reason = field({"listing_reason", FieldKind::code, "", false, true, {}});
    EventType listed;
    listed.name = "hearing.listed";
    listed.needs = carries_hearing;
    listed.carries = carries_hearing | carries_urn | carries_suspect | carries_crime;
    listed.fields = {on, kind, court, court_kind, reason};
    EventType published = listed;
    published.name = "hearing.published";
    published.fields = {
        on, kind, court, court_kind,
        field({"list_kind", FieldKind::word, "", false, true, {"daily", "firm", "warned", "magistrates"}})};
    EventType vacated = listed;
    vacated.name = "hearing.vacated";
    vacated.fields = {on, reason};
    EXPECT_TRUE(out->add_type(listed));
    EXPECT_TRUE(out->add_type(vacated));
    EXPECT_TRUE(out->add_type(published));
    return out;
  }();
  return made;
}

class CourtFeeds : public testing::Test {
 protected:
  CourtFeeds() : path_(fs::temp_directory_path() / fmt::format("kept-court-{}.json", ::getpid())) {}
  ~CourtFeeds() override { fs::remove(path_); }

  static const Mapping& mapping(const char* name) {
    static std::map<std::string, Mapping> loaded;
    if (!loaded.contains(name)) {
      auto made = Mapping::load(fmt::format("{}/feeds/mappings/{}.yaml", KEPT_SOURCE_DIR, name));
      EXPECT_TRUE(made) << made.error().message;
      loaded.emplace(name, std::move(made).value());
    }
    return loaded.at(name);
  }
  ReadResult read(const char* name, const std::string& text, const ReadLimits& limits = {}) {
    std::ofstream(path_, std::ios::binary) << text;
    ReadRequest request;
    request.files = {path_.string()};
    request.mapping = &mapping(name);
    request.vocabulary = courts_vocabulary();
    rejects_.rows.clear();
    request.rejects = &rejects_;
    request.limits = limits;
    auto result = read_events(request);
    EXPECT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->counts.rows,
              result->counts.taken + result->counts.rejected + result->counts.ignored + result->counts.duplicates);
    return std::move(result).value();
  }
  ReadResult events(const std::string& text, const ReadLimits& limits = {}) {
    return read("court-events", text, limits);
  }
  ReadResult list(const char* sample) {
    std::ifstream file(fmt::format("{}/tests/data/courts/{}.json", KEPT_SOURCE_DIR, sample));
    std::stringstream text;
    text << file.rdbuf();
    return read("court-lists", text.str());
  }
  ReadResult read_list_text(const std::string& text) { return read("court-lists", text); }
  std::string reason() const { return rejects_.rows.empty() ? "" : reason_key(rejects_.rows.front().reason); }

  fs::path path_;
  RejectList rejects_;
};

std::string value(const model::EventTable& table, uint32_t row, const char* name) {
  const int32_t id = table.vocabulary().field_id(name);
  int64_t held = 0;
  if (!table.detail_value(row, static_cast<uint16_t>(id), &held)) return "-";
  const model::Field& field = table.vocabulary().fields()[static_cast<std::size_t>(id)];
  switch (field.kind) {
    case model::FieldKind::date:
      return model::to_string(table.moment(held));
    case model::FieldKind::code:
      return table.codes.name(static_cast<uint32_t>(held));
    default:
      return field.words[static_cast<std::size_t>(held)];
  }
}

std::string with_name(const std::string& name, const std::string& content) {
  return fmt::format(R"({{"_metadata":{{"id":"e1","name":"{}","createdAt":"2026-03-02T15:04:05.678Z"}},{}}})", name,
                     content);
}

const char* const confirmed =
    R"("confirmedHearing":{"id":"h1","type":{"id":"t","description":"Plea and Trial Preparation"},)"
    R"("jurisdictionType":"CROWN","courtCentre":{"id":"c-uuid","code":"C01SN","name":"Snaresbrook"},)"
    R"("hearingDays":[{"sittingDay":"2026-05-07T09:30:00.000Z"},{"sittingDay":"2026-05-06T23:30:00.000Z"},)"
    R"({"sittingDay":"2026-05-05T09:30:00.000Z","isCancelled":true}],)"
    R"("judiciary":[{"title":"Judge","lastName":"Nobody"}],)"
    R"("prosecutionCases":[{"id":"p1","prosecutionCaseIdentifier":{"caseURN":"01MP1234526"},)"
    R"("defendants":[{"id":"d1","offences":[{"id":"o1"}]}]}]},"sendNotificationToParties":true)";

TEST_F(CourtFeeds, AConfirmedHearingIsListedForItsFirstDayThatStands) {
  const ReadResult read = events(with_name("public.listing.hearing-confirmed", confirmed));
  ASSERT_EQ(read.table.size(), 1u);
  const model::EventTable& table = read.table;
  EXPECT_EQ(table.vocabulary().code_name(table.code(0)), "hearing.listed");
  EXPECT_EQ(table.hearings.name(table.hearing(0)), "h1");
  EXPECT_EQ(table.urns.name(table.urn(0)), "01MP1234526");
  EXPECT_EQ(table.suspect(0), 0u);  // d1 is the court's own number, by which no crime knows a suspect
  EXPECT_EQ(table.id(0), "e1");
  EXPECT_EQ(model::to_string(table.occurred(0)), "2026-03-02T15:04:05.678Z");
  EXPECT_EQ(table.recorded_at(0), table.lo_ms(0));
  EXPECT_EQ(value(table, 0, "hearing_on"), "2026-05-07");  // 23:30 UTC on the 6th is the 7th in London
  EXPECT_EQ(value(table, 0, "hearing_kind"), "plea_and_trial_preparation");
  EXPECT_EQ(value(table, 0, "court"), "C01SN");
  EXPECT_EQ(value(table, 0, "court_kind"), "crown");
}

TEST_F(CourtFeeds, AVacatedTrialHasItsReasonOfThe61) {
  const auto vacated = [](const char* reason, const char* is) {
    return with_name(
        "public.listing.vacated-trial-updated",
        fmt::format(R"("hearingId":"h1","isVacated":{},"vacatedTrialReasonId":"{}","allocated":true)", is, reason));
  };
  ReadResult read = events(vacated("9a115815-4dfa-32ca-9dbd-0694a4e9bdc8", "true"));
  ASSERT_EQ(read.table.size(), 1u);
  EXPECT_EQ(read.table.vocabulary().code_name(read.table.code(0)), "hearing.vacated");
  EXPECT_EQ(value(read.table, 0, "listing_reason"), "K");
  // A reason added since takes the news from nobody.
  read = events(vacated("00000000-0000-0000-0000-000000000000", "true"));
  ASSERT_EQ(read.table.size(), 1u);
  EXPECT_EQ(value(read.table, 0, "listing_reason"), "unknown");
  // Back in the list.
  read = events(vacated("9a115815-4dfa-32ca-9dbd-0694a4e9bdc8", "false"));
  ASSERT_EQ(read.table.size(), 1u);
  EXPECT_EQ(read.table.vocabulary().code_name(read.table.code(0)), "hearing.listed");
}

TEST_F(CourtFeeds, MovedDaysAndDeletedHearingsAreNews) {
  const std::string lines =
      with_name("public.listing.hearing-days-changed-for-hearing",
                R"("hearingId":"h1","hearingDays":[{"sittingDay":"2026-06-01T09:00:00Z"}])") +
      "\n" +
      R"({"id":"e2","name":"listing.events.week-commencing-date-changed-for-hearing","createdAt":"2026-03-02T16:00:00Z",)"
      R"("payload":{"hearingId":"h2","weekCommencingStartDate":"2026-06-01","weekCommencingEndDate":"2026-06-05"}})"
      "\n" +
      R"({"_metadata":{"id":"e3","name":"listing.events.allocated-hearing-deleted","createdAt":"2026-03-02T16:00:00Z"},)"
      R"("hearingId":"h3"})";
  const ReadResult read = events(lines);
  ASSERT_EQ(read.table.size(), 3u);
  EXPECT_EQ(value(read.table, 0, "hearing_on"), "2026-06-01");
  EXPECT_EQ(value(read.table, 1, "hearing_on"), "2026-06-01..2026-06-05");
  EXPECT_EQ(read.table.vocabulary().code_name(read.table.code(2)), "hearing.vacated");
  // The same as a list, over several lines.
  std::string array = "[\n" + lines + "\n]";
  for (std::size_t at = array.find("}\n{"); at != std::string::npos; at = array.find("}\n{"))
    array.replace(at, 3, "},\n{");
  const ReadResult again = events(array);
  EXPECT_EQ(again.counts.events, 3u);
}

TEST_F(CourtFeeds, RoomsAndJudgesAreSetAsideAndCounted) {
  std::string lines;
  for (const char* name :
       {"listing.events.court-room-changed-for-hearing", "listing.events.judiciary-changed-for-hearing",
        "listing.events.video-link-changed-for-hearing", "public.listing.hearing-listed",
        "public.listing.hearing-changes-saved"})
    lines += with_name(name, R"("hearingId":"h1")") + "\n";
  const ReadResult read = events(lines);
  EXPECT_EQ(read.counts.ignored, 5u);
  EXPECT_EQ(read.counts.rejected, 0u);
  EXPECT_EQ(read.table.size(), 0u);
}

TEST_F(CourtFeeds, EveryNameOfTheListingContextIsJudgedAndOthersAreRejectedInWords) {
  std::ifstream file(KEPT_SOURCE_DIR "/tests/data/courts/listing-event-names.txt");
  std::string lines;
  std::size_t count = 0;
  for (std::string name; std::getline(file, name);) {
    if (name.empty()) continue;
    lines += with_name(name, fmt::format(R"("hearingId":"h{}")", ++count)) + "\n";
  }
  ASSERT_EQ(count, 122u);
  // Ids are all the same: no duplicates are looked for here.
  std::string own_ids;
  std::size_t number = 0;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at);
    std::string line = lines.substr(at, end - at);
    line.replace(line.find("\"e1\""), 4, fmt::format("\"e{}\"", ++number));
    own_ids += line + "\n";
    at = end + 1;
  }
  const ReadResult read = events(own_ids);
  EXPECT_EQ(read.counts.rejected, 0u) << rejects_.rows.front().why << rejects_.rows.front().row;
  EXPECT_GT(read.counts.taken, 20u);
  EXPECT_GT(read.counts.ignored, 80u);

  events(with_name("listing.events.hearing-held-on-the-moon", R"("hearingId":"h1")"));
  EXPECT_EQ(reason(), "unlisted_value");
  EXPECT_EQ(rejects_.rows.front().value, "hearing-held-on-the-moon");
  events(with_name("public.hearing.resulted", R"("hearingId":"h1")"));
  EXPECT_EQ(reason(), "unlisted_value");
}

TEST_F(CourtFeeds, WhatIsBrokenIsRejectedWithItsReason) {
  const auto refused = [&](const std::string& line) {
    const ReadResult read = events(line);
    EXPECT_EQ(read.counts.rejected, 1u) << line;
    EXPECT_EQ(read.table.size(), 0u) << line;
    return reason();
  };
  EXPECT_EQ(refused("{\"_metadata\":"), "malformed");
  EXPECT_EQ(refused("7"), "malformed");
  EXPECT_EQ(refused("[{\"_metadata\":"), "malformed");
  EXPECT_EQ(refused("[7]"), "malformed");
  EXPECT_EQ(refused("\"\xff\xfe\""), "not_text");
  EXPECT_EQ(refused(R"({"hearingId":"h1"})"), "missing");
  EXPECT_EQ(refused(R"({"_metadata":{"name":{"x":1},"createdAt":"2026-03-02T16:00:00Z"}})"), "malformed");
  EXPECT_EQ(refused(with_name("public.listing.hearing-confirmed", R"("sendNotificationToParties":true)")), "missing");
  EXPECT_EQ(refused(with_name("public.listing.hearing-confirmed", R"("confirmedHearing":{"id":["h1"]})")), "malformed");
  EXPECT_EQ(refused(with_name("public.listing.hearing-confirmed",
                              R"("confirmedHearing":{"id":"h1","hearingDays":{"sittingDay":"2026-05-07"}})")),
            "malformed");
  EXPECT_EQ(refused(with_name("public.listing.hearing-confirmed",
                              R"("confirmedHearing":{"id":"h1","hearingDays":[{"sittingDay":"next Tuesday"}]})")),
            "bad_time");
  EXPECT_EQ(refused(with_name("public.listing.hearing-confirmed", R"("hearingId":"h1","hearingId":"h2")")),
            "duplicate_key");
  EXPECT_EQ(refused(R"({"_metadata":{"name":"public.listing.hearing-confirmed"},"hearingId":"h1"})"), "missing");
  EXPECT_EQ(
      refused(with_name("public.listing.hearing-confirmed", fmt::format(R"("hearingId":"{}")", std::string(300, 'h')))),
      "too_large");
  std::string deep = "{\"_metadata\":{\"name\":\"public.listing.hearing-confirmed\"},\"x\":";
  deep += std::string(100, '[') + std::string(100, ']') + "}";
  EXPECT_EQ(refused(deep), "too_large");
  ReadLimits small;
  small.row_bytes = 200;
  small.block_bytes = 64;
  const ReadResult read = events(with_name("public.listing.hearing-confirmed", confirmed) + "\n" +
                                     R"({"_metadata":{"name":"listing.events.hearing-deleted","id":"1",)"
                                     R"("createdAt":"2026-03-02T16:00:00Z"},"hearingId":"h"})",
                                 small);
  EXPECT_EQ(reason(), "too_large");
  EXPECT_EQ(read.table.size(), 1u);  // the next line is read
  const ReadResult of_a_list = events("[" + with_name("public.listing.hearing-confirmed", confirmed) + "," +
                                          R"({"_metadata":{"name":"listing.events.hearing-deleted","id":"1",)"
                                          R"("createdAt":"2026-03-02T16:00:00Z"},"hearingId":"h"}])",
                                      small);
  EXPECT_EQ(reason(), "too_large");
  EXPECT_EQ(of_a_list.table.size(), 1u);
}

TEST_F(CourtFeeds, AListThatIsTooLongIsRefusedAsAWhole) {
  std::ofstream(path_, std::ios::binary) << "[" << std::string(4096, ' ') << "]";
  ReadRequest request;
  request.files = {path_.string()};
  request.mapping = &mapping("court-events");
  request.vocabulary = courts_vocabulary();
  request.limits.document_bytes = 1024;
  const auto result = read_events(request);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, base::ErrorCode::too_large);
}

TEST_F(CourtFeeds, TheDailyListListsEachHearingWithItsPublication) {
  const ReadResult read = list("crownDailyPddaList");
  ASSERT_EQ(rejects_.rows.size(), 0u) << rejects_.rows.front().why;
  ASSERT_GE(read.table.size(), 3u);
  const model::EventTable& table = read.table;
  EXPECT_EQ(table.vocabulary().code_name(table.code(0)), "hearing.published");
  EXPECT_EQ(value(table, 0, "list_kind"), "daily");
  EXPECT_EQ(table.hearings.name(table.hearing(0)), "case/T00112233");
  EXPECT_EQ(table.urns.name(table.urn(0)), "TestURN");
  EXPECT_EQ(table.suspect(0), 0u);
  EXPECT_EQ(model::to_string(table.occurred(0)), "2025-09-09T10:00:00Z");
  EXPECT_EQ(value(table, 0, "hearing_on"), "2025-09-10..2025-09-11");
  EXPECT_EQ(value(table, 0, "court"), "1234");
  EXPECT_EQ(table.id(0), "daily/TestUniqueID/1.0/1.1.1");
}

TEST_F(CourtFeeds, TheFirmListGivesEachHearingsOwnDayAndItsReserves) {
  const ReadResult read = list("crownFirmPddaList");
  ASSERT_EQ(rejects_.rows.size(), 0u) << rejects_.rows.front().why;
  const model::EventTable& table = read.table;
  EXPECT_EQ(value(table, 0, "hearing_on"), "2025-09-10");
  EXPECT_EQ(table.hearings.name(table.hearing(table.size() - 1)), "case/T00112244");
  EXPECT_EQ(table.id(table.size() - 1), "firm/TestUniqueID/1.0/reserve.1");
}

TEST_F(CourtFeeds, TheWarnedListGivesAFixedDayOrTheWholeWarnedTime) {
  const ReadResult read = list("crownWarnedPddaList");
  ASSERT_EQ(rejects_.rows.size(), 0u) << rejects_.rows.front().why;
  std::set<std::string> days;
  for (uint32_t row = 0; row < read.table.size(); ++row)
    days.insert(read.table.hearings.name(read.table.hearing(row)) + " " + value(read.table, row, "hearing_on"));
  EXPECT_TRUE(days.contains("case/T20237000 2024-01-01"));
  EXPECT_TRUE(days.contains("case/T00112244 2024-01-01..2024-01-02"));
  EXPECT_EQ(value(read.table, 0, "hearing_kind"), "trial");
}

TEST_F(CourtFeeds, TheMagistratesListGivesEachCase) {
  const ReadResult read = list("magistratesStandardList");
  ASSERT_EQ(rejects_.rows.size(), 0u) << rejects_.rows.front().why;
  ASSERT_GE(read.table.size(), 1u);
  EXPECT_EQ(read.table.hearings.name(read.table.hearing(0)), "case/45684548");
  EXPECT_EQ(read.table.urns.name(read.table.urn(0)), "45684548");
  EXPECT_EQ(value(read.table, 0, "hearing_on"), "2023-12-13");
  EXPECT_EQ(value(read.table, 0, "court_kind"), "magistrates");
  EXPECT_EQ(model::to_string(read.table.occurred(0)), "2023-12-01T23:30:52.123Z");
}

TEST_F(CourtFeeds, ADocumentThatIsNoCourtListIsOneReject) {
  for (const char* text : {"", "{", "[]", "{}", "7", R"({"DailyList":{"CourtLists":{}}})", R"({"DailyList":7,"x":{}})",
                           R"({"DailyList":{},"DailyList":{}})"}) {
    const ReadResult read = read_list_text(text);
    EXPECT_EQ(read.table.size(), 0u) << text;
    EXPECT_LE(read.counts.rejected, 1u) << text;
  }
  read_list_text("{}");
  EXPECT_EQ(reason(), "malformed");
  std::string deep = R"({"DailyList":)";
  for (int i = 0; i < 100; ++i) deep += R"({"x":)";
  read_list_text(deep + "1" + std::string(101, '}'));
  EXPECT_EQ(reason(), "too_large");
}

TEST(CourtReasons, AreThe61) {
  std::map<std::string_view, int> by_result;
  std::set<std::string_view> ids;
  for (const CourtReason& reason : court_reasons()) {
    ++by_result[reason.result];
    ids.insert(reason.id);
    EXPECT_EQ(court_reason(reason.id), &reason);
  }
  EXPECT_EQ(ids.size(), 61u);
  EXPECT_EQ(by_result["cracked"], 12);
  EXPECT_EQ(by_result["ineffective"], 30);
  EXPECT_EQ(by_result["vacated"], 19);
  EXPECT_EQ(court_reason("c4ca4238-a0b9-3382-8dcc-509a6f75849b")->code, "A");
  EXPECT_EQ(court_reason("nothing"), nullptr);
}

TEST(CourtHearingKinds, AreReadFromWhatCourtsCallThem) {
  EXPECT_EQ(hearing_kind("Plea and Trial Preparation"), "plea_and_trial_preparation");
  EXPECT_EQ(hearing_kind("For Trial"), "trial");
  EXPECT_EQ(hearing_kind("Application for bail"), "bail");
  EXPECT_EQ(hearing_kind("First hearing"), "first_hearing");
  EXPECT_EQ(hearing_kind("Further Case Management Hearing"), "case_management");
  EXPECT_EQ(hearing_kind("ABC"), "other");
  EXPECT_EQ(hearing_kind(""), "");
}

}  // namespace
}  // namespace kept::exchange
