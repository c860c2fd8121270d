#include "html/picture.h"

#include <gmock/gmock.h>

#include "html/table.h"

namespace kept::html {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

int occurrences(const std::string& text, const std::string& part) {
  int count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

FoldedTable figures() { return {"The figures", {"Figures", {{"Name"}}, {{{"one"}}}, ""}}; }

TEST(StackedBars, TellEachShareByPatternAndWords) {
  Markup page;
  add_fill_patterns(page);
  add(page, StackedBars{{"How it ended", "Two bars."},
                        {{"Kept", Fill::solid_deep, 0}, {"Late", Fill::stripes, 0}, {"Cannot tell", Fill::hollow, 0}},
                        {{"Right 6", "75.0% of 4", {3, 1, 0}}, {"Right 7", "no figure", {0, 0, 0}}},
                        figures()});
  const std::string& html = page.finished();
  EXPECT_THAT(html, HasSubstr("<svg role=\"img\" aria-labelledby=\"title-1 description-2\""));
  EXPECT_THAT(
      html,
      HasSubstr(
          "<title id=\"title-1\">Right 6</title><desc id=\"description-2\">Kept: 3 (75.0%), Late: 1 (25.0%)</desc>"));
  EXPECT_THAT(html, HasSubstr("<rect x=\"0.00%\" y=\"0\" width=\"75.00%\" height=\"24\" class=\"share\" "
                              "fill=\"url(#fill-deep)\"><title>Kept: 3 (75.0%)</title></rect>"));
  EXPECT_THAT(html, HasSubstr("<rect x=\"75.00%\" y=\"0\" width=\"25.00%\" height=\"24\" class=\"share\" "
                              "fill=\"url(#fill-stripes)\"><title>Late: 1 (25.0%)</title></rect>"));
  EXPECT_THAT(html, HasSubstr("<span>Right 6</span><strong>75.0% of 4</strong>"));
  EXPECT_THAT(html, HasSubstr("class=\"no-share\"")) << "a bar of nothing is drawn as nothing, not left out";
  EXPECT_THAT(html, HasSubstr("<details><summary><span>The figures</span></summary>"))
      << "the table is beside the picture";
  EXPECT_EQ(occurrences(html, "<pattern "), fill_count);
}

TEST(StackedBars, SharesMeetWithoutGapOrOverlap) {
  Markup page;
  add(page, StackedBars{{"t", "d"},
                        {{"a", Fill::dots, 0}, {"b", Fill::bars, 0}, {"c", Fill::plain, 0}},
                        {{"x", "", {1, 1, 1}}},
                        figures()});
  const std::string& html = page.finished();
  EXPECT_THAT(html, HasSubstr("x=\"0.00%\" y=\"0\" width=\"33.33%\""));
  EXPECT_THAT(html, HasSubstr("x=\"33.33%\" y=\"0\" width=\"33.34%\""));
  EXPECT_THAT(html, HasSubstr("x=\"66.67%\" y=\"0\" width=\"33.33%\""));
}

TEST(Trend, BreaksWhereThereIsNoFigure) {
  Markup page;
  Trend trend{{"By month", "A line."}, "share kept", "range", {}, figures()};
  for (const bool there : {true, true, false, true}) {
    TrendPoint point;
    point.label = "month";
    point.has_value = there;
    point.value = 5000;
    point.low = 4000;
    point.high = 6000;
    trend.points.push_back(point);
  }
  trend.points.back().settled = false;
  add(page, trend);
  const std::string& html = page.finished();
  EXPECT_EQ(occurrences(html, "<polyline "), 2) << "no line over a month without a figure";
  EXPECT_EQ(occurrences(html, "<polygon "), 2);
  EXPECT_EQ(occurrences(html, "class=\"point unsettled\""), 1);
  EXPECT_THAT(html, HasSubstr("points=\"1250,4000 3750,4000 3750,6000 1250,6000\" class=\"band\""));
}

TEST(Histogram, WritesEachCount) {
  Markup page;
  add(page, Histogram{{"How late", "Bars."}, "duties", {{"1", 1200}, {"2", 0}}, figures()});
  const std::string& html = page.finished();
  EXPECT_THAT(html, HasSubstr(">1,200</text>"));
  EXPECT_THAT(html, HasSubstr(">0</text>"));
  EXPECT_THAT(html, HasSubstr("height=\"180\" class=\"share\""));
}

TEST(SmallMultiples, NameEachPanelForThoseWhoDoNotSeeIt) {
  Markup page;
  TrendPoint point;
  point.has_value = true;
  point.value = point.low = point.high = 7120;
  add(page, SmallMultiples{
                {"By borough", "Panels."}, {{"Barnet", "71.2%", {point}}, {"<Camden>", "no figure", {}}}, figures()});
  const std::string& html = page.finished();
  EXPECT_THAT(html, HasSubstr(">Barnet</title>"));
  EXPECT_THAT(html, HasSubstr(">By borough: 71.2%</desc>"));
  EXPECT_THAT(html, Not(HasSubstr("<Camden>")));
}

TEST(Table, TurnsHeadingsUprightAndPartsLinesOfACell) {
  Markup page;
  add(page, Table{"Duties",
                  {{"Duty", ColumnKind::lines}, {"Kept", ColumnKind::count}},
                  {{{"R6.1\nTell <them>\nPolice", "12"}}, {{"All", "12"}, true}}});
  const std::string& html = page.finished();
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\" class=\"number count\"><span>Kept</span></th>"));
  EXPECT_THAT(html, HasSubstr("<strong>R6.1</strong> <span>Tell &lt;them&gt;</span> <span>Police</span></th>"));
  EXPECT_THAT(html, HasSubstr("<strong>All</strong></th>"));
  EXPECT_THAT(html, Not(HasSubstr("sideways"))) << "two columns fit a telephone";
}

TEST(Table, OfWordsStacksItsCellsUnderTheirHeadings) {
  Markup page;
  add(page, Table{"Missing", {{"Agency"}, {"Fact"}, {"Why"}, {"From"}}, {{{"a", "b", "", "d"}}}, "", Narrow::stacks});
  const std::string& html = page.finished();
  EXPECT_THAT(html, HasSubstr("<div class=\"table stacks\""));
  EXPECT_THAT(html, HasSubstr("<td data-heading=\"Fact\" class=\"words\">b</td>"));
  EXPECT_THAT(html, Not(HasSubstr("sideways")));
}

TEST(Table, SaysThatItScrollsAndKeepsHeadingsInSight) {
  Markup page;
  Table table{"Many", {{"a"}, {"b"}, {"c"}, {"d"}}, {}};
  for (int i = 0; i < 40; ++i) table.rows.push_back({{"1", "2", "3", "4"}});
  add(page, table);
  EXPECT_THAT(page.finished(), HasSubstr("class=\"sideways\""));
  EXPECT_THAT(page.finished(), HasSubstr("<div class=\"table wide long\""));
}

}  // namespace
}  // namespace kept::html
