// Judges histories given as lines of JSON with the engine, so that another implementation can be compared with it.
// First line: {"types": [...], "duties": [...], "holidays": [[date, announced|null, withdrawn|null]...], "first",
// "last"}. Every further line: {"events": [...], "as_at": ms, "recorded_by": ms|null, "coverage": [[provider, type,
// from, to]...]|null}. Answers a line of JSON with the obligations, in no particular order. See
// tests/oracles/compare_engine.py.
#include <boost/json.hpp>
#include <boost/json/src.hpp>
#include <iostream>
#include <map>
#include <set>
#include <string>

#include "engine/assess.h"

namespace {

namespace json = boost::json;
using kept::calendar::LocalDate;
using kept::engine::Pattern;
using kept::engine::RuleBook;
using kept::engine::TimeLimit;
using kept::model::EventTable;
using kept::model::FieldKind;
using kept::model::Meaning;

std::string text(const json::value& value) { return std::string(value.as_string()); }

Meaning meaning_of(const std::string& type) {
  static const std::map<std::string, Meaning> named = {{"link.victim", Meaning::links_victim},
                                                       {"link.suspect", Meaning::links_suspect},
                                                       {"link.hearing", Meaning::links_hearing},
                                                       {"victim.born", Meaning::participant_born},
                                                       {"victim.died", Meaning::participant_died},
                                                       {"needs.assessed", Meaning::needs_assessed},
                                                       {"decline", Meaning::declined},
                                                       {"decline.withdrawn", Meaning::decline_withdrawn},
                                                       {"good_reason", Meaning::good_reason},
                                                       {"hold", Meaning::held},
                                                       {"hold.ended", Meaning::hold_ended},
                                                       {"contact.agreed", Meaning::contact_agreed},
                                                       {"involvement.ended", Meaning::involvement_ended},
                                                       {"involvement.reopened", Meaning::involvement_reopened}};
  const auto found = named.find(type);
  return found == named.end() ? Meaning::nothing : found->second;
}

struct World {
  std::shared_ptr<kept::model::Vocabulary> vocabulary = std::make_shared<kept::model::Vocabulary>();
  RuleBook book;
};

uint16_t field(const World& w, std::string_view name) { return static_cast<uint16_t>(w.vocabulary->field_id(name)); }

Pattern pattern(const World& w, const json::value& value) {
  Pattern p;
  const json::object& o = value.as_object();
  p.codes.push_back(w.vocabulary->find(text(o.at("type")))->first_code);
  if (const json::value* where = o.if_contains("where"))
    for (const auto& [name, v] : where->as_object()) {
      kept::engine::FieldTest test;
      test.field = field(w, name);
      test.value = v.as_int64();
      p.tests.push_back(test);
    }
  return p;
}

TimeLimit limit(World& w, const json::value& value, const std::map<std::string, uint16_t>& ids) {
  TimeLimit l;
  if (value.is_null()) return l;
  const json::array& a = value.as_array();
  const std::string kind = text(a[0]);
  using Kind = TimeLimit::Kind;
  static const std::map<std::string, Kind> kinds = {
      {"hours", Kind::hours},    {"days", Kind::days},       {"weeks", Kind::weeks},   {"months", Kind::months},
      {"years", Kind::years},    {"wd", Kind::working_days}, {"age", Kind::until_age}, {"agreed", Kind::agreed},
      {"with", Kind::with_duty}, {"before", Kind::before}};
  l.kind = kinds.at(kind);
  if (l.kind == Kind::with_duty) {
    l.duty = ids.at(text(a[1]));
  } else if (l.kind != Kind::agreed) {
    l.count = static_cast<int32_t>(a[1].as_int64());
  }
  if (l.kind == Kind::before) {
    l.unit = kinds.at(text(a[2]));
    l.field = field(w, text(a[3]));
  }
  return l;
}

LocalDate date(const json::value& value) { return kept::calendar::parse_date(text(value)).value(); }

World make_world(const json::object& in) {
  World w;
  using kept::model::Field;
  const auto add = [&](const char* name, FieldKind kind, std::vector<std::string> words = {}) {
    Field f;
    f.name = name;
    f.kind = kind;
    f.words = std::move(words);
    return w.vocabulary->add_field(f).value();
  };
  std::vector<uint16_t> all = {add("topic", FieldKind::code),
                               add("until", FieldKind::date),
                               add("hold", FieldKind::code),
                               add("every", FieldKind::number),
                               add("unit", FieldKind::word, {"days", "weeks", "months", "wd", "hours"}),
                               add("enhanced", FieldKind::yes_no),
                               add("who", FieldKind::code),
                               add("why", FieldKind::code),
                               add("evidence", FieldKind::code),
                               add("from", FieldKind::date),
                               add("second", FieldKind::code),
                               add("on", FieldKind::date),
                               add("what", FieldKind::number)};
  for (const json::value& type : in.at("types").as_array()) {
    kept::model::EventType t;
    t.name = text(type);
    t.meaning = meaning_of(t.name);
    t.carries = 0xFF;
    t.fields = all;
    if (!w.vocabulary->add_type(t)) std::abort();
  }
  w.book.vocabulary = w.vocabulary;
  std::vector<kept::calendar::BankHoliday> holidays;
  for (const json::value& row : in.at("holidays").as_array()) {
    kept::calendar::BankHoliday h;
    h.on = date(row.at(0));
    h.title = "holiday";
    if (!row.at(1).is_null()) h.announced_on = date(row.at(1));
    if (!row.at(2).is_null()) h.withdrawn_on = date(row.at(2));
    holidays.push_back(h);
  }
  auto calendar = kept::calendar::WorkingDayCalendar::make(date(in.at("first")), date(in.at("last")), holidays);
  if (!calendar) {
    std::cerr << calendar.error().message << "\n";
    std::abort();
  }
  w.book.calendar = std::make_shared<kept::calendar::WorkingDayCalendar>(*calendar);
  std::map<std::string, uint16_t> ids;
  for (const json::value& d : in.at("duties").as_array()) ids[text(d.at("id"))] = static_cast<uint16_t>(ids.size());
  for (const json::value& value : in.at("duties").as_array()) {
    const json::object& d = value.as_object();
    kept::engine::Duty duty;
    duty.id = text(d.at("id"));
    duty.bearer = text(d.at("provider"));
    duty.topic = d.contains("topic") ? text(d.at("topic")) : duty.id;
    duty.from = d.contains("from") ? date(d.at("from")) : LocalDate{-30000};
    duty.to = d.contains("to") ? date(d.at("to")) : LocalDate{80000};
    const auto flag = [&](const char* name) {
      return d.contains(name) && d.at(name).is_bool() && d.at(name).as_bool();
    };
    duty.repeats = flag("repeat");
    duty.pausable = flag("pausable");
    duty.earlier_counts = flag("earlier_counts");
    duty.owed_to_case = d.contains("owed_to") && text(d.at("owed_to")) == "case";
    duty.clock_known = d.contains("clock") && text(d.at("clock")) == "known";
    if (flag("never")) {
      kept::engine::ConditionNode no;
      no.op = kept::engine::ConditionNode::Op::any;
      duty.condition.nodes.push_back(no);
    }
    duty.trigger = pattern(w, d.at("trigger"));
    const json::object& limits = d.at("limit").as_object();
    kept::engine::DatedLimit dated;
    dated.from = duty.from;
    dated.to = duty.to;
    dated.standard = limit(w, limits.at("standard"), ids);
    dated.enhanced = limits.contains("enhanced") ? limit(w, limits.at("enhanced"), ids) : dated.standard;
    duty.limits.push_back(dated);
    const json::object& by = d.at("fulfilled_by").as_object();
    duty.all_of = by.contains("all_of");
    for (const json::value& p : by.at(duty.all_of ? "all_of" : "any_of").as_array())
      duty.fulfilled_by.push_back(pattern(w, p));
    if (d.contains("same"))
      for (const json::value& k : d.at("same").as_array())
        duty.same |= text(k) == "suspect" ? kept::engine::same_suspect : kept::engine::same_hearing;
    if (d.contains("cancels"))
      for (const json::value& c : d.at("cancels").as_array())
        duty.cancelled_by.push_back({pattern(w, c), ids.at(text(c.at("successor")))});
    if (d.contains("until") && !d.at("until").is_null())
      duty.until.push_back(Pattern{{w.vocabulary->find(text(d.at("until")))->first_code}, {}});
    if (d.contains("announces")) duty.announces = field(w, text(d.at("announces")));
    if (d.contains("chain")) {
      duty.kind = kept::engine::DutyKind::chain;
      duty.leg_one = ids.at(text(d.at("chain").at(0)));
      duty.leg_two = ids.at(text(d.at("chain").at(1)));
    }
    w.book.duties.push_back(duty);
  }
  kept::engine::EnhancedRule rule;
  rule.from = {-30000};
  rule.to = {80000};
  kept::engine::ConditionNode young;
  young.op = kept::engine::ConditionNode::Op::age_under;
  young.number = 18;
  rule.by_fact.nodes.push_back(young);
  w.book.enhanced.push_back(rule);
  w.book.index();
  return w;
}

std::string get(const json::object& e, const char* name) {
  const json::value* v = e.if_contains(name);
  return v && v->is_string() ? text(*v) : std::string();
}

EventTable make_table(const World& w, const json::array& events) {
  EventTable table(w.vocabulary);
  for (const json::value& value : events) {
    const json::object& e = value.as_object();
    kept::model::EventRow row;
    row.code = w.vocabulary->find(get(e, "type"))->first_code;
    row.occurred = kept::model::parse_moment(get(e, "occurred")).value();
    row.recorded_at = kept::model::parse_moment(get(e, "recorded")).value().lo_ms;
    if (const std::string known = get(e, "known"); !known.empty()) {
      row.has_known = true;
      row.known = kept::model::parse_moment(known).value();
    }
    const auto code = [&](kept::model::Symbols& symbols, const char* name) {
      const std::string s = get(e, name);
      return s.empty() ? 0u : symbols.code(s);
    };
    row.participant = code(table.participants, "participant");
    row.crime = code(table.crimes, "crime");
    row.suspect = code(table.suspects, "suspect");
    row.hearing = code(table.hearings, "hearing");
    row.source = code(table.sources, "source");
    row.agency = code(table.agencies, "agency");
    const std::string id = get(e, "id"), corrects = get(e, "corrects"), retracts = get(e, "retracts");
    table.codes.code(id);
    row.id = id;
    row.corrects = corrects;
    row.retracts = retracts;
    std::vector<kept::model::DetailValue> detail;
    if (const json::value* d = e.if_contains("detail"))
      for (const auto& [name, v] : d->as_object()) {
        const int32_t f = w.vocabulary->field_id(name);
        if (f < 0 || v.is_null()) continue;
        int64_t x = 0;
        switch (w.vocabulary->fields()[static_cast<std::size_t>(f)].kind) {
          case FieldKind::yes_no:
            x = v.as_bool();
            break;
          case FieldKind::number:
            x = v.as_int64();
            break;
          case FieldKind::date:
            x = table.add_moment(kept::model::parse_moment(text(v)).value());
            break;
          case FieldKind::word: {
            const auto& words = w.vocabulary->fields()[static_cast<std::size_t>(f)].words;
            x = std::find(words.begin(), words.end(), text(v)) - words.begin();
            break;
          }
          case FieldKind::code:
          case FieldKind::text:
            if (text(v).empty()) continue;
            x = table.codes.code(text(v));
            break;
        }
        detail.push_back({static_cast<uint16_t>(f), x});
      }
    row.detail = detail.data();
    row.detail_count = detail.size();
    table.append(row);
  }
  return table;
}

struct Collect : kept::engine::Sink {
  std::vector<kept::model::Obligation> all;
  void take(const kept::model::Obligation* first, std::size_t count) override {
    all.insert(all.end(), first, first + count);
  }
  std::unique_ptr<kept::engine::Sink> fork() override { return std::make_unique<Collect>(); }
  void join(kept::engine::Sink& part) override {
    auto& other = static_cast<Collect&>(part).all;
    all.insert(all.end(), other.begin(), other.end());
  }
};

json::value due_value(const kept::model::Due& due) {
  using Kind = kept::model::Due::Kind;
  if (due.kind == Kind::none) return nullptr;
  if (due.kind == Kind::date)
    return json::array{"date", kept::calendar::to_string(LocalDate{static_cast<int32_t>(due.value)})};
  return json::array{"instant", due.value};
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  std::string line;
  if (!std::getline(std::cin, line)) return 1;
  World w = make_world(json::parse(line).as_object());
  while (std::getline(std::cin, line)) {
    const json::value in = json::parse(line);
    EventTable table = make_table(w, in.at("events").as_array());
    kept::engine::Coverage coverage;
    kept::engine::AssessOptions options;
    options.as_at = in.at("as_at").as_int64();
    if (!in.at("recorded_by").is_null()) options.recorded_by = in.at("recorded_by").as_int64();
    if (const json::value& rows = in.at("coverage"); !rows.is_null()) {
      for (const json::value& row : rows.as_array())
        coverage.add(table.agencies.code(text(row.at(0))),
                     static_cast<uint16_t>(w.vocabulary->find(text(row.at(1))) - w.vocabulary->types().data()),
                     date(row.at(2)), date(row.at(3)));
      options.coverage = &coverage;
    }
    Collect sink;
    const auto tally = kept::engine::assess(w.book, table, options, sink);
    if (!tally) {
      std::cout << json::object{{"error", tally.error().message}} << "\n";
      continue;
    }
    json::array out;
    for (const kept::model::Obligation& o : sink.all) {
      json::array flags;
      for (uint32_t bit = 0; bit < 32; ++bit)
        if (o.flags & (1u << bit)) flags.push_back(json::value(kept::model::flag_name(1u << bit)));
      const bool has_f = o.fulfilled_row != kept::model::Obligation::no_row;
      const uint32_t root = o.trigger_row;
      json::object row{{"duty", w.book.duties[o.duty].id},
                       {"participant", o.participant ? table.participants.name(o.participant)
                                                     : "case:" + table.hearings.name(o.hearing)},
                       {"source", table.sources.name(table.source(root))},
                       {"row", table.id(root)},
                       {"corrects", std::string(table.corrects(root))},
                       {"interval", o.interval},
                       {"outcome", kept::model::outcome_name(o.outcome)},
                       {"start", o.start_at},
                       {"due", due_value(o.due_on)},
                       {"first_due", due_value(o.first_due_on)},
                       {"F", has_f ? json::value(o.fulfilled_at) : json::value(nullptr)},
                       {"late_ms", o.late_ms},
                       {"late_by", o.late_by},
                       {"flags", flags}};
      if (o.outcome == kept::model::Outcome::withdrawn_after_due)
        row["would_have_been"] = kept::model::outcome_name(o.would_have_been);
      out.push_back(row);
    }
    std::cout << out << "\n";
  }
  return 0;
}
