// What `kept simulate --feeds` writes, read back through the contracts, is what `kept simulate` itself writes.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "app/simulate_london.h"
#include "exchange/feed_contract.h"
#include "exchange/read_events.h"
#include "ledger/hash.h"
#include "rules/rule_set.h"
#include "support/checked_build.h"

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
    // What is lost: when it was typed (they say one time); the suspect (the courts have numbers of their own for
    // defendants); of a hearing listed again the reason for that; of one taken out of the list the day it had and the
    // case file (they name the hearing only).
    const bool listed = name == "hearing.listed";
    std::string out = fmt::format("{} {} {} hearing={} at={}", table.sources.name(table.source(row)), table.id(row),
                                  name, table.hearings.name(table.hearing(row)), model::to_string(table.occurred(row)));
    if (listed) out += fmt::format(" urn={}", table.urns.name(table.urn(row)));
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

// What a published list shows is what the listing events recorded until then say of its days: no more and no less.
void expect_lists_of_what_stood(const fs::path& folder, const exchange::FeedContracts& contracts) {
  exchange::ReadRequest request;
  request.vocabulary = vocabulary();
  request.files = {(folder / "london.jsonl").string()};
  const auto records = exchange::read_events(request);
  ASSERT_TRUE(records);
  const model::EventTable& table = records->table;
  const auto field = [&](const char* name) { return static_cast<uint16_t>(vocabulary()->field_id(name)); };
  std::vector<uint32_t> changes;  // of the courts' lists
  for (uint32_t row = 0; row < table.size(); ++row) {
    const std::string name = vocabulary()->code_name(table.code(row));
    if (name == "hearing.listed" || name == "hearing.vacated") changes.push_back(row);
  }
  /// Cases and days of an agency's hearings as they stood before a moment, `from` to `to`.
  const auto standing = [&](const std::string& agency, int64_t before, const std::string& from, const std::string& to) {
    std::map<std::string, uint32_t> last;
    for (const uint32_t row : changes) {
      if (table.recorded_at(row) >= before) continue;
      if (table.agencies.name(table.agency(row)) != agency) continue;
      const auto [found, fresh] = last.emplace(table.hearings.name(table.hearing(row)), row);
      if (!fresh && table.lo_ms(found->second) <= table.lo_ms(row)) found->second = row;
    }
    std::multiset<std::string> cases;
    for (const auto& [hearing, row] : last) {
      int64_t value = 0;
      if (vocabulary()->code_name(table.code(row)) != "hearing.listed" ||
          !table.detail_value(row, field("hearing_on"), &value))
        continue;
      const std::string on = model::to_string(table.moment(value));
      if (from <= on && on <= to) cases.insert(table.urns.name(table.urn(row)) + " " + on);
    }
    return cases;
  };
  std::map<std::string, uint64_t> lists, shown;
  const auto holidays = rules::load_rules({});
  ASSERT_TRUE(holidays);
  const calendar::WorkingDays working = holidays->calendar->known_on(*calendar::parse_date("2024-11-30"));
  for (const char* name : {"court-lists-crown", "court-lists-magistrates"}) {
    const exchange::FeedContract& contract = contracts.at(name);
    std::vector<std::string> files;
    manifested_rows(folder / "london" / name, &files);
    ASSERT_GT(files.size(), 300u) << name;
    for (std::size_t i = 0; i < files.size(); i += part_when_checked) {
      const std::string text = content(files[i]);
      const std::string list = text.starts_with("{\"DailyList")    ? "daily"
                               : text.starts_with("{\"FirmList")   ? "firm"
                               : text.starts_with("{\"WarnedList") ? "warned"
                                                                   : "magistrates";
      const auto after = [&](const std::string& mark) {
        const std::size_t at = text.find(mark);
        return at == std::string::npos
                   ? std::string()
                   : text.substr(at + mark.size(), text.find('"', at + mark.size()) - at - mark.size());
      };
      const std::string published = list == "magistrates" ? after("publicationDate\":\"") : after("PublishedTime\":\"");
      const int64_t at = model::parse_moment(published)->lo_ms;
      std::string from = after("StartDate\":\""), to = after("EndDate\":\"");
      if (list == "magistrates") {
        // For the days after the one of its publication, to the next working day.
        calendar::LocalDate next;
        ASSERT_TRUE(working.nth_after(calendar::london_date(at), 1, &next));
        from = to_string(calendar::london_date(at) + 1);
        to = to_string(next);
      }
      request.files = {files[i]};
      request.mapping = contract.mapping.get();
      const auto read = exchange::read_events(request);
      ASSERT_TRUE(read) << read.error().message;
      EXPECT_EQ(read->counts.rejected, 0u) << files[i];
      std::multiset<std::string> cases;
      for (uint32_t row = 0; row < read->table.size(); ++row) {
        int64_t value = 0;
        ASSERT_TRUE(read->table.detail_value(row, field("hearing_on"), &value));
        cases.insert(read->table.urns.name(read->table.urn(row)) + " " + model::to_string(read->table.moment(value)));
        EXPECT_EQ(model::instant_text(read->table.lo_ms(row)), published);
        EXPECT_TRUE(read->table.hearings.name(read->table.hearing(row)).starts_with("case/"));
      }
      EXPECT_EQ(cases, standing(contract.agency, at, from, to)) << files[i] << " " << from << " " << to;
      ++lists[list];
      shown[list] += cases.size();
    }
  }
  EXPECT_EQ(lists.size(), 4u);
  for (const auto& [list, number] : lists)
    EXPECT_GT(number, (list == "firm" || list == "warned" ? 30u : 250u) / part_when_checked) << list;
  for (const auto& [list, number] : shown) EXPECT_GE(number, 5u / part_when_checked) << list;
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
    if (contract.mapping != nullptr && contract.mapping->form == exchange::Form::court_list) {
      // Published lists say again what stands.
      EXPECT_EQ(counts.events, feed.events) << feed.name;
      continue;
    }
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
  expect_lists_of_what_stood(folder_, *contracts);
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
