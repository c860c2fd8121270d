#include "measures/report.h"

#include <fmt/format.h>

#include "html/number_text.h"
#include "html/picture.h"
#include "html/stylesheet.h"
#include "measures/cells_file.h"
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

std::string title_text(const ReportInput& input, std::string_view id) {
  if (id == "who" && !any_of_the_code(input.labels)) return input.words.say("who.title_own");
  return input.words.say(fmt::format("{}.title", id));
}

/// What stands apart from the Code, by standing.
struct Apart {
  Standing standing;
  OutcomeCounts total;
};

/// Those standings apart that have figures. Two steps seen as one come last: each step already counts elsewhere.
std::vector<Apart> apart_with_figures(const ReportInput& input) {
  std::vector<Apart> out;
  for (const Standing standing : {Standing::unverified, Standing::related, Standing::local, Standing::chain}) {
    Apart one{standing, group(input.figures, input.labels, standing, input.setting.as_at_month).total};
    if (Headline::from(one.total).has_range()) out.push_back(one);
  }
  return out;
}

/// In place of a rate: that the Code has none here, and where the figures are that there are.
void add_no_figure(Markup& page, const ReportInput& input, const std::vector<Apart>& apart) {
  const html::Words& words = input.words;
  page.leaf("p", {{"class", "rate"}}, words.say("headline.no_figure"))
      .leaf("p", words.say(any_of_the_code(input.labels) ? "headline.no_figure_means" : "headline.not_the_code"));
  if (apart.empty()) return;
  page.leaf("p", words.say("headline.figures_apart")).open("ul", {{"class", "plain"}});
  for (const Apart& one : apart) {
    const Headline headline = Headline::from(one.total);
    page.open("li").leaf("a", {{"href", fmt::format("#apart-{}", standing_key(one.standing))}},
                         standing_text(one.standing, input.labels, words));
    page.text(": ").text(words.say("headline.apart_counts", {{"due", grouped(headline.due)},
                                                             {"kept", grouped(headline.kept)},
                                                             {"overdue", number(of(one.total, Outcome::overdue))},
                                                             {"cannot_tell", grouped(headline.cannot_tell)}}));
    page.close("li");
  }
  page.close("ul");
}

/// The counts of the Code. Where nothing of it fell due there are none: a nought would read as if all were well.
void add_facts_of_code(Markup& page, const ReportInput& input, const Grouping& code, const std::vector<Apart>& apart) {
  const html::Words& words = input.words;
  const Headline headline = Headline::from(code.total);
  const PeopleCounts& people = input.figures.people();
  add_fact(page, words.say("facts.fell_due"), grouped(headline.due), words.say("facts.of_the_code"));
  add_fact(page, words.say("facts.cannot_tell"), grouped(headline.cannot_tell),
           percent(headline.cannot_tell, headline.range_whole()) + " " + words.say("facts.cannot_tell_means"));
  uint64_t overdue_apart = 0;
  for (const Apart& one : apart) {
    if (one.standing != Standing::chain) overdue_apart += of(one.total, Outcome::overdue);
  }
  add_fact(page, words.say("facts.overdue"), number(of(code.total, Outcome::overdue)),
           overdue_apart > 0 ? words.say("facts.overdue_apart", {{"count", number(overdue_apart)}})
                             : words.say("facts.of_the_code"));
  add_fact(page, words.say("facts.people_kept"),
           people.owed_something > 0
               ? percent(static_cast<int64_t>(people.all_kept), static_cast<int64_t>(people.owed_something))
               : words.say("headline.no_figure"),
           words.say("facts.people_kept_means", {{"whole", number(people.owed_something)}}));
  add_fact(
      page, words.say("facts.enhanced_unseen"), number(sum(code.entitled_not_recognised)),
      words.say("facts.enhanced_unseen_means", {{"due", grouped(Headline::from(code.entitled_not_recognised).due)}}));
}

/// Whom every rate starts from: only the Code has people under it and people who are not.
std::string people_text(const ReportInput& input) {
  return input.words.say(any_of_the_code(input.labels) ? "facts.under_code" : "facts.people");
}

void add_headline(Markup& page, const ReportInput& input, const Grouping& code) {
  const std::vector<Apart> apart = apart_with_figures(input);
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
    add_no_figure(page, input, apart);
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
  page.open("dl", {{"class", "facts"}});
  add_fact(page, people_text(input), number(under_code), words.say("facts.under_code_means"));
  if (headline.has_range()) {
    add_facts_of_code(page, input, code, apart);
  } else {
    add_fact(page, words.say("facts.nothing_due"), words.say("headline.no_figure"),
             words.say("facts.nothing_due_means"));
  }
  page.close("dl");
}

void add_contents(Markup& page, const ReportInput& input) {
  page.open("nav", {{"class", "contents"}, {"aria-labelledby", "contents-title"}});
  page.leaf("strong", {{"id", "contents-title"}}, input.words.say("report.contents")).open("ol");
  for (const char* id : sections) {
    page.open("li").leaf("a", {{"href", fmt::format("#{}", id)}}, title_text(input, id)).close("li");
  }
  page.close("ol").close("nav");
}

void add_who(Markup& page, const ReportInput& input) {
  open_section(page, input, "who");
  const bool of_the_code = any_of_the_code(input.labels);
  page.leaf("p", input.words.say(of_the_code ? "who.says" : "who.says_own"));
  html::Table table{input.words.say("who.caption"),
                    {{"Place"}, {of_the_code ? "Under the Code" : "Counted"}, {"People", html::ColumnKind::number}},
                    {},
                    input.words.say("report.none")};
  uint64_t under_code = 0;
  for (const PlaceUnderCode& place : input.setting.places) {
    if (place.people == 0) continue;
    table.rows.push_back({{place.says, place.under_code ? "yes" : "no", grouped(static_cast<int64_t>(place.people))}});
    under_code += place.under_code ? place.people : 0;
  }
  if (!table.rows.empty())
    table.rows.push_back({{people_text(input), "yes", grouped(static_cast<int64_t>(under_code))}, true});
  add(page, table);
  page.close("section");
}

}  // namespace

void open_section(Markup& page, const ReportInput& input, const char* id) {
  const std::string title_id = fmt::format("{}-title", id);
  page.open("section", {{"id", id}, {"aria-labelledby", title_id}});
  page.leaf("h2", {{"id", title_id}}, title_text(input, id));
}

std::string number(uint64_t count) { return grouped(static_cast<int64_t>(count)); }

std::vector<html::Column> duty_columns(std::vector<html::Column> further) {
  std::vector<html::Column> columns = {{"What is owed, and by whom", html::ColumnKind::lines}};
  columns.insert(columns.end(), further.begin(), further.end());
  return columns;
}

std::string duty_cell(const DutyLabel& label, const html::Words& words) {
  std::string bearer = bearer_text(label.bearer, words);
  if (!bearer.empty() && bearer[0] >= 'a' && bearer[0] <= 'z') bearer[0] = static_cast<char>(bearer[0] - 'a' + 'A');
  return fmt::format("{}\n{}\n{}", label.id, label.says, bearer);
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
