#pragma once
#include <memory>
#include <string>

#include "calendar/working_days.h"
#include "rules/calendar_file.h"

namespace kept::rules {

/// A whole set of rules in one small file, as an analyst would write it, for tests to load, change and break.
inline const std::string small_rules = R"(vocabulary:
  family: care
  fields:
    drug: {kind: word, says: which drug, words: [antibiotic, fluid]}
    dose: {kind: number, says: milligrams}
    ward: {kind: code, says: the ward}
    urgent: {kind: yes_no, says: is it urgent}
    seen_on: {kind: date, says: the day of the appointment}
    note: {kind: text, says: free text}
    born_on: {kind: date, personal: true, says: date of birth}
  events:
    triage: {says: The patient was triaged., needs: [participant], carries: [suspect], fields: [urgent, seen_on, ward, dose, note, born_on]}
    given: {says: A drug was given., needs: [participant], carries: [suspect], fields: [drug!, dose], distinguished_by: drug}
    moved: {says: The patient moved., needs: [participant], for: a remark only}
editions:
  - {id: CARE, title: Care, from: 2014-01-01}
edition: CARE
right: 1
duties:
  - id: ANTIBIOTIC
    says: Give an antibiotic within one hour of triage
    source: {read: reproduction, url: "https://example.org/guideline", paragraph: "3"}
    bearer: ward
    trigger: {event: triage}
    condition: {trigger: {urgent: yes}}
    limit: 1 hour
    fulfilled_by: {event: given, where: {drug: antibiotic}}
    examples:
      - {why: in time, events: [2014-10-22T10:00Z triage urgent=yes, 2014-10-22T10:20Z given drug=antibiotic], expect: "kept, due 2014-10-22T11:00Z"}
      - {why: at the last moment, events: [2014-10-22T10:00Z triage urgent=yes, 2014-10-22T11:00Z given drug=antibiotic], expect: "kept, due 2014-10-22T11:00Z"}
      - {why: too late, events: [2014-10-22T10:00Z triage urgent=yes, 2014-10-22T13:30Z given drug=antibiotic], expect: "late, due 2014-10-22T11:00Z, late 3 hours"}
      - {why: not urgent, events: [2014-10-22T10:00Z triage urgent=no], expect: not owed}
)";

/// The calendar that comes with the program.
inline std::shared_ptr<const calendar::WorkingDayCalendar> test_calendar() {
  static const auto calendar = [] {
    auto read = read_calendar(KEPT_SOURCE_DIR "/rules/calendars/england-and-wales.yaml");
    return std::make_shared<const calendar::WorkingDayCalendar>(std::move(*read));
  }();
  return calendar;
}

}  // namespace kept::rules
