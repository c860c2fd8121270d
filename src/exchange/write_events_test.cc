#include "exchange/write_events.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "exchange/read_events.h"
#include "exchange/sample_vocabulary_test.h"

namespace kept::exchange {
namespace {

namespace fs = std::filesystem;
using model::EventTable;
using model::Moment;

std::string name_of(std::mt19937_64& random, bool numbers) {
  if (numbers) return std::to_string(random() % 1000);
  static const char* const names[] = {"A", "0012", "Zoë", "a,b", "quote\"d", "line\nend", " blank ", "=1+1", "🙂"};
  return names[random() % std::size(names)];
}

Moment moment_of(std::mt19937_64& random, bool only_instants) {
  const int64_t at_ms =
      1'400'000'000'000 + static_cast<int64_t>(random() % 400'000'000) * 1000 + (random() % 2 == 0 ? 0 : 7);
  switch (only_instants ? 0 : random() % 4) {
    case 1:
      return Moment::date(calendar::london_date(at_ms));
    case 2:
      return *model::parse_moment(fmt::format("20{:02}-{:02}", random() % 99, 1 + random() % 12));
    case 3:
      return *model::parse_moment("2026-01-02..2026-03-04T10:00:00Z");
    default:
      return Moment::instant(at_ms);
  }
}

EventTable random_table(uint64_t seed, uint32_t rows) {
  std::mt19937_64 random(seed);
  EventTable table(sample_vocabulary());
  const bool numbers = seed % 2 == 0;
  const bool only_instants = seed % 3 == 0;
  const auto& vocabulary = table.vocabulary();
  for (uint32_t i = 0; i < rows; ++i) {
    model::EventRow row;
    const auto& type = vocabulary.types()[random() % vocabulary.types().size()];
    row.code = type.first_code;
    row.occurred = moment_of(random, only_instants);
    row.recorded_at = moment_of(random, true).lo_ms;
    row.recorded_assumed = random() % 4 == 0;
    if (row.recorded_assumed) row.recorded_at = row.occurred.lo_ms;
    row.has_known = random() % 5 == 0;
    row.known = moment_of(random, only_instants);
    const uint8_t carried = static_cast<uint8_t>(type.needs | (type.carries & random()));
    if ((carried & model::carries_participant) != 0)
      row.participant = table.participants.code(name_of(random, numbers));
    if ((carried & model::carries_crime) != 0) row.crime = table.crimes.code(name_of(random, false));
    if ((carried & model::carries_suspect) != 0) row.suspect = table.suspects.code(name_of(random, numbers));
    if ((carried & model::carries_hearing) != 0) row.hearing = table.hearings.code(name_of(random, false));
    if ((carried & model::carries_urn) != 0) row.urn = table.urns.code(name_of(random, false));
    if ((carried & model::carries_key) != 0) row.key = table.keys.code(name_of(random, false));
    row.source = table.sources.code(random() % 2 == 0 ? "feed" : "other feed");
    if (random() % 3 != 0) row.agency = table.agencies.code("met");
    const std::string id = fmt::format("e{}", i);
    if (random() % 4 != 0) row.id = id;
    const std::string target = fmt::format("e{}", random() % (i + 1));
    if (target != id && random() % 10 == 0) (random() % 2 == 0 ? row.corrects : row.retracts) = target;
    std::vector<model::DetailValue> details;
    for (const uint16_t field : type.fields) {
      const auto& declared = vocabulary.fields()[field];
      if (declared.kind == model::FieldKind::text) continue;
      if (field == type.distinguished_by) {
        row.code = static_cast<uint16_t>(type.first_code + 1 + random() % declared.words.size());
        continue;
      }
      if (random() % 2 == 0) continue;
      int64_t value = static_cast<int64_t>(random() % 2);
      if (declared.kind == model::FieldKind::number) value = static_cast<int64_t>(random() % 1000) - 500;
      if (declared.kind == model::FieldKind::code) value = table.codes.code(name_of(random, false));
      if (declared.kind == model::FieldKind::date) value = table.add_moment(moment_of(random, false));
      details.push_back({field, value});
    }
    row.detail = details.data();
    row.detail_count = details.size();
    table.append(row);
  }
  return table;
}

/// Everything an event says, names for codes.
std::string told(const EventTable& table, uint32_t row) {
  std::string text = fmt::format(
      "{} {} assumed={} recorded={} known={} p={} c={} s={} h={} k={} u={} src={} a={} id={} corrects={} retracts={}",
      to_string(table.occurred(row)), table.vocabulary().code_name(table.code(row)), table.recorded_assumed(row),
      table.recorded_at(row), table.has_known(row) ? to_string(table.known(row)) : "",
      table.participants.name(table.participant(row)), table.crimes.name(table.crime(row)),
      table.suspects.name(table.suspect(row)), table.hearings.name(table.hearing(row)), table.keys.name(table.key(row)),
      table.urns.name(table.urn(row)), table.sources.name(table.source(row)), table.agencies.name(table.agency(row)),
      table.given_id(row), table.corrects(row), table.retracts(row));
  for (uint16_t field = 0; field < table.vocabulary().fields().size(); ++field) {
    int64_t value = 0;
    if (!table.detail_value(row, field, &value)) continue;
    const auto kind = table.vocabulary().fields()[field].kind;
    text += fmt::format(" {}={}", table.vocabulary().fields()[field].name,
                        kind == model::FieldKind::date   ? to_string(table.moment(value))
                        : kind == model::FieldKind::code ? table.codes.name(static_cast<uint32_t>(value))
                                                         : std::to_string(value));
  }
  return text;
}

TEST(WriteEvents, WhatIsWrittenIsReadBackInEveryForm) {
  const fs::path folder = fs::temp_directory_path() / fmt::format("kept-write-{}", getpid());
  fs::create_directories(folder);
  for (uint64_t seed = 0; seed < 6; ++seed) {
    const EventTable table = random_table(seed, seed == 0 ? 0 : 3000);
    for (const char* ending : {"csv", "jsonl", "parquet"}) {
      SCOPED_TRACE(fmt::format("seed {} as {}", seed, ending));
      const std::string path = (folder / fmt::format("events.{}", ending)).string();
      const auto written = write_events(table, path);
      ASSERT_TRUE(written) << written.error().message;
      RejectList rejects;
      ReadRequest request;
      request.files = {path};
      request.vocabulary = table.shared_vocabulary();
      request.rejects = &rejects;
      request.limits.block_bytes = seed % 2 == 0 ? 1 << 20 : 777;
      const auto result = read_events(request);
      ASSERT_TRUE(result) << result.error().message;
      ASSERT_TRUE(rejects.rows.empty()) << rejects.rows[0].why << ": " << rejects.rows[0].row;
      ASSERT_EQ(result->table.size(), table.size());
      for (uint32_t row = 0; row < table.size(); ++row) ASSERT_EQ(told(result->table, row), told(table, row)) << row;
    }
  }
  const auto refused = write_events(random_table(1, 1), (folder / "events.xlsx").string());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::ErrorCode::unsupported);
  fs::remove_all(folder);
}

}  // namespace
}  // namespace kept::exchange
