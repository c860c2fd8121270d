#include "app/assessment_text.h"

#include "app/json_string.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "app/record_notes.h"
#include "html/number_text.h"
#include "measures/cells_file.h"
#include "measures/grouping.h"

namespace kept::app {
namespace {

using html::grouped;
using measures::Grouping;
using measures::Headline;
using measures::OutcomeCounts;
using measures::Standing;
using model::Outcome;

std::string number(uint64_t count) { return grouped(static_cast<int64_t>(count)); }

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

/// Characters that a terminal shows, for UTF-8 text without marks that combine.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

/// Columns side by side: the first to the left, the others to the right.
std::string columns(const std::vector<std::vector<std::string>>& lines) {
  std::vector<std::size_t> widths;
  for (const auto& line : lines) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], width(line[i]));
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text = "  ";
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string space(widths[i] - width(line[i]), ' ');
      text += i == 0 ? line[i] + space : "  " + space + line[i];
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

std::string headline_text(const OutcomeCounts& counts, const html::Words& words) {
  const Headline headline = Headline::from(counts);
  if (!headline.has_rate())
    return fmt::format(
        "  {}: nothing of it has fallen due.{}\n", words.say("headline.no_figure"),
        headline.cannot_tell > 0 ? fmt::format(" Of {} it cannot be told.", grouped(headline.cannot_tell)) : "");
  std::string text = fmt::format("  {} {}", html::percent(headline.kept, headline.due), words.say("headline.name"));
  if (headline.cannot_tell > 0) {
    text += ", " + words.say("headline.range", {{"low", html::percent(headline.low_part(), headline.range_whole())},
                                                {"high", html::percent(headline.high_part(), headline.range_whole())}});
  }
  return text + fmt::format("\n  ({} of {} that fell due; {} cannot be told)\n", grouped(headline.kept),
                            grouped(headline.due), grouped(headline.cannot_tell));
}

std::string by_right_text(const Grouping& group, const html::Words& words) {
  std::vector<std::vector<std::string>> lines = {{"right and bearer", "fell due", "share kept", "range", "late",
                                                  "excused", "withdrawn", "missed", "overdue", "cannot tell"}};
  for (const measures::RightAndBearer& one : group.by_right) {
    const Headline headline = Headline::from(one.counts);
    if (!headline.has_range()) continue;
    lines.push_back(
        {fmt::format("{}{}, {}", one.edition, one.right.empty() ? "" : " " + measures::right_text(one.right),
                     measures::bearer_text(one.bearer, words)),
         grouped(headline.due), measures::rate_text(one.counts, words), measures::range_text(one.counts),
         number(measures::of(one.counts, Outcome::late)), number(measures::of(one.counts, Outcome::excused)),
         number(measures::of(one.counts, Outcome::withdrawn_after_due)),
         number(measures::of(one.counts, Outcome::missed)), number(measures::of(one.counts, Outcome::overdue)),
         number(measures::of(one.counts, Outcome::cannot_tell))});
  }
  if (lines.size() == 1) return "";
  // What nothing fell into takes no room on a screen; every outcome stands in --format csv and json.
  for (std::size_t column = lines.front().size(); column-- > 4;) {
    const bool empty =
        std::all_of(lines.begin() + 1, lines.end(), [&](const auto& line) { return line[column] == "0"; });
    if (!empty) continue;
    for (auto& line : lines) line.erase(line.begin() + static_cast<std::ptrdiff_t>(column));
  }
  return "\n" + columns(lines);
}

std::string untold_text(const Assessment& assessment) {
  std::map<std::pair<std::string, std::string>, uint64_t> by_agency;
  uint64_t all = 0;
  const model::EventTable& table = assessment.records.read.table;
  for (const auto& [key, count] : assessment.figures->missing()) {
    const std::string agency = key.agency == 0 ? "agency not known" : table.agencies.name(key.agency);
    const std::string fact =
        key.code == 0 ? "a time or a reference of a recorded fact" : table.vocabulary().code_name(key.code);
    by_agency[{agency, fact}] += count.obligations;
    all += count.obligations;
  }
  std::vector<std::pair<std::pair<std::string, std::string>, uint64_t>> order(by_agency.begin(), by_agency.end());
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = fmt::format("\nCannot tell: {} obligations (all duties). Whose fact is missing:\n", number(all));
  if (order.empty()) return text + "  None.\n";
  std::vector<std::vector<std::string>> lines;
  constexpr std::size_t shown = 10;
  for (std::size_t i = 0; i < std::min(order.size(), shown); ++i) {
    lines.push_back({fmt::format("{}: {}", order[i].first.first, order[i].first.second), number(order[i].second)});
  }
  text += columns(lines);
  if (order.size() > shown) text += fmt::format("  and {} more; the report lists them\n", order.size() - shown);
  return text;
}

/// Rows received are always the sum of what became of them.
std::string received_text(const Records& records, uint64_t events, bool nothing_written) {
  const exchange::ReadCounts& counts = records.read.counts;
  std::string out = fmt::format(
      "{} events. {} rows received: {} taken, {} rejected, {} set aside by the mapping, {} received twice.\n",
      number(events), number(counts.rows), number(counts.taken), number(counts.rejected), number(counts.ignored),
      number(counts.duplicates));
  if (counts.rejected == 0) return out;
  const auto most = std::max_element(counts.by_reason.begin(), counts.by_reason.end());
  const auto reason = static_cast<exchange::RejectReason>(most - counts.by_reason.begin());
  return out + fmt::format("Rejected most often: {} ({}), {} of {}{}.\n", exchange::reason_words(reason),
                           exchange::reason_key(reason), number(*most), number(counts.rejected),
                           nothing_written ? "; --out DIR writes each row with its reason" : "; rejects.csv has each");
}

}  // namespace

std::vector<std::string> notes(const Assessment& assessment) {
  std::vector<std::string> out = assessment.records.read.notes;
  for (std::string& note : record_notes(assessment.records)) out.push_back(std::move(note));
  const uint64_t untold = untold_for_want_of_coverage(assessment);
  if (untold > 0 && assessment.records.coverage_origin == CoverageOrigin::inferred) {
    out.push_back(fmt::format(
        "Obligations that cannot be told because no coverage was given: {}. They are in the range, not in the "
        "headline's share. Give --coverage FILE, or say `complete: yes` in a mapping if the files hold everything that "
        "was recorded: docs/formats/coverage.md",
        number(untold)));
  }
  if (assessment.tally.without_link > 0) {
    out.push_back(
        fmt::format("Events about a suspect or a hearing that no crime names: {}. Nothing is owed for them until "
                    "link.suspect or link.hearing is recorded: docs/formats/mappings.md, \"No column for the suspect\"",
                    number(assessment.tally.without_link)));
  }
  return out;
}

std::string table_text(const Assessment& assessment, const html::Words& words) {
  const Records& records = assessment.records;
  const engine::Tally& tally = assessment.tally;
  const int16_t as_at_month = measures::month_of(calendar::london_date(records.options.as_at));
  std::string out =
      fmt::format("As at {}{}", clock_words(records.options.as_at),
                  records.as_at_given ? "" : " (the last entry in the files; --as-at asks for another day)");
  out += records.options.recorded_by
             ? fmt::format(", from what had been recorded by {}.\n", clock_words(*records.options.recorded_by))
             : ", from everything recorded.\n";
  out += received_text(records, tally.events, assessment.written.empty());
  for (const std::string& note : notes(assessment)) out += fmt::format("Note: {}\n", note);

  const bool of_the_code = measures::any_of_the_code(assessment.labels);
  out += fmt::format("\n{}: {} (every rate starts from this count)\n",
                     words.say(of_the_code ? "facts.under_code" : "facts.people"), number(assessment.under_code));
  std::vector<std::vector<std::string>> places;
  for (const measures::PlaceUnderCode& place : report_setting(assessment, "").places) {
    if (place.people > 0)
      places.push_back(
          {fmt::format("{}{}", place.under_code ? "" : "not under the Code: ", place.says), number(place.people)});
  }
  out += columns(places);

  if (of_the_code) {
    const Grouping code = measures::group(*assessment.figures, assessment.labels, Standing::code, as_at_month);
    out += fmt::format("\n{}\n{}", words.say("standing.code"), headline_text(code.total, words));
    out += by_right_text(code, words);
    out += untold_text(assessment);
  }

  for (const Standing standing : {Standing::unverified, Standing::related, Standing::local, Standing::chain}) {
    const Grouping group = measures::group(*assessment.figures, assessment.labels, standing, as_at_month);
    if (!Headline::from(group.total).has_range()) continue;
    out += fmt::format("\n{}{}\n{}", of_the_code ? "Apart: " : "",
                       measures::standing_text(standing, assessment.labels, words), headline_text(group.total, words));
    if (!of_the_code) out += by_right_text(group, words);
  }
  if (!of_the_code) out += untold_text(assessment);
  uint64_t windows = 0;
  for (const auto& states : assessment.figures->cells().windows()) {
    for (std::size_t i = 1; i < states.size(); ++i) windows += states[i];
  }
  if (windows > 0)
    out += fmt::format("\nApart: {}: {} windows, never a matter of keeping.\n", words.say("standing.window"),
                       number(windows));

  out += "\nAssumed or set aside:\n";
  std::vector<std::vector<std::string>> lines;
  for (const measures::NamedCount& one : report_setting(assessment, "").assumed)
    lines.push_back({one.name, number(one.count)});
  out += columns(lines);
  if (!assessment.written.empty()) {
    out += "\nWritten:\n";
    for (const std::string& path : assessment.written) out += fmt::format("  {}\n", path);
  }
  return out;
}

std::string json_text(const Assessment& assessment) {
  const Records& records = assessment.records;
  std::string out =
      fmt::format("{{\"as_at\":{},\"recorded_by\":{},\"victims\":{},\"events\":{},\"rejected\":{},\"duties\":[",
                  json_string(model::instant_text(records.options.as_at)),
                  records.options.recorded_by ? json_string(model::instant_text(*records.options.recorded_by)) : "null",
                  assessment.under_code, assessment.tally.events, records.read.counts.rejected);
  const std::vector<OutcomeCounts> by_duty = assessment.figures->outcomes_by_duty();
  bool first = true;
  for (std::size_t duty = 0; duty < by_duty.size(); ++duty) {
    const measures::DutyLabel& label = assessment.labels[duty];
    if (label.standing == Standing::window) continue;
    out += fmt::format("{}\n{{\"id\":{},\"right\":{},\"bearer\":{},\"verified\":{},\"obligations\":{},\"outcomes\":{{",
                       first ? "" : ",", json_string(label.id), json_string(label.right), json_string(label.bearer),
                       label.verified, measures::sum(by_duty[duty]));
    for (std::size_t i = 0; i < by_duty[duty].size(); ++i) {
      out +=
          fmt::format("{}\"{}\":{}", i == 0 ? "" : ",", model::outcome_key(static_cast<Outcome>(i)), by_duty[duty][i]);
    }
    out += "}}";
    first = false;
  }
  out += "],\"windows\":[";
  first = true;
  const auto& windows = assessment.figures->cells().windows();
  for (std::size_t duty = 0; duty < assessment.labels.size(); ++duty) {
    const measures::DutyLabel& label = assessment.labels[duty];
    if (label.standing != Standing::window) continue;
    std::array<uint64_t, 5> states{};
    if (duty < windows.size()) states = windows[duty];
    out += fmt::format(
        "{}\n{{\"id\":{},\"right\":{},\"verified\":{},\"opened\":{},\"states\":{{\"used\":{},\"lapsed\":{},\"open\":{},"
        "\"cannot_tell\":{}}}}}",
        first ? "" : ",", json_string(label.id), json_string(label.right), label.verified,
        states[1] + states[2] + states[3] + states[4], states[1], states[2], states[3], states[4]);
    first = false;
  }
  return out + "]}\n";
}

std::string csv_text(const Assessment& assessment) {
  std::string out = "id,right,bearer,verified,obligations";
  for (int i = 0; i < model::outcome_count; ++i) out += fmt::format(",{}", model::outcome_key(static_cast<Outcome>(i)));
  out += "\n";
  const std::vector<OutcomeCounts> by_duty = assessment.figures->outcomes_by_duty();
  for (std::size_t duty = 0; duty < by_duty.size(); ++duty) {
    const measures::DutyLabel& label = assessment.labels[duty];
    if (label.standing == Standing::window) continue;
    out += fmt::format("{},{},{},{},{}", csv_cell(label.id), csv_cell(label.right), csv_cell(label.bearer),
                       label.verified, measures::sum(by_duty[duty]));
    for (const uint64_t count : by_duty[duty]) out += fmt::format(",{}", count);
    out += "\n";
  }
  return out;
}

}  // namespace kept::app
