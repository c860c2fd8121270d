// Properties of the engine over random histories with late, corrected, retracted, out-of-order and coarse events.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "engine/kernel.h"
#include "engine/test_world.h"

namespace kept::engine {
namespace {

using namespace testing;
using Kind = TimeLimit::Kind;
using model::Outcome;

constexpr int histories = 1500;

TestWorld make_world() {
  TestWorld w;
  w.add("D1", Kind::working_days, 3).limits[0].enhanced.count = 1;
  w.add("D2", Kind::working_days, 2, "charged").clock_known = true;
  w.add("D3", Kind::hours, 30);
  Duty& four = w.add("D4", Kind::days, 4);
  four.repeats = true;
  four.until.push_back(w.pattern("closed"));
  w.add("D5", Kind::no_number, 0).until.push_back(w.pattern("closed"));
  w.add("D6", Kind::working_days, 4).pausable = true;
  Duty& seven = w.add("D7", Kind::before, 2, "listed");
  seven.same = same_hearing;
  for (TimeLimit* limit : {&seven.limits[0].standard, &seven.limits[0].enhanced})
    limit->unit = Kind::days, limit->field = w.field("on");
  w.add("D8", Kind::months, 1).earlier_counts = true;
  Duty& nine = w.add("D9", Kind::days, 9);
  nine.all_of = true;
  nine.fulfilled_by.push_back(w.pattern("told"));
  Duty& ten = w.add("D10", Kind::agreed, 0);
  ten.repeats = true;
  ten.until.push_back(w.pattern("closed"));
  Duty& eleven = w.add("D11", Kind::working_days, 1, "result");
  eleven.owed_to_case = true;
  eleven.same = same_hearing;
  eleven.fulfilled_by = {w.pattern("referred")};
  w.add("D12", Kind::working_days, 2, "referred").same = same_hearing;
  Duty& chain = w.add("D13", Kind::no_number, 0);
  chain.kind = DutyKind::chain;
  chain.leg_one = 10;
  chain.leg_two = 11;
  chain.fulfilled_by.clear();
  // Indexes are stable from here on.
  w.book.duties[0].cancelled_by.push_back({w.pattern("charged"), 1});
  w.book.duties[6].cancelled_by.push_back({w.pattern("listed"), 6});
  w.finish();
  return w;
}

/// Two places under the Code: people under 19 (some of those that `history` gives a birth), and everybody else.
void add_children(TestWorld* w) {
  ApplicabilityClass child, other;
  child.id = "child";
  ConditionNode young;
  young.op = ConditionNode::Op::age_under;
  young.number = 19;
  child.when.nodes.push_back(young);
  other.id = "other";
  w->book.applicability = {child, other};
}

/// A history from a seed. `who` and `crime` name its victim and crime, so that two histories have nothing in common.
std::vector<Story> history(uint64_t seed, const std::string& who = "V", const std::string& crime = "X") {
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t n) { return static_cast<int>(random() % n); };
  const auto one_of = [&](std::initializer_list<const char*> list) {
    return std::string(*(list.begin() + below(list.size())));
  };
  const auto day = [&](int n) { return calendar::to_string(TestWorld::date("2026-03-01") + n); };
  const auto when = [&](bool coarse) {
    const int n = below(16);
    const int k = below(100);
    if (k < 45) return day(n);
    if (coarse && k > 97) return std::string("2026-03");
    if (coarse && k > 95) return day(n) + ".." + day(n + 3);
    return day(n) + "T" + (n % 24 < 10 ? "0" : "") + std::to_string(n % 24) + ":30:00Z";
  };
  const auto recorded = [&](const std::string& occurred) {
    static constexpr int delays[] = {0, 0, 0, 1, 3, 8, -1};
    const calendar::LocalDate on = model::parse_moment(occurred).value().on();
    return calendar::to_string(on + delays[below(7)]) + (below(2) ? "T23:45:00Z" : "T12:00:00Z");
  };
  std::vector<Story> out;
  const int n = 3 + below(11);
  for (int i = 0; i < n; ++i) {
    Story s;
    s.type = one_of({"arrested",    "arrested", "informed",   "informed", "informed",
                     "charged",     "listed",   "told",       "decline",  "decline.withdrawn",
                     "good_reason", "hold",     "hold.ended", "assessed", "died",
                     "ended",       "reopened", "closed",     "fix",      "fix",
                     "gone",        "gone",     "agreed",     "born",     "result",
                     "referred",    "accepted"});
    s.id = who + std::to_string(10 + i);
    s.source = who + one_of({"a", "b"});
    s.crime = crime;
    s.occurred = when(s.type == "arrested" || s.type == "informed" || s.type == "charged");
    s.recorded = recorded(s.occurred);
    if (s.type == "fix" || s.type == "gone") {
      if (out.empty()) continue;
      const Story& target = out[static_cast<std::size_t>(below(out.size()))];
      if (s.type == "gone") {
        s.type = "taken_back";
        s.retracts = target.id;
        s.source = target.source;
        s.participant = who;
      } else {
        Story fixed = target;
        fixed.id = s.id;
        fixed.corrects = target.id;
        fixed.retracts.clear();
        fixed.recorded = s.recorded;
        if (below(2)) fixed.occurred = s.occurred;
        if (below(6) == 0) fixed.type = "informed";
        s = fixed;
      }
    } else {
      const bool about_suspect = s.type == "arrested" || s.type == "charged";
      const bool of_court = s.type == "listed" || s.type == "result" || s.type == "referred";
      if (about_suspect) s.suspect = one_of({"A", "B"});
      if (s.type == "informed" || s.type == "told") s.suspect = one_of({"A", "B", ""});
      if (s.type == "informed" && below(2)) s.hearing = crime + "H";
      if (of_court) s.hearing = crime + "H";
      if (!about_suspect && !of_court) s.participant = who;
      if (!s.suspect.empty()) s.suspect += crime;
      if (s.type == "charged" && below(2)) s.known = below(2) ? s.occurred : recorded(s.occurred).substr(0, 10);
      if (below(4) == 0) s.agency = one_of({"police", "cps"});
      if (s.type == "decline" || s.type == "decline.withdrawn" || s.type == "good_reason")
        s.detail["topic"] = one_of({"D1", "D3", "D4", "D5", "D6", "D10"});
      if (s.type == "decline" && below(3) == 0) s.detail["until"] = day(below(20));
      if (s.type == "good_reason") {
        s.detail["who"] = "w";
        s.detail["why"] = "y";
        s.detail["evidence"] = one_of({"e", "e", ""});
        s.detail["second"] = one_of({"s", ""});
        s.detail["from"] = day(below(8));
        s.detail["until"] = day(8 + below(20));
      }
      if (s.type == "hold.ended") s.detail["hold"] = who + std::to_string(10 + below(12));
      if (s.type == "assessed") s.detail["enhanced"] = one_of({"yes", "yes", "no"});
      if (s.type == "listed") s.detail["on"] = day(8 + below(20));
      if (s.type == "agreed") s.detail["every"] = "2", s.detail["unit"] = one_of({"days", "weeks", "working_days"});
      if (s.type == "born") s.occurred = one_of({"2008", "2008-03-10", "1980-05"}), s.recorded = "2026-01-01T12:00:00Z";
    }
    out.push_back(s);
  }
  const auto link = [&](const char* type, const std::string& id, const std::string& from) {
    Story s;
    s.type = type;
    s.occurred = from;
    s.id = id;
    s.source = who + "a";
    s.crime = crime;
    return s;
  };
  Story victim = link("link.victim", who + "l", below(3) ? "2026-01-01" : "2026-03-05");
  victim.participant = who;
  out.push_back(victim);
  for (const char* suspect : {"A", "B"}) {
    if (*suspect == 'B' && below(3) == 0) continue;
    Story s = link("link.suspect", who + "s" + suspect, *suspect == 'A' ? "2026-01-01" : "2026-03-04");
    s.suspect = suspect + crime;
    out.push_back(s);
  }
  Story hearing = link("link.hearing", who + "h", "2026-01-01");
  hearing.hearing = crime + "H";
  out.push_back(hearing);
  return out;
}

Coverage some_coverage(const TestWorld& w, model::EventTable* table) {
  Coverage coverage;
  const auto type = [&](const char* name) { return w.book.vocabulary->type_index(w.code(name)); };
  coverage.add(table->agencies.code("police"), type("informed"), TestWorld::date("2026-01-01"),
               TestWorld::date("2026-03-06"));
  coverage.add(table->agencies.code("police"), type("informed"), TestWorld::date("2026-03-08"),
               TestWorld::date("2026-12-31"));
  return coverage;
}

TEST(EngineProperties, order_of_arrival_does_not_matter) {
  const TestWorld w = make_world();
  for (uint64_t seed = 0; seed < histories; ++seed) {
    std::vector<Story> events = history(seed);
    AssessOptions options;
    options.as_at = end_of("2026-03-20");
    const auto before = lines(w.book, w.table(events), options);
    std::mt19937_64 random(seed);
    std::shuffle(events.begin(), events.end(), random);
    ASSERT_EQ(before, lines(w.book, w.table(events), options)) << "seed " << seed;
  }
}

TEST(EngineProperties, incremental_equals_full_replay) {
  const TestWorld w = make_world();
  for (uint64_t seed = 0; seed < histories / 2; ++seed) {
    std::vector<Story> events = history(2'000'000 + seed);
    std::stable_sort(events.begin(), events.end(), [](const Story& a, const Story& b) {
      const auto at = [](const Story& s) {
        return s.recorded.empty() ? model::parse_moment(s.occurred).value().lo_ms + 12 * 3'600'000
                                  : model::parse_moment(s.recorded).value().lo_ms;
      };
      return at(a) < at(b);
    });
    const model::EventTable all = w.table(events);
    for (std::size_t n = 1; n <= events.size(); ++n) {
      const int64_t last = all.recorded_at(static_cast<uint32_t>(n - 1));
      if (n < events.size() && all.recorded_at(static_cast<uint32_t>(n)) == last) continue;
      AssessOptions arrived;
      arrived.as_at = end_of("2026-03-20");
      AssessOptions replayed = arrived;
      replayed.recorded_by = last;
      ASSERT_EQ(lines(w.book, w.table({events.begin(), events.begin() + static_cast<std::ptrdiff_t>(n)}), arrived),
                lines(w.book, all, replayed))
          << "seed " << seed << " after " << n;
    }
  }
}

TEST(EngineProperties, a_later_as_at_never_unbreaches) {
  const TestWorld w = make_world();
  using Key = std::tuple<uint16_t, uint32_t, uint32_t, std::string, uint32_t>;
  const std::set<Outcome> failed = {Outcome::withdrawn_after_due, Outcome::late, Outcome::overdue, Outcome::missed};
  const std::set<Outcome> good = {Outcome::kept, Outcome::open, Outcome::declined, Outcome::lapsed, Outcome::not_owed};
  for (uint64_t seed = 0; seed < histories; ++seed) {
    const std::vector<Story> events = history(1'000'000 + seed);
    model::EventTable table = w.table(events);
    const Coverage coverage = some_coverage(w, &table);
    const bool any_reason =
        std::any_of(events.begin(), events.end(), [](const Story& s) { return s.type == "good_reason"; });
    std::map<Key, Outcome> previous;
    for (int i = 1; i < 30; ++i) {
      const std::string on = calendar::to_string(TestWorld::date("2026-03-01") + (i < 25 ? i : 25 + (i - 25) * 40));
      AssessOptions options;
      options.as_at = seed % 2 && i < 25 ? model::parse_moment(on + "T11:17:00Z").value().lo_ms : end_of(on);
      if (seed % 3 == 0) options.coverage = &coverage;
      Collect sink;
      ASSERT_TRUE(assess(w.book, table, options, sink).ok());
      for (const model::Obligation& o : sink.all) {
        const Key key{o.duty, o.participant, o.hearing * (o.participant == 0),
                      table.sources.name(table.source(o.trigger_row)) + table.id(o.trigger_row), o.interval};
        const auto was = previous.find(key);
        if (was != previous.end()) {
          ASSERT_FALSE(failed.count(was->second) && good.count(o.outcome))
              << "seed " << seed << " on " << on << ": " << model::outcome_name(was->second) << " became "
              << line(w.book, table, o);
          ASSERT_TRUE(was->second != Outcome::overdue || o.outcome != Outcome::late ||
                      o.fulfilled_row != model::Obligation::no_row)
              << "seed " << seed;
          ASSERT_TRUE(!failed.count(was->second) || o.outcome != Outcome::excused || any_reason) << "seed " << seed;
        }
        previous[key] = o.outcome;
      }
    }
  }
}

TEST(EngineProperties, unrelated_events_change_nothing) {
  const TestWorld w = make_world();
  for (uint64_t seed = 0; seed < histories; ++seed) {
    std::vector<Story> events = history(3'000'000 + seed);
    AssessOptions options;
    options.as_at = end_of("2026-03-20");
    const auto alone = lines(w.book, w.table(events), options);
    const std::vector<Story> other = history(4'000'000 + seed, "W", "Y");
    events.insert(events.end(), other.begin(), other.end());
    std::vector<std::string> hers;
    for (const std::string& one : lines(w.book, w.table(events), options))
      if (one.find(" V ") != std::string::npos || one.find(" case XH ") != std::string::npos) hers.push_back(one);
    ASSERT_EQ(alone, hers) << "seed " << seed;
  }
}

TEST(EngineProperties, every_outcome_occurs_and_each_obligation_has_one) {
  const TestWorld w = make_world();
  std::set<Outcome> seen;
  for (uint64_t seed = 0; seed < histories; ++seed) {
    model::EventTable table = w.table(history(seed));
    const Coverage coverage = some_coverage(w, &table);
    AssessOptions options;
    options.as_at = end_of(seed % 2 ? "2026-03-12" : "2026-03-25");
    if (seed % 4 < 2) options.coverage = &coverage;
    Collect sink;
    ASSERT_TRUE(assess(w.book, table, options, sink).ok());
    std::set<std::tuple<uint16_t, uint32_t, uint32_t, uint32_t, uint16_t>> keys;
    for (const model::Obligation& o : sink.all) {
      seen.insert(o.outcome);
      ASSERT_TRUE(keys.emplace(o.duty, o.participant, o.participant ? 0 : o.hearing, o.trigger_row, o.interval).second)
          << "seed " << seed << ": " << line(w.book, table, o);
    }
  }
  EXPECT_EQ(seen.size(), static_cast<std::size_t>(model::outcome_count));
}

TEST(EngineProperties, threads_do_not_change_the_answer) {
  TestWorld w = make_world();
  add_children(&w);
  std::vector<Story> events;
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const auto one = history(seed, "V" + std::to_string(seed), "X" + std::to_string(seed));
    events.insert(events.end(), one.begin(), one.end());
  }
  const model::EventTable table = w.table(events);
  AssessOptions options;
  options.as_at = end_of("2026-03-20");
  Collect single, several;
  ASSERT_TRUE(assess(w.book, table, options, single).ok());
  options.threads = 3;
  ASSERT_TRUE(assess(w.book, table, options, several).ok());
  ASSERT_EQ(single.classes, several.classes);
  ASSERT_EQ(single.all.size(), several.all.size());
  for (std::size_t i = 0; i < single.all.size(); ++i)
    ASSERT_EQ(line(w.book, table, single.all[i]), line(w.book, table, several.all[i]));
}

// A person's place under the Code once came from the birth recorded for the person judged before them.
TEST(EngineProperties, a_persons_place_under_the_code_is_their_own) {
  TestWorld w = make_world();
  add_children(&w);
  std::vector<Story> events;
  std::vector<int32_t> alone;
  AssessOptions options;
  options.as_at = end_of("2026-03-20");
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const auto one = history(seed, "V" + std::to_string(seed), "X" + std::to_string(seed));
    events.insert(events.end(), one.begin(), one.end());
    Collect sink;
    ASSERT_TRUE(assess(w.book, w.table(one), options, sink).ok());
    alone.insert(alone.end(), sink.classes.begin(), sink.classes.end());
  }
  Collect together;
  ASSERT_TRUE(assess(w.book, w.table(events), options, together).ok());
  ASSERT_EQ(together.classes, alone);
  EXPECT_GT(std::count(alone.begin(), alone.end(), 0), 10);
  EXPECT_GT(std::count(alone.begin(), alone.end(), 1), 10);
}

TEST(EngineProperties, the_recording_kernel_says_what_the_shipping_one_says) {
  const TestWorld w = make_world();
  for (uint64_t seed = 0; seed < histories / 5; ++seed) {
    const model::EventTable table = w.table(history(seed));
    AssessOptions options;
    options.as_at = end_of("2026-03-20");
    Collect sink;
    ASSERT_TRUE(assess(w.book, table, options, sink).ok());
    for (const model::Obligation& o : sink.all) {
      const auto explained = explain(w.book, table, options, o);
      ASSERT_TRUE(explained.ok()) << explained.error().message;
      ASSERT_EQ(line(w.book, table, o), line(w.book, table, explained->obligation)) << "seed " << seed;
      ASSERT_FALSE(explained->steps.empty());
    }
  }
}

}  // namespace
}  // namespace kept::engine
