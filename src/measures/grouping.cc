#include "measures/grouping.h"

#include <fmt/format.h>

#include <algorithm>

#include "html/number_text.h"
#include "measures/cells_file.h"

namespace kept::measures {

using model::Outcome;

const std::vector<ShownOutcome>& shown_outcomes() {
  static const std::vector<ShownOutcome> shown = {
      {Outcome::kept, html::Fill::solid_deep},    {Outcome::late, html::Fill::stripes},
      {Outcome::excused, html::Fill::dots},       {Outcome::withdrawn_after_due, html::Fill::cross},
      {Outcome::missed, html::Fill::dense},       {Outcome::overdue, html::Fill::bars},
      {Outcome::cannot_tell, html::Fill::hollow},
  };
  return shown;
}

std::string right_text(const std::string& right) {
  if (right.empty()) return "Other";
  const bool number = std::all_of(right.begin(), right.end(), [](char c) { return c >= '0' && c <= '9'; });
  return number ? "Right " + right : right;
}

std::string spaced(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  std::replace(name.begin(), name.end(), '-', ' ');
  return name;
}

std::string bearer_text(const std::string& bearer, const html::Words& words) {
  const std::string key = "role." + bearer;
  return words.has(key) ? words.say(key) : spaced(bearer);
}

std::string place_text(const std::string& place, const html::Words& words) {
  const std::string key = "place." + place;
  return words.has(key) ? words.say(key) : place;
}

std::tuple<int, std::string> right_order(const std::string& right) {
  int number = 0;
  std::size_t at = 0;
  while (at < right.size() && right[at] >= '0' && right[at] <= '9' && number < 100000)
    number = number * 10 + (right[at++] - '0');
  return {at == 0 ? 1000000 : number, right};
}

std::string month_words(int16_t month) {
  static const char* const names[] = {"January", "February", "March",     "April",   "May",      "June",
                                      "July",    "August",   "September", "October", "November", "December"};
  if (month == no_month) return "not known";
  return fmt::format("{} {}", names[month % 12], 1900 + month / 12);
}

std::string month_key(int16_t month) {
  if (month == no_month) return "";
  return fmt::format("{}-{:02}", 1900 + month / 12, month % 12 + 1);
}

bool in_headline(const DutyLabel& label, int16_t month) { return label.has_number || month != no_month; }

bool any_of_the_code(const DutyLabels& labels) {
  return std::any_of(labels.begin(), labels.end(), [](const DutyLabel& label) { return label.of_the_code; });
}

std::string standing_text(Standing standing, const DutyLabels& labels, const html::Words& words) {
  if (standing == Standing::local && !any_of_the_code(labels)) return words.say("standing.own");
  return words.say(fmt::format("standing.{}", standing_key(standing)));
}

Grouping group(const Figures& figures, const DutyLabels& labels, Standing standing, int16_t as_at_month) {
  Grouping out;
  std::map<std::tuple<std::string, std::tuple<int, std::string>, std::string>, RightAndBearer> by_right;
  figures.cells().for_each([&](const CellKey& key, const Cell& cell) {
    const DutyLabel& label = labels[key.duty];
    if (label.standing != standing) return;
    OutcomeCounts counts{};
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = cell.outcomes[i];
    if (!in_headline(label, key.month)) {
      out.without_date += counts;
      return;
    }
    if (as_at_month != no_month && key.month > as_at_month) {
      out.not_yet_due += counts;
      return;
    }
    out.total += counts;
    RightAndBearer& right = by_right[{label.edition, right_order(label.right), label.bearer}];
    if (right.bearer.empty()) right = {label.edition, label.right, label.bearer, label.right_title, {}};
    right.counts += counts;
    if (Headline::from(counts).has_range()) {
      out.by_month[key.month] += counts;
      out.by_borough_and_month[key.borough][key.month] += counts;
    }
    out.by_borough[key.borough] += counts;
    out.by_offence[key.offence] += counts;
    (key.enhanced ? out.enhanced : out.standard) += counts;
    if (key.entitled_not_recognised) out.entitled_not_recognised += counts;
    if (cell.too_late_to_use > 0) out.too_late_to_use[key.duty] += cell.too_late_to_use;
  });
  for (auto& [order, right] : by_right) out.by_right.push_back(std::move(right));
  return out;
}

std::string rate_text(const OutcomeCounts& counts, const html::Words& words) {
  const Headline headline = Headline::from(counts);
  return headline.has_rate() ? html::percent(headline.kept, headline.due) : words.say("headline.no_figure");
}

std::string range_text(const OutcomeCounts& counts) {
  const Headline headline = Headline::from(counts);
  if (headline.cannot_tell == 0 || !headline.has_range()) return "";
  return fmt::format("{}–{}", html::percent(headline.low_part(), headline.range_whole()),
                     html::percent(headline.high_part(), headline.range_whole()));
}

}  // namespace kept::measures
