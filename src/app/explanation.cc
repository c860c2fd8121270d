#include "app/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "app/assess_files.h"
#include "app/content.h"
#include "app/plain_text.h"
#include "measures/grouping.h"

namespace kept::app {
namespace {

using calendar::LocalDate;
using engine::Duty;
using engine::Step;
using engine::TimeLimit;
using model::Due;
using model::Obligation;
using model::Outcome;

std::string weekday_name(LocalDate on) {
  static const char* const names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  return names[calendar::weekday(on)];
}

std::string long_date(LocalDate on) {
  return fmt::format("{} {}", weekday_name(on), clock_words(calendar::end_of(on)));
}

/// `on Tuesday 5 March 2024 at 14:20`, in London.
std::string instant_words(int64_t at_ms) {
  const LocalDate on = calendar::london_date(at_ms);
  const int64_t seconds = at_ms / 1000 + calendar::london_offset_minutes(at_ms) * 60;
  const int64_t of_day = ((seconds % 86400) + 86400) % 86400;
  const std::string time = of_day % 60 == 0
                               ? fmt::format("{:02}:{:02}", of_day / 3600, of_day / 60 % 60)
                               : fmt::format("{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60);
  return fmt::format("on {} at {}", long_date(on), time);
}

std::string moment_words(const model::Moment& moment) {
  switch (moment.precision) {
    case model::Precision::instant:
      return instant_words(moment.lo_ms);
    case model::Precision::date:
      return fmt::format("on {} (the day is known, not the time)", long_date(moment.on()));
    case model::Precision::coarse:
      return fmt::format("between {} and {} (it is not known more exactly)", long_date(moment.on()),
                         long_date(calendar::london_date(moment.hi_ms)));
  }
  return "";
}

std::string unit_words(TimeLimit::Kind kind, int32_t count) {
  const bool one = count == 1;
  switch (kind) {
    case TimeLimit::Kind::hours:
      return one ? "hour" : "hours";
    case TimeLimit::Kind::days:
      return one ? "day" : "days";
    case TimeLimit::Kind::weeks:
      return one ? "week" : "weeks";
    case TimeLimit::Kind::months:
      return one ? "month" : "months";
    case TimeLimit::Kind::years:
      return one ? "year" : "years";
    case TimeLimit::Kind::working_days:
      return one ? "working day" : "working days";
    case TimeLimit::Kind::no_number:
    case TimeLimit::Kind::until_age:
    case TimeLimit::Kind::agreed:
    case TimeLimit::Kind::with_duty:
    case TimeLimit::Kind::before:
      break;
  }
  return "";
}

std::string limit_words(const TimeLimit& limit, const engine::RuleBook& book) {
  switch (limit.kind) {
    case TimeLimit::Kind::no_number:
      return "no number is given (\"without unjustified delay\")";
    case TimeLimit::Kind::until_age:
      return fmt::format("until the day before the person turns {}", limit.count);
    case TimeLimit::Kind::agreed:
      return "as agreed with the person";
    case TimeLimit::Kind::with_duty:
      return limit.duty < book.duties.size() ? "together with " + book.duties[limit.duty].id
                                             : "together with another duty";
    case TimeLimit::Kind::before: {
      const std::string field =
          limit.field < book.vocabulary->fields().size() ? book.vocabulary->fields()[limit.field].name : "the event";
      return limit.count == 0 ? fmt::format("by the day that {} gives", field)
                              : fmt::format("{} {} before the day that {} gives", limit.count,
                                            unit_words(limit.unit, limit.count), field);
    }
    case TimeLimit::Kind::hours:
    case TimeLimit::Kind::days:
    case TimeLimit::Kind::weeks:
    case TimeLimit::Kind::months:
    case TimeLimit::Kind::years:
    case TimeLimit::Kind::working_days:
      break;
  }
  return fmt::format("{} {}", limit.count, unit_words(limit.kind, limit.count));
}

/// A path within the project's own folder without that folder's name.
std::string within_home(const std::string& path) {
  const std::string home = home_folder() + "/";
  return path.rfind(home, 0) == 0 ? path.substr(home.size()) : path;
}

/// One explanation in the making: everything the sentences need at hand.
class Explainer {
 public:
  Explainer(const engine::Explanation& explanation, const Records& records, const html::Words& words)
      : steps_(explanation.steps),
        one_(explanation.obligation),
        records_(records),
        book_(records.book),
        table_(records.read.table),
        duty_(records.book.duties[explanation.obligation.duty]),
        words_(words) {}

  std::string text(const std::string& id) {
    add_title(id);
    add_owed();
    add_trigger();
    add_rule();
    if (one_.reason != model::Reason::condition_false) {
      add_enhanced();
      add_clock();
      add_done();
      add_wishes();
      add_ends();
      add_coverage();
      add_readings();
    }
    add_answer();
    return page_.text();
  }

 private:
  using Places = std::initializer_list<std::pair<std::string_view, std::string>>;
  std::string say(const char* key, Places places = {}) const {
    return words_.say(fmt::format("explain.{}", key), places);
  }
  std::string outcome_word(Outcome outcome) const {
    return words_.say(fmt::format("outcome.{}.name", model::outcome_key(outcome)));
  }

  bool has(Step::Kind kind) const { return find(kind) != nullptr; }
  const Step* find(Step::Kind kind) const {
    for (const Step& step : steps_) {
      if (step.kind == kind) return &step;
    }
    return nullptr;
  }
  /// Rows of all steps of a kind, each once, in order.
  std::vector<uint32_t> rows(Step::Kind kind) const {
    std::vector<uint32_t> out;
    for (const Step& step : steps_) {
      if (step.kind == kind && step.row != Obligation::no_row &&
          std::find(out.begin(), out.end(), step.row) == out.end())
        out.push_back(step.row);
    }
    return out;
  }

  // The words for one recorded event.
  std::string event(uint32_t row) const { return table_.vocabulary().code_name(table_.code(row)); }
  std::string when(uint32_t row) const { return moment_words(table_.occurred(row)); }
  std::string recorded_at(uint32_t row) const { return "entered " + instant_words(table_.recorded_at(row)); }
  std::string agency(uint32_t code) const {
    return code == 0 ? "an agency that is not named" : table_.agencies.name(code);
  }
  std::string source(uint32_t row) const { return table_.sources.name(table_.source(row)); }
  std::string keys(uint32_t row) const {
    std::string out;
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty()) out += fmt::format("{}{} {}", out.empty() ? ", " : ", ", name, value);
    };
    add("crime", table_.crimes.name(table_.crime(row)));
    add("suspect", table_.suspects.name(table_.suspect(row)));
    add("hearing", table_.hearings.name(table_.hearing(row)));
    add(table_.vocabulary().type_of(table_.code(row)).key.c_str(), table_.keys.name(table_.key(row)));
    return out;
  }

  /// What the event says beyond its type, as ` (who: ..., why: ...)`; nothing personal and no free text.
  std::string details(uint32_t row) const {
    const model::Vocabulary& vocabulary = table_.vocabulary();
    std::string out;
    const auto [first, last] = table_.detail(row);
    for (const model::DetailValue* value = first; value != last; ++value) {
      const model::Field& field = vocabulary.fields()[value->field];
      if (field.personal || field.kind == model::FieldKind::text) continue;
      if (static_cast<int32_t>(value->field) == vocabulary.type_of(table_.code(row)).distinguished_by) continue;
      out += fmt::format("{}{}: {}", out.empty() ? " (" : ", ", measures::spaced(field.name),
                         value_words(field, value->value));
    }
    return out.empty() ? out : out + ")";
  }
  std::string value_words(const model::Field& field, int64_t value) const {
    switch (field.kind) {
      case model::FieldKind::yes_no:
        return value != 0 ? "yes" : "no";
      case model::FieldKind::number:
        return std::to_string(value);
      case model::FieldKind::word:
        return value >= 0 && value < static_cast<int64_t>(field.words.size())
                   ? measures::spaced(field.words[static_cast<std::size_t>(value)])
                   : "?";
      case model::FieldKind::code:
        return table_.codes.name(static_cast<uint32_t>(value));
      case model::FieldKind::date:
        return model::to_string(table_.moment(value));
      case model::FieldKind::text:
        break;
    }
    return "";
  }
  /// The text of one named detail; empty where the event does not say it.
  std::string detail(uint32_t row, const char* name) const {
    const int32_t field = table_.vocabulary().field_id(name);
    int64_t value = 0;
    if (field < 0 || !table_.detail_value(row, static_cast<uint16_t>(field), &value)) return "";
    return value_words(table_.vocabulary().fields()[static_cast<std::size_t>(field)], value);
  }

  std::string codes_words(const std::vector<engine::Pattern>& patterns) const {
    std::string out;
    for (const engine::Pattern& pattern : patterns) {
      for (const uint16_t code : pattern.codes) {
        const std::string name =
            table_.vocabulary().code_name(code) + (pattern.tests.empty() ? "" : " (with what the rule asks it to say)");
        if (out.find(name) == std::string::npos) out += (out.empty() ? "" : ", ") + name;
      }
    }
    return out;
  }

  /// The dated values in force for this obligation.
  const engine::DatedLimit& dated() const {
    LocalDate on = calendar::london_date(table_.lo_ms(one_.trigger_row));
    if (one_.interval > 0) on = std::max(on, calendar::london_date(one_.start_at));
    const engine::DatedLimit* found = &duty_.limits.front();
    for (const engine::DatedLimit& limit : duty_.limits) {
      if (limit.from <= on && on <= limit.to) found = &limit;
    }
    return *found;
  }
  const TimeLimit& limit() const {
    return (one_.flags & model::flag_enhanced) != 0 ? dated().enhanced : dated().standard;
  }

  void add_title(const std::string& id) {
    if (one_.window != model::WindowState::not_a_window) {
      static const char* const states[] = {"", "used", "lapsed", "open", "cannot_tell"};
      page_.heading(
          say("window_title",
              {{"id", id}, {"state", words_.say(fmt::format("window.{}", states[static_cast<int>(one_.window)]))}}));
    } else {
      page_.heading(say("title", {{"id", id}, {"outcome", outcome_word(one_.outcome)}}));
    }
    const std::string recorded =
        records_.options.recorded_by
            ? say("asked_recorded_by", {{"recorded_by", clock_words(*records_.options.recorded_by)}})
            : say("asked_everything");
    page_.sentence(say("asked", {{"as_at", clock_words(records_.options.as_at)},
                                 {"recorded", recorded},
                                 {"rules", book_.version},
                                 {"calendar_end", clock_words(calendar::end_of(book_.calendar->last()))}}),
                   0);
  }

  void add_owed() {
    page_.section(say("section_owed"));
    page_.sentence(say("owed", {{"says", duty_.says}}));
    const std::string held =
        one_.agency == 0 ? std::string() : say("held", {{"agency", table_.agencies.name(one_.agency)}});
    page_.sentence(say("owed_by", {{"bearer", measures::bearer_text(duty_.bearer, words_)}, {"held", held}}));
    if (one_.participant == 0) {
      page_.sentence(say("owed_to_case", {{"hearing", table_.hearings.name(one_.hearing)}}));
    } else {
      page_.sentence(
          say("owed_to", {{"participant", table_.participants.name(one_.participant)},
                          {"crime", one_.crime == 0 ? std::string() : ", crime " + table_.crimes.name(one_.crime)}}));
    }
    if (one_.interval > 0) page_.sentence(say("interval", {{"interval", std::to_string(one_.interval)}}));
  }

  void add_trigger() {
    const uint32_t row = one_.trigger_row;
    if (row == Obligation::no_row) return;
    page_.section(say("section_trigger"));
    page_.sentence(say("trigger", {{"event", event(row)}, {"when", when(row)}, {"keys", keys(row)}}));
    page_.sentence(say("recorded", {{"agency", agency(table_.agency(row))},
                                    {"source", source(row)},
                                    {"event_id", table_.id(row)},
                                    {"recorded_at", recorded_at(row)}}));
    if (table_.recorded_assumed(row)) page_.sentence(say("recorded_assumed"));
    if (duty_.clock_known && table_.has_known(row))
      page_.sentence(say("known", {{"when", moment_words(table_.known(row))}}));
    if (!table_.corrects(row).empty())
      page_.sentence(say("corrected", {{"target", std::string(table_.corrects(row))}}));
    for (const uint32_t other : rows(Step::Kind::same_fact_elsewhere)) {
      page_.sentence(
          say("same_fact", {{"event", event(other)}, {"event_id", table_.id(other)}, {"source", source(other)}}));
    }
  }

  void add_rule() {
    page_.section(say("section_rule"));
    const engine::Source& source_of = duty_.source;
    const engine::Edition* edition = nullptr;
    for (const engine::Edition& known : book_.editions) {
      if (known.id == duty_.edition) edition = &known;
    }
    page_.sentence(say("rule", {{"id", duty_.id},
                                {"edition", edition == nullptr ? duty_.edition : edition->title},
                                {"right", measures::right_text(duty_.right)},
                                {"paragraph", source_of.paragraph.empty() ? "no paragraph known"
                                                                          : "paragraph " + source_of.paragraph}}));
    if (!source_of.paragraph.empty() && source_of.paragraph_read == engine::ReadAs::recalled)
      page_.sentence(say("paragraph_recalled"));
    const char* const read_key = source_of.read == engine::ReadAs::official       ? "read_official"
                                 : source_of.read == engine::ReadAs::reproduction ? "read_reproduction"
                                                                                  : "read_recalled";
    page_.sentence(say(read_key, {{"url", source_of.url}}));
    if (!source_of.unverified.empty()) page_.sentence(say("unverified_part", {{"part", source_of.unverified}}));
    if (!source_of.note.empty()) page_.sentence(say("source_note", {{"note", source_of.note}}));
    if (!duty_.file.empty())
      page_.sentence(say("rule_file", {{"file", within_home(duty_.file)}, {"line", std::to_string(duty_.line)}}));
    if (one_.trigger_row != Obligation::no_row) {
      const LocalDate on = calendar::london_date(table_.lo_ms(one_.trigger_row));
      const bool ends = duty_.to < calendar::local_date({2090, 1, 1});
      page_.sentence(
          say("edition", {{"title", edition == nullptr ? duty_.edition : edition->title},
                          {"from", clock_words(calendar::end_of(duty_.from))},
                          {"to", ends ? say("edition_until", {{"to", clock_words(calendar::end_of(duty_.to))}}) : ""},
                          {"on", clock_words(calendar::end_of(on))}}));
      if (one_.interval > 1) page_.sentence(say("edition_interval"));
    }
    if ((one_.flags & model::flag_edition_by_assumption) != 0) page_.sentence(say("edition_straddles"));
    if (const Step* step = find(Step::Kind::condition))
      page_.sentence(say(step->value == 1 ? "condition_yes" : step->value == 0 ? "condition_no" : "condition_unknown"));
    if (duty_.limits.empty() || one_.trigger_row == Obligation::no_row) return;
    const engine::DatedLimit& values = dated();
    if (values.standard == values.enhanced) {
      page_.sentence(say("limit", {{"standard", limit_words(values.standard, book_)}}));
    } else {
      page_.sentence(say("limit_both", {{"standard", limit_words(values.standard, book_)},
                                        {"enhanced", limit_words(values.enhanced, book_)}}));
    }
    page_.sentence(say(duty_.all_of ? "fulfilled_by_all" : "fulfilled_by", {{"events", codes_words(patterns())}}));
    std::string same;
    const auto add_same = [&](uint8_t bit, const std::string& name) {
      if ((duty_.same & bit) != 0) same += (same.empty() ? "" : ", ") + name;
    };
    add_same(engine::same_suspect, "suspect");
    add_same(engine::same_hearing, "hearing");
    add_same(engine::same_key, "reference");
    add_same(engine::same_participant, "person");
    if (!same.empty()) page_.sentence(say("same", {{"keys", same}}));
    if (duty_.earlier_counts) page_.sentence(say("earlier"));
  }

  /// What fulfils it; of a chain, what fulfils its second leg.
  const std::vector<engine::Pattern>& patterns() const {
    return duty_.kind == engine::DutyKind::chain && duty_.leg_two != engine::no_duty
               ? book_.duties[duty_.leg_two].fulfilled_by
               : duty_.fulfilled_by;
  }

  void add_enhanced() {
    if (duty_.limits.empty() || one_.trigger_row == Obligation::no_row) return;
    page_.section(say("section_enhanced"));
    const engine::DatedLimit& values = dated();
    for (const Step& step : steps_) {
      if (step.kind != Step::Kind::enhanced_by_assessment || step.row == Obligation::no_row) continue;
      page_.sentence(say(step.value != 0 ? "enhanced_assessed" : "enhanced_assessed_not",
                         {{"when", when(step.row)},
                          {"event_id", table_.id(step.row)},
                          {"source", source(step.row)},
                          {"recorded_at", recorded_at(step.row)}}));
      break;
    }
    if (has(Step::Kind::enhanced_by_fact)) {
      page_.sentence(say("enhanced_fact"));
      add_enhancing_facts();
    }
    const bool enhanced = (one_.flags & model::flag_enhanced) != 0;
    if (values.standard == values.enhanced) {
      page_.sentence(say("enhanced_same"));
    } else {
      page_.sentence(enhanced ? say("enhanced_yes", {{"limit", limit_words(values.enhanced, book_)}})
                              : say("enhanced_no"));
    }
  }

  /// Events of the kinds and with the details that the rule of Enhanced Rights by fact looks for, as the record has
  /// them.
  void add_enhancing_facts() {
    const LocalDate on = calendar::london_date(table_.lo_ms(one_.trigger_row));
    std::vector<uint32_t> found;
    for (const engine::EnhancedRule& rule : book_.enhanced) {
      if (on < rule.from || rule.to < on) continue;
      for (uint32_t row = 0; row < table_.size(); ++row) {
        if (!concerns_us(row) || table_.occurred(row).on() > on) continue;
        const bool looked_for =
            std::any_of(rule.by_fact.nodes.begin(), rule.by_fact.nodes.end(), [&](const engine::ConditionNode& node) {
              const bool asks_for_a_fact =
                  node.op == engine::ConditionNode::Op::fact || node.op == engine::ConditionNode::Op::fact_ever;
              return asks_for_a_fact && fits(node.pattern, row);
            });
        if (looked_for) found.push_back(row);
      }
    }
    if (found.empty()) return;
    page_.sentence(say("enhanced_facts"));
    for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 6); ++i) {
      const uint32_t row = found[i];
      page_.item(say("enhanced_fact_row", {{"event", event(row)},
                                           {"details", details(row)},
                                           {"when", when(row)},
                                           {"event_id", table_.id(row)},
                                           {"source", source(row)}}));
    }
  }

  /// Is the event of one of these codes, with details that pass every test?
  bool fits(const engine::Pattern& pattern, uint32_t row) const {
    if (std::find(pattern.codes.begin(), pattern.codes.end(), table_.code(row)) == pattern.codes.end()) return false;
    return std::all_of(pattern.tests.begin(), pattern.tests.end(), [&](const engine::FieldTest& test) {
      int64_t value = 0;
      const bool there = table_.detail_value(row, test.field, &value);
      if (test.compare == engine::Compare::is_absent) return !there;
      if (!there) return false;
      const bool is_code = table_.vocabulary().fields()[test.field].kind == model::FieldKind::code;
      const auto equals = [&](int64_t wanted) {
        return is_code ? wanted >= 0 && wanted < static_cast<int64_t>(book_.code_words.size()) &&
                             table_.codes.name(static_cast<uint32_t>(value)) ==
                                 book_.code_words[static_cast<std::size_t>(wanted)]
                       : value == wanted;
      };
      switch (test.compare) {
        case engine::Compare::equal:
          return equals(test.value);
        case engine::Compare::not_equal:
          return !equals(test.value);
        case engine::Compare::less:
          return value < test.value;
        case engine::Compare::less_or_equal:
          return value <= test.value;
        case engine::Compare::greater:
          return value > test.value;
        case engine::Compare::greater_or_equal:
          return value >= test.value;
        case engine::Compare::one_of:
          return std::any_of(test.values.begin(), test.values.end(), equals);
        case engine::Compare::is_absent:
          return false;
      }
      return false;
    });
  }

  /// The latest agreement on how often to be in touch, made by this interval's start.
  void add_agreement() {
    uint32_t latest = Obligation::no_row;
    for (uint32_t row = 0; row < table_.size(); ++row) {
      if (table_.vocabulary().meaning_of(table_.code(row)) != model::Meaning::contact_agreed || !concerns_us(row))
        continue;
      if (table_.lo_ms(row) > one_.start_at || (table_.any_corrections() && is_replaced(row))) continue;
      if (latest == Obligation::no_row || table_.lo_ms(row) >= table_.lo_ms(latest)) latest = row;
    }
    if (latest == Obligation::no_row || (one_.flags & model::flag_no_agreement) != 0) {
      page_.sentence(say("not_agreed"));
      return;
    }
    page_.sentence(say("agreed", {{"every", detail(latest, "every")},
                                  {"unit", detail(latest, "unit")},
                                  {"event", event(latest)},
                                  {"when", when(latest)},
                                  {"event_id", table_.id(latest)},
                                  {"source", source(latest)}}));
  }

  void add_clock() {
    if (one_.trigger_row == Obligation::no_row) return;
    page_.section(say("section_clock"));
    const TimeLimit& length = limit();
    const bool hours = one_.due_on.kind == Due::Kind::instant;
    if (has(Step::Kind::told_ahead)) page_.sentence(say("told_ahead"));
    for (const uint32_t row : rows(Step::Kind::middle_before)) {
      page_.sentence(
          say("middle_before",
              {{"event", event(row)}, {"when", when(row)}, {"event_id", table_.id(row)}, {"source", source(row)}}));
    }
    if (const Step* joined = find(Step::Kind::joined_later))
      page_.sentence(say("joined_later", {{"when", instant_words(joined->at)}}));
    if (const Step* unknown = find(Step::Kind::no_known_at)) {
      page_.sentence(say("no_known_at", {{"from", instant_words(unknown->at)}, {"to", instant_words(unknown->value)}}));
    }
    if (const Step* again = find(Step::Kind::decline_ended))
      page_.sentence(say("restarted", {{"when", instant_words(again->at)}}));
    if (one_.interval > 0)
      page_.sentence(one_.interval == 1 ? say("interval_first")
                                        : say("interval_next", {{"interval", std::to_string(one_.interval)}}));
    const LocalDate start = calendar::london_date(one_.start_at);
    page_.sentence(hours ? say("started_hours", {{"when", instant_words(one_.start_at)}})
                         : say("started", {{"when", "on " + long_date(start)}}));

    if (length.kind == TimeLimit::Kind::agreed) add_agreement();
    if (length.kind == TimeLimit::Kind::no_number && !duty_.until.empty() && one_.due_on.kind == Due::Kind::date) {
      page_.sentence(say("until", {{"events", codes_words(duty_.until)}}));
    }
    if (one_.due_on.kind == Due::Kind::date) {
      const LocalDate due{static_cast<int32_t>(one_.due_on.value)};
      if (length.kind == TimeLimit::Kind::working_days && duty_.kind != engine::DutyKind::chain) {
        add_counted_days(start, due, length.count);
      } else if (length.kind == TimeLimit::Kind::days || length.kind == TimeLimit::Kind::weeks) {
        page_.sentence(say("calendar_days"));
      }
      page_.sentence(say("due_date", {{"on", long_date(due)}}));
      if (one_.first_due_on.kind == Due::Kind::date && one_.first_due_on != one_.due_on) {
        page_.sentence(say("first_due", {{"on", long_date(LocalDate{static_cast<int32_t>(one_.first_due_on.value)})}}));
      }
    } else if (one_.due_on.kind == Due::Kind::instant) {
      page_.sentence(say("due_instant", {{"at", instant_words(one_.due_on.value)}}));
    } else {
      page_.sentence(say("due_none"));
    }
    if ((one_.flags & model::flag_inherited_due) != 0) page_.sentence(say("inherited"));
  }

  /// Each day from the start to the due date as the calendar has it; long counts are shortened in their middle.
  void add_counted_days(LocalDate start, LocalDate due, int32_t allowed) {
    const LocalDate asked_on = calendar::london_date(records_.options.as_at);
    const calendar::WorkingDays days = book_.calendar->known_on(asked_on);
    if (!days.covers(start) || !days.covers(due) || due < start) return;
    constexpr int32_t shown_whole = 45;
    const bool shorten = due.days - start.days > shown_whole;
    int32_t counted = 0;
    for (LocalDate on = start + 1; on <= due; on = on + 1) {
      const bool working = days.is_working(on);
      if (working) ++counted;
      if (shorten && on.days - start.days > 20 && due.days - on.days > 10) {
        if (on.days - start.days == 21) page_.item("...");
        if (working || calendar::weekday(on) >= 5) continue;
      }
      if (working) {
        page_.item(say("day_counted", {{"on", long_date(on)}, {"number", std::to_string(counted)}}));
      } else if (const calendar::BankHoliday* holiday = book_.calendar->holiday(on, asked_on);
                 holiday != nullptr && calendar::weekday(on) < 5) {
        page_.item(say("day_holiday",
                       {{"on", long_date(on)},
                        {"holiday", holiday->title},
                        {"announced", holiday->announced_on
                                          ? say("day_announced",
                                                {{"announced", clock_words(calendar::end_of(*holiday->announced_on))}})
                                          : ""}}));
      } else {
        page_.item(say("day_weekend", {{"on", long_date(on)}, {"weekday", "a " + weekday_name(on)}}));
      }
    }
    page_.sentence(say("days_counted",
                       {{"count", fmt::format("{} {}", counted, unit_words(TimeLimit::Kind::working_days, counted))}}));
    if (counted == allowed) return;
    const char* const why = (one_.flags & model::flag_inherited_due) != 0 ? "days_inherited"
                            : duty_.pausable                              ? "days_held"
                                                                          : "days_other";
    page_.sentence(say("days_differ", {{"why", say(why)}}));
  }

  void add_done() {
    page_.section(say("section_done"));
    const uint32_t done = one_.fulfilled_row;
    if (done != Obligation::no_row) {
      page_.sentence(say("done", {{"event", event(done)},
                                  {"when", when(done)},
                                  {"keys", keys(done)},
                                  {"agency", agency(table_.agency(done))},
                                  {"source", source(done)},
                                  {"event_id", table_.id(done)},
                                  {"recorded_at", recorded_at(done)}}));
      if (one_.outcome == Outcome::kept)
        page_.sentence(say(one_.due_on.kind == Due::Kind::none ? "done_no_due" : "done_on_time"));
    } else {
      page_.sentence(say(one_.reason == model::Reason::rule_u ? "unsure_done" : "nothing_done"));
    }
    add_candidates(done);
  }

  /// Why a recorded event of a kind that could have fulfilled it does not decide. What the engine recorded comes first.
  std::string why_not(uint32_t row, uint32_t done) const {
    // A fact that was replaced is no fact, whatever else might be said of it.
    if (table_.any_corrections() && is_replaced(row)) return "why_corrected";
    static const std::pair<Step::Kind, const char*> said[] = {
        {Step::Kind::unsure_key, "why_unsure_key"},
        {Step::Kind::unsure_time, "why_unsure_time"},
    };
    for (const auto& [kind, key] : said) {
      const std::vector<uint32_t> named = rows(kind);
      if (std::find(named.begin(), named.end(), row) != named.end()) return key;
    }
    const uint32_t trigger = one_.trigger_row;
    const model::Moment at = table_.occurred(row);
    if (records_.options.recorded_by && table_.recorded_at(row) > *records_.options.recorded_by)
      return "why_recorded_later";
    if (at.lo_ms > records_.options.as_at) return "why_not_yet";
    if (calendar::london_date(table_.recorded_at(row)) < at.on()) return "why_plan";
    const auto differs = [&](uint8_t bit, uint32_t a, uint32_t b) {
      return (duty_.same & bit) != 0 && a != 0 && b != 0 && a != b;
    };
    if (one_.crime != 0 && table_.crime(row) != 0 && table_.crime(row) != one_.crime) return "why_other_crime";
    if (differs(engine::same_suspect, table_.suspect(trigger), table_.suspect(row))) return "why_other_suspect";
    if (differs(engine::same_hearing, table_.hearing(trigger), table_.hearing(row))) return "why_other_hearing";
    if (differs(engine::same_key, table_.key(trigger), table_.key(row))) return "why_other_key";
    const model::Moment began = table_.occurred(trigger);
    if (!duty_.earlier_counts && at.precision == model::Precision::coarse && at.lo_ms < began.lo_ms &&
        at.hi_ms >= began.lo_ms)
      return "why_may_be_before";
    if (!duty_.earlier_counts && (at.hi_ms < began.lo_ms || at.on() < began.on())) return "why_before";
    if (!duty_.earlier_counts && at.precision == model::Precision::instant &&
        began.precision == model::Precision::instant && at.lo_ms < began.lo_ms)
      return "why_before";
    if (one_.interval > 1 && at.on() <= calendar::london_date(one_.start_at)) return "why_interval";
    if (done != Obligation::no_row && at.lo_ms >= table_.lo_ms(done)) return "why_after";
    for (const engine::Pattern& pattern : patterns()) {
      if (!pattern.tests.empty()) return "why_field";
    }
    return "why_not_decided";
  }

  /// Does another event of the same source correct or retract this one?
  bool is_replaced(uint32_t row) const {
    const std::string id = table_.id(row);
    for (uint32_t other = 0; other < table_.size(); ++other) {
      if (table_.source(other) == table_.source(row) && (table_.corrects(other) == id || table_.retracts(other) == id))
        return true;
    }
    return false;
  }

  bool concerns_us(uint32_t row) const {
    if (one_.participant != 0 && table_.participant(row) == one_.participant) return true;
    if (table_.participant(row) != 0) return false;
    if (one_.crime != 0 && table_.crime(row) == one_.crime) return true;
    return one_.hearing != 0 && table_.hearing(row) == one_.hearing;
  }

  void add_candidates(uint32_t done) {
    std::set<uint16_t> fulfilling;
    std::set<std::string> families;
    for (const engine::Pattern& pattern : patterns()) {
      for (const uint16_t code : pattern.codes) {
        fulfilling.insert(code);
        families.insert(table_.vocabulary().type_of(code).family);
      }
    }
    struct Candidate {
      uint32_t row;
      std::string why;
    };
    std::vector<Candidate> candidates;
    for (uint32_t row = 0; row < table_.size(); ++row) {
      if (row == done || row == one_.trigger_row || !concerns_us(row)) continue;
      const uint16_t code = table_.code(row);
      if (fulfilling.count(code) != 0) {
        candidates.push_back({row, why_not(row, done)});
      } else if (families.count(table_.vocabulary().type_of(code).family) != 0 && families.count("contact") != 0 &&
                 table_.lo_ms(row) >= one_.start_at && table_.participant(row) != 0 &&
                 (done == Obligation::no_row || table_.lo_ms(row) <= table_.lo_ms(done)) &&
                 table_.vocabulary().type_of(code).distinguished_by < 0) {
        candidates.push_back({row, "why_attempt"});
      }
    }
    if (candidates.empty()) return;
    std::stable_sort(candidates.begin(), candidates.end(),
                     [&](const Candidate& a, const Candidate& b) { return table_.lo_ms(a.row) < table_.lo_ms(b.row); });
    page_.sentence(say("considered"));
    // Of a long repetition, only what lies nearest before this interval.
    std::size_t left_out = 0;
    const auto earlier = static_cast<std::size_t>(std::count_if(
        candidates.begin(), candidates.end(), [](const Candidate& one) { return one.why == "why_interval"; }));
    if (earlier > 2) {
      std::size_t seen = 0;
      const auto kept = std::remove_if(candidates.begin(), candidates.end(), [&](const Candidate& one) {
        return one.why == "why_interval" && ++seen + 2 <= earlier;
      });
      left_out = static_cast<std::size_t>(candidates.end() - kept);
      candidates.erase(kept, candidates.end());
    }
    constexpr std::size_t shown = 12;
    for (std::size_t i = 0; i < std::min(shown, candidates.size()); ++i) {
      const uint32_t row = candidates[i].row;
      page_.item(say("candidate", {{"event", event(row)},
                                   {"when", when(row)},
                                   {"keys", keys(row)},
                                   {"event_id", table_.id(row)},
                                   {"source", source(row)},
                                   {"why", say(candidates[i].why.c_str())}}));
    }
    if (candidates.size() > shown) left_out += candidates.size() - shown;
    if (left_out > 0) page_.item(say("more_candidates", {{"count", std::to_string(left_out)}}));
  }

  void add_wishes() {
    page_.section(say("section_wishes"));
    bool any = false;
    const auto add = [&](Step::Kind kind, const char* key) {
      for (const uint32_t row : rows(kind)) {
        any = true;
        page_.sentence(say(key, {{"event", event(row)},
                                 {"details", details(row)},
                                 {"when", when(row)},
                                 {"agency", agency(table_.agency(row))},
                                 {"recorded_at", recorded_at(row)}}));
      }
    };
    add(Step::Kind::decline_found, "decline_found");
    add(Step::Kind::decline_too_late, "decline_too_late");
    add(Step::Kind::decline_ended, "decline_ended");
    std::set<uint32_t> told;
    for (const Step& step : steps_) {
      if (step.kind != Step::Kind::reason_counts || !told.insert(step.row).second) continue;
      any = true;
      page_.sentence(say("reason_counts", {{"from", long_date(LocalDate{step.day})},
                                           {"to", long_date(LocalDate{static_cast<int32_t>(step.value)})},
                                           {"event", event(step.row)},
                                           {"details", details(step.row)},
                                           {"agency", agency(table_.agency(step.row))},
                                           {"recorded_at", recorded_at(step.row)}}));
    }
    add(Step::Kind::reason_incomplete, "reason_incomplete");
    add(Step::Kind::reason_needs_second, "reason_needs_second");
    if (!any) page_.sentence(say("no_reasons"));
  }

  void add_ends() {
    const bool any = has(Step::Kind::lapsed_by) || has(Step::Kind::died) || has(Step::Kind::retracted) ||
                     has(Step::Kind::involvement_ended);
    if (!any) return;
    page_.section(say("section_events"));
    for (const uint32_t row : rows(Step::Kind::lapsed_by)) {
      page_.sentence(
          say("lapsed_by",
              {{"event", event(row)}, {"when", when(row)}, {"event_id", table_.id(row)}, {"source", source(row)}}));
    }
    for (const uint32_t row : rows(Step::Kind::died)) page_.sentence(say("died", {{"when", when(row)}}));
    if (const Step* step = find(Step::Kind::retracted)) {
      page_.sentence(say("retracted", {{"when", instant_words(step->at)}}));
      if (one_.outcome == Outcome::withdrawn_after_due)
        page_.sentence(say("would_have_been", {{"outcome", outcome_word(one_.would_have_been)}}));
    }
    for (const uint32_t row : rows(Step::Kind::involvement_ended))
      page_.sentence(say("involvement_ended", {{"event", event(row)}, {"when", when(row)}}));
  }

  void add_coverage() {
    page_.section(say("section_coverage"));
    switch (records_.coverage_origin) {
      case CoverageOrigin::given:
        page_.sentence(say("coverage_given"));
        break;
      case CoverageOrigin::inferred:
        page_.sentence(say("coverage_inferred"));
        break;
      case CoverageOrigin::finished_log:
        page_.sentence(say("coverage_finished"));
        return;
    }
    if (one_.missing_on != 0) {
      page_.sentence(say("gap", {{"agency", agency(one_.missing_agency)},
                                 {"fact", one_.missing_code == 0 ? "what would show it"
                                                                 : table_.vocabulary().code_name(one_.missing_code)},
                                 {"on", long_date(LocalDate{one_.missing_on})}}));
    } else {
      page_.sentence(say("covered"));
    }
  }

  void add_readings() {
    std::vector<const Step*> readings;
    for (const Step& step : steps_) {
      if (step.kind == Step::Kind::reading) readings.push_back(&step);
    }
    if (readings.size() < 2 && one_.reason != model::Reason::rule_u) return;
    page_.section(say("section_readings"));
    page_.sentence(say("readings", {{"count", std::to_string(readings.size())}}));
    constexpr std::size_t shown = 10;
    for (std::size_t i = 0; i < std::min(shown, readings.size()); ++i) {
      page_.item(say("reading", {{"when", "the trigger " + instant_words(readings[i]->at)},
                                 {"outcome", outcome_word(static_cast<Outcome>(readings[i]->value))}}));
    }
    std::string outcomes;
    int count = 0;
    for (int i = 0; i < model::outcome_count; ++i) {
      if ((one_.rule_u_outcomes >> i & 1) == 0) continue;
      outcomes += (count++ == 0 ? "" : ", ") + outcome_word(static_cast<Outcome>(i));
    }
    if (count > 0) page_.sentence(say("readings_outcomes", {{"outcomes", outcomes}}));
    page_.sentence(say(one_.reason == model::Reason::rule_u ? "readings_differ"
                       : count <= 1                         ? "readings_one"
                                                            : "readings_failures"));
  }

  void add_answer() {
    page_.section(say("section_outcome"));
    if (one_.window == model::WindowState::not_a_window) {
      page_.sentence(
          say("outcome", {{"outcome", outcome_word(one_.outcome)},
                          {"means", words_.say(fmt::format("outcome.{}.means", model::outcome_key(one_.outcome)))}}));
    }
    static const char* const reasons[] = {"none",          "condition_false", "died_before",    "trigger_retracted",
                                          "with_not_owed", "lapsed_by_event", "ended_by_death", "ended_by_until",
                                          "no_coverage",   "rule_u",          "calendar_ends",  "middle_unknown",
                                          "by_one_of_two", "not_involved"};
    if (one_.reason != model::Reason::none) {
      page_.sentence(say("outcome_reason",
                         {{"reason", words_.say(fmt::format("reason.{}", reasons[static_cast<int>(one_.reason)]))}}));
    }
    if (one_.outcome == Outcome::late) {
      const int64_t days = one_.late_ms / 86'400'000;
      if (one_.late_unit == model::LateUnit::working_days) {
        page_.sentence(
            say("late_working_days",
                {{"count", fmt::format("{} {}", one_.late_by, one_.late_by == 1 ? "working day" : "working days")},
                 {"days", fmt::format("{} {}", days, days == 1 ? "day" : "days")}}));
      } else if (one_.late_unit == model::LateUnit::days) {
        page_.sentence(say(
            "late_days", {{"count", fmt::format("{} calendar {}", one_.late_by, one_.late_by == 1 ? "day" : "days")}}));
      } else if (one_.late_unit == model::LateUnit::hours) {
        page_.sentence(say("late_hours", {{"hours", std::to_string(one_.late_ms / 3'600'000)},
                                          {"minutes", std::to_string(one_.late_ms / 60'000 % 60)}}));
      }
    }
    if (one_.outcome == Outcome::overdue && one_.due_on.kind == Due::Kind::date) {
      const int64_t days = calendar::london_date(records_.options.as_at).days - one_.due_on.value;
      page_.sentence(
          say("overdue_since", {{"days", std::to_string(days)}, {"as_at", clock_words(records_.options.as_at)}}));
    }
    if (one_.missing_code != 0 || (one_.outcome == Outcome::cannot_tell && one_.missing_agency != 0)) {
      page_.sentence(
          say("missing", {{"fact", one_.missing_code == 0 ? "a time or a reference"
                                                          : table_.vocabulary().code_name(one_.missing_code)},
                          {"agency", agency(one_.missing_agency)}}));
    }
    for (uint32_t rest = one_.flags; rest != 0; rest &= rest - 1) {
      std::string key = model::flag_name(rest & ~(rest - 1));
      std::replace(key.begin(), key.end(), ' ', '_');
      if (key == "recorded_time_assumed") key = "recorded_assumed";
      page_.item(words_.say(fmt::format("flag.{}", key)), 2);
    }
    page_.section("");
    page_.sentence(say("footer"), 0);
  }

  const std::vector<Step>& steps_;
  const Obligation& one_;
  const Records& records_;
  const engine::RuleBook& book_;
  const model::EventTable& table_;
  const Duty& duty_;
  const html::Words& words_;
  PlainText page_;
};

}  // namespace

std::string explanation_text(const engine::Explanation& explanation, const Records& records, const std::string& id,
                             const html::Words& words) {
  return Explainer(explanation, records, words).text(id);
}

}  // namespace kept::app
