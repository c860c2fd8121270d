// `kept courts` on stores filled by the courts', the police's and a Witness Care Unit's own feeds.
// Shards: 2
#include <gmock/gmock.h>

#include "app/court_tables.h"
#include "app/simulate_london.h"
#include "cli/courts_command.h"
#include "cli/run_words_test.h"
#include "ledger/postgres_server_test.h"
#include "support/intake_store_test.h"

namespace kept::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
namespace fs = std::filesystem;

const std::string wcu_heading =
    "Crime No,URN,Victim Ref,Suspect Ref,Hearing Ref,Entry No,When,Entered,Corrects entry,Withdraws entry,Own "
    "ref,Every,Unit,Whose wish,Channel,About,Preferred channel,Reason code,From,Until,Asked "
    "by,Words,What,Typed,Hearing on,Uls scheme,Verdict,Sentence kind,Bail status,Offer accepted,Delay reason,Changes "
    "on,Explained,Enhanced,Enhanced category,Stage,To,Service kind,Measure,For parole,Entry";
const std::string own_heading =
    "id,type,crime,suspect,hearing,occurred_at,recorded_at,trial_result,listing_reason,court,court_kind";

calendar::LocalDate day(const char* text) { return *calendar::parse_date(text); }

std::string confirmed(const char* id, const char* hearing, const char* at, const char* on, const char* court) {
  return fmt::format(
      R"({{"_metadata":{{"id":"{}","name":"public.listing.hearing-updated","createdAt":"{}"}},"updatedHearing":{{"id":"{}",)"
      R"("jurisdictionType":"CROWN","courtCentre":{{"code":"{}","name":"a court"}},)"
      R"("hearingDays":[{{"sittingDay":"{}T10:00:00.000Z"}}]}}}})"
      "\n",
      id, at, hearing, court, on);
}
std::string taken_out(const char* id, const char* hearing, const char* at) {
  return fmt::format(
      R"({{"_metadata":{{"id":"{}","name":"public.listing.vacated-trial-updated","createdAt":"{}"}},"hearingId":"{}",)"
      R"("isVacated":true,"vacatedTrialReasonId":"9a115815-4dfa-32ca-9dbd-0694a4e9bdc8","allocated":true}})"
      "\n",
      id, at, hearing);
}

class Courts : public IntakeStore, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (std::string(GetParam()) == "sqlite") return;
    ledger::PostgresServer& server = ledger::PostgresServer::shared();
    static int stores = 0;
    const std::string name = fmt::format("courts{}", ++stores);
    ASSERT_EQ(server.run("CREATE DATABASE " + name), "");
    database_ = fmt::format("postgresql://kept@/{}?host={}", name, server.folder());
  }
  exchange::CourtRoutes routes() {
    const std::string folder = feeds_.empty() ? built_in_feeds() : feeds_;
    auto read = exchange::CourtRoutes::load(folder + "/courts.yaml", *store().rules().book.vocabulary);
    EXPECT_TRUE(read) << read.error().message;
    return *read;
  }
  void move_clock(const char* to) { clock_.advance_ms(at(to) - clock_.now_ms()); }

  /// March 2024: two hearings at Snaresbrook and one at a court that nobody knows.
  void fill() {
    send("police-victims", csv(victims_heading, {victim("C1", "V1", "e1"), victim("C1", "V2", "e2")}));
    send("police-suspects", csv(suspects_heading, {concerned("C1", "S1", "l1")}));
    send("court-results-crown", csv(own_heading, {{{"id", "r1"},
                                                   {"type", "link.hearing"},
                                                   {"crime", "C1"},
                                                   {"hearing", "H1"},
                                                   {"occurred_at", "2024-03-05T12:00:00Z"},
                                                   {"recorded_at", "2024-03-05T12:00:00Z"}}}));
    send("court-listing-crown", confirmed("c1", "H1", "2024-03-06T10:00:00Z", "2024-03-20", "453") +
                                    confirmed("c2", "H2", "2024-03-06T10:05:00Z", "2024-03-19", "453") +
                                    confirmed("c3", "H3", "2024-03-06T10:10:00Z", "2024-03-19", "999"));
    move_clock("2024-03-08T17:00:00Z");
    const auto entry = [](const char* id, const char* when, const char* what) {
      return Cells{{"Entry No", id}, {"When", when}, {"Entered", when}, {"Hearing Ref", "H1"}, {"Entry", what}};
    };
    Cells received = entry("w1", "07/03/2024 10:00:00", "Received from court");
    received.insert({{"What", "listing"}, {"Typed", "Y"}, {"Crime No", "C1"}});
    Cells told = entry("w2", "08/03/2024 15:00:00", "Victim told");
    told.insert({{"Crime No", "C1"}, {"Victim Ref", "V1"}, {"About", "hearing"}});
    send("wcu-contacts-north", csv(wcu_heading, {received, told}));
    // The trial is taken out when the daily list of the 20th was due half an hour before; one victim hears on the day.
    move_clock("2024-03-19T17:00:00Z");
    send("court-listing-crown", taken_out("c4", "H1", "2024-03-19T16:30:00Z"));
    move_clock("2024-03-20T12:00:00Z");
    Cells too_late = entry("w3", "20/03/2024 09:00:00", "Victim told");
    too_late.insert({{"Crime No", "C1"}, {"Victim Ref", "V2"}, {"About", "hearing_changed"}});
    send("wcu-contacts-north", csv(wcu_heading, {too_late}));
    // Nothing came of H3; H2 was held, its result came at ten the next morning.
    send("court-results-crown", csv(own_heading, {{{"id", "r2"},
                                                   {"type", "hearing.held"},
                                                   {"hearing", "H2"},
                                                   {"occurred_at", "2024-03-19T15:00:00Z"},
                                                   {"recorded_at", "2024-03-19T15:05:00Z"}},
                                                  {{"id", "r3"},
                                                   {"type", "trial.result_recorded"},
                                                   {"hearing", "H2"},
                                                   {"trial_result", "ineffective"},
                                                   {"listing_reason", "M1"},
                                                   {"occurred_at", "2024-03-19T15:00:00Z"},
                                                   {"recorded_at", "2024-03-20T10:00:00Z"}}}));
  }
  std::vector<ListingChange> changes(const std::string& court = "", const std::string& unit = "") {
    const auto read =
        listing_changes(store(), routes(), {day("2024-03-01"), day("2024-03-31"), clock_.now_ms(), court, unit});
    EXPECT_TRUE(read) << read.error().message;
    return *read;
  }
  std::string unresulted(std::optional<int64_t> by = {}, const std::string& unit = "") {
    const auto read = unresulted_hearings(store(), routes(), day("2024-03-19"), by, "", unit);
    EXPECT_TRUE(read) << read.error().message;
    std::string names;
    for (const UnresultedHearing& one : *read)
      names += fmt::format("{}{}@{}/{} ", one.hearing, one.held ? "(held)" : "", one.court.name, one.court.unit);
    return names;
  }
};

class CourtsCommand : public Courts {};

TEST_P(Courts, Care22_NoticeIsWorkedOutFromTheCourtsTheUnitsAndTheVictimsTimes) {
  fill();
  const auto all = changes();
  ASSERT_EQ(all.size(), 4u);
  const ListingChange& listed = all[0];
  EXPECT_EQ(listed.hearing, "H1");
  EXPECT_EQ(listed.court, (HearingCourt{"Snaresbrook Crown Court", "wcu-north"}));
  EXPECT_EQ(to_string(*listed.on), "2024-03-20");
  EXPECT_FALSE(listed.after_list);
  EXPECT_EQ(listed.made.working_days, 10);  // 6 to 19 March: ten Mondays to Fridays
  EXPECT_EQ(listed.made.hours, 14 * 24);    // to ten in the morning, Greenwich time
  EXPECT_EQ(listed.receipt, ListingNotice::Receipt::typed);
  EXPECT_EQ(listed.unit_had->working_days, 9);
  EXPECT_EQ(listed.unit_had->hours, 13 * 24);
  EXPECT_EQ(listed.victims, 2u);
  EXPECT_EQ(listed.told, 1u);
  ASSERT_EQ(listed.victims_had.size(), 1u);
  EXPECT_EQ(listed.victims_had[0].working_days, 8);
  EXPECT_EQ(listed.victims_had[0].hours, 11 * 24 + 19);
  EXPECT_FALSE(listed.unlinked);
  const ListingChange& out = all[3];
  EXPECT_EQ(out.change, ListingNotice::Change::vacated);
  EXPECT_EQ(to_string(*out.on), "2024-03-20");
  EXPECT_TRUE(out.after_list);  // the daily list of the 20th is due at four the working day before
  EXPECT_EQ(out.made.working_days, 1);
  EXPECT_EQ(out.made.hours, 17);
  EXPECT_FALSE(out.unit_had.has_value());
  EXPECT_EQ(out.told, 1u);
  EXPECT_EQ(out.too_late, 1u);
  EXPECT_EQ(out.victims_had[0].working_days, 0);
  // Nobody recorded which crime H3 is about, nor which court 999 is.
  EXPECT_EQ(all[2].court, (HearingCourt{"999", ""}));
  EXPECT_TRUE(all[2].unlinked);
  EXPECT_EQ(all[2].victims, 0u);
  EXPECT_EQ(changes("snaresbrook crown court").size(), 3u);
  EXPECT_EQ(changes("453", "wcu-north").size(), 3u);
  EXPECT_TRUE(changes("", "wcu-south").empty());
}

TEST_P(Courts, Care22_HearingsWithoutAResultByTheCourtsOwnMorningAreNamedByReferenceOnly) {
  fill();
  EXPECT_EQ(unresulted(), "H3@999/ H2(held)@Snaresbrook Crown Court/wcu-north ");
  EXPECT_EQ(unresulted({}, "wcu-north"), "H2(held)@Snaresbrook Crown Court/wcu-north ");
  // By noon the result was there. H1 was taken out of the list and is not waited for.
  EXPECT_EQ(unresulted(at("2024-03-20T12:00:00Z")), "H3@999/ ");
  // A court whose results are due at eleven has another morning, and one that is carried another receipt.
  close();
  feeds_ = path("feeds");
  fs::copy(built_in_feeds(), feeds_, fs::copy_options::recursive);
  std::stringstream table;
  table << std::ifstream(feeds_ + "/courts.yaml").rdbuf();
  std::string text = table.str();
  const auto put = [&](const std::string& from, const std::string& to) {
    ASSERT_NE(text.find(from), std::string::npos) << from;
    text.replace(text.find(from), from.size(), to);
  };
  put("codes: [\"453\"],", "codes: [\"453\"], results_by: \"11:00\", sits: \"12:00\",");
  put("carried: no", "carried: yes");
  std::ofstream(feeds_ + "/courts.yaml") << text;
  EXPECT_EQ(unresulted(), "H3@999/ ");
  const auto all = changes();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].receipt, ListingNotice::Receipt::carried);
  EXPECT_EQ(model::instant_text(all[0].unit_had->at), "2024-03-06T12:00:00Z");
  EXPECT_EQ(all[0].made.hours, 14 * 24 + 2);
  EXPECT_EQ(all[2].receipt, ListingNotice::Receipt::none);  // no route: nobody says that we carry it
}

TEST_P(Courts, Care22_AReceiptThatAPersonTypedIsMarkedAlthoughWeCarriedIt) {
  feeds_ = path("feeds");
  fs::copy(built_in_feeds(), feeds_, fs::copy_options::recursive);
  std::ofstream(feeds_ + "/courts.yaml")
      << "courts: 1\nkinds:\n  crown: {agency: crown-court, carried: yes}\nrows:\n"
         "  - {name: Snaresbrook Crown Court, codes: [\"453\"], kind: crown, unit: wcu-north}\n";
  const auto typed = [&](BatchRequest& request) { request.received_at = clock_.now_ms() - 3'600'000; };
  send("court-listing-crown", confirmed("c1", "H1", "2024-03-06T10:00:00Z", "2024-03-20", "453"), typed);
  send("court-listing-crown", confirmed("c2", "H2", "2024-03-06T11:00:00Z", "2024-03-20", "453"));
  const auto all = changes();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].receipt, ListingNotice::Receipt::typed);
  EXPECT_EQ(model::instant_text(all[0].unit_had->at), "2024-03-06T11:00:00Z");
  EXPECT_EQ(all[1].receipt, ListingNotice::Receipt::carried);
}

// A published list names the case: it says nothing new of a day that a listing event of the same URN gave, and all
// there is of another.
TEST_P(Courts, WhatAPublishedListRepeatsOfACaseIsNoChangeAndIsNotWaitedForTwice) {
  send("court-listing-crown",
       R"({"_metadata":{"id":"c1","name":"public.listing.hearing-updated","createdAt":"2024-03-06T10:00:00Z"},)"
       R"("updatedHearing":{"id":"H1","jurisdictionType":"CROWN","courtCentre":{"code":"453"},)"
       R"("hearingDays":[{"sittingDay":"2024-03-19T10:00:00.000Z"}],)"
       R"("prosecutionCases":[{"prosecutionCaseIdentifier":{"caseURN":"01MP1"}}]}})"
       "\n");
  move_clock("2024-03-18T17:00:00Z");
  send(
      "court-lists-crown",
      R"({"DailyList":{"DocumentID":{"UniqueID":"d1"},"ListHeader":{"StartDate":"2024-03-19","EndDate":"2024-03-19",)"
      R"("Version":"1.0","PublishedTime":"2024-03-18T16:00:00Z"},"CourtLists":[{"CourtHouse":{"CourtHouseCode":"453"},)"
      R"("Sittings":[{"SittingAt":"10:00:00","Hearings":[{"CaseNumber":"T1","Defendants":[{"URN":"01MP1"}]},)"
      R"({"CaseNumber":"T2","Defendants":[{"URN":"01MP2"}]}]}]}]}})");
  move_clock("2024-03-20T12:00:00Z");
  const auto all = changes();
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].hearing, "H1");
  EXPECT_EQ(all[1].hearing, "case/T2");
  EXPECT_EQ(all[1].made.working_days, 1);
  EXPECT_FALSE(all[1].after_list);  // made when the list was due, and not after it
  EXPECT_EQ(unresulted(), "H1@Snaresbrook Crown Court/wcu-north case/T2@Snaresbrook Crown Court/wcu-north ");
}

TEST_P(Courts, ReasonsAreCountedByTheirWords) {
  fill();
  const auto counts = reason_counts(store(), routes(), {day("2024-03-01"), day("2024-03-31"), clock_.now_ms(), "", ""});
  ASSERT_TRUE(counts) << counts.error().message;
  ASSERT_EQ(counts->size(), 2u);
  // M1 is one thing at the Crown Court and another at the magistrates'.
  EXPECT_EQ((*counts)[0].result, "ineffective");
  EXPECT_EQ((*counts)[0].code, "M1");
  EXPECT_THAT((*counts)[0].says, HasSubstr("Prosecution offers no evidence not ready"));
  EXPECT_EQ((*counts)[1].result, "vacated");
  EXPECT_FALSE((*counts)[1].says.empty());
  EXPECT_EQ((*counts)[1].count, 1u);
  const auto none = reason_counts(store(), routes(), {day("2024-04-01"), day("2024-04-30"), clock_.now_ms(), "", ""});
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
}

TEST_P(CourtsCommand, SaysItForPeopleSpreadsheetsAndPrograms) {
  fill();
  close();
  const auto run = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "courts");
    words.insert(words.end(), {"--data", data()});
    if (!database_.empty()) words.insert(words.end(), {"--database", database_});
    return cli::run_words(words, [](CLI::App& app, int* exit_code) { cli::add_courts_command(app, exit_code); });
  };
  const std::vector<std::string> march = {"--from", "2024-03-01", "--to", "2024-03-31"};
  const auto in_march = [&](std::vector<std::string> words) {
    words.insert(words.end(), march.begin(), march.end());
    return run(std::move(words));
  };
  const cli::Said table = in_march({"notice"});
  ASSERT_EQ(table.exit_code, 0) << table.err;
  EXPECT_THAT(table.out, HasSubstr("Notice that changes in the list gave, made 2024-03-01 to 2024-03-31"));
  EXPECT_THAT(table.out, HasSubstr("Snaresbrook Crown Court  wcu-north        3      0    1           1           9"));
  EXPECT_THAT(table.out, HasSubstr("1 changes are of a court that is not in courts.yaml"));
  const cli::Said csv = in_march({"notice", "--format", "csv"});
  EXPECT_THAT(csv.out, HasSubstr("\nSnaresbrook Crown Court,wcu-north,3,2,0,1,1,9,"));
  const cli::Said each = in_march({"notice", "--each", "--format", "json"});
  EXPECT_THAT(each.out, HasSubstr(R"("hearing":"H1","change":"taken out","hearing_on":"2024-03-20")"));
  for (const char* nobody : {"V1", "V2", "S1", "C1"}) EXPECT_THAT(each.out, Not(HasSubstr(nobody)));
  const cli::Said left = run({"unresulted", "--day", "2024-03-19"});
  EXPECT_THAT(left.out, HasSubstr("Hearings of 2024-03-19 without a result"));
  EXPECT_THAT(left.out, HasSubstr("H2       yes               2024-03-20T09:00:00Z"));
  const cli::Said reasons = in_march({"reasons", "--format", "csv"});
  EXPECT_THAT(reasons.out, HasSubstr("ineffective,M1,1,"));
  EXPECT_THAT(run({"unresulted", "--day", "2024-02-19"}).out, HasSubstr("None: something came of every hearing."));
  const cli::Said nowhere = in_march({"notice", "--court", "Narnia Crown Court"});
  EXPECT_EQ(nowhere.exit_code, 2);
  EXPECT_THAT(nowhere.err, HasSubstr("there is no court \"Narnia Crown Court\""));
  const cli::Said wrong = run({"notice", "--from", "2024-03-31", "--to", "2024-03-01"});
  EXPECT_THAT(wrong.err, HasSubstr("--from is later than --to; exchange them"));
}

// What the command prints is the same whatever the store stands on; each run of it opens the store anew.
INSTANTIATE_TEST_SUITE_P(Sqlite, CourtsCommand, testing::Values("sqlite"),
                         [](const auto& one) { return std::string(one.param); });
INSTANTIATE_TEST_SUITE_P(Stores, Courts, testing::Values("sqlite", "postgres"),
                         [](const auto& one) { return std::string(one.param); });

}  // namespace
}  // namespace kept::app
