// What `kept simulate --feeds` writes, read back through the contracts, is what `kept simulate` itself writes.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "app/simulate_london.h"
#include "exchange/feed_contract.h"
#include "exchange/read_events.h"
#include "ledger/hash.h"
#include "rules/rule_set.h"

namespace kept {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const model::Vocabulary> vocabulary() {
  static const auto made = [] {
    auto rules = rules::load_rules({});
    EXPECT_TRUE(rules) << rules.error().message;
    return rules->vocabulary;
  }();
  return made;
}

/// One event in full, as text: of a change in the court's list, what the courts' own events hold.
std::string text_of(const model::EventTable& table, uint32_t row) {
  const model::Vocabulary& words = table.vocabulary();
  const std::string name = words.code_name(table.code(row));
  if (name == "hearing.listed" || name == "hearing.vacated") {
    // What is lost: when it was typed (they say one time); of a hearing listed again the reason for that; of one taken
    // out of the list the day it had, the case file and the suspect (they name the hearing only).
    const bool listed = name == "hearing.listed";
    std::string out = fmt::format("{} {} {} hearing={} at={}", table.sources.name(table.source(row)), table.id(row),
                                  name, table.hearings.name(table.hearing(row)), model::to_string(table.occurred(row)));
    if (listed)
      out +=
          fmt::format(" urn={} suspect={}", table.urns.name(table.urn(row)), table.suspects.name(table.suspect(row)));
    for (const char* field : {"hearing_on", "hearing_kind", "listing_reason"}) {
      if (listed == (std::string_view(field) == "listing_reason")) continue;
      const auto id = static_cast<uint16_t>(words.field_id(field));
      int64_t value = 0;
      if (!table.detail_value(row, id, &value)) continue;
      const model::FieldKind kind = words.fields()[id].kind;
      out += fmt::format(" {}={}", field,
                         kind == model::FieldKind::date   ? model::to_string(table.moment(value))
                         : kind == model::FieldKind::code ? table.codes.name(static_cast<uint32_t>(value))
                                                          : std::to_string(value));
    }
    return out;
  }
  std::string out = fmt::format(
      "{} {} {} crime={} urn={} participant={} suspect={} hearing={} key={} at={} known={} recorded={}{} agency={} "
      "corrects={} retracts={}",
      table.sources.name(table.source(row)), table.id(row), name, table.crimes.name(table.crime(row)),
      table.urns.name(table.urn(row)), table.participants.name(table.participant(row)),
      table.suspects.name(table.suspect(row)), table.hearings.name(table.hearing(row)), table.keys.name(table.key(row)),
      model::to_string(table.occurred(row)), table.has_known(row) ? model::to_string(table.known(row)) : "-",
      table.recorded_at(row), table.recorded_assumed(row) ? "?" : "", table.agencies.name(table.agency(row)),
      table.corrects(row), table.retracts(row));
  std::vector<std::string> details;
  for (const model::DetailValue value : table.detail(row)) {
    const model::Field& field = words.fields()[value.field];
    std::string text = std::to_string(value.value);
    if (field.kind == model::FieldKind::code) text = table.codes.name(static_cast<uint32_t>(value.value));
    if (field.kind == model::FieldKind::date) text = model::to_string(table.moment(value.value));
    details.push_back(fmt::format(" {}={}", field.name, text));
  }
  std::sort(details.begin(), details.end());
  for (const auto& detail : details) out += detail;
  return out;
}

std::vector<std::string> texts_of(const exchange::ReadRequest& request, exchange::ReadCounts* counts) {
  const auto read = exchange::read_events(request);
  EXPECT_TRUE(read) << read.error().message;
  std::vector<std::string> out;
  if (!read) return out;
  for (uint32_t row = 0; row < read->table.size(); ++row) out.push_back(text_of(read->table, row));
  *counts = read->counts;
  return out;
}

class SimulatedFeeds : public testing::Test {
 protected:
  SimulatedFeeds() : folder_(fs::temp_directory_path() / fmt::format("kept-feeds-{}", ::getpid())) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~SimulatedFeeds() override { fs::remove_all(folder_); }

  app::SimulationAnswer simulate(uint64_t victims, uint64_t seed, const char* from, const char* to,
                                 const std::string& name) {
    app::SimulationRequest request;
    request.plan = {victims, seed, *calendar::parse_date(from), *calendar::parse_date(to)};
    request.out = (folder_ / (name + ".jsonl")).string();
    request.with_truth = false;
    request.feeds = (folder_ / name).string();
    auto answer = app::simulate_london(request);
    EXPECT_TRUE(answer) << answer.error().message;
    return std::move(answer).value();
  }

  fs::path folder_;
};

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Rows that the manifest says a feed's batches have; checks number and digest of each.
uint64_t manifested_rows(const fs::path& feed, std::vector<std::string>* files) {
  std::stringstream manifest(content(feed / "manifest.csv"));
  std::string line;
  std::getline(manifest, line);
  EXPECT_EQ(line, "number,file,rows,sha256,from,to\r");
  uint64_t number = 0, rows = 0;
  std::string last_to;
  while (std::getline(manifest, line)) {
    line.pop_back();
    std::vector<std::string> cells;
    std::stringstream split(line);
    for (std::string cell; std::getline(split, cell, ',');) cells.push_back(cell);
    EXPECT_EQ(cells.size(), 6u) << line;
    EXPECT_EQ(cells[0], std::to_string(++number));
    EXPECT_EQ(cells[3], ledger::to_hex(ledger::sha256(content(feed / cells[1])))) << feed << line;
    if (!last_to.empty()) {
      EXPECT_EQ(cells[4], last_to) << line;  // no hole in what the batches cover
    }
    last_to = cells[5];
    rows += std::stoull(cells[2]);
    files->push_back((feed / cells[1]).string());
  }
  return rows;
}

TEST_F(SimulatedFeeds, ReadThroughTheirContractsAreTheSameEvents) {
  // Long enough for trials, sentences, releases and complaints; over both changes of the clocks.
  const app::SimulationAnswer answer = simulate(600, 7, "2023-09-01", "2024-11-30", "london");
  const auto contracts = exchange::load_contracts(app::built_in_feeds(), *vocabulary());
  ASSERT_TRUE(contracts) << contracts.error().message;

  exchange::ReadRequest request;
  request.vocabulary = vocabulary();
  request.strict = true;
  request.files = {(folder_ / "london.jsonl").string()};
  exchange::ReadCounts counts;
  std::vector<std::string> expected = texts_of(request, &counts);
  ASSERT_EQ(expected.size(), answer.simulated.tally.events);

  std::vector<std::string> sent;
  uint64_t wide_rows = 0;
  for (const simulation::FeedSent& feed : answer.feeds) {
    const exchange::FeedContract& contract = contracts->at(feed.name);
    request.files.clear();
    EXPECT_EQ(manifested_rows(folder_ / "london" / feed.name, &request.files), feed.rows) << feed.name;
    EXPECT_EQ(request.files.size(), feed.batches) << feed.name;
    if (request.files.empty()) continue;
    request.mapping = contract.mapping.get();
    const std::vector<std::string> events = texts_of(request, &counts);
    EXPECT_EQ(counts.rows, feed.rows) << feed.name;
    EXPECT_EQ(counts.taken + counts.ignored, counts.rows) << feed.name;
    const bool of_courts = contract.mapping != nullptr && contract.mapping->form == exchange::Form::court_events;
    if (!of_courts) {
      EXPECT_EQ(counts.ignored, 0u) << feed.name;
    }
    EXPECT_EQ(counts.events, feed.events) << feed.name;
    if (feed.events > feed.rows) ++wide_rows;
    sent.insert(sent.end(), events.begin(), events.end());
  }
  EXPECT_GE(wide_rows, 3u);  // rows that are several events
  std::sort(expected.begin(), expected.end());
  std::sort(sent.begin(), sent.end());
  std::vector<std::string> lost, made_up;
  std::set_difference(expected.begin(), expected.end(), sent.begin(), sent.end(), std::back_inserter(lost));
  std::set_difference(sent.begin(), sent.end(), expected.begin(), expected.end(), std::back_inserter(made_up));
  EXPECT_TRUE(lost.empty()) << lost.size() << " lost, the first: " << lost.front();
  EXPECT_TRUE(made_up.empty()) << made_up.size() << " made up, the first: " << made_up.front();
}

TEST_F(SimulatedFeeds, TheSameSeedSendsTheSameBytes) {
  simulate(60, 3, "2024-01-01", "2024-02-29", "one");
  simulate(60, 3, "2024-01-01", "2024-02-29", "two");
  simulate(60, 4, "2024-01-01", "2024-02-29", "three");
  std::size_t files = 0;
  bool other_seed_differs = false;
  for (const auto& entry : fs::recursive_directory_iterator(folder_ / "one")) {
    if (!entry.is_regular_file()) continue;
    ++files;
    const fs::path inside = fs::relative(entry.path(), folder_ / "one");
    EXPECT_EQ(content(entry.path()), content(folder_ / "two" / inside)) << inside;
    other_seed_differs = other_seed_differs || content(entry.path()) != content(folder_ / "three" / inside);
  }
  EXPECT_GT(files, 1000u);
  EXPECT_TRUE(other_seed_differs);
}

TEST_F(SimulatedFeeds, AFolderWithSomethingInItIsRefused) {
  fs::create_directories(folder_ / "used");
  std::ofstream(folder_ / "used" / "letter.txt") << "keep me";
  app::SimulationRequest request;
  request.plan = {10, 1, *calendar::parse_date("2024-01-01"), *calendar::parse_date("2024-01-31")};
  request.feeds = (folder_ / "used").string();
  const auto answer = app::simulate_london(request);
  ASSERT_FALSE(answer);
  EXPECT_NE(answer.error().message.find("there is something in this folder already"), std::string::npos);
  EXPECT_EQ(content(folder_ / "used" / "letter.txt"), "keep me");
}

TEST_F(SimulatedFeeds, ASilentFeedSendsNothing) {
  const app::SimulationAnswer answer = simulate(200, 5, "2023-01-01", "2023-12-31", "year");
  ASSERT_FALSE(answer.simulated.silences.all().empty());
  const auto contracts = exchange::load_contracts(app::built_in_feeds(), *vocabulary());
  ASSERT_TRUE(contracts);
  std::size_t checked = 0;
  for (const simulation::Silence& silence : answer.simulated.silences.all()) {
    for (const auto& [name, contract] : *contracts) {
      if (contract.source != simulation::names(silence.feed).source) continue;
      std::stringstream manifest(content(folder_ / "year" / name / "manifest.csv"));
      const std::string from = to_string(silence.from), to = to_string(silence.to);
      for (std::string line; std::getline(manifest, line);) {
        const std::string closed = line.substr(line.rfind(',') + 1, 10);
        EXPECT_FALSE(closed > from && closed < to) << name << ": " << line;
      }
      ++checked;
    }
  }
  EXPECT_GE(checked, 1u);
}

}  // namespace
}  // namespace kept
