#include "exchange/mapped_rows.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "exchange/read_events.h"
#include "exchange/sample_vocabulary_test.h"

namespace kept::exchange {
namespace {

namespace fs = std::filesystem;

Mapping mapping_of(const std::string& yaml) {
  auto mapping = Mapping::parse(yaml, "m.yaml");
  EXPECT_TRUE(mapping) << mapping.error().message;
  return std::move(mapping).value();
}

MappedRows rows_of(const Mapping& mapping) {
  auto rows = MappedRows::make(mapping, sample_vocabulary());
  EXPECT_TRUE(rows) << rows.error().message;
  return std::move(rows).value();
}

std::string text(const MappedRows& rows) {
  std::string out = rows.line(rows.heading());
  for (const auto& row : rows.rows()) out += rows.line(row);
  return out;
}

model::EventTable read_back(const std::string& csv, const Mapping& mapping) {
  const fs::path path = fs::temp_directory_path() / fmt::format("kept-mapped-{}.csv", ::getpid());
  std::ofstream(path, std::ios::binary) << csv;
  ReadRequest request;
  request.files = {path.string()};
  request.mapping = &mapping;
  request.vocabulary = sample_vocabulary();
  request.strict = true;
  auto read = read_events(request);
  fs::remove(path);
  EXPECT_TRUE(read) << read.error().message;
  return std::move(read->table);
}

const char* const contacts =
    "mapping: 1\n"
    "times: [\"%d/%m/%Y %H:%M\", \"%d/%m/%Y\", iso]\n"
    "zone: Europe/London\n"
    "columns:\n"
    "  id: No\n"
    "  participant: \"V-{Victim}\"\n"
    "  suspect: Suspect\n"
    "  occurred_at: When\n"
    "  about: About\n"
    "  way: {column: How, values: {T: phone, L: letter}}\n"
    "source: log\n"
    "types:\n"
    "  column: What\n"
    "  table: {Told of arrest: victim.informed about=arrest, Told: victim.informed, Nicked: suspect.arrested}\n";

TEST(MappedRows, WritesWhatItsMappingReads) {
  const Mapping mapping = mapping_of(contacts);
  MappedRows rows = rows_of(mapping);
  const auto add = [&](NamedValues event) {
    const base::Status added = rows.add(event);
    EXPECT_TRUE(added.ok()) << added.error().message;
  };
  add({{"type", "victim.informed"},
       {"id", "1"},
       {"participant", "V-7"},
       {"occurred_at", "2026-07-01T10:30:00Z"},
       {"about", "arrest"},
       {"way", "letter"},
       {"source", "log"}});
  add({{"type", "victim.informed"},
       {"id", "2"},
       {"participant", "V-8"},
       {"occurred_at", "2026-01-01"},
       {"about", "bail"}});
  // 01:30 came twice that night, and seconds have no place in the first form.
  add({{"type", "victim.informed"},
       {"id", "3"},
       {"participant", "V-9, x"},
       {"occurred_at", "2026-10-25T01:30:00Z"},
       {"about", "charge"}});
  EXPECT_EQ(text(rows),
            "No,Victim,Suspect,When,About,How,What\r\n"
            "1,7,,01/07/2026 11:30,,L,Told of arrest\r\n"
            "2,8,,01/01/2026,bail,,Told\r\n"
            "3,\"9, x\",,2026-10-25T01:30:00Z,charge,,Told\r\n");
  const model::EventTable table = read_back(text(rows), mapping);
  ASSERT_EQ(table.size(), 3u);
  EXPECT_EQ(table.participants.name(table.participant(2)), "V-9, x");
  EXPECT_EQ(model::to_string(table.occurred(0)), "2026-07-01T10:30:00Z");
  EXPECT_EQ(model::to_string(table.occurred(1)), "2026-01-01");
  EXPECT_EQ(model::to_string(table.occurred(2)), "2026-10-25T01:30:00Z");
}

TEST(MappedRows, EventsThatOneRowCanCarryShareIt) {
  const Mapping mapping = mapping_of(
      "mapping: 1\n"
      "columns: {participant: Victim, crime: Crime}\n"
      "events:\n"
      "  - {type: link.victim, occurred_at: Linked, id: Linked no}\n"
      "  - {type: triage, occurred_at: Seen, id: Seen no, enhanced: Enhanced}\n"
      "  - {type: antibiotics, occurred_at: Given, id: Given no}\n");
  MappedRows rows = rows_of(mapping);
  const auto add = [&](const char* type, const char* id, const char* victim, const char* crime, const char* on) {
    NamedValues event{{"type", type}, {"id", id}, {"participant", victim}, {"occurred_at", on}};
    if (*crime != '\0') event["crime"] = crime;
    const base::Status added = rows.add(event);
    EXPECT_TRUE(added.ok()) << added.error().message;
  };
  add("link.victim", "1", "A", "9", "2026-01-01");
  add("triage", "2", "A", "9", "2026-01-02");
  add("antibiotics", "3", "B", "9", "2026-01-03");  // of somebody else
  add("antibiotics", "4", "A", "9", "2026-01-04");
  add("antibiotics", "5", "A", "9", "2026-01-05");  // the row has one
  add("triage", "6", "B", "", "2026-01-06");        // without the crime: not B's row
  EXPECT_EQ(text(rows),
            "Crime,Victim,Linked no,Linked,Enhanced,Seen no,Seen,Given no,Given\r\n"
            "9,A,1,2026-01-01,,2,2026-01-02,4,2026-01-04\r\n"
            "9,B,,,,,,3,2026-01-03\r\n"
            "9,A,,,,,,5,2026-01-05\r\n"
            ",B,,,,6,2026-01-06,,\r\n");
  const model::EventTable table = read_back(text(rows), mapping);
  std::set<std::string> ids;
  for (uint32_t row = 0; row < table.size(); ++row) ids.insert(table.id(row));
  EXPECT_EQ(ids, (std::set<std::string>{"1", "2", "3", "4", "5", "6"}));
}

TEST(MappedRows, SaysWhatItHasNoPlaceFor) {
  const Mapping mapping = mapping_of(contacts);
  MappedRows rows = rows_of(mapping);
  const auto refusal = [&](NamedValues event) {
    const base::Status added = rows.add(event);
    return added.ok() ? std::string("taken") : added.error().message;
  };
  const NamedValues good{
      {"type", "victim.informed"}, {"participant", "V-7"}, {"occurred_at", "2026-07-01T10:30:00Z"}, {"about", "bail"}};
  const auto with = [&](const char* name, const char* value) {
    NamedValues event = good;
    event[name] = value;
    return event;
  };
  EXPECT_EQ(refusal(with("type", "triage")), "m.yaml: no row of it gives triage");
  EXPECT_EQ(refusal(with("hearing", "H")), "m.yaml: a row that gives victim.informed has no column for hearing");
  EXPECT_EQ(refusal(with("source", "other")), "m.yaml:11: source is always \"log\" there, not \"other\"");
  EXPECT_EQ(refusal(with("participant", "7")), "m.yaml:6: participant \"7\" is not of the form V-{Victim}");
  EXPECT_EQ(refusal(with("way", "T")), "m.yaml: no value of \"How\" stands for \"T\"; add it to its `values`");
  EXPECT_TRUE(rows.rows().empty());
}

TEST(MappedRows, RefusesAMappingThatCannotBeTurnedRound) {
  const auto refusal = [](const std::string& yaml) {
    const Mapping mapping = mapping_of(yaml);
    const auto rows = MappedRows::make(mapping, sample_vocabulary());
    return rows ? std::string("taken") : rows.error().message;
  };
  EXPECT_EQ(refusal("mapping: 1\ntype: triage\ncolumns: {occurred_at: At, participant: P, id: \"{P}-{n}\"}\n"),
            "m.yaml:3: id is made of several columns: it cannot be turned round");
  EXPECT_EQ(refusal("mapping: 1\ntype: triage\ncase: P\nlink: each case\ncolumns: {occurred_at: At}\n"),
            "m.yaml:1: rows cannot be made for a mapping that adds links of its own");
}

}  // namespace
}  // namespace kept::exchange
