#include "measures/report.h"

#include <fmt/format.h>

#include "html/number_text.h"
#include "html/picture.h"
#include "html/stylesheet.h"
#include "measures/report_parts.h"

namespace kept::measures {
namespace {

using html::grouped;
using html::Markup;
using html::percent;
using model::Outcome;

constexpr const char* sections[] = {"who", "right",  "trend", "borough", "offence", "enhanced", "late",
                                    "use", "untold", "apart", "assumed", "trust",   "look",     "counted"};

void add_fact(Markup& page, const std::string& name, const std::string& figure, const std::string& remark) {
  page.open("div").leaf("dt", name).open("dd").text(figure);
  if (!remark.empty()) page.leaf("span", remark);
  page.close("dd").close("div");
}

void add_headline(Markup& page, const ReportInput& input, const Grouping& code) {
  const html::Words& words = input.words;
  const Headline headline = Headline::from(code.total);
  page.open("section", {{"id", "headline"}, {"aria-labelledby", "headline-title"}})
      .open("div", {{"class", "headline"}});
  page.open("div");
  page.leaf("h2", {{"id", "headline-title"}}, words.say("headline.title"));
  if (headline.has_rate()) {
    page.leaf("p", {{"class", "rate"}}, percent(headline.kept, headline.due));
    page.open("p", {{"class", "range"}}).leaf("strong", words.say("headline.name"));
    if (headline.cannot_tell > 0) {
      page.text(", ").text(
          words.say("headline.range", {{"low", percent(headline.low_part(), headline.range_whole())},
                                       {"high", percent(headline.high_part(), headline.range_whole())}}));
    }
    page.close("p");
  } else {
    page.leaf("p", {{"class", "rate"}}, words.say("headline.no_figure"))
        .leaf("p", words.say("headline.no_figure_means"));
  }
  page.close("div").open("div");
  page.leaf("p", {{"class", "formula"}}, words.say("headline.formula"));
  page.leaf("p", {{"class", "formula"}}, words.say("headline.scope"));
  page.leaf("p", {{"class", "formula"}}, words.say("headline.no_number"));
  if (of(code.not_yet_due, Outcome::kept) > 0) {
    page.leaf("p", {{"class", "formula"}},
              words.say("headline.not_yet_due",
                        {{"count", grouped(static_cast<int64_t>(of(code.not_yet_due, Outcome::kept)))}}));
  }
  page.close("div").close("div").close("section");

  uint64_t under_code = 0;
  for (const PlaceUnderCode& place : input.setting.places) under_code += place.under_code ? place.people : 0;
  const PeopleCounts& people = input.figures.people();
  page.open("dl", {{"class", "facts"}});
  add_fact(page, words.say("facts.under_code"), grouped(static_cast<int64_t>(under_code)),
           words.say("facts.under_code_means"));
  add_fact(page, words.say("facts.fell_due"), grouped(headline.due), "");
  add_fact(page, words.say("facts.cannot_tell"), grouped(headline.cannot_tell),
           headline.has_range()
               ? percent(headline.cannot_tell, headline.range_whole()) + " " + words.say("facts.cannot_tell_means")
               : "");
  add_fact(page, words.say("facts.overdue"), grouped(static_cast<int64_t>(of(code.total, Outcome::overdue))), "");
  add_fact(page, words.say("facts.people_kept"),
           people.owed_something > 0
               ? percent(static_cast<int64_t>(people.all_kept), static_cast<int64_t>(people.owed_something))
               : words.say("headline.no_figure"),
           words.say("facts.people_kept_means", {{"whole", grouped(static_cast<int64_t>(people.owed_something))}}));
  add_fact(page, words.say("facts.enhanced_unseen"), grouped(static_cast<int64_t>(sum(code.entitled_not_recognised))),
           words.say("facts.enhanced_unseen_means"));
  page.close("dl");
}

void add_contents(Markup& page, const ReportInput& input) {
  page.open("nav", {{"class", "contents"}, {"aria-labelledby", "contents-title"}});
  page.leaf("strong", {{"id", "contents-title"}}, input.words.say("report.contents")).open("ol");
  for (const char* id : sections) {
    page.open("li")
        .leaf("a", {{"href", fmt::format("#{}", id)}}, input.words.say(fmt::format("{}.title", id)))
        .close("li");
  }
  page.close("ol").close("nav");
}

void add_who(Markup& page, const ReportInput& input) {
  open_section(page, input, "who");
  page.leaf("p", input.words.say("who.says"));
  html::Table table{input.words.say("who.caption"),
                    {{"Place"}, {"Under the Code"}, {"People", html::ColumnKind::number}},
                    {},
                    input.words.say("report.none")};
  uint64_t under_code = 0;
  for (const PlaceUnderCode& place : input.setting.places) {
    if (place.people == 0) continue;
    table.rows.push_back({{place.says, place.under_code ? "yes" : "no", grouped(static_cast<int64_t>(place.people))}});
    under_code += place.under_code ? place.people : 0;
  }
  if (!table.rows.empty())
    table.rows.push_back(
        {{input.words.say("facts.under_code"), "yes", grouped(static_cast<int64_t>(under_code))}, true});
  add(page, table);
  page.close("section");
}

}  // namespace

void open_section(Markup& page, const ReportInput& input, const char* id) {
  const std::string title_id = fmt::format("{}-title", id);
  page.open("section", {{"id", id}, {"aria-labelledby", title_id}});
  page.leaf("h2", {{"id", title_id}}, input.words.say(fmt::format("{}.title", id)));
}

std::string number(uint64_t count) { return grouped(static_cast<int64_t>(count)); }

std::vector<html::Column> duty_columns(std::vector<html::Column> further) {
  std::vector<html::Column> columns = {
      {"Duty", html::ColumnKind::label}, {"What is owed"}, {"Bearer", html::ColumnKind::label}};
  columns.insert(columns.end(), further.begin(), further.end());
  return columns;
}

std::vector<std::string> duty_cells(const DutyLabel& label, const html::Words& words) {
  return {label.id, label.says, bearer_text(label.bearer, words)};
}

std::string report_page(const ReportInput& input) {
  const html::Words& words = input.words;
  const Grouping code = group(input.figures, input.labels, Standing::code, input.setting.as_at_month);
  Markup page;
  page.leaf("a", {{"class", "skip"}, {"href", "#main"}}, words.say("report.skip"));
  page.open("header").open("div", {{"class", "banner"}}).leaf("p", words.say("report.banner")).close("div");
  page.open("div", {{"class", "top"}});
  page.leaf("h1", words.say("report.title"));
  page.leaf("p", {{"class", "lead"}},
            words.say("report.lead", {{"as_at", input.setting.as_at}, {"recorded_by", input.setting.recorded_by}}));
  page.close("div").close("header");
  page.open("main", {{"id", "main"}});
  add_fill_patterns(page);
  add_headline(page, input, code);
  add_contents(page, input);
  add_who(page, input);
  add_by_right(page, input, code);
  add_trend(page, input, code);
  add_by_borough(page, input, code);
  add_by_offence(page, input, code);
  add_enhanced(page, input, code);
  add_how_late(page, input);
  add_too_late_to_use(page, input, code);
  add_cannot_tell(page, input);
  add_apart(page, input);
  add_assumed(page, input);
  add_trust(page, input);
  add_examples(page, input);
  add_how_counted(page, input);
  page.close("main");
  page.open("footer");
  page.leaf("p", words.say("report.footer"));
  page.leaf("p", words.say("report.made_by", {{"version", input.setting.version},
                                              {"rules", input.setting.rules},
                                              {"calendar_end", input.setting.calendar_end}}));
  page.close("footer");
  return html::whole_page({"en-GB", words.say("report.title"), html::report_style()}, page);
}

}  // namespace kept::measures
