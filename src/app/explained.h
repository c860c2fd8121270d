#pragma once
#include <cstdint>
#include <initializer_list>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/event_words.h"
#include "app/plain_text.h"
#include "app/records.h"
#include "html/words.h"

namespace kept::app {

/// One obligation, the steps that led to it, and the record and rule behind it: what the sections of an explanation
/// ask. Judges nothing. Used by the files of the explanation only.
class Explained {
 public:
  Explained(const engine::Explanation& explanation, const Records& from, const html::Words& said);

  const std::vector<engine::Step>& steps;
  const model::Obligation& one;
  const Records& records;
  const engine::RuleBook& book;
  const model::EventTable& table;
  const engine::Duty& duty;
  const html::Words& words;
  const EventWords events;

  using Places = std::initializer_list<std::pair<std::string_view, std::string>>;
  std::string say(const char* key, Places places = {}) const;  ///< `explain.<key>` of content/
  /// The same, with {event}, {details}, {when}, {keys}, {agency}, {named} and {entered} of a recorded event.
  std::string say_of(const char* key, uint32_t row) const;
  /// What a person looks for to find the event: its id and source, or else its row and file.
  std::string named(uint32_t row) const;
  std::string outcome_word(model::Outcome outcome) const;

  bool has(engine::Step::Kind kind) const { return find(kind) != nullptr; }
  const engine::Step* find(engine::Step::Kind kind) const;    ///< the first of a kind
  std::vector<uint32_t> rows(engine::Step::Kind kind) const;  ///< of all steps of a kind, each once, in order
  bool flagged(uint32_t flag) const { return (one.flags & flag) != 0; }
  bool is_window() const { return one.window != model::WindowState::not_a_window; }
  bool is_chain() const { return duty.kind == engine::DutyKind::chain && duty.leg_two != engine::no_duty; }
  /// It never arose: no clock and no act matter.
  bool never_arose() const;

  /// The values of a duty (this one, or a leg of it) in force for this obligation, and the limit that applies.
  const engine::DatedLimit& dated(const engine::Duty& of) const;
  const engine::TimeLimit& limit(const engine::Duty& of) const;
  bool enhanced_differs() const;
  /// What starts it; of a chain, what starts its first leg.
  const engine::Pattern& trigger() const;
  /// What fulfils it; of a chain, what fulfils its second leg.
  const std::vector<engine::Pattern>& fulfilled_by() const;

  bool concerns_us(uint32_t row) const;
  /// Does another event of the same source correct or retract this one?
  bool is_replaced(uint32_t row) const;
  /// Is the event of one of these codes, with details that pass every test?
  bool fits(const engine::Pattern& pattern, uint32_t row) const;
  /// Why an event cannot count for this obligation whatever its type, as a key of words; null where nothing bars it.
  const char* barred(uint32_t row) const;

 private:
  std::set<std::pair<uint32_t, std::string>> replaced_;  ///< sources and ids that corrections and retractions name
};

/// A rule's words, which mark types for a page, as a terminal shows them.
std::string unmarked(std::string text);

// The sections, in the order in which they stand.
void add_rule(PlainText& page, const Explained& of);
void add_enhanced(PlainText& page, const Explained& of);
void add_clock(PlainText& page, const Explained& of);
void add_acts(PlainText& page, const Explained& of);
void add_wishes(PlainText& page, const Explained& of);
void add_ends(PlainText& page, const Explained& of);
void add_coverage(PlainText& page, const Explained& of);
void add_readings(PlainText& page, const Explained& of);
void add_answer(PlainText& page, const Explained& of);

}  // namespace kept::app
