#include "rules/duty_section.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "rules/vocabulary_section.h"

namespace kept::rules {
namespace {

using calendar::LocalDate;
using engine::Duty;
using engine::DutyKind;
using engine::Edition;
using engine::Pattern;
using engine::TimeLimit;
using model::EventType;
using Limit = TimeLimit::Kind;

const std::vector<std::string> read_words = {"official", "reproduction", "recalled"};  // in the order of ReadAs
const std::vector<std::string> source_keys = {"read",       "paragraph", "paragraph_read", "url", "document",
                                              "unverified", "note"};
const std::vector<std::string> duty_keys = {
    "id",       "law",       "says",   "source",    "kind",         "owed_to", "bearer",         "act",
    "trigger",  "condition", "clock",  "limit",     "fulfilled_by", "topic",   "earlier_counts", "cancelled_by",
    "pausable", "repeats",   "until",  "announces", "from",         "to",      "continues",      "legs",
    "examples", "note",      "departs"};

std::vector<std::string> keys_of(const std::map<std::string, uint16_t, std::less<>>& names) {
  std::vector<std::string> keys;
  for (const auto& [name, index] : names) keys.push_back(name);
  return keys;
}

/// Lengths that can be compared: the same unit, larger is longer.
bool is_longer(const TimeLimit& a, const TimeLimit& b) {
  const bool comparable = a.kind == b.kind && a.unit == b.unit && a.field == b.field && a.kind != Limit::with_duty &&
                          a.kind != Limit::no_number;
  return comparable && (a.kind == Limit::before ? a.count < b.count : a.count > b.count);
}

class DutyReader {
 public:
  DutyReader(Yaml node, const DutyFileHeading& heading, const Edition& edition, const Terms& terms)
      : map_(node, name_of(node), duty_keys, terms.problems), heading_(heading), edition_(edition), terms_(terms) {}

  Duty read(bool needs_examples, std::vector<Example>* examples) {
    if (!map_.is_map()) return duty_;
    duty_.id = map_.text("id");
    duty_.edition = heading_.edition;
    duty_.right = heading_.right;
    duty_.title = heading_.title;
    duty_.duty_class = edition_.duty_class;
    duty_.file = map_.node().file();
    duty_.line = map_.line();
    duty_.law_rows = map_.texts("law");
    duty_.says = map_.need_text("says", "say in one plain sentence what is owed");
    duty_.bearer = map_.need_text("bearer", "name the role that owes it, for example police");
    duty_.topic = map_.has("topic") ? map_.text("topic") : duty_.id;
    if (const auto kind = map_.one_of("kind", {"duty", "window", "chain"})) duty_.kind = static_cast<DutyKind>(*kind);
    if (const auto owed = map_.one_of("owed_to", {"victim", "case"})) duty_.owed_to_case = *owed == 1;
    if (const auto clock = map_.one_of("clock", {"occurred", "known"})) duty_.clock_known = *clock == 1;
    if (needs_examples || map_.has("source")) {
      if (!map_.has("source") && !heading_.source) {
        map_.problem(
            fmt::format("{} has no `source:`; say where the rule stands and how it was read: source: {{read: "
                        "reproduction, url: \"...\", paragraph: \"6.1\"}}",
                        name_of(map_.node())));
      } else {
        duty_.source =
            read_source(map_.get("source"), heading_.source, heading_.edition, name_of(map_.node()), terms_.problems);
      }
    } else {
      duty_.source.edition = heading_.edition;
    }
    read_force();
    duty_.earlier_counts = map_.yes_no("earlier_counts", false);
    duty_.pausable = map_.yes_no("pausable", false);
    duty_.repeats = map_.yes_no("repeats", false);
    if (duty_.kind == DutyKind::chain) {
      read_chain();
    } else {
      read_trigger();
      if (map_.has("condition")) duty_.condition = read_condition(map_.get("condition"), trigger_, terms_);
      read_limits();
      read_fulfilment();
      read_act();
      read_ends();
      read_announcement();
    }
    read_examples(needs_examples, examples);
    return std::move(duty_);
  }

 private:
  static std::string name_of(Yaml node) {
    for (const auto& [key, value] : node.entries()) {
      if (key.text() == "id" && value.is_text()) return fmt::format("the duty {}", shown(value.text()));
    }
    return "a duty without `id:`";
  }
  const std::string name() const { return name_of(map_.node()); }

  std::optional<LocalDate> date(const char* key) {
    const Yaml node = map_.get(key);
    if (!node) return std::nullopt;
    const auto read = calendar::parse_date(node.text());
    if (read) return *read;
    map_.problem(node, fmt::format("`{}:` {}", key, read.error().message));
    return std::nullopt;
  }

  void read_force() {
    duty_.from = date("from").value_or(edition_.from);
    duty_.to = date("to").value_or(edition_.to);
    if (edition_.from > edition_.to) return;  // said once, where the edition stands
    if (duty_.from > duty_.to) {
      map_.problem(map_.has("from") ? map_.get("from") : map_.get("to"),
                   fmt::format("{} is in force from {} to {}, which ends before it begins; exchange from and to",
                               name(), to_string(duty_.from), to_string(duty_.to)));
    }
    if (duty_.from < edition_.from || duty_.to > edition_.to) {
      map_.problem(map_.has("from") ? map_.get("from") : map_.get("to"),
                   fmt::format("{} is in force {} to {}, outside its edition {} ({} to {}); narrow it, or put it under "
                               "the edition then in force",
                               name(), to_string(duty_.from), to_string(duty_.to), edition_.id,
                               to_string(edition_.from), to_string(edition_.to)));
    }
  }

  void read_trigger() {
    const Yaml node = map_.need("trigger", "name the event that starts it: trigger: {event: suspect.arrested}");
    if (!node || node.kind() == Yaml::Kind::empty) return;
    const PatternList list = read_patterns(node, terms_, "`trigger:` of " + name());
    if (list.all_of) map_.problem(node, "a duty has one trigger; `all_of:` is for fulfilment, use `any_of:`");
    if (list.patterns.size() > 1) {
      map_.problem(
          node,
          fmt::format(
              "the triggers of {} ask different things of their fields; ask the same of each, or write a duty for each",
              name()));
    }
    if (!list.patterns.empty()) duty_.trigger = list.patterns.front();
    trigger_ = types_of(duty_.trigger, *terms_.vocabulary);
  }

  void read_limits() {
    const Yaml node = map_.need(
        "limit", "write for example 5 working days, {standard: 5 working days, enhanced: 1 working day}, or none");
    if (!node || node.kind() == Yaml::Kind::empty) return;
    if (!node.is_list()) {
      duty_.limits.push_back(read_limit_value(node, duty_.from, duty_.to));
    } else {
      LocalDate next = duty_.from;
      const std::vector<Yaml> items = node.items();
      for (std::size_t i = 0; i < items.size(); ++i) {
        const Fields row(items[i], "a dated limit", {"from", "to", "standard", "enhanced", "limit"}, terms_.problems);
        const auto bound = [&](const char* key, LocalDate otherwise) {
          if (!row.has(key)) return otherwise;
          const auto read = calendar::parse_date(row.get(key).text());
          if (!read) row.problem(row.get(key), fmt::format("`{}:` {}", key, read.error().message));
          return read ? *read : otherwise;
        };
        const LocalDate from = bound("from", next);
        const LocalDate to = bound("to", duty_.to);
        if (from != next) {
          row.problem(
              fmt::format("this limit begins on {}, but the one before leaves off so that {} must come next; dated "
                          "limits follow each other without gap or overlap from {} to {}",
                          to_string(from), to_string(next), to_string(duty_.from), to_string(duty_.to)));
        }
        if (to < from || to > duty_.to || (i + 1 == items.size() && to != duty_.to)) {
          row.problem(fmt::format("this limit ends on {}; the dated limits of {} must together cover {} to {}",
                                  to_string(to), name(), to_string(duty_.from), to_string(duty_.to)));
        }
        duty_.limits.push_back(read_limit_value(items[i], from, to));
        next = to + 1;
      }
      if (items.empty())
        map_.problem(node, fmt::format("`limit:` of {} lists nothing; write one limit, or none", name()));
    }
    const bool no_number = std::any_of(duty_.limits.begin(), duty_.limits.end(),
                                       [](const auto& limit) { return limit.standard.kind == Limit::no_number; });
    if (map_.has("until") && !duty_.repeats && !no_number) {
      map_.problem(map_.get("until"), fmt::format("`until:` of {} ends a repetition or a limit of none, and it has "
                                                  "neither; add `repeats: true`, or use `cancelled_by:`",
                                                  name()));
    }
  }

  engine::DatedLimit read_limit_value(Yaml node, LocalDate from, LocalDate to) {
    engine::DatedLimit dated;
    dated.from = from;
    dated.to = to;
    if (!node.is_map()) {
      dated.standard = dated.enhanced = read_limit(node, trigger_, terms_);
      return dated;
    }
    const Fields map(node, "`limit:`", {"standard", "enhanced", "limit", "from", "to"}, terms_.problems);
    if (map.has("limit")) {
      dated.standard = dated.enhanced = read_limit(map.get("limit"), trigger_, terms_);
      return dated;
    }
    const Yaml standard = map.need("standard", "write both: {standard: 5 working days, enhanced: 1 working day}");
    const Yaml enhanced = map.need("enhanced", "write both, or one limit for everybody");
    if (standard) dated.standard = read_limit(standard, trigger_, terms_);
    if (enhanced) dated.enhanced = read_limit(enhanced, trigger_, terms_);
    if (is_longer(dated.enhanced, dated.standard)) {
      map.problem(enhanced,
                  fmt::format("the enhanced limit ({}) is longer than the standard one ({}); are they swapped?",
                              shown(enhanced.text()), shown(standard.text())));
    }
    return dated;
  }

  void read_fulfilment() {
    const Yaml node = map_.need(
        "fulfilled_by", "name the event that keeps it: fulfilled_by: {event: victim.informed, where: {about: arrest}}");
    if (!node || node.kind() == Yaml::Kind::empty) return;
    const PatternList list = read_patterns(node, terms_, "`fulfilled_by:` of " + name(), {"same"});
    duty_.fulfilled_by = list.patterns;
    duty_.all_of = list.all_of;
    Yaml same;
    for (const auto& [key, value] : node.entries()) {
      if (key.text() == "same") same = value;
    }
    for (const std::string& key : texts_of(same, "`same:`", terms_.problems)) read_same(key, same);
  }

  // What is to be done follows from what fulfils it, unless the duty says it: where one of several acts will do, or all
  // of them are needed, the Code's own verb decides.
  void read_act() {
    static const std::vector<std::string> words = {"tell", "ask", "refer", "do"};
    if (duty_.kind != DutyKind::duty) {
      if (map_.has("act")) map_.problem(map_.get("act"), fmt::format("{} is a window: it has no `act:`", name()));
      return;
    }
    if (map_.has("act")) {
      if (const auto act = map_.one_of("act", words)) duty_.act = static_cast<model::Act>(*act + 1);
      return;
    }
    std::vector<model::Act> acts;
    for (const Pattern& pattern : duty_.fulfilled_by)
      for (const uint16_t code : pattern.codes) {
        const model::Act act = terms_.vocabulary->type_of(code).act;
        if (act != model::Act::unsaid && std::find(acts.begin(), acts.end(), act) == acts.end()) acts.push_back(act);
      }
    if (acts.size() > 1)
      map_.problem(fmt::format("what fulfils {} is to {} and to {}; say which of them the duty is: `act: {}`", name(),
                               act_word(acts[0]), act_word(acts[1]), act_word(acts[0])));
    duty_.act = acts.empty() ? model::Act::perform : acts.front();
  }

  void read_same(const std::string& key, Yaml at) {
    std::vector<std::string> known = {"suspect", "hearing", "participant"};
    for (const EventType* type : trigger_) {
      if (!type->key.empty()) known.push_back(type->key);
    }
    const auto found = std::find(known.begin(), known.end(), key);
    if (found == known.end()) {
      terms_.problem(at, fmt::format("`same: [{}]` of {} is not a reference of its trigger{}", shown(key), name(),
                                     suggestion(key, known)));
      return;
    }
    const auto place = found - known.begin();
    const uint8_t bit = place == 0   ? engine::same_suspect
                        : place == 1 ? engine::same_hearing
                        : place == 2 ? engine::same_participant
                                     : engine::same_key;
    const uint8_t carried = place == 0   ? model::carries_suspect
                            : place == 1 ? model::carries_hearing
                            : place == 2 ? model::carries_participant
                                         : model::carries_key;
    duty_.same = static_cast<uint8_t>(duty_.same | bit);
    // A fulfilment that cannot carry the reference is judged by the matching rule for a reference absent on one side; a
    // trigger that cannot carry it makes the word meaningless.
    for (const EventType* type : trigger_) {
      const bool has = (type->carries & carried) != 0 && (place <= 2 || type->key == key);
      if (!has) {
        terms_.problem(at, fmt::format("`same: [{}]` of {} means nothing: its trigger `{}` carries no {}; add it to "
                                       "`carries:` in the vocabulary, or leave `same:` out",
                                       key, name(), type->name, key));
      }
    }
  }

  uint16_t other_duty(const std::string& id, Yaml at, const char* what) {
    const auto found = terms_.duties.find(id);
    if (found != terms_.duties.end()) return found->second;
    terms_.problem(at, fmt::format("`{} {}` of {}: there is no such duty{}", what, shown(id), name(),
                                   suggestion(id, keys_of(terms_.duties))));
    return engine::no_duty;
  }

  void read_ends() {
    const Yaml cancelled = map_.get("cancelled_by");
    std::vector<Yaml> items = cancelled.items();
    if (cancelled.is_map()) items.push_back(cancelled);
    if (cancelled && items.empty())
      map_.problem(cancelled, "`cancelled_by:` is a list: [{event: ..., successor: DUTY}]");
    for (const Yaml& item : items) {
      engine::Cancellation cancellation;
      cancellation.pattern = read_pattern(item, terms_, "`cancelled_by:` of " + name(), {"successor"});
      const Fields map(item, "`cancelled_by:`", {"event", "where", "successor"}, terms_.problems);
      map.need("successor", "name the duty that takes over; a duty lapses only into another (C19)");
      if (map.has("successor"))
        cancellation.successor = other_duty(map.text("successor"), map.get("successor"), "successor:");
      duty_.cancelled_by.push_back(std::move(cancellation));
    }
    if (map_.has("until")) duty_.until = read_patterns(map_.get("until"), terms_, "`until:` of " + name()).patterns;
    if (map_.has("continues"))
      duty_.continues = other_duty(map_.text("continues"), map_.get("continues"), "continues:");
  }

  void read_announcement() {
    if (!map_.has("announces")) return;
    const std::string field = map_.text("announces");
    const int32_t id = terms_.vocabulary->field_id(field);
    const bool is_date =
        id >= 0 && terms_.vocabulary->fields()[static_cast<std::size_t>(id)].kind == model::FieldKind::date &&
        std::any_of(trigger_.begin(), trigger_.end(),
                    [&](const EventType* type) { return carries_field(*type, static_cast<uint16_t>(id)); });
    if (!is_date) {
      std::vector<std::string> dates;
      for (const EventType* type : trigger_) {
        for (const uint16_t one : type->fields) {
          if (terms_.vocabulary->fields()[one].kind == model::FieldKind::date)
            dates.push_back(terms_.vocabulary->fields()[one].name);
        }
      }
      map_.problem(map_.get("announces"), fmt::format("`announces: {}` of {} must be a date field of its trigger{}",
                                                      shown(field), name(), suggestion(field, dates)));
      return;
    }
    duty_.announces = id;
  }

  void read_chain() {
    const Yaml node = map_.need("legs", "name its two legs in order: legs: [ONE, TWO]");
    const std::vector<std::string> legs = map_.texts("legs");
    if (node && legs.size() != 2) map_.problem(node, fmt::format("{} must have two legs: legs: [ONE, TWO]", name()));
    if (legs.size() == 2) {
      duty_.leg_one = other_duty(legs[0], node, "legs:");
      duty_.leg_two = other_duty(legs[1], node, "legs:");
    }
    for (const char* key : {"trigger", "limit", "fulfilled_by", "clock", "repeats", "until"}) {
      if (map_.has(key))
        map_.problem(map_.get(key),
                     fmt::format("{} is a chain: its `{}:` comes from its legs; remove it here", name(), key));
    }
    if (map_.has("condition")) duty_.condition = read_condition(map_.get("condition"), trigger_, terms_);
  }

  void read_examples(bool needed, std::vector<Example>* examples) {
    const Yaml node = map_.get("examples");
    if (node && !node.is_list() && node.kind() != Yaml::Kind::empty)
      map_.problem(node, "`examples:` is a list, each with why, events and expect");
    std::vector<std::string> outcomes;
    bool boundary = false;
    for (const Yaml& item : node.items()) {
      auto example = read_example(item, Example::Of::duty, duty_.id, duty_.bearer, terms_.problems);
      if (!example) {
        needed = false;  // what is missing cannot be told while one of them is broken
        continue;
      }
      for (const Expectation& expectation : example->expect) outcomes.push_back(expectation.outcome);
      boundary = boundary || shows_boundary(*example);
      examples->push_back(std::move(*example));
    }
    if (!needed) return;
    const bool no_number =
        duty_.kind != DutyKind::chain && std::all_of(duty_.limits.begin(), duty_.limits.end(), [](const auto& limit) {
          return limit.standard.kind == Limit::no_number && limit.enhanced.kind == Limit::no_number;
        });
    const auto has = [&](std::initializer_list<const char*> words) {
      return std::any_of(words.begin(), words.end(), [&](const char* word) {
        return std::find(outcomes.begin(), outcomes.end(), word) != outcomes.end();
      });
    };
    std::vector<std::string> missing;
    if (duty_.kind == DutyKind::window) {
      if (!has({"used"})) missing.emplace_back("used");
      if (!has({"lapsed"})) missing.emplace_back("lapsed");
      if (!has({"open"})) missing.emplace_back("open");
    } else if (no_number) {
      if (!has({"done", "kept"})) missing.emplace_back("done");
      if (!has({"not done", "open", "late", "overdue", "missed"})) missing.emplace_back("not done");
      if (!has({"not owed"})) missing.emplace_back("not owed");
    } else {
      if (!has({"kept"})) missing.emplace_back("kept");
      if (!has({"late"})) missing.emplace_back("late");
      if (!boundary) missing.emplace_back("the boundary (kept, due on a day on which one of its events lies)");
      if (!has({"not owed"})) missing.emplace_back("not owed");
    }
    if (!missing.empty())
      map_.problem(fmt::format("{} has no example of: {}; add one to `examples:` (docs/formats/rules.md shows how)",
                               name(), fmt::join(missing, ", ")));
  }

  Fields map_;
  const DutyFileHeading& heading_;
  const Edition& edition_;
  const Terms& terms_;
  Duty duty_;
  std::vector<const EventType*> trigger_;
};

bool same_patterns(const std::vector<Pattern>& a, const std::vector<Pattern>& b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](const Pattern& x, const Pattern& y) { return equal(x, y); });
}

}  // namespace

engine::Source read_source(Yaml node, Yaml otherwise, const std::string& edition, const std::string& what,
                           Problems* problems) {
  engine::Source source;
  source.edition = edition;
  if (node.is_text()) {
    source.note = node.text();
    return source;
  }
  Fields own(node ? node : otherwise, "`source:`", source_keys, problems);
  const Fields shared(otherwise && otherwise.is_map() ? otherwise : node, "`source:`", source_keys, problems);
  if (!own.is_map()) return source;
  const auto pick = [&](const char* key) -> const Fields& { return own.has(key) ? own : shared; };
  const auto text = [&](const char* key) {
    std::string joined;
    for (const std::string& one : pick(key).texts(key)) joined += (joined.empty() ? "" : " | ") + one;
    return joined;
  };
  source.paragraph = text("paragraph");
  source.url = text("url");
  source.unverified = text("unverified");
  source.note = text("note");
  const std::string document = text("document");
  if (!document.empty()) source.note = document + (source.note.empty() ? "" : ". " + source.note);
  if (const auto read = pick("read").one_of("read", read_words)) {
    source.read = static_cast<engine::ReadAs>(*read);
  } else if (!pick("read").has("read")) {
    own.problem(fmt::format(
        "the source of {} does not say how it was read; add `read: official`, `reproduction` or `recalled`", what));
  }
  if (const auto read = pick("paragraph_read").one_of("paragraph_read", read_words))
    source.paragraph_read = static_cast<engine::ReadAs>(*read);
  if (source.url.empty() && source.note.empty() && source.paragraph.empty()) {
    own.problem(
        fmt::format("the source of {} does not say where it stands; add `url:`, `document:` or `paragraph:`", what));
  }
  return source;
}

Duty read_duty(Yaml node, const DutyFileHeading& heading, const Edition& edition, const Terms& terms,
               bool needs_examples, std::vector<Example>* examples) {
  return DutyReader(node, heading, edition, terms).read(needs_examples, examples);
}

void find_contradictions(const std::vector<Duty>& duties, Problems* problems) {
  for (std::size_t i = 0; i < duties.size(); ++i) {
    const Duty& a = duties[i];
    // A chain stands above its legs on purpose; an ordinary and an outer limit of the victim's own act are two windows,
    // not a quarrel.
    if (a.kind != DutyKind::duty || a.fulfilled_by.empty() || a.trigger.codes.empty()) continue;
    for (std::size_t j = i + 1; j < duties.size(); ++j) {
      const Duty& b = duties[j];
      const bool same = a.kind == b.kind && a.bearer == b.bearer && a.duty_class == b.duty_class &&
                        a.owed_to_case == b.owed_to_case && a.clock_known == b.clock_known && a.all_of == b.all_of &&
                        a.same == b.same && equal(a.trigger, b.trigger) && equal(a.condition, b.condition) &&
                        same_patterns(a.fulfilled_by, b.fulfilled_by);
      if (!same || a.to < b.from || b.to < a.from) continue;
      for (const auto& x : a.limits) {
        const auto clash = std::find_if(b.limits.begin(), b.limits.end(), [&](const auto& y) {
          return x.from <= y.to && y.from <= x.to && !(x.standard == y.standard && x.enhanced == y.enhanced);
        });
        if (clash == b.limits.end()) continue;
        problems->add(b.file, b.line,
                      fmt::format("the duty {} contradicts {} ({}:{}): the same trigger, bearer and fulfilment are in "
                                  "force together from {} but with different limits; keep one, or date them",
                                  b.id, a.id, a.file, a.line, to_string(std::max(x.from, clash->from))));
        break;
      }
    }
  }
  for (std::size_t i = 0; i < duties.size(); ++i) {
    std::size_t at = i;
    for (std::size_t steps = 0; steps <= duties.size(); ++steps) {
      if (duties[at].limits.empty() || duties[at].limits.front().standard.kind != Limit::with_duty) break;
      at = duties[at].limits.front().standard.duty;
      if (at >= duties.size()) break;
      if (at != i) continue;
      problems->add(duties[i].file, duties[i].line,
                    fmt::format("the limit of the duty {} is `with` another duty that comes back to itself; give one "
                                "of them a limit of its own",
                                duties[i].id));
      break;
    }
  }
}

}  // namespace kept::rules
