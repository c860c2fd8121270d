#include "app/coded_event.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "app/simulate_london.h"
#include "exchange/read_events.h"
#include "rules/rule_set.h"

namespace kept::app {
namespace {

namespace fs = std::filesystem;

/// What an event's field holds in a table, whatever numbers that table knows its words and times by.
std::string shown(const model::EventTable& table, uint32_t row, uint16_t field) {
  int64_t value = 0;
  if (!table.detail_value(row, field, &value)) return "";
  switch (table.vocabulary().fields()[field].kind) {
    case model::FieldKind::code:
      return "code " + table.codes.name(static_cast<uint32_t>(value));
    case model::FieldKind::date:
      return "time " + model::to_string(table.moment(value));
    default:
      return "value " + std::to_string(value);
  }
}

// The independent reading is that of `kept assess`, which fills its table from the file column by column.
TEST(CodedEvent, GivesTheRowThatReadingAFileGives) {
  const fs::path folder = fs::path(testing::TempDir()) / ("kept-coded-" + std::to_string(::getpid()));
  fs::create_directories(folder);
  SimulationRequest simulation;
  simulation.plan = {200, 5, calendar::local_date({2024, 1, 1}), calendar::local_date({2024, 12, 31})};
  simulation.out = (folder / "london.jsonl").string();
  simulation.with_truth = false;
  ASSERT_TRUE(simulate_london(simulation));
  {
    // What the simulation has none of.
    std::ofstream more(simulation.out, std::ios::app);
    more << R"({"id":"x1","source":"tests","type":"link.suspect","crime":"c 1","suspect":"s 1","urn":"01AB",)"
         << R"("occurred_at":"2024-03..2024-05-02","known_at":"2024-06","recorded_at":"2024-07-01T10:00:00.125Z",)"
         << R"("agency":"met"})" << "\n"
         << R"({"id":"x2","source":"tests","type":"link.suspect","crime":"c 1","suspect":"s 1","corrects":"x1",)"
         << R"("occurred_at":"2024-03-02","recorded_at":"2024-07-02T10:00:00Z","agency":"met"})" << "\n"
         << R"({"id":"x3","source":"tests","type":"link.suspect","crime":"c 1","suspect":"s 1","retracts":"x1",)"
         << R"("occurred_at":"2024-03-02","recorded_at":"2024-07-03T10:00:00Z","agency":"met"})" << "\n";
  }
  const auto rules = rules::load_rule_set({rules::built_in_rules(), ""});
  ASSERT_TRUE(rules);
  exchange::ReadRequest request;
  request.files = {simulation.out};
  request.vocabulary = rules->book.vocabulary;
  request.strict = true;
  const auto read = exchange::read_events(request);
  ASSERT_TRUE(read) << read.error().message;
  struct Kept : exchange::WholeRows {
    std::vector<model::Event> events;
    base::Status take(exchange::WholeRow& row) override {
      for (model::Event& event : row.events) events.push_back(std::move(event));
      return base::Done{};
    }
  } kept;
  request.whole = &kept;
  const auto again = exchange::read_events(request);
  ASSERT_TRUE(again) << again.error().message;
  fs::remove_all(folder);

  const model::EventTable& expected = read->table;
  ASSERT_EQ(expected.size(), kept.events.size());
  model::EventTable table(rules->book.vocabulary);
  table.expect_few();
  std::size_t details = 0;
  for (uint32_t row = 0; row < expected.size(); ++row) {
    const model::Event& event = kept.events[row];
    SCOPED_TRACE(event.source + " " + event.id);
    const auto coded = CodedEvent::of(event, *rules->book.vocabulary);
    ASSERT_TRUE(coded) << coded.error().message;
    ASSERT_EQ(coded->add_to(&table, NamedInTable::of(event, &table)), row);
    ASSERT_EQ(table.code(row), expected.code(row));
    ASSERT_EQ(table.occurred(row), expected.occurred(row));
    ASSERT_EQ(table.has_known(row), expected.has_known(row));
    if (expected.has_known(row)) {
      ASSERT_EQ(table.known(row), expected.known(row));
    }
    ASSERT_EQ(table.recorded_at(row), expected.recorded_at(row));
    ASSERT_EQ(table.recorded_assumed(row), expected.recorded_assumed(row));
    const auto name = [&](const model::Symbols model::EventTable::* names, auto which) {
      return (table.*names).name((table.*which)(row)) == (expected.*names).name((expected.*which)(row));
    };
    using Table = model::EventTable;
    ASSERT_TRUE(name(&Table::participants, &Table::participant) && name(&Table::crimes, &Table::crime) &&
                name(&Table::suspects, &Table::suspect) && name(&Table::hearings, &Table::hearing) &&
                name(&Table::keys, &Table::key) && name(&Table::sources, &Table::source) &&
                name(&Table::agencies, &Table::agency) && name(&Table::urns, &Table::urn));
    ASSERT_EQ(table.given_id(row), expected.given_id(row));
    ASSERT_EQ(table.corrects(row), expected.corrects(row));
    ASSERT_EQ(table.retracts(row), expected.retracts(row));
    // The first moment of all from the day before it occurred.
    int64_t next = INT64_MAX;
    const int64_t before = expected.lo_ms(row) - 86'400'000;
    const auto see = [&](const model::Moment& moment) {
      for (const int64_t at : {moment.lo_ms, moment.hi_ms + 1})
        if (at > before) next = std::min(next, at);
    };
    see(expected.occurred(row));
    see(model::Moment::instant(expected.recorded_at(row)));
    if (expected.has_known(row)) see(expected.known(row));
    for (uint16_t field = 0; field < rules->book.vocabulary->fields().size(); ++field) {
      const model::Field& one = rules->book.vocabulary->fields()[field];
      if (one.personal || one.kind == model::FieldKind::text) continue;
      const std::string wanted = shown(expected, row, field);
      ASSERT_EQ(shown(table, row, field), wanted) << one.name;
      details += wanted.empty() ? 0 : 1;
      int64_t value = 0;
      if (one.kind == model::FieldKind::date && expected.detail_value(row, field, &value)) see(expected.moment(value));
    }
    ASSERT_EQ(coded->next_after(before), next);
  }
  EXPECT_GT(details, expected.size() / 20) << "too few events have anything to lose";
}

}  // namespace
}  // namespace kept::app
