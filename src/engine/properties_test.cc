// Properties of the engine over random histories with late, corrected, retracted, out-of-order and coarse events.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "engine/kernel.h"
#include "engine/history_test.h"

namespace kept::engine {
namespace {

using namespace testing;
using model::Outcome;

constexpr int histories = 1500;

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
