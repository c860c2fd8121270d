#include "measures/report.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "app/content.h"
#include "html/number_text.h"
#include "measures/obligation_name.h"

namespace kept::app {
namespace {

using calendar::local_date;
using calendar::LocalDate;
using measures::DutyLabel;
using measures::Standing;
using model::Due;
using model::EventTable;
using model::Obligation;
using model::Outcome;
using ::testing::HasSubstr;
using ::testing::Not;

std::shared_ptr<const model::Vocabulary> small_vocabulary() {
  auto vocabulary = std::make_shared<model::Vocabulary>();
  const uint16_t borough =
      *vocabulary->add_field({"offence_borough", model::FieldKind::code, "where", false, true, {}});
  const uint16_t offence = *vocabulary->add_field({"offence_group",
                                                   model::FieldKind::word,
                                                   "what",
                                                   false,
                                                   true,
                                                   {"burglary", "domestic_abuse_offence", "robbery", "stalking"}});
  model::EventType reported;
  reported.name = "crime.reported";
  reported.carries = reported.needs = model::carries_crime;
  reported.fields = {borough, offence};
  EXPECT_TRUE(vocabulary->add_type(reported).ok());
  model::EventType told;
  told.name = "victim.informed";
  told.carries = model::carries_crime | model::carries_participant;
  EXPECT_TRUE(vocabulary->add_type(told).ok());
  return vocabulary;
}

/// A made-up year: enough of everything to fill each part of the page. The same for every run.
struct MadeUpYear {
  std::shared_ptr<const model::Vocabulary> vocabulary = small_vocabulary();
  EventTable table{vocabulary};
  measures::DutyLabels labels;
  std::vector<Obligation> obligations;
  measures::CrimeTraitsTable traits;

  explicit MadeUpYear(int people) {
    std::mt19937 random(7);  // NOLINT: the same sequence everywhere is the point
    const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
    const char* boroughs[] = {"Barking and Dagenham",
                              "Barnet",
                              "Camden",
                              "Croydon",
                              "Ealing",
                              "Enfield",
                              "Greenwich",
                              "Hackney",
                              "Hammersmith and Fulham",
                              "Haringey",
                              "Islington",
                              "Lambeth",
                              "Lewisham",
                              "Newham",
                              "Southwark",
                              "Tower Hamlets",
                              "Wandsworth",
                              "Westminster"};
    const char* bearers[] = {"police", "wcu", "court", "cps", "probation"};
    for (int right = 1; right <= 12; ++right) {
      for (int i = 0; i < 2; ++i) {
        DutyLabel label;
        label.id = "VC2020-R" + std::to_string(right) + (i == 0 ? ".1" : ".2");
        label.right = std::to_string(right);
        label.right_title = right == 6 ? "To be given information about the investigation and prosecution" : "";
        label.says = "Tell the victim, with reasons where applicable, what was decided";
        label.bearer = bearers[(right + i) % 5];
        label.edition = "VC2020";
        label.has_number = right != 1;
        if (right == 11)
          label = [&] {
            auto l = label;
            l.standing = Standing::unverified;
            l.verified = false;
            l.unverified = "the number of days";
            return l;
          }();
        if (right == 12) label.standing = i == 0 ? Standing::local : Standing::window;
        labels.push_back(label);
      }
    }
    const uint32_t source = table.sources.code("met-feed");
    const uint32_t agency = table.agencies.code("met");
    table.agencies.code("inner-wcu");
    const uint16_t reported = vocabulary->find("crime.reported")->first_code;
    const uint16_t told = vocabulary->find("victim.informed")->first_code;
    const int32_t start = local_date({2024, 1, 1}).days;
    for (int person = 1; person <= people; ++person) {
      const uint32_t participant = table.participants.code("V" + std::to_string(person));
      const uint32_t crime = table.crimes.code("C" + std::to_string(person));
      const model::DetailValue details[] = {{0, static_cast<int64_t>(table.codes.code(boroughs[below(18)]))},
                                            {1, static_cast<int64_t>(below(4))}};
      model::EventRow row;
      row.code = reported;
      row.crime = crime;
      row.source = source;
      row.agency = agency;
      row.occurred = model::Moment::date(LocalDate{start + static_cast<int32_t>(below(330))});
      row.recorded_at = row.occurred.lo_ms + 3600000;
      row.detail = details;
      row.detail_count = 2;
      const uint32_t trigger = table.append(row);
      row.detail_count = 0;
      row.code = told;
      row.recorded_at += static_cast<int64_t>(below(6)) * 86400000;
      const uint32_t telling = table.append(row);
      for (int i = 0; i < 10; ++i) {
        Obligation one;
        one.participant = participant;
        one.crime = crime;
        one.duty = static_cast<uint16_t>(below(24));
        one.trigger_row = trigger;
        one.agency = agency;
        if (labels[one.duty].standing == Standing::window) {
          one.window = static_cast<model::WindowState>(1 + below(4));
          obligations.push_back(one);
          continue;
        }
        const int32_t due = start + static_cast<int32_t>(below(366));
        if (labels[one.duty].has_number) one.due_on = {Due::Kind::date, due};
        const uint32_t dice =
            below(1000) + static_cast<uint32_t>(one.duty) * 6 + static_cast<uint32_t>(due - start) / 6;
        one.outcome = dice < 640    ? Outcome::kept
                      : dice < 820  ? Outcome::late
                      : dice < 900  ? Outcome::cannot_tell
                      : dice < 960  ? Outcome::overdue
                      : dice < 985  ? Outcome::missed
                      : dice < 1010 ? Outcome::excused
                      : dice < 1030 ? Outcome::withdrawn_after_due
                      : dice < 1060 ? Outcome::declined
                                    : Outcome::open;
        if (!labels[one.duty].has_number) one.outcome = dice < 640 ? Outcome::kept : Outcome::open;
        if (one.outcome == Outcome::kept || one.outcome == Outcome::late) one.fulfilled_row = telling;
        if (one.outcome == Outcome::late) {
          one.late_unit = static_cast<model::LateUnit>(1 + below(3));
          one.late_by = static_cast<int32_t>(1 + below(9) * below(9));
        }
        if (one.outcome == Outcome::cannot_tell) {
          one.reason = below(2) == 0 ? model::Reason::no_coverage : model::Reason::rule_u;
          one.missing_code = one.reason == model::Reason::no_coverage ? told : uint16_t{0};
          one.missing_agency = 1 + below(2);
          one.missing_on = one.reason == model::Reason::no_coverage ? due - 3 : 0;
        }
        if (below(10) == 0) one.flags |= model::flag_enhanced;
        if (below(40) == 0) one.flags |= model::flag_enhanced | model::flag_entitled_not_recognised;
        if (one.outcome == Outcome::kept && below(30) == 0) one.flags |= model::flag_too_late_to_use;
        obligations.push_back(one);
      }
    }
    traits = measures::crime_traits(table, std::nullopt);
  }

  measures::Figures figures(std::size_t parts) const {
    measures::Figures all(labels, table, traits, nullptr, LocalDate{});
    std::vector<measures::Figures> shares;
    for (std::size_t i = 0; i < parts; ++i) shares.push_back(all.empty_part());
    for (std::size_t i = 0; i < obligations.size(); i += 10)
      shares[i / 10 % parts].take(&obligations[i], std::min<std::size_t>(10, obligations.size() - i));
    for (measures::Figures& share : shares) all.merge(share);
    return all;
  }

  std::string page(std::size_t parts) const {
    const html::Words words = *read_words(KEPT_SOURCE_DIR "/content/en");
    measures::ReportSetting setting;
    setting.as_at = "31 December 2024";
    setting.recorded_by = "31 December 2024";
    setting.as_at_month = measures::month_of(local_date({2024, 12, 31}));
    setting.version = "0";
    setting.rules = "made up";
    setting.calendar_end = "31 December 2028";
    setting.files = "london.parquet";
    setting.places = {{"Adult victim", true, 400}, {"Witness only", false, 60}};
    setting.assumed = {{"Coverage inferred from the events", 3, "no coverage file was given"}};
    const measures::Figures gathered = figures(parts);
    return measures::report_page({gathered, labels, table, traits, setting, words});
  }
};

TEST(ReportPage, SaysAllItsWordsAndShowsNobody) {
  const MadeUpYear year(600);
  const std::string page = year.page(1);
  EXPECT_THAT(page, HasSubstr("For use inside the agency: small numbers are not protected"));
  EXPECT_THAT(page, Not(HasSubstr("&lt;&lt;"))) << "a key without words";
  EXPECT_THAT(page, HasSubstr("<html lang=\"en-GB\">"));
  EXPECT_THAT(page, Not(HasSubstr("<script")));
  EXPECT_THAT(page, Not(HasSubstr("http://")));
  EXPECT_THAT(page, Not(HasSubstr("https://")));
  // Nobody's reference: participants are V1 to V600 and crimes C1 to C600 here.
  EXPECT_THAT(page, Not(::testing::ContainsRegex("[^A-Za-z0-9-][VC][0-9]+[^A-Za-z0-9]")));
  std::ofstream("report_page_test.html") << page;
}

TEST(ReportPage, IsTheSameHoweverTheWorkWasDivided) {
  const MadeUpYear year(300);
  const std::string whole = year.page(1);
  EXPECT_EQ(year.page(2), whole);
  EXPECT_EQ(year.page(7), whole);
}

TEST(ReportPage, OfNothingStillSaysSo) {
  const MadeUpYear year(0);
  const std::string page = year.page(1);
  EXPECT_THAT(page, HasSubstr("No figure"));
  EXPECT_THAT(page, Not(HasSubstr("&lt;&lt;")));
  EXPECT_THAT(page, Not(HasSubstr("<dt>Overdue now</dt>"))) << "a nought would read as if nothing were overdue";
  EXPECT_THAT(page, Not(HasSubstr("There are figures for what stands apart")));
}

TEST(ReportPage, OfLocalCommitmentsAloneLeadsToThem) {
  MadeUpYear year(60);
  uint64_t overdue = 0;
  for (DutyLabel& label : year.labels) {
    if (label.standing != Standing::window) label.standing = Standing::local;
  }
  for (const Obligation& one : year.obligations) {
    const DutyLabel& label = year.labels[one.duty];
    if (label.standing == Standing::local && label.has_number && one.outcome == Outcome::overdue) ++overdue;
  }
  ASSERT_GT(overdue, 0U);
  const std::string page = year.page(1);
  EXPECT_THAT(page, HasSubstr("every figure of the Code on this page is empty"));
  EXPECT_THAT(page, Not(HasSubstr("<dt>Overdue now</dt>")));
  EXPECT_THAT(page, HasSubstr("<a href=\"#apart-local\">Local commitments</a>: "));
  EXPECT_THAT(page, HasSubstr(" kept, " + std::to_string(overdue) + " overdue now"));
  EXPECT_THAT(page, HasSubstr("<h3 id=\"apart-local\">"));
}

TEST(ReportPage, SaysHowManyAreOverdueBesideTheCode) {
  const MadeUpYear year(600);
  uint64_t code = 0;
  uint64_t apart = 0;
  for (const Obligation& one : year.obligations) {
    const DutyLabel& label = year.labels[one.duty];
    if (label.standing == Standing::window || !label.has_number || one.outcome != Outcome::overdue) continue;
    (label.standing == Standing::code ? code : apart) += 1;
  }
  ASSERT_GT(code, 0U);
  ASSERT_GT(apart, 0U);
  EXPECT_THAT(year.page(1), HasSubstr(fmt::format("<dt>Overdue now</dt><dd>{}<span>duties of the Code; {} more among",
                                                  html::grouped(static_cast<int64_t>(code)),
                                                  html::grouped(static_cast<int64_t>(apart)))));
}

TEST(ReportPage, PutsTheOffenceOfWhichMostFellDueFirst) {
  const std::string page = MadeUpYear(600).page(1);
  const std::size_t section = page.find("<section id=\"offence\"");
  const std::size_t table = page.find("<table>", section);
  ASSERT_NE(table, std::string::npos);
  std::vector<int> due;
  const std::string_view title = "<p class=\"bar-title\"><span>";
  for (std::size_t at = page.find(title, section); at < table; at = page.find(title, at + 1)) {
    std::string figure = page.substr(page.find("% of ", at) + 5, 5);
    std::erase(figure, ',');
    due.push_back(std::stoi(figure));
  }
  ASSERT_GT(due.size(), 2U);
  EXPECT_TRUE(std::is_sorted(due.rbegin(), due.rend()));
}

}  // namespace
}  // namespace kept::app
