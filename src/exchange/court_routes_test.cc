#include "exchange/court_routes.h"

#include <gtest/gtest.h>

#include "model/moment.h"

namespace kept::exchange {
namespace {

const model::Vocabulary& vocabulary() {
  static const auto made = [] {
    model::Vocabulary out;
    EXPECT_TRUE(out.add_field({"court_kind", model::FieldKind::word, "", false, true, {"magistrates", "crown"}}));
    out.set_role("wcu-north", "wcu");
    out.set_role("crown-court", "hmcts");
    return out;
  }();
  return made;
}

const std::string table =
    "courts: 1\n"
    "kinds:\n"
    "  crown: {agency: crown-court, lists: {daily: {days: 1, by: \"16:00\"}, firm: {days: 5, by: \"17:00\"}}}\n"
    "rows:\n"
    "  - {name: Snaresbrook Crown Court, codes: [\"453\"], kind: crown, unit: wcu-north}\n";

std::string refusal(const std::string& text) {
  const auto routes = CourtRoutes::parse(text, "courts.yaml", vocabulary());
  return routes ? "taken" : routes.error().message;
}
std::string with(const std::string& from, const std::string& to) {
  std::string text = table;
  return text.replace(text.find(from), from.size(), to);
}

TEST(CourtRoutes, FindsACourtByItsNameOrCode) {
  const auto routes = CourtRoutes::parse(table, "courts.yaml", vocabulary());
  ASSERT_TRUE(routes) << routes.error().message;
  const CourtRoute* const court = routes->find("SNARESBROOK CROWN COURT");
  ASSERT_NE(court, nullptr);
  EXPECT_EQ(court->unit, "wcu-north");
  EXPECT_EQ(court->agency, "crown-court");
  EXPECT_EQ(routes->find("453"), court);
  EXPECT_EQ(routes->find("Elsewhere"), nullptr);
}

TEST(CourtRoutes, AListIsDueWorkingDaysBeforeItsDay) {
  const auto routes = CourtRoutes::parse(table, "courts.yaml", vocabulary());
  ASSERT_TRUE(routes);
  const auto day = [](const char* text) { return *calendar::parse_date(text); };
  const auto calendar = calendar::WorkingDayCalendar::make(day("2026-01-01"), day("2026-12-31"),
                                                           {{day("2026-05-25"), "Spring bank holiday", {}, {}}});
  ASSERT_TRUE(calendar);
  const auto due = [&](const char* list, const char* for_day) {
    const auto at = list_due(routes->all().front(), list, day(for_day), calendar->known_on(day("2026-12-31")));
    return at ? model::instant_text(*at) : std::string("none");
  };
  EXPECT_EQ(due("daily", "2026-05-26"), "2026-05-22T15:00:00Z");  // Tuesday after a bank holiday: Friday, 16:00 BST
  EXPECT_EQ(due("firm", "2026-01-16"), "2026-01-09T17:00:00Z");
  EXPECT_EQ(due("warned", "2026-01-16"), "none");
  EXPECT_EQ(due("daily", "2027-01-16"), "none");
}

TEST(CourtRoutes, SitsAndResultsAreTheCourtsOwnThenItsKindsThenAssumed) {
  const std::string more = with("17:00\"}}}", "17:00\"}}, sits: \"10:30\", results_by: \"08:00\", carried: yes}") +
                           "  - {name: Other, kind: crown, unit: wcu-north, sits: \"14:00\"}\n";
  const auto routes = CourtRoutes::parse(more, "courts.yaml", vocabulary());
  ASSERT_TRUE(routes) << routes.error().message;
  const auto on = *calendar::parse_date("2026-07-10");
  const auto says = [&](const CourtRoute& court) {
    return model::instant_text(sits_at(court, on)) + " " + model::instant_text(results_due(court, on)) +
           (court.carried ? " carried" : "");
  };
  EXPECT_EQ(says(*routes->find("453")), "2026-07-10T09:30:00Z 2026-07-11T07:00:00Z carried");  // British summer time
  EXPECT_EQ(says(*routes->find("other")), "2026-07-10T13:00:00Z 2026-07-11T07:00:00Z carried");
  const auto plain = CourtRoutes::parse(table, "courts.yaml", vocabulary());
  ASSERT_TRUE(plain);
  EXPECT_EQ(says(plain->all().front()), "2026-07-10T09:00:00Z 2026-07-11T08:00:00Z");
  EXPECT_EQ(refusal(with("kind: crown, unit", "kind: crown, sits: \"25:00\", unit")).substr(0, 14), "courts.yaml:5:");
}

TEST(CourtRoutes, EveryMistakeNamesItsLineAndTheMend) {
  EXPECT_EQ(refusal(with("kind: crown, unit", "kind: county, unit")),
            "courts.yaml:5: \"county\" is not one of `kinds` above");
  EXPECT_EQ(refusal(with("wcu-north", "wcu-west")),
            "courts.yaml:5: \"wcu-west\" is not listed in rules/vocabulary/agencies.yaml with the role wcu");
  EXPECT_EQ(refusal(with("unit: wcu-north", "unit: crown-court")),
            "courts.yaml:5: \"crown-court\" is not listed in rules/vocabulary/agencies.yaml with the role wcu");
  EXPECT_EQ(refusal(with("  crown: ", "  county: ")),
            "courts.yaml:3: \"county\" is no word of court_kind in the vocabulary");
  EXPECT_EQ(refusal(table + "  - {name: snaresbrook crown court, kind: crown, unit: wcu-north}\n"),
            "courts.yaml:6: \"snaresbrook crown court\" is already the court Snaresbrook Crown Court; name each once");
  EXPECT_EQ(refusal(table + "  - {name: Other, codes: \"453\", kind: crown, unit: wcu-north}\n"),
            "courts.yaml:6: \"453\" is already the court Snaresbrook Crown Court; name each once");
  EXPECT_EQ(refusal(table + "  - {name: Other, kind: crown}\n"),
            "courts.yaml:6: a court has a `name`, a `kind` and the `unit` that is told");
  EXPECT_EQ(refusal(with("courts: 1", "courts: 2")).substr(0, 55),
            "courts.yaml:1: this table is written in version 2 of th");
  EXPECT_EQ(refusal("rows: []\n"), "courts.yaml:1: a table of courts begins with its version:  courts: 1");
  EXPECT_EQ(refusal("courts: 1\n"), "courts.yaml:1: a table of courts has `kinds` and `rows`");
}

}  // namespace
}  // namespace kept::exchange
