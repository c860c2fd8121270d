// What was done, what was considered and why it does not decide, the person's wishes, and what ended it.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "app/assess_files.h"
#include "app/explained.h"
#include "app/spoken_time.h"
#include "calendar/london_time.h"

namespace kept::app {
namespace {

using calendar::LocalDate;
using engine::Step;
using model::Due;
using model::Obligation;
using model::Outcome;

struct Candidate {
  uint32_t row;
  std::string why;
};

/// Why a recorded event of a kind that could have fulfilled it does not decide. What the engine recorded comes first.
const char* why_not(const Explained& of, uint32_t row, uint32_t done) {
  if (const char* bar = of.barred(row)) return bar;
  if (done != Obligation::no_row && of.table.lo_ms(row) >= of.table.lo_ms(done)) return "why_after";
  bool asks = false;
  for (const engine::Pattern& pattern : of.fulfilled_by()) {
    if (of.fits(pattern, row)) return of.duty.all_of ? "why_part" : "why_not_decided";
    asks = asks || !pattern.tests.empty();
  }
  return asks ? "why_field" : "why_not_decided";
}

/// Events that could have fulfilled it, and attempts of the same family, in the order of time.
std::vector<Candidate> candidates(const Explained& of, uint32_t done) {
  const model::EventTable& table = of.table;
  std::set<uint16_t> fulfilling;
  bool contacts = false;
  for (const engine::Pattern& pattern : of.fulfilled_by()) {
    for (const uint16_t code : pattern.codes) {
      fulfilling.insert(code);
      contacts = contacts || table.vocabulary().type_of(code).family == "contact";
    }
  }
  std::vector<Candidate> out;
  for (uint32_t row = 0; row < table.size(); ++row) {
    if (row == done || row == of.one.trigger_row || !of.concerns_us(row)) continue;
    const model::EventType& type = table.vocabulary().type_of(table.code(row));
    if (fulfilling.count(table.code(row)) != 0) {
      out.push_back({row, why_not(of, row, done)});
    } else if (contacts && type.family == "contact" && type.distinguished_by < 0 &&
               type.meaning == model::Meaning::nothing && table.lo_ms(row) >= of.one.start_at &&
               table.participant(row) != 0 && of.barred(row) == nullptr &&
               (done == Obligation::no_row || table.lo_ms(row) <= table.lo_ms(done))) {
      out.push_back({row, "why_attempt"});
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [&](const Candidate& a, const Candidate& b) { return table.lo_ms(a.row) < table.lo_ms(b.row); });
  return out;
}

/// Of what is plainly too early or too late for a repetition, only what lies nearest. Gives how many were left out.
std::size_t leave_out_far(std::vector<Candidate>* found) {
  const std::size_t before = found->size();
  const auto early = static_cast<std::size_t>(
      std::count_if(found->begin(), found->end(), [](const Candidate& one) { return one.why == "why_interval"; }));
  std::size_t seen_early = 0;
  std::size_t seen_late = 0;
  found->erase(std::remove_if(found->begin(), found->end(),
                              [&](const Candidate& one) {
                                if (one.why == "why_interval") return ++seen_early + 2 <= early;
                                return one.why == "why_after" && ++seen_late > 2;
                              }),
               found->end());
  return before - found->size();
}

void add_candidates(PlainText& page, const Explained& of, uint32_t done) {
  std::vector<Candidate> found = candidates(of, done);
  if (found.empty()) return;
  page.sentence(of.say("considered"));
  std::size_t left_out = leave_out_far(&found);
  constexpr std::size_t shown = 12;
  for (std::size_t i = 0; i < std::min(shown, found.size()); ++i) {
    const uint32_t row = found[i].row;
    page.item(of.say("candidate", {{"event", of.events.event(row)},
                                   {"when", of.events.when(row)},
                                   {"keys", of.events.keys(row)},
                                   {"named", of.named(row)},
                                   {"why", of.say(found[i].why.c_str())}}));
  }
  if (found.size() > shown) left_out += found.size() - shown;
  if (left_out > 0) page.item(of.say("more_candidates", {{"count", std::to_string(left_out)}}));
}

/// A chain's first step: the first event from the trigger on that fulfils its first leg.
void add_middle(PlainText& page, const Explained& of) {
  uint32_t middle = Obligation::no_row;
  for (uint32_t row = 0; row < of.table.size(); ++row) {
    const std::vector<engine::Pattern>& patterns = of.book.duties[of.duty.leg_one].fulfilled_by;
    if (!of.concerns_us(row) || of.barred(row) != nullptr) continue;
    if (std::none_of(patterns.begin(), patterns.end(), [&](const auto& pattern) { return of.fits(pattern, row); }))
      continue;
    if (middle == Obligation::no_row || of.table.lo_ms(row) < of.table.lo_ms(middle)) middle = row;
  }
  page.sentence(middle == Obligation::no_row ? of.say("no_middle") : of.say_of("middle", middle));
}

}  // namespace

void add_acts(PlainText& page, const Explained& of) {
  page.section(of.say("section_done"));
  const uint32_t done = of.one.fulfilled_row;
  if (of.is_chain()) add_middle(page, of);
  if (done != Obligation::no_row) {
    page.sentence(of.say_of(of.duty.all_of ? "done_last" : "done", done));
    if (of.one.outcome == Outcome::kept && !of.is_window()) {
      page.sentence(of.say(of.one.due_on.kind == Due::Kind::none ? "done_no_due" : "done_on_time"));
    } else if (!of.is_window() && (of.one.outcome == Outcome::late || of.one.outcome == Outcome::excused)) {
      page.sentence(of.say("done_after"));
    }
  } else {
    page.sentence(of.say(of.one.reason == model::Reason::rule_u ? "unsure_done" : "nothing_done",
                         {{"as_at", clock_words(of.records.options.as_at)}}));
  }
  add_candidates(page, of, done);
}

void add_wishes(PlainText& page, const Explained& of) {
  page.section(of.say("section_wishes"));
  bool any = false;
  const auto add = [&](Step::Kind kind, const char* key) {
    for (const uint32_t row : of.rows(kind)) {
      any = true;
      page.sentence(of.say_of(key, row));
    }
  };
  add(Step::Kind::decline_found, "decline_found");
  add(Step::Kind::decline_too_late, "decline_too_late");
  add(Step::Kind::decline_ended, "decline_ended");
  std::set<uint32_t> told;
  for (const Step& step : of.steps) {
    if (step.kind != Step::Kind::reason_counts || !told.insert(step.row).second) continue;
    any = true;
    page.sentence(of.say("reason_counts", {{"from", long_date(LocalDate{step.day})},
                                           {"to", long_date(LocalDate{static_cast<int32_t>(step.value)})},
                                           {"event", of.events.event(step.row)},
                                           {"details", of.events.details(step.row, false)},
                                           {"agency", of.events.agency(of.table.agency(step.row))},
                                           {"named", of.named(step.row)},
                                           {"entered", of.events.entered_at(step.row)}}));
  }
  add(Step::Kind::reason_incomplete, "reason_incomplete");
  add(Step::Kind::reason_needs_second, "reason_needs_second");
  if (!any) page.sentence(of.say("no_reasons"));
}

void add_ends(PlainText& page, const Explained& of) {
  std::vector<uint32_t> deaths = of.rows(Step::Kind::died);
  if (of.one.reason == model::Reason::died_before) {
    for (uint32_t row = 0; row < of.table.size(); ++row) {
      if (of.table.vocabulary().meaning_of(of.table.code(row)) == model::Meaning::participant_died &&
          of.table.participant(row) == of.one.participant && !of.is_replaced(row))
        deaths.push_back(row);
    }
  }
  const bool any = of.has(Step::Kind::lapsed_by) || !deaths.empty() || of.has(Step::Kind::retracted) ||
                   of.has(Step::Kind::involvement_ended);
  if (!any) return;
  page.section(of.say("section_events"));
  for (const uint32_t row : of.rows(Step::Kind::lapsed_by)) page.sentence(of.say_of("lapsed_by", row));
  for (const uint32_t row : deaths) page.sentence(of.say_of("died", row));
  if (const Step* step = of.find(Step::Kind::retracted)) {
    const bool corrected = step->row != Obligation::no_row && of.table.retracts(step->row).empty();
    if (step->row == Obligation::no_row) {
      page.sentence(of.say("retracted", {{"when", instant_words(step->at)}}));
    } else {
      page.sentence(of.say_of(corrected ? "corrected_away" : "retracted_by", step->row));
    }
    if (of.one.outcome == Outcome::withdrawn_after_due)
      page.sentence(of.say("would_have_been", {{"outcome", of.outcome_word(of.one.would_have_been)}}));
  }
  for (const uint32_t row : of.rows(Step::Kind::involvement_ended)) page.sentence(of.say_of("involvement_ended", row));
}

}  // namespace kept::app
