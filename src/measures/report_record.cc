#include <fmt/format.h>

#include <algorithm>

#include "html/number_text.h"
#include "measures/cells_file.h"
#include "measures/obligation_name.h"
#include "measures/report_parts.h"

namespace kept::measures {

using html::Column;
using html::ColumnKind;
using html::grouped;
using html::Markup;
using html::Row;
using model::Outcome;

namespace {

constexpr std::size_t missing_lines = 15;
constexpr std::size_t examples_of_each = 3;

std::string date_text(int32_t days) { return days == 0 ? "" : calendar::to_string(calendar::LocalDate{days}); }

void add_standing_table(Markup& page, const ReportInput& input, Standing standing, const std::string& title,
                        const std::string& says) {
  const std::vector<OutcomeCounts> by_duty = input.figures.outcomes_by_duty();
  html::Table table{title, duty_columns({}), {}, input.words.say("report.none")};
  const bool tells_what = standing == Standing::unverified;
  table.columns = outcome_columns(input, std::move(table.columns));
  for (std::size_t duty = 0; duty < by_duty.size(); ++duty) {
    const DutyLabel& label = input.labels[duty];
    if (label.standing != standing || !Headline::from(by_duty[duty]).has_range()) continue;
    Row row{{duty_cell(label, input.words)}};
    if (tells_what) row.cells[0] += "\nRecalled: " + (label.unverified.empty() ? "all of it" : label.unverified);
    append_outcome_cells(input, by_duty[duty], &row.cells);
    table.rows.push_back(std::move(row));
  }
  page.leaf("h3", {{"id", fmt::format("apart-{}", standing_key(standing))}}, title);
  if (!says.empty()) page.leaf("p", says);
  if (table.rows.empty()) {
    page.leaf("p", {{"class", "nothing"}}, input.words.say("report.none"));
    return;
  }
  const Grouping grouped_figures = group(input.figures, input.labels, standing, input.setting.as_at_month);
  const Headline headline = Headline::from(grouped_figures.total);
  if (headline.has_rate()) {
    html::StackedBars picture = outcome_bars(input, {"How these ended, by right and bearer", ""});
    picture.caption.description = fmt::format("{} of {} that fell due was kept.",
                                              html::percent(headline.kept, headline.due), grouped(headline.due));
    for (const RightAndBearer& one : grouped_figures.by_right) {
      const Headline part = Headline::from(one.counts);
      if (!part.has_range()) continue;
      picture.bars.push_back(
          {fmt::format("{}, {}", right_text(one.right), bearer_text(one.bearer, input.words)),
           part.has_rate() ? fmt::format("{} of {}", html::percent(part.kept, part.due), grouped(part.due)) : "",
           shown_counts(one.counts)});
    }
    picture.table = {"Each duty, as a table", std::move(table)};
    add(page, picture);
    return;
  }
  add(page, html::FoldedTable{"Each duty, as a table", std::move(table)});
}

}  // namespace

void add_cannot_tell(Markup& page, const ReportInput& input) {
  const html::Words& words = input.words;
  open_section(page, input, "untold");
  page.leaf("p", words.say("untold.says"));
  struct Line {
    uint64_t obligations = 0;
    int32_t first_on = 0, last_on = 0;
    std::map<std::string, uint64_t> bearers;
  };
  // Told by agency, fact and reason, over duties: that is what one asks an agency for.
  std::map<std::tuple<std::string, std::string, std::string>, Line> lines;
  for (const auto& [key, count] : input.figures.missing()) {
    const DutyLabel& label = input.labels[key.duty];
    if (label.standing == Standing::window) continue;
    const std::string agency = key.agency == 0 ? "not known" : input.table.agencies.name(key.agency);
    const std::string fact =
        key.code == 0 ? "a time or a reference of a recorded fact" : input.table.vocabulary().code_name(key.code);
    Line& line = lines[{agency, fact, words.say(fmt::format("reason.{}", model::reason_key(key.reason)))}];
    line.obligations += count.obligations;
    if (count.first_on != 0) {
      line.first_on = line.first_on == 0 ? count.first_on : std::min(line.first_on, count.first_on);
      line.last_on = std::max(line.last_on, count.last_on);
    }
    line.bearers[label.bearer] += count.obligations;
  }
  std::vector<std::pair<std::tuple<std::string, std::string, std::string>, Line>> order(lines.begin(), lines.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second.obligations > b.second.obligations; });
  html::Table table{words.say("untold.caption"),
                    {{"Agency"},
                     {"Missing fact"},
                     {"Obligations", ColumnKind::number},
                     {"Owed by"},
                     {"Why it cannot be told"},
                     {"Gaps from", ColumnKind::label},
                     {"Gaps to", ColumnKind::label}},
                    {},
                    words.say("report.none"),
                    html::Narrow::stacks};
  uint64_t rest = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto& [key, line] = order[i];
    if (i >= missing_lines) {
      rest += line.obligations;
      continue;
    }
    std::string bearers;
    for (const auto& [bearer, count] : line.bearers)
      bearers += (bearers.empty() ? "" : ", ") + bearer_text(bearer, input.words);
    table.rows.push_back({{std::get<0>(key), std::get<1>(key), number(line.obligations), bearers, std::get<2>(key),
                           date_text(line.first_on), date_text(line.last_on)}});
  }
  add(page, table);
  if (rest > 0)
    page.leaf(
        "p", words.say("untold.more", {{"rest", number(order.size() - missing_lines)}, {"obligations", number(rest)}}));
  page.close("section");
}

void add_apart(Markup& page, const ReportInput& input) {
  const html::Words& words = input.words;
  open_section(page, input, "apart");
  const bool of_the_code = any_of_the_code(input.labels);
  if (of_the_code)
    add_standing_table(page, input, Standing::unverified, words.say("apart.unverified"),
                       words.say("apart.unverified_says"));
  add_standing_table(page, input, Standing::related, words.say("apart.related"), "");
  add_standing_table(page, input, Standing::local,
                     of_the_code ? words.say("apart.local") : standing_text(Standing::local, input.labels, words),
                     words.say(of_the_code ? "apart.local_says" : "apart.own_says"));
  add_standing_table(page, input, Standing::chain, words.say("apart.chain"), words.say("apart.chain_says"));

  page.leaf("h3", words.say("apart.no_number")).leaf("p", words.say("apart.no_number_says"));
  html::Table undated{
      words.say("apart.no_number"),
      duty_columns({{"Done", ColumnKind::number}, {"Not done", ColumnKind::number}, {"Other", ColumnKind::number}}),
      {},
      words.say("report.none")};
  std::vector<OutcomeCounts> without_date(input.labels.size());
  input.figures.cells().for_each([&](const CellKey& key, const Cell& cell) {
    if (in_headline(input.labels[key.duty], key.month)) return;
    for (std::size_t i = 0; i < cell.outcomes.size(); ++i) without_date[key.duty][i] += cell.outcomes[i];
  });
  for (std::size_t duty = 0; duty < without_date.size(); ++duty) {
    const OutcomeCounts& counts = without_date[duty];
    const uint64_t all = sum(counts);
    if (all == 0) continue;
    const DutyLabel& label = input.labels[duty];
    const uint64_t done = of(counts, Outcome::kept);
    const uint64_t not_done = of(counts, Outcome::open);
    Row row{{duty_cell(label, words)}};
    for (const uint64_t count : {done, not_done, all - done - not_done}) row.cells.push_back(number(count));
    undated.rows.push_back(std::move(row));
  }
  add(page, html::FoldedTable{words.say("apart.no_number"), std::move(undated)});

  page.leaf("h3", words.say("apart.window")).leaf("p", words.say("apart.window_says"));
  html::Table windows{
      words.say("apart.window"), {{"What the victim may ask for", ColumnKind::lines}}, {}, words.say("report.none")};
  for (const char* key : {"window.used", "window.lapsed", "window.open", "window.cannot_tell"})
    windows.columns.push_back({words.say(key), ColumnKind::number});
  const auto& counts = input.figures.cells().windows();
  for (std::size_t duty = 0; duty < counts.size(); ++duty) {
    uint64_t all = 0;
    for (std::size_t state = 1; state < counts[duty].size(); ++state) all += counts[duty][state];
    if (all == 0) continue;
    Row row{{fmt::format("{}\n{}", input.labels[duty].id, input.labels[duty].says)}};
    for (std::size_t state = 1; state < counts[duty].size(); ++state) row.cells.push_back(number(counts[duty][state]));
    windows.rows.push_back(std::move(row));
  }
  add(page, html::FoldedTable{words.say("apart.window"), std::move(windows)});
  page.close("section");
}

void add_assumed(Markup& page, const ReportInput& input) {
  const html::Words& words = input.words;
  open_section(page, input, "assumed");
  page.leaf("p", words.say("assumed.says"));
  html::Table table{words.say("assumed.caption"),
                    {{"What"}, {"Count", ColumnKind::number}, {"Remark"}},
                    {},
                    words.say("report.none"),
                    html::Narrow::stacks};
  for (const NamedCount& one : input.setting.assumed) table.rows.push_back({{one.name, number(one.count), one.remark}});
  add(page, table);
  page.close("section");
}

void add_trust(Markup& page, const ReportInput& input) {
  const html::Words& words = input.words;
  open_section(page, input, "trust");
  page.leaf("p", words.say("trust.says"));
  TrustCounts total;
  for (std::size_t duty = 0; duty < input.labels.size(); ++duty) {
    if (input.labels[duty].standing == Standing::code) total += input.figures.trust_by_duty()[duty];
  }
  html::Table table{words.say("trust.caption"),
                    {{"What"}, {"Count", ColumnKind::number}, {"Share of duties done", ColumnKind::number}},
                    {},
                    words.say("report.none")};
  const auto share = [&](uint64_t part) {
    return html::percent(static_cast<int64_t>(part), static_cast<int64_t>(total.fulfilled));
  };
  if (total.fulfilled > 0) {
    table.rows.push_back({{words.say("trust.fulfilled"), number(total.fulfilled), "100%"}});
    table.rows.push_back({{words.say("trust.after_a_day"), number(total.recorded_a_working_day_after),
                           share(total.recorded_a_working_day_after)}});
    table.rows.push_back(
        {{words.say("trust.after_due"), number(total.recorded_after_due), share(total.recorded_after_due)}});
    table.rows.push_back(
        {{words.say("trust.assumed"), number(total.recorded_time_assumed), share(total.recorded_time_assumed)}});
    table.rows.push_back({{words.say("trust.contacts"), number(total.contacts), ""}});
    if (total.contacts > 0) {
      const uint64_t hundredths = (total.fulfilled * 100 + total.contacts / 2) / total.contacts;
      table.rows.push_back(
          {{words.say("trust.per_contact"), fmt::format("{}.{:02}", hundredths / 100, hundredths % 100), ""}});
    }
  }
  add(page, table);
  page.leaf("p", {{"class", "small"}}, words.say("trust.not_here"));
  page.close("section");
}

void add_examples(Markup& page, const ReportInput& input) {
  const html::Words& words = input.words;
  open_section(page, input, "look");
  page.leaf("p", words.say("look.says"));
  html::Table table{
      words.say("look.caption"),
      {{"Outcome", ColumnKind::label}, {"Duty", ColumnKind::label}, {"What is owed"}, {"Paste this", ColumnKind::code}},
      {},
      words.say("report.none"),
      html::Narrow::stacks};
  const std::vector<OutcomeCounts> by_duty = input.figures.outcomes_by_duty();
  static constexpr Outcome order[] = {
      Outcome::late,    Outcome::cannot_tell,         Outcome::overdue,  Outcome::missed, Outcome::kept,
      Outcome::excused, Outcome::withdrawn_after_due, Outcome::declined, Outcome::lapsed, Outcome::open,
      Outcome::not_owed};
  for (const Outcome outcome : order) {
    std::vector<uint16_t> duties;
    for (std::size_t duty = 0; duty < by_duty.size(); ++duty) {
      if (input.figures.example(static_cast<uint16_t>(duty), outcome) != nullptr)
        duties.push_back(static_cast<uint16_t>(duty));
    }
    std::stable_sort(duties.begin(), duties.end(), [&](uint16_t a, uint16_t b) {
      return std::pair(input.labels[a].standing, ~of(by_duty[a], outcome)) <
             std::pair(input.labels[b].standing, ~of(by_duty[b], outcome));
    });
    if (duties.size() > examples_of_each) duties.resize(examples_of_each);
    for (const uint16_t duty : duties) {
      const DutyLabel& label = input.labels[duty];
      const std::string name = obligation_name(*input.figures.example(duty, outcome), label.id, input.table);
      table.rows.push_back({{words.say(fmt::format("outcome.{}.name", model::outcome_key(outcome))), label.id,
                             label.says, words.say("look.command", {{"id", name}, {"files", input.setting.files}})}});
    }
  }
  add(page, table);
  page.close("section");
}

void add_how_counted(Markup& page, const ReportInput& input) {
  const html::Words& words = input.words;
  open_section(page, input, "counted");
  page.leaf("p", words.say("counted.says"));
  page.open("ul", {{"class", "plain"}});
  for (int i = 0; i < model::outcome_count; ++i) {
    const char* key = model::outcome_key(static_cast<Outcome>(i));
    page.open("li")
        .leaf("strong", words.say(fmt::format("outcome.{}.name", key)))
        .text(": ")
        .text(words.say(fmt::format("outcome.{}.means", key)))
        .text(".")
        .close("li");
  }
  page.close("ul").leaf("p", words.say("headline.formula")).close("section");
}

}  // namespace kept::measures
