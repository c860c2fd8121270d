// A simulated London read back as any other file would be: nothing rejected, nothing out of order, and the truth beside
// it accounts for all.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>

#include "app/coverage_file.h"
#include "app/simulate_london.h"
#include "exchange/read_events.h"
#include "rules/rule_set.h"
#include "simulation/event_names.h"

namespace kept::simulation {
namespace {

namespace fs = std::filesystem;
using calendar::local_date;

struct Folder {
  Folder() : path(fs::temp_directory_path() / ("kept-simulation-" + std::to_string(::getpid()))) {
    fs::create_directories(path);
  }
  ~Folder() { fs::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
  fs::path path;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::shared_ptr<const model::Vocabulary> vocabulary() {
  static const auto loaded = [] {
    auto rules = rules::load_rule_set({rules::built_in_rules(), ""});
    EXPECT_TRUE(rules.ok()) << (rules.ok() ? "" : rules.error().message);
    return rules->book.vocabulary;
  }();
  return loaded;
}

app::SimulationAnswer made(const std::string& out, uint64_t victims, uint64_t seed) {
  app::SimulationRequest request;
  request.plan = {victims, seed, local_date({2023, 7, 1}), local_date({2024, 6, 30})};
  request.out = out;
  auto answer = app::simulate_london(request);
  EXPECT_TRUE(answer.ok()) << (answer.ok() ? "" : answer.error().message);
  return std::move(answer).value();
}

exchange::ReadResult read(const std::string& path) {
  exchange::RejectList rejects;
  auto result = exchange::read_events({.files = {path},
                                       .mapping = nullptr,
                                       .vocabulary = vocabulary(),
                                       .strict = false,
                                       .rejects = &rejects,
                                       .progress = {},
                                       .limits = {}});
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  for (std::size_t i = 0; i < rejects.rows.size() && i < 5; ++i)
    ADD_FAILURE() << rejects.rows[i].line << " " << rejects.rows[i].field << ": " << rejects.rows[i].why;
  return std::move(result).value();
}

uint64_t digest(const std::string& text) {
  uint64_t hash = 14695981039346656037ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

TEST(Simulation, TheSameSeedGivesTheSameBytesAndAnotherSeedOthers) {
  const Folder folder;
  made(folder.file("one.csv"), 1500, 7);
  made(folder.file("two.csv"), 1500, 7);
  made(folder.file("other.csv"), 1500, 8);
  const std::string one = read_file(folder.file("one.csv"));
  EXPECT_EQ(one, read_file(folder.file("two.csv")));
  EXPECT_EQ(read_file(folder.file("one-truth.csv")), read_file(folder.file("two-truth.csv")));
  EXPECT_EQ(read_file(folder.file("one-coverage.csv")), read_file(folder.file("two-coverage.csv")));
  EXPECT_NE(one, read_file(folder.file("other.csv")));
}

TEST(Simulation, EveryRowIsTakenInEveryForm) {
  const Folder folder;
  for (const char* name : {"london.csv", "london.jsonl", "london.parquet"}) {
    const auto answer = made(folder.file(name), 3000, 3);
    const auto result = read(folder.file(name));
    EXPECT_EQ(result.counts.rejected, 0U) << name;
    EXPECT_EQ(result.counts.duplicates, 0U) << name;
    EXPECT_EQ(result.counts.events, answer.simulated.tally.events) << name;
    EXPECT_EQ(answer.simulated.tally.victims, 3000U);
  }
  const auto csv = read(folder.file("london.csv")), jsonl = read(folder.file("london.jsonl")),
             parquet = read(folder.file("london.parquet"));
  ASSERT_EQ(csv.table.size(), jsonl.table.size());
  ASSERT_EQ(csv.table.size(), parquet.table.size());
  for (uint32_t row = 0; row < csv.table.size(); ++row) {
    for (const auto* other : {&jsonl.table, &parquet.table}) {
      ASSERT_EQ(csv.table.id(row), other->id(row));
      ASSERT_EQ(csv.table.code(row), other->code(row));
      ASSERT_EQ(csv.table.occurred(row), other->occurred(row));
      ASSERT_EQ(csv.table.recorded_at(row), other->recorded_at(row));
      ASSERT_EQ(csv.table.participants.name(csv.table.participant(row)),
                other->participants.name(other->participant(row)));
      ASSERT_EQ(csv.table.detail(row).size(), other->detail(row).size())
          << vocabulary()->code_name(csv.table.code(row));
    }
  }
}

TEST(Simulation, NamesExactlyTheVocabularysTypes) {
  std::set<std::string> named;
  for (std::size_t i = 1; i < type_count; ++i) EXPECT_TRUE(named.insert(type_names[i].name).second);
  for (const char* other : other_type_names) EXPECT_TRUE(named.insert(other).second) << other;
  std::set<std::string> known;
  for (const auto& type : vocabulary()->types()) known.insert(type.name);
  for (const auto& name : known)
    EXPECT_TRUE(named.contains(name)) << name << ": add it to other_type_names in event_names.h";
  for (const auto& name : named) EXPECT_TRUE(known.contains(name)) << name << " is not in rules/vocabulary";
  for (std::size_t i = 1; i < type_count; ++i) {
    const auto* type = vocabulary()->find(type_names[i].name);
    if (type != nullptr) {
      EXPECT_EQ(type->key, type_names[i].key == nullptr ? "" : type_names[i].key) << type->name;
    }
  }
  for (std::size_t i = 1; i < detail_count; ++i)
    EXPECT_GE(vocabulary()->field_id(detail_names[i].name), 0) << detail_names[i].name;
}

TEST(Simulation, JourneysGoForward) {
  const Folder folder;
  made(folder.file("london.csv"), 6000, 5);
  const auto result = read(folder.file("london.csv"));
  const model::EventTable& table = result.table;
  const auto type = [&](uint32_t row) -> const std::string& { return vocabulary()->type_of(table.code(row)).name; };

  std::map<uint32_t, int64_t> reported;
  std::map<std::pair<uint32_t, uint32_t>, int64_t> charged, linked;
  std::map<std::string, uint32_t> by_id;
  std::set<uint32_t> victims, hearings;
  std::map<std::string, uint64_t> seen;
  int64_t before = 0;
  for (uint32_t row = 0; row < table.size(); ++row) {
    ++seen[type(row)];
    EXPECT_GE(table.recorded_at(row), before) << "rows stand in the order of recording";
    before = table.recorded_at(row);
    by_id[table.id(row)] = row;
    EXPECT_LE(table.lo_ms(row), table.recorded_at(row))
        << type(row) << " " << table.id(row) << ": nothing is recorded before it happens";
    const bool whole = table.corrects(row).empty() && table.retracts(row).empty();
    // A case of the contact scheme that moved to London was reported elsewhere, years ago.
    const bool moved_in = type(row) == "link.victim" && table.sources.name(table.source(row)) == "probation";
    if (type(row) == "crime.reported" || moved_in) reported[table.crime(row)] = table.lo_ms(row);
    if (type(row) == "suspect.charged" && whole) charged[{table.crime(row), table.suspect(row)}] = table.lo_ms(row);
    if (type(row) == "link.suspect") linked[{table.crime(row), table.suspect(row)}] = table.lo_ms(row);
    if (type(row) == "link.victim") {
      int64_t role = 0;
      ASSERT_TRUE(table.detail_value(row, static_cast<uint16_t>(vocabulary()->field_id("role")), &role));
      if (vocabulary()
              ->fields()[static_cast<std::size_t>(vocabulary()->field_id("role"))]
              .words[static_cast<std::size_t>(role)] != "witness")
        victims.insert(table.participant(row));
    }
    if (type(row) == "link.hearing") hearings.insert(table.hearing(row));
  }
  EXPECT_EQ(victims.size(), 6000U) << "people linked otherwise than as a witness only";

  constexpr int64_t day = 86'400'000;
  uint64_t corrections = 0, retractions = 0, coarse = 0, far = 0;
  for (uint32_t row = 0; row < table.size(); ++row) {
    const std::string& name = type(row);
    if (table.crime(row) != 0) {
      ASSERT_TRUE(reported.contains(table.crime(row))) << name;
    }
    // A coarse time may begin before; a mistaken entry is never before the day of the report.
    if (table.precision(row) == model::Precision::instant && table.crime(row) != 0 && name != "crime.committed" &&
        name != "link.hearing") {
      EXPECT_GE(table.lo_ms(row), reported[table.crime(row)] - day) << name << " " << table.id(row);
    }
    if (name == "suspect.arrested" || name == "suspect.interviewed") {
      EXPECT_TRUE((linked.contains({table.crime(row), table.suspect(row)}))) << name;
    }
    if (name == "sentence.passed" || name == "case.outcome" || name == "hearing.listed") {
      EXPECT_TRUE(hearings.contains(table.hearing(row))) << name;
    }
    if (!table.corrects(row).empty() || !table.retracts(row).empty()) {
      const auto target =
          by_id.find(std::string(table.corrects(row).empty() ? table.retracts(row) : table.corrects(row)));
      ASSERT_NE(target, by_id.end());
      EXPECT_EQ(table.source(target->second), table.source(row)) << "only the same source may correct";
      EXPECT_LT(table.recorded_at(target->second), table.recorded_at(row));
      EXPECT_EQ(type(target->second), name);
      ++(table.corrects(row).empty() ? retractions : corrections);
    }
    coarse += table.precision(row) == model::Precision::instant ? 0 : 1;
    far += table.recorded_at(row) - table.lo_ms(row) > 7 * day && name != "victim.born" && name != "crime.committed"
               ? 1
               : 0;
  }
  EXPECT_GT(corrections, 50U);
  EXPECT_GT(retractions, 0U);
  EXPECT_GT(coarse, 1000U);
  EXPECT_GT(far, 100U) << "recorded more than a week late";
  for (const char* expected : {"suspect.arrested",
                               "suspect.bailed",
                               "police.decided_no_charge",
                               "cps.decided_no_charge",
                               "suspect.charged",
                               "hearing.listed",
                               "court.received",
                               "sentence.passed",
                               "victim.informed",
                               "contact.tried",
                               "contact.left_word",
                               "decline",
                               "good_reason",
                               "case.transferred",
                               "transfer.accepted",
                               "complaint.received",
                               "referral.sent",
                               "victim.withdrew_support",
                               "disposal.given",
                               "victim.died",
                               "needs.assessed",
                               "vps.taken",
                               "crime.death_caused"}) {
    EXPECT_GT(seen[expected], 0U) << expected;
  }
}

TEST(Simulation, TheTruthAccountsForEveryEventAndForWhatIsMissing) {
  const Folder folder;
  const auto answer = made(folder.file("london.csv"), 4000, 11);
  const auto result = read(folder.file("london.csv"));
  std::set<std::string> ids;
  uint64_t standing_alone = 0;  // neither a correction nor a retraction, nor from the second police system
  for (uint32_t row = 0; row < result.table.size(); ++row) {
    ids.insert(result.table.id(row));
    const bool copy = result.table.sources.name(result.table.source(row)) == "older-police-system";
    if (result.table.corrects(row).empty() && result.table.retracts(row).empty() && !copy) ++standing_alone;
  }
  std::ifstream truth(folder.file("london-truth.csv"));
  std::string line;
  std::getline(truth, line);
  EXPECT_EQ(line, "event,type,about,crime,participant,suspect,hearing,agency,happened_at,reached_at,record");
  std::map<std::string, uint64_t> fates;
  uint64_t recorded = 0, rows = 0;
  while (std::getline(truth, line)) {
    ++rows;
    const std::string event = line.substr(0, line.find(','));
    const std::string fate = line.substr(line.rfind(',') + 1);
    ++fates[fate];
    if (!event.empty()) {
      ++recorded;
      EXPECT_TRUE(ids.contains(event)) << line;
    }
    if (fate == "silent feed" || fate == "unwritten" || fate == "after the end") {
      EXPECT_TRUE(event.empty()) << line;
    }
    if (fate == "recorded") {
      EXPECT_FALSE(event.empty()) << line;
    }
  }
  EXPECT_EQ(rows, answer.simulated.tally.truths);
  EXPECT_EQ(recorded, standing_alone) << "each event stands for one thing that happened or is said to have";
  for (const char* fate : fate_words) {
    if (std::string(fate) != "backfilled" && std::string(fate) != "silent feed") {
      EXPECT_GT(fates[fate], 0U) << fate;
    }
  }
  EXPECT_GT(fates["silent feed"] + fates["backfilled"], 0U);
  EXPECT_FALSE(fates.contains(""));
}

TEST(Simulation, ASilentFeedLeavesAHoleThatTheCoverageNames) {
  const Folder folder;
  const auto answer = made(folder.file("london.csv"), 4000, 2);
  auto result = read(folder.file("london.csv"));
  const auto coverage = app::read_coverage_file(folder.file("london-coverage.csv"), &result.table);
  ASSERT_TRUE(coverage.ok()) << coverage.error().message;
  bool tried = false;
  for (const Silence& silence : answer.simulated.silences.all()) {
    if (silence.backfilled) continue;
    tried = true;
    const uint32_t source = result.table.sources.find(names(silence.feed).source);
    for (uint32_t row = 0; source != 0 && row < result.table.size(); ++row) {
      if (result.table.source(row) != source || !result.table.corrects(row).empty()) continue;
      if (vocabulary()->type_of(result.table.code(row)).name == "link.hearing" ||
          result.table.precision(row) != model::Precision::instant)
        continue;
      const calendar::LocalDate on = calendar::london_date(result.table.lo_ms(row));
      EXPECT_FALSE(silence.from < on && on < silence.to &&
                   calendar::london_date(result.table.recorded_at(row)) <= silence.to)
          << names(silence.feed).source << " spoke on " << to_string(on);
    }
    calendar::LocalDate gap;
    const char* type = silence.feed == Feed::custody ? "suspect.arrested" : "victim.informed";
    const auto* known = vocabulary()->find(type);
    EXPECT_TRUE(coverage->first_gap(result.table.agencies.find(names(silence.feed).agency),
                                    static_cast<uint16_t>(known - vocabulary()->types().data()), silence.from,
                                    silence.to, &gap) ||
                silence.feed == Feed::police_contact);
  }
  EXPECT_TRUE(tried);
}

TEST(Simulation, RefusesWhatCannotBe) {
  struct Row {
    simulation::Plan plan;
    const char* out;
    const char* says;
  };
  const Folder folder;
  const auto first = local_date({2024, 1, 1}), last = local_date({2024, 12, 31});
  const std::string good = folder.file("x.csv");
  for (const Row& row : {Row{{0, 1, first, last}, good.c_str(), "--victims 0"},
                         Row{{most_victims + 1, 1, first, last}, good.c_str(), "--victims 20000001"},
                         Row{{10, 1, last, first}, good.c_str(), "--from 2024-12-31 lies after --to 2024-01-01"},
                         Row{{10, 1, local_date({1999, 1, 1}), last}, good.c_str(), "does not cover 1999-01-01"},
                         Row{{10, 1, first, last}, "x.xlsx", "must end in .parquet, .csv or .jsonl"}}) {
    app::SimulationRequest request;
    request.plan = row.plan;
    request.out = row.out;
    const auto answer = app::simulate_london(request);
    ASSERT_FALSE(answer.ok()) << row.says;
    EXPECT_NE(answer.error().message.find(row.says), std::string::npos) << answer.error().message;
    EXPECT_FALSE(fs::exists(good)) << "nothing is left under the name of a run that was refused";
  }
}

// The bytes themselves: another machine, compiler or library must give the same.
TEST(Simulation, GivesTheseBytesEverywhere) {
  const Folder folder;
  made(folder.file("small.csv"), 300, 1);
  EXPECT_EQ(digest(read_file(folder.file("small.csv"))), 5950962208525471513ULL)
      << "a change of the simulation: if it is meant, write the new number here";
}

}  // namespace
}  // namespace kept::simulation
