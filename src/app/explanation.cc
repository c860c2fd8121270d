#include "app/explanation.h"

#include <fmt/format.h>

#include "app/assess_files.h"
#include "app/explained.h"
#include "app/spoken_time.h"
#include "calendar/london_time.h"
#include "measures/grouping.h"

namespace kept::app {
namespace {

using model::Obligation;

void add_title(PlainText& page, const Explained& of, const std::string& id) {
  if (of.is_window()) {
    static const char* const states[] = {"", "used", "lapsed", "open", "cannot_tell"};
    const std::string state = of.words.say(fmt::format("window.{}", states[static_cast<int>(of.one.window)]));
    page.heading(of.say("window_title", {{"id", id}, {"state", state}}));
  } else {
    page.heading(of.say("title", {{"id", id}, {"outcome", of.outcome_word(of.one.outcome)}}));
  }
  const engine::AssessOptions& options = of.records.options;
  page.sentence(
      of.say("asked", {{"as_at", clock_words(options.as_at)},
                       {"recorded", options.recorded_by ? of.say("asked_recorded_by",
                                                                 {{"recorded_by", clock_words(*options.recorded_by)}})
                                                        : of.say("asked_everything")},
                       {"rules", of.book.version},
                       {"calendar_end", clock_words(calendar::end_of(of.book.calendar->last()))}}),
      0);
}

void add_owed(PlainText& page, const Explained& of) {
  page.section(of.say(of.is_window() ? "section_window" : "section_owed"));
  page.sentence(of.say("owed", {{"says", of.duty.says}}));
  const std::string crime =
      of.one.crime == 0 ? std::string() : of.say("owed_crime", {{"crime", of.table.crimes.name(of.one.crime)}});
  if (of.is_window()) {
    page.sentence(of.say("window_is"));
    page.sentence(
        of.say("window_of", {{"participant", of.table.participants.name(of.one.participant)}, {"crime", crime}}));
    return;
  }
  const auto bearer = [&](const engine::Duty& duty) { return measures::bearer_text(duty.bearer, of.words); };
  const std::string held =
      of.one.agency == 0 ? std::string() : of.say("held", {{"agency", of.table.agencies.name(of.one.agency)}});
  if (of.is_chain()) {
    page.sentence(of.say("owed_by_both", {{"first", bearer(of.book.duties[of.duty.leg_one])},
                                          {"second", bearer(of.book.duties[of.duty.leg_two])}}));
  } else {
    page.sentence(of.say("owed_by", {{"bearer", bearer(of.duty)}, {"held", held}}));
  }
  if (of.one.participant == 0) {
    page.sentence(of.say("owed_to_case", {{"hearing", of.table.hearings.name(of.one.hearing)}}));
  } else {
    page.sentence(
        of.say("owed_to", {{"participant", of.table.participants.name(of.one.participant)}, {"crime", crime}}));
  }
  if (of.one.interval > 0) page.sentence(of.say("interval", {{"interval", std::to_string(of.one.interval)}}));
}

/// The version that was corrected, by its source and id; no_row where it is not in the record.
uint32_t version_before(const Explained& of, uint32_t row) {
  for (uint32_t other = 0; other < of.table.size(); ++other) {
    if (of.table.source(other) == of.table.source(row) && of.table.id(other) == of.table.corrects(row)) return other;
  }
  return Obligation::no_row;
}

/// The same fact from other sources: equal in type, person and references, on the same London date.
std::vector<uint32_t> same_fact_elsewhere(const Explained& of, uint32_t row) {
  const model::EventTable& table = of.table;
  std::vector<uint32_t> out;
  if (table.occurred(row).precision == model::Precision::coarse) return out;
  for (uint32_t other = 0; other < table.size(); ++other) {
    if (other == row || table.source(other) == table.source(row) || of.is_replaced(other)) continue;
    const bool same =
        table.vocabulary().type_index(table.code(other)) == table.vocabulary().type_index(table.code(row)) &&
        table.participant(other) == table.participant(row) && table.crime(other) == table.crime(row) &&
        table.suspect(other) == table.suspect(row) && table.hearing(other) == table.hearing(row) &&
        table.key(other) == table.key(row) && of.fits(of.trigger(), other);
    const model::Moment at = table.occurred(other);
    if (same && at.precision != model::Precision::coarse && at.lo_ms <= of.records.options.as_at &&
        at.on() == table.occurred(row).on())
      out.push_back(other);
  }
  return out;
}

void add_trigger(PlainText& page, const Explained& of) {
  const uint32_t row = of.one.trigger_row;
  page.section(of.say("section_trigger"));
  page.sentence(of.say_of("trigger", row));
  page.sentence(of.say("means", {{"says", of.events.means(row)}}));
  page.sentence(of.say_of("recorded", row));
  if (of.table.recorded_assumed(row)) page.sentence(of.say("recorded_assumed"));
  if (of.duty.clock_known && of.table.has_known(row))
    page.sentence(of.say("known", {{"when", moment_words(of.table.known(row))}}));
  if (!of.table.corrects(row).empty()) {
    const uint32_t before = version_before(of, row);
    page.sentence(before == Obligation::no_row ? of.say("corrected", {{"target", std::string(of.table.corrects(row))}})
                                               : of.say_of("corrected_from", before));
  }
  for (const uint32_t other : same_fact_elsewhere(of, row)) page.sentence(of.say_of("same_fact", other));
}

}  // namespace

std::string explanation_text(const engine::Explanation& explanation, const Records& records, const std::string& id,
                             const html::Words& words) {
  const Explained of(explanation, records, words);
  PlainText page;
  add_title(page, of, id);
  add_owed(page, of);
  add_trigger(page, of);
  add_rule(page, of);
  if (of.never_arose()) {
    add_ends(page, of);
  } else {
    add_enhanced(page, of);
    add_clock(page, of);
    add_acts(page, of);
    add_wishes(page, of);
    add_ends(page, of);
    add_coverage(page, of);
    add_readings(page, of);
  }
  add_answer(page, of);
  return page.text();
}

}  // namespace kept::app
