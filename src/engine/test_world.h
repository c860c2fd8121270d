#pragma once
// A small world for the engine's own tests: a vocabulary, a calendar, duties and events in a line each.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/assess.h"

namespace kept::engine::testing {

/// One event as a test writes it; strings are ids, times as model::parse_moment reads them.
struct Story {
  std::string type, occurred, recorded;
  std::string id, source = "a", crime = "X", participant, suspect, hearing, agency, known, corrects, retracts;
  bool recorded_assumed = false;
  std::map<std::string, std::string> detail;
};

inline model::Meaning meaning_of(const std::string& type) {
  using model::Meaning;
  static const std::map<std::string, Meaning> named = {
      {"link.victim", Meaning::links_victim},   {"link.suspect", Meaning::links_suspect},
      {"link.hearing", Meaning::links_hearing}, {"born", Meaning::participant_born},
      {"died", Meaning::participant_died},      {"assessed", Meaning::needs_assessed},
      {"decline", Meaning::declined},           {"decline.withdrawn", Meaning::decline_withdrawn},
      {"good_reason", Meaning::good_reason},    {"hold", Meaning::held},
      {"hold.ended", Meaning::hold_ended},      {"agreed", Meaning::contact_agreed},
      {"ended", Meaning::involvement_ended},    {"reopened", Meaning::involvement_reopened},
      {"accepted", Meaning::transfer_accepted}};
  const auto found = named.find(type);
  return found == named.end() ? Meaning::nothing : found->second;
}

class TestWorld {
 public:
  TestWorld() {
    using model::FieldKind;
    const auto add = [&](const char* name, FieldKind kind, std::vector<std::string> words = {}) {
      model::Field field;
      field.name = name;
      field.kind = kind;
      field.words = std::move(words);
      return vocabulary_->add_field(field).value();
    };
    const std::vector<uint16_t> fields = {add("topic", FieldKind::code),
                                          add("until", FieldKind::date),
                                          add("hold", FieldKind::code),
                                          add("every", FieldKind::number),
                                          add("unit", FieldKind::word, {"days", "weeks", "months", "working_days"}),
                                          add("enhanced", FieldKind::yes_no),
                                          add("who", FieldKind::code),
                                          add("why", FieldKind::code),
                                          add("evidence", FieldKind::code),
                                          add("from", FieldKind::date),
                                          add("second", FieldKind::code),
                                          add("on", FieldKind::date),
                                          add("what", FieldKind::number)};
    for (const char* name :
         {"link.victim",       "link.suspect", "link.hearing", "born",       "died",     "assessed", "decline",
          "decline.withdrawn", "good_reason",  "hold",         "hold.ended", "agreed",   "ended",    "reopened",
          "accepted",          "arrested",     "charged",      "listed",     "informed", "told",     "closed",
          "referred",          "result",       "taken_back",   "offence"}) {
      model::EventType type;
      type.name = name;
      type.meaning = meaning_of(name);
      type.carries = 0xFF;
      type.fields = fields;
      if (!vocabulary_->add_type(type)) std::abort();
    }
    book.vocabulary = vocabulary_;
    std::vector<calendar::BankHoliday> holidays;
    const auto holiday = [&](const char* on, const char* announced) {
      calendar::BankHoliday h;
      h.on = date(on);
      h.title = "holiday";
      if (*announced) h.announced_on = date(announced);
      holidays.push_back(h);
    };
    holiday("2026-03-06", "2026-03-05");
    holiday("2026-03-11", "");
    holiday("2026-04-03", "");
    book.calendar = std::make_shared<calendar::WorkingDayCalendar>(
        calendar::WorkingDayCalendar::make(date("2012-01-01"), date("2028-12-31"), holidays).value());
  }

  static calendar::LocalDate date(const std::string& text) { return calendar::parse_date(text).value(); }
  uint16_t code(const std::string& type) const { return vocabulary_->find(type)->first_code; }
  uint16_t field(const std::string& name) const { return static_cast<uint16_t>(vocabulary_->field_id(name)); }
  Pattern pattern(const std::string& type) const { return {{code(type)}, {}}; }

  /// A duty on `trigger` with this limit, fulfilled by `informed` about the same suspect.
  Duty& add(const std::string& id, TimeLimit::Kind kind, int32_t count, const std::string& trigger = "arrested") {
    Duty duty;
    duty.id = id;
    duty.bearer = "police";
    duty.topic = id;
    duty.from = {-30000};
    duty.to = {80000};
    duty.trigger = pattern(trigger);
    TimeLimit limit;
    limit.kind = kind;
    limit.count = count;
    duty.limits.push_back({duty.from, duty.to, limit, limit});
    duty.fulfilled_by.push_back(pattern("informed"));
    duty.same = same_suspect;
    book.duties.push_back(duty);
    return book.duties.back();
  }
  void finish() {
    if (book.enhanced.empty()) {
      EnhancedRule rule;
      rule.from = {-30000};
      rule.to = {80000};
      ConditionNode young;
      young.op = ConditionNode::Op::age_under;
      young.number = 18;
      rule.by_fact.nodes.push_back(young);
      book.enhanced.push_back(rule);
    }
    book.index();
  }

  model::EventTable table(const std::vector<Story>& stories) const {
    model::EventTable table(vocabulary_);
    int n = 0;
    for (const Story& s : stories) {
      model::EventRow row;
      row.code = code(s.type);
      row.occurred = model::parse_moment(s.occurred).value();
      const int64_t noon = std::min(row.occurred.hi_ms, row.occurred.lo_ms + 12 * 3'600'000);
      row.recorded_at =
          s.recorded.empty()
              ? noon
              : model::parse_moment(s.recorded.size() == 10 ? s.recorded + "T12:00:00Z" : s.recorded).value().lo_ms;
      if (!s.known.empty()) {
        row.has_known = true;
        row.known = model::parse_moment(s.known).value();
      }
      const auto symbol = [](model::Symbols& symbols, const std::string& name) {
        return name.empty() ? 0u : symbols.code(name);
      };
      row.participant = symbol(table.participants, s.participant);
      row.crime = symbol(table.crimes, s.crime);
      row.suspect = symbol(table.suspects, s.suspect);
      row.hearing = symbol(table.hearings, s.hearing);
      row.source = symbol(table.sources, s.source);
      row.agency = symbol(table.agencies, s.agency);
      const std::string id = s.id.empty() ? "n" + std::to_string(1000 + n) : s.id;
      ++n;
      table.codes.code(id);
      row.id = id;
      row.recorded_assumed = s.recorded_assumed;
      row.corrects = s.corrects;
      row.retracts = s.retracts;
      std::vector<model::DetailValue> detail;
      for (const auto& [name, text] : s.detail) {
        const uint16_t f = field(name);
        int64_t value = 0;
        switch (vocabulary_->fields()[f].kind) {
          case model::FieldKind::yes_no:
            value = text == "yes";
            break;
          case model::FieldKind::number:
            value = std::stoll(text);
            break;
          case model::FieldKind::date:
            value = table.add_moment(model::parse_moment(text).value());
            break;
          case model::FieldKind::word: {
            const auto& words = vocabulary_->fields()[f].words;
            value = std::find(words.begin(), words.end(), text) - words.begin();
            break;
          }
          case model::FieldKind::code:
          case model::FieldKind::text:
            if (text.empty()) continue;
            value = table.codes.code(text);
            break;
        }
        detail.push_back({f, value});
      }
      row.detail = detail.data();
      row.detail_count = detail.size();
      table.append(row);
    }
    return table;
  }

  RuleBook book;

 private:
  std::shared_ptr<model::Vocabulary> vocabulary_ = std::make_shared<model::Vocabulary>();
};

struct Collect : Sink {
  std::vector<model::Obligation> all;
  std::vector<int32_t> classes;
  void take(const model::Obligation* first, std::size_t count) override { all.insert(all.end(), first, first + count); }
  void participant(uint32_t, int32_t applies) override { classes.push_back(applies); }
  std::unique_ptr<Sink> fork() override { return std::make_unique<Collect>(); }
  void join(Sink& part) override {
    const auto& other = static_cast<Collect&>(part);
    all.insert(all.end(), other.all.begin(), other.all.end());
    classes.insert(classes.end(), other.classes.begin(), other.classes.end());
  }
};

inline int64_t end_of(const std::string& when) { return model::parse_moment(when).value().hi_ms; }

/// One obligation in words that do not depend on the order of rows: what two runs must agree on.
inline std::string line(const RuleBook& book, const model::EventTable& table, const model::Obligation& o) {
  const auto due = [](const model::Due& d) {
    return d.kind == model::Due::Kind::none   ? std::string("-")
           : d.kind == model::Due::Kind::date ? calendar::to_string(calendar::LocalDate{static_cast<int32_t>(d.value)})
                                              : model::instant_text(d.value);
  };
  std::string text =
      book.duties[o.duty].id + " " +
      (o.participant ? table.participants.name(o.participant) : "case " + table.hearings.name(o.hearing)) + " " +
      table.sources.name(table.source(o.trigger_row)) + "/" + table.id(o.trigger_row) + " #" +
      std::to_string(o.interval) + ": " + model::outcome_name(o.outcome) + ", due " + due(o.due_on) + ", first due " +
      due(o.first_due_on);
  if (o.fulfilled_row != model::Obligation::no_row)
    text += ", by " + table.id(o.fulfilled_row) + " at " + model::instant_text(o.fulfilled_at);
  if (o.late_by) text += ", late " + std::to_string(o.late_by);
  for (uint32_t bit = 0; bit < 25; ++bit)
    if (o.flags & (1u << bit)) text += std::string(", ") + model::flag_name(1u << bit);
  return text;
}

inline std::vector<std::string> lines(const RuleBook& book, const model::EventTable& table,
                                      const AssessOptions& options) {
  Collect sink;
  const auto tally = assess(book, table, options, sink);
  if (!tally) return {"refused: " + tally.error().message};
  std::vector<std::string> all;
  for (const model::Obligation& o : sink.all) all.push_back(line(book, table, o));
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace kept::engine::testing
