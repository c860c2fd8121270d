#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "html/number_text.h"
#include "html/picture.h"
#include "measures/cells_file.h"
#include "measures/report_parts.h"

namespace kept::measures {

using html::Column;
using html::ColumnKind;
using html::grouped;
using html::Markup;
using html::Row;
using model::Outcome;

namespace {

constexpr std::size_t bars_in_picture = 16;
constexpr std::size_t months_in_picture = 36;

std::string bar_figure(const ReportInput& input, const OutcomeCounts& counts) {
  const Headline headline = Headline::from(counts);
  if (!headline.has_rate()) return input.words.say("headline.no_figure");
  return fmt::format("{} of {}", html::percent(headline.kept, headline.due), grouped(headline.due));
}

/// Months from the first to the last that has anything, at most so many of the latest.
std::vector<int16_t> months_shown(const std::map<int16_t, OutcomeCounts>& by_month) {
  int16_t first = no_month;
  int16_t last = no_month;
  for (const auto& [month, counts] : by_month) {
    if (month == no_month) continue;
    if (first == no_month) first = month;
    last = month;
  }
  std::vector<int16_t> out;
  if (first == no_month) return out;
  first = std::max<int16_t>(first, static_cast<int16_t>(last - static_cast<int16_t>(months_in_picture) + 1));
  for (int16_t month = first; month <= last; ++month) out.push_back(month);
  return out;
}

html::TrendPoint trend_point(const ReportInput& input, int16_t month,
                             const std::map<int16_t, OutcomeCounts>& by_month) {
  html::TrendPoint point;
  point.label = month_words(month);
  point.settled = month < input.setting.as_at_month || input.setting.as_at_month == no_month;
  const auto found = by_month.find(month);
  if (found == by_month.end()) return point;
  const Headline headline = Headline::from(found->second);
  if (!headline.has_rate()) return point;
  point.has_value = true;
  point.value = html::per_ten_thousand(headline.kept, headline.due);
  point.low = html::per_ten_thousand(headline.low_part(), headline.range_whole());
  point.high = html::per_ten_thousand(headline.high_part(), headline.range_whole());
  return point;
}

/// Axis marks: few enough to stay apart on a telephone.
void set_marks(std::vector<html::TrendPoint>* points, const std::vector<int16_t>& months) {
  static const char* const names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::size_t step = months.size() <= 6 ? 1 : months.size() <= 14 ? 3 : 6;
  for (std::size_t i = 0; i < months.size(); ++i) {
    if (months[i] % static_cast<int16_t>(step) != 0) continue;
    if (i + 1 == months.size() && months.size() > 6) continue;
    (*points)[i].short_label = fmt::format("{} {}", names[months[i] % 12], 1900 + months[i] / 12);
  }
}

/// With a capital at its start.
std::string sentence_start(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

Column outcome_column(const ReportInput& input, Outcome outcome) {
  return {input.words.say(fmt::format("outcome.{}.name", model::outcome_key(outcome))), ColumnKind::count};
}

/// Every outcome once: those that the bars show in the bars' order, then what never fell due.
std::vector<Outcome> outcomes_in_order() {
  std::vector<Outcome> order;
  for (const ShownOutcome& shown : shown_outcomes()) order.push_back(shown.outcome);
  for (int i = 0; i < model::outcome_count; ++i) {
    const Outcome outcome = static_cast<Outcome>(i);
    if (std::find(order.begin(), order.end(), outcome) == order.end()) order.push_back(outcome);
  }
  return order;
}

const std::string& trait_name(const std::vector<std::string>& names, uint16_t code) {
  static const std::string unknown = "not recorded";
  return code == 0 || code >= names.size() ? unknown : names[code];
}

}  // namespace

std::vector<int64_t> shown_counts(const OutcomeCounts& counts) {
  std::vector<int64_t> out;
  for (const ShownOutcome& shown : shown_outcomes()) out.push_back(static_cast<int64_t>(of(counts, shown.outcome)));
  return out;
}

html::StackedBars outcome_bars(const ReportInput& input, html::Caption caption) {
  html::StackedBars picture;
  picture.caption = std::move(caption);
  for (const ShownOutcome& shown : shown_outcomes()) {
    picture.shares.push_back(
        {input.words.say(fmt::format("outcome.{}.name", model::outcome_key(shown.outcome))), shown.fill, 0});
  }
  return picture;
}

std::vector<Column> outcome_columns(const ReportInput& input, std::vector<Column> first) {
  first.push_back({"Fell due", ColumnKind::number});
  first.push_back({"Share kept", ColumnKind::number});
  first.push_back({"Range", ColumnKind::number});
  for (const ShownOutcome& shown : shown_outcomes()) first.push_back(outcome_column(input, shown.outcome));
  return first;
}

void append_outcome_cells(const ReportInput& input, const OutcomeCounts& counts, std::vector<std::string>* cells) {
  cells->push_back(grouped(Headline::from(counts).due));
  cells->push_back(rate_text(counts, input.words));
  cells->push_back(range_text(counts));
  for (const ShownOutcome& shown : shown_outcomes()) cells->push_back(number(of(counts, shown.outcome)));
}

void add_by_right(Markup& page, const ReportInput& input, const Grouping& code) {
  const html::Words& words = input.words;
  open_section(page, input, "right");
  std::set<std::string> editions;
  for (const RightAndBearer& one : code.by_right) editions.insert(one.edition);
  const bool several = editions.size() > 1;

  html::StackedBars picture = outcome_bars(input, {words.say("right.picture"), words.say("right.description")});
  html::Table table{words.say("right.caption"), {}, {}, words.say("report.none")};
  std::vector<Column> first = {{"Right and bearer", ColumnKind::lines}};
  if (several) first.push_back({"Edition"});
  table.columns = outcome_columns(input, std::move(first));
  for (const RightAndBearer& one : code.by_right) {
    if (!Headline::from(one.counts).has_range()) continue;
    const std::string label = fmt::format("{}, {}", right_text(one.right), bearer_text(one.bearer, input.words));
    picture.bars.push_back({several ? fmt::format("{} ({})", label, one.edition) : label, bar_figure(input, one.counts),
                            shown_counts(one.counts)});
    Row row{{one.right_title.empty() ? label : fmt::format("{}\n{}", label, one.right_title)}};
    if (several) row.cells.push_back(one.edition);
    append_outcome_cells(input, one.counts, &row.cells);
    table.rows.push_back(std::move(row));
  }
  if (!table.rows.empty()) {
    Row total{{"All"}, true};
    if (several) total.cells.emplace_back("");
    append_outcome_cells(input, code.total, &total.cells);
    table.rows.push_back(std::move(total));
  }
  picture.table = {"The figures of this picture as a table", std::move(table)};
  add(page, picture);

  html::Table every{words.say("right.every_caption"),
                    duty_columns({{"Obligations", ColumnKind::count}}),
                    {},
                    words.say("report.none")};
  const std::vector<Outcome> order = outcomes_in_order();
  for (const Outcome outcome : order) every.columns.push_back(outcome_column(input, outcome));
  const std::vector<OutcomeCounts> by_duty = input.figures.outcomes_by_duty();
  for (std::size_t duty = 0; duty < by_duty.size(); ++duty) {
    const DutyLabel& label = input.labels[duty];
    if (label.standing == Standing::window || sum(by_duty[duty]) == 0) continue;
    Row row{{fmt::format("{}. {}", duty_cell(label, words), standing_text(label.standing, input.labels, words))}};
    row.cells.push_back(number(sum(by_duty[duty])));
    for (const Outcome outcome : order) row.cells.push_back(number(of(by_duty[duty], outcome)));
    every.rows.push_back(std::move(row));
  }
  add(page, html::FoldedTable{words.say("right.every"), std::move(every)});
  page.close("section");
}

void add_trend(Markup& page, const ReportInput& input, const Grouping& code) {
  const html::Words& words = input.words;
  open_section(page, input, "trend");
  html::Trend picture;
  picture.caption = {words.say("trend.picture"), words.say("trend.description")};
  picture.value_name = words.say("trend.value");
  picture.band_name = words.say("trend.band");
  const std::vector<int16_t> months = months_shown(code.by_month);
  for (const int16_t month : months) picture.points.push_back(trend_point(input, month, code.by_month));
  set_marks(&picture.points, months);
  html::Table table{words.say("trend.caption"),
                    outcome_columns(input, {{"Month due", ColumnKind::label}}),
                    {},
                    words.say("report.none")};
  for (const auto& [month, counts] : code.by_month) {
    Row row{{month == input.setting.as_at_month ? month_words(month) + ", not over" : month_words(month)}};
    append_outcome_cells(input, counts, &row.cells);
    table.rows.push_back(std::move(row));
  }
  picture.table = {"The figures of this picture as a table", std::move(table)};
  if (months.empty()) {
    add(page, picture.table);
  } else {
    add(page, picture);
  }
  page.leaf("p", {{"class", "small"}}, words.say("trend.as_now"));
  page.close("section");
}

void add_by_borough(Markup& page, const ReportInput& input, const Grouping& code) {
  const html::Words& words = input.words;
  open_section(page, input, "borough");
  const bool any =
      std::any_of(code.by_borough.begin(), code.by_borough.end(), [](const auto& one) { return one.first != 0; });
  if (!any) {
    page.leaf("p", {{"class", "nothing"}}, words.say("borough.nothing")).close("section");
    return;
  }
  const std::vector<int16_t> months = months_shown(code.by_month);
  std::vector<uint16_t> order;
  for (const auto& [borough, counts] : code.by_borough) {
    if (Headline::from(counts).has_range()) order.push_back(borough);
  }
  std::sort(order.begin(), order.end(), [&](uint16_t a, uint16_t b) {
    return std::pair(a == 0, place_text(trait_name(input.traits.boroughs, a), words)) <
           std::pair(b == 0, place_text(trait_name(input.traits.boroughs, b), words));
  });
  html::SmallMultiples picture;
  picture.caption = {words.say("borough.picture"), words.say("borough.description")};
  html::Table table{words.say("borough.caption"),
                    outcome_columns(input, {{"Borough of the offence", ColumnKind::label}}),
                    {},
                    words.say("report.none")};
  static const std::map<int16_t, OutcomeCounts> nothing;
  for (const uint16_t borough : order) {
    const OutcomeCounts& counts = code.by_borough.at(borough);
    const auto found = code.by_borough_and_month.find(borough);
    html::SmallMultiples::Panel panel{
        place_text(trait_name(input.traits.boroughs, borough), words), rate_text(counts, words), {}};
    for (const int16_t month : months)
      panel.points.push_back(
          trend_point(input, month, found == code.by_borough_and_month.end() ? nothing : found->second));
    picture.panels.push_back(std::move(panel));
    Row row{{place_text(trait_name(input.traits.boroughs, borough), words)}};
    append_outcome_cells(input, counts, &row.cells);
    table.rows.push_back(std::move(row));
  }
  picture.table = {"The figures of these pictures as a table", std::move(table)};
  add(page, picture);
  page.leaf("p", {{"class", "small"}}, words.say("borough.place"));
  page.close("section");
}

void add_by_offence(Markup& page, const ReportInput& input, const Grouping& code) {
  const html::Words& words = input.words;
  open_section(page, input, "offence");
  std::vector<std::pair<uint16_t, OutcomeCounts>> order;
  for (const auto& [offence, counts] : code.by_offence) {
    if (Headline::from(counts).has_range()) order.emplace_back(offence, counts);
  }
  std::sort(order.begin(), order.end(), [&](const auto& a, const auto& b) {
    const auto key = [&](const auto& one) {
      // By the number that stands beside the bar.
      return std::tuple(one.first == 0, -Headline::from(one.second).due, trait_name(input.traits.offences, one.first));
    };
    return key(a) < key(b);
  });
  if (order.empty() || (order.size() == 1 && order.front().first == 0)) {
    page.leaf("p", {{"class", "nothing"}}, words.say("offence.nothing")).close("section");
    return;
  }
  html::StackedBars picture = outcome_bars(input, {words.say("offence.picture"), words.say("offence.description")});
  html::Table table{words.say("offence.caption"), outcome_columns(input, {{"Offence"}}), {}, words.say("report.none")};
  for (const auto& [offence, counts] : order) {
    const std::string name = sentence_start(spaced(trait_name(input.traits.offences, offence)));
    if (picture.bars.size() < bars_in_picture)
      picture.bars.push_back({name, bar_figure(input, counts), shown_counts(counts)});
    Row row{{name}};
    append_outcome_cells(input, counts, &row.cells);
    table.rows.push_back(std::move(row));
  }
  picture.table = {"The figures of this picture as a table", std::move(table)};
  add(page, picture);
  page.close("section");
}

void add_enhanced(Markup& page, const ReportInput& input, const Grouping& code) {
  const html::Words& words = input.words;
  open_section(page, input, "enhanced");
  html::StackedBars picture = outcome_bars(input, {words.say("enhanced.picture"), words.say("enhanced.description")});
  html::Table table{words.say("enhanced.caption"), outcome_columns(input, {{"Rights"}}), {}, words.say("report.none")};
  if (sum(code.entitled_not_recognised) > 0) {
    picture.caption.description +=
        " " + words.say("enhanced.counted", {{"all", number(sum(code.entitled_not_recognised))},
                                             {"due", grouped(Headline::from(code.entitled_not_recognised).due)}});
  }
  const auto one = [&](const char* key, const OutcomeCounts& counts) {
    picture.bars.push_back({words.say(key), bar_figure(input, counts), shown_counts(counts)});
    Row row{{words.say(key)}};
    append_outcome_cells(input, counts, &row.cells);
    table.rows.push_back(std::move(row));
  };
  one("enhanced.standard", code.standard);
  one("enhanced.enhanced", code.enhanced);
  one("enhanced.unseen", code.entitled_not_recognised);
  picture.table = {"The figures of this picture as a table", std::move(table)};
  add(page, picture);
  page.close("section");
}

void add_how_late(Markup& page, const ReportInput& input) {
  const html::Words& words = input.words;
  open_section(page, input, "late");
  page.leaf("p", words.say("late.says"));
  bool any = false;
  // In the order of the Code's own use: most of its limits are in working days.
  static const std::pair<model::LateUnit, const char*> units[] = {{model::LateUnit::working_days, "late.working_days"},
                                                                  {model::LateUnit::days, "late.days"},
                                                                  {model::LateUnit::hours, "late.hours"}};
  for (const auto& [unit, key] : units) {
    std::array<uint64_t, late_class_count> counts{};
    uint64_t total = 0;
    for (std::size_t duty = 0; duty < input.labels.size(); ++duty) {
      if (input.labels[duty].standing != Standing::code) continue;
      const auto& of_duty = input.figures.late_by_duty()[duty][static_cast<std::size_t>(unit) - 1];
      for (std::size_t i = 0; i < counts.size(); ++i) {
        counts[i] += of_duty[i];
        total += of_duty[i];
      }
    }
    if (total == 0) continue;
    any = true;
    html::Histogram picture;
    picture.caption = {words.say(key), words.say("late.description")};
    picture.count_name = words.say("late.count");
    const std::string unit_words = unit == model::LateUnit::hours  ? "hours"
                                   : unit == model::LateUnit::days ? "calendar days"
                                                                   : "working days";
    html::Table table{words.say("late.caption", {{"unit", unit_words}}),
                      {{"Late by (" + unit_words + ")"}, {"Duties", ColumnKind::number}, {"Share", ColumnKind::number}},
                      {},
                      ""};
    for (int i = 0; i < late_class_count; ++i) {
      const uint64_t count = counts[static_cast<std::size_t>(i)];
      picture.classes.push_back({late_class_label(i), static_cast<int64_t>(count)});
      table.rows.push_back({{late_class_label(i), number(count),
                             html::percent(static_cast<int64_t>(count), static_cast<int64_t>(total))}});
    }
    table.rows.push_back({{"All", number(total), "100%"}, true});
    picture.table = {"The figures of this picture as a table", std::move(table)};
    add(page, picture);
  }
  if (!any) page.leaf("p", {{"class", "nothing"}}, words.say("late.nothing"));
  page.close("section");
}

void add_too_late_to_use(Markup& page, const ReportInput& input, const Grouping& code) {
  const html::Words& words = input.words;
  open_section(page, input, "use");
  page.leaf("p", words.say("use.says"));
  const std::vector<OutcomeCounts> by_duty = input.figures.outcomes_by_duty();
  html::Table table{
      words.say("use.caption"),
      duty_columns(
          {{"Too late to use", ColumnKind::number}, {"Of kept", ColumnKind::number}, {"Share", ColumnKind::number}}),
      {},
      words.say("report.none")};
  for (const auto& [duty, count] : code.too_late_to_use) {
    const DutyLabel& label = input.labels[duty];
    const uint64_t kept = of(by_duty[duty], Outcome::kept);
    Row row{{duty_cell(label, words)}};
    row.cells.push_back(number(count));
    row.cells.push_back(number(kept));
    row.cells.push_back(count <= kept ? html::percent(static_cast<int64_t>(count), static_cast<int64_t>(kept)) : "");
    table.rows.push_back(std::move(row));
  }
  if (table.rows.size() > 12) {
    uint64_t all = 0;
    for (const auto& [duty, count] : code.too_late_to_use) all += count;
    page.open("p").leaf("strong", number(all)).text(" in all.").close("p");
    add(page, html::FoldedTable{words.say("use.caption"), std::move(table)});
  } else {
    add(page, table);
  }
  page.close("section");
}

}  // namespace kept::measures
