#include "exchange/mapping.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "columns/table_writer.h"
#include "exchange/packed_details.h"
#include "exchange/read_events.h"
#include "exchange/sample_vocabulary_test.h"

namespace kept::exchange {
namespace {

namespace fs = std::filesystem;

class MappingTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("kept-mapping-" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  base::Result<ReadResult> read(const std::string& yaml, const std::string& bytes,
                                const std::string& name = "log.csv") {
    rejects_.rows.clear();
    auto parsed = Mapping::parse(yaml, "mapping.yaml");
    if (!parsed) return parsed.error();
    const std::string path = (folder_ / name).string();
    if (!bytes.empty()) std::ofstream(path, std::ios::binary) << bytes;
    ReadRequest request;
    request.files = {path};
    request.mapping = &*parsed;
    request.vocabulary = sample_vocabulary();
    request.rejects = &rejects_;
    return read_events(request);
  }
  base::Result<ReadResult> read_own_form(const std::string& path) {
    rejects_.rows.clear();
    ReadRequest request;
    request.files = {path};
    request.vocabulary = sample_vocabulary();
    request.rejects = &rejects_;
    return read_events(request);
  }
  /// Each event as the words of an example: WHEN TYPE key=value.
  static std::vector<std::string> told(const model::EventTable& table) {
    std::vector<std::string> out;
    for (uint32_t row = 0; row < table.size(); ++row) {
      std::string text = to_string(table.occurred(row)) + " " + table.vocabulary().code_name(table.code(row));
      const auto add = [&](const char* key, const model::Symbols& symbols, uint32_t code) {
        if (code != 0) text += fmt::format(" {}={}", key, symbols.name(code));
      };
      add("participant", table.participants, table.participant(row));
      add("crime", table.crimes, table.crime(row));
      add("suspect", table.suspects, table.suspect(row));
      add("agency", table.agencies, table.agency(row));
      add("source", table.sources, table.source(row));
      add("key", table.keys, table.key(row));
      if (!table.given_id(row).empty()) text += fmt::format(" id={}", table.given_id(row));
      if (!table.recorded_assumed(row)) text += " recorded=" + model::instant_text(table.recorded_at(row));
      for (const auto [id, held] : table.detail(row)) {
        const auto& field = table.vocabulary().fields()[id];
        const std::string value = field.kind == model::FieldKind::word   ? field.words[static_cast<std::size_t>(held)]
                                  : field.kind == model::FieldKind::date ? to_string(table.moment(held))
                                  : field.kind == model::FieldKind::code ? table.codes.name(static_cast<uint32_t>(held))
                                                                         : std::to_string(held);
        text += fmt::format(" {}={}", field.name, value);
      }
      out.push_back(text);
    }
    return out;
  }
  fs::path folder_;
  RejectList rejects_;
};

TEST_F(MappingTest, WhatAMappingCanSay) {
  struct Case {
    const char* why;
    const char* yaml;
    std::string bytes;
    std::vector<std::string> wanted;
    uint64_t ignored = 0;
    std::vector<RejectReason> rejected = {};
  };
  const Case cases[] = {
      {"columns, a constant, a pattern and a fixed type",
       "mapping: 1\ntype: triage\ncolumns:\n  participant: Patient No\n  occurred_at: \"{Date} {Time}\"\n  id: "
       "\"{Patient No}-{n}\"\n  agency: {constant: ward}\n"
       "times: \"%d/%m/%Y %H:%M\"\nzone: Europe/London\nsource: st-marys\n",
       "Patient No,Date,Time\n12,31/01/2026,09:05\n13,01/07/2026,09:05\n",
       {"2026-01-31T09:05:00Z triage participant=12 agency=ward source=st-marys id=12-1",
        "2026-07-01T08:05:00Z triage participant=13 agency=ward source=st-marys id=13-2"}},
      {"a table of types with what they bring, unlisted ignored, blanks trimmed",
       "mapping: 1\ncase: c\ncolumns: {occurred_at: t}\ntypes:\n  column: what\n  unlisted: ignore\n  table:\n    Told "
       "of arrest: victim.informed about=arrest\n"
       "    Told by phone: {type: victim.informed, about: charge, way: phone}\n",
       "c;what;t\n7; Told of arrest ;2026-01-02\n7;Told by phone;2026-01-03T10:00:00+01:00\n7;Lunch;never\n",
       {"2026-01-02 victim.informed about=arrest participant=7",
        "2026-01-03T09:00:00Z victim.informed about=charge participant=7 way=phone"},
       1},
      {"unlisted rejected",
       "mapping: 1\ncase: c\ncolumns: {occurred_at: t}\ntypes: {column: what, table: {A: triage}}\n",
       "c,what,t\n1,A,2026\n1,B,2026\n1,,2026\n",
       {"2026 triage participant=1"},
       0,
       {RejectReason::unlisted_value, RejectReason::missing}},
      {"several events a row, one for each date",
       "mapping: 1\ncase: id\nevents:\n  - {type: triage, occurred_at: in}\n  - {type: antibiotics, occurred_at: "
       "drug}\n  - type: victim.informed\n    occurred_at: told\n"
       "    about: {column: topic, values: {A: arrest, B: bail}}\n    when: [told, {topic: [A, B]}]\n",
       "id,in,drug,told,topic\n1,2026-01-01,,2026-01-03,A\n2,2026-01-01,2026-01-02,2026-01-03,C\n3,,,,\n4,x,,,\n",
       {"2026-01-01 triage participant=1", "2026-01-03 victim.informed about=arrest participant=1",
        "2026-01-01 triage participant=2", "2026-01-02 antibiotics participant=2"},
       1,
       {RejectReason::bad_time}},
      {"each case linked at its first event, even one that is set aside",
       "mapping: 1\ncase: c\nlink: each case\ncolumns: {occurred_at: t}\ntypes: {column: w, by_name: yes, unlisted: "
       "ignore}\n",
       "c,w,t\n1,Lactic "
       "Acid,2026-01-02T10:00:00Z\n1,Registration,2026-01-01T10:00:00Z\n2,Registration,2026-01-05T10:00:00Z\n",
       {"2026-01-02T10:00:00Z lactic_acid participant=1 crime=1",
        "2026-01-01T10:00:00Z link.victim participant=1 crime=1",
        "2026-01-05T10:00:00Z link.victim participant=2 crime=2"},
       2},
      {"several forms of time, tried in order",
       "mapping: 1\ntype: triage\ncase: c\ntimes: [\"%d-%b-%y\", \"%m/%d/%Y %I:%M %p\", epoch_seconds]\nzone: "
       "UTC\ncolumns: {occurred_at: t}\n",
       "c,t\n1,03-Feb-26\n1,02/03/2026 12:30 AM\n1,1770078600\n1,2026-02-03\n",
       {"2026-02-03 triage participant=1", "2026-02-03T00:30:00Z triage participant=1",
        "2026-02-03T00:30:00Z triage participant=1"},
       0,
       {RejectReason::bad_time}},
      {"a column with a form of its own, and when it was recorded",
       "mapping: 1\ntype: triage\ncase: c\nzone: Europe/London\ncolumns:\n  occurred_at: t\n  recorded_at: {column: r, "
       "times: excel_days, zone: UTC}\n",
       "c,t,r\n1,2026-07-01 10:00,46204.5\n",
       {"2026-07-01T09:00:00Z triage participant=1 recorded=2026-07-01T12:00:00Z"}},
      {"rows chosen by value, and words that mean nothing",
       "mapping: 1\ntype: triage\ncase: c\nabsent: [NULL, n/a]\nonly: {state: complete, c: {not: 9}}\ncolumns: "
       "{occurred_at: t}\n",
       "c,t,state\n1,2026-01-01,complete\n2,2026-01-01,start\n9,2026-01-01,complete\nNULL,2026-01-01,complete\n",
       {"2026-01-01 triage participant=1"},
       2,
       {RejectReason::missing}},
      {"lines before the heading, tabs, windows-1252",
       "mapping: 1\ntype: triage\nskip_lines: 2\nseparator: tab\nencoding: windows-1252\ncolumns: {participant: "
       "\"Na\\u00efve\", occurred_at: t}\n",
       "Report\nmade today\nNa\xefve\tt\nZo\xeb\t2026-01-01\n",
       {"2026-01-01 triage participant=Zoë"}},
      {"no heading",
       "mapping: 1\ntype: triage\nheader: [who, when]\ncolumns: {participant: who, occurred_at: when}\n",
       "7|2026-01-01\n",
       {"2026-01-01 triage participant=7"}},
      {"details the type does not carry are left out",
       "mapping: 1\ntype: suspect.arrested\ncolumns: {participant: p, crime: c, suspect: s, occurred_at: t, enhanced: "
       "e}\n",
       "p,c,s,t,e\n7,X,A,2026-01-01,yes\n",
       {"2026-01-01 suspect.arrested crime=X suspect=A"}},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.why);
    const auto result = read(test.yaml, test.bytes);
    if (!result) {
      ADD_FAILURE() << result.error().message;
      continue;
    }
    EXPECT_EQ(told(result->table), test.wanted);
    EXPECT_EQ(result->counts.ignored, test.ignored);
    std::vector<RejectReason> reasons;
    for (const auto& row : rejects_.rows) reasons.push_back(row.reason);
    EXPECT_EQ(reasons, test.rejected) << (rejects_.rows.empty() ? std::string() : rejects_.rows[0].why);
    EXPECT_EQ(result->counts.rows,
              result->counts.taken + result->counts.rejected + result->counts.ignored + result->counts.duplicates);
  }
}

TEST_F(MappingTest, TheNightsTheClocksChange) {
  struct Case {
    const char* why;
    const char* zone;
    const char* ambiguous;
    const char* local;
    const char* wanted;  ///< or the reason
  };
  const Case cases[] = {
      {"before the spring change", "Europe/London", "reject", "2026-03-29 00:59:59", "2026-03-29T00:59:59Z"},
      {"in the spring gap", "Europe/London", "earlier", "2026-03-29 01:00:00", "clock_gap"},
      {"in the spring gap, its last minute", "Europe/London", "later", "2026-03-29 01:59:59", "clock_gap"},
      {"after the spring change", "Europe/London", "reject", "2026-03-29 02:00:00", "2026-03-29T01:00:00Z"},
      {"in the autumn overlap, refused", "Europe/London", "reject", "2026-10-25 01:30:00", "clock_overlap"},
      {"in the autumn overlap, the first time", "Europe/London", "earlier", "2026-10-25 01:30:00",
       "2026-10-25T00:30:00Z"},
      {"in the autumn overlap, the second time", "Europe/London", "later", "2026-10-25 01:30:00",
       "2026-10-25T01:30:00Z"},
      {"after the autumn overlap", "Europe/London", "reject", "2026-10-25 02:00:00", "2026-10-25T02:00:00Z"},
      {"another zone's gap", "Europe/Amsterdam", "reject", "2026-03-29 02:30:00", "clock_gap"},
      {"which is not London's", "Europe/Amsterdam", "reject", "2026-03-29 01:30:00", "2026-03-29T00:30:00Z"},
      {"a zone without changes", "UTC", "reject", "2026-03-29 01:30:00", "2026-03-29T01:30:00Z"},
      {"a time with its offset needs no zone", "Europe/London", "reject", "2026-03-29T01:30:00+00:00",
       "2026-03-29T01:30:00Z"},
      {"a time long after another in the same summer", "America/New_York", "reject", "2026-07-15 12:00:00",
       "2026-07-15T16:00:00Z"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.why);
    const auto result =
        read(fmt::format("mapping: 1\ntype: triage\ncase: c\nzone: {}\nambiguous: {}\ncolumns: {{occurred_at: t}}\n",
                         test.zone, test.ambiguous),
             fmt::format("c,t\n0,2026-06-01 12:00:00\n0,2026-12-01 12:00:00\n1,{}\n", test.local));
    ASSERT_TRUE(result) << result.error().message;
    if (rejects_.rows.empty()) {
      ASSERT_EQ(result->table.size(), 3u);
      EXPECT_EQ(model::instant_text(result->table.lo_ms(2)), test.wanted);
    } else {
      EXPECT_STREQ(reason_key(rejects_.rows[0].reason), test.wanted);
    }
  }
}

TEST_F(MappingTest, MistakesNameTheLineAndTheMend) {
  struct Case {
    const char* why;
    const char* yaml;
    const char* says;
  };
  const Case cases[] = {
      {"no version", "type: triage\n", "mapping.yaml:1: a mapping begins with its version"},
      {"a newer version", "mapping: 2\n",
       "mapping.yaml:1: this mapping is written in version 2 of the form; this build reads version 1"},
      {"a misspelt key", "mapping: 1\ncolums: {a: b}\n",
       "mapping.yaml:2: a mapping has no \"colums\" (did you mean \"columns\"?)"},
      {"a key twice", "mapping: 1\ncase: a\ncase: b\n", "mapping.yaml:3: \"case\" stands twice"},
      {"a column the file lacks", "mapping: 1\ntype: triage\ncase: c\ncolumns:\n  occurred_at: Tine\n",
       "mapping.yaml:5: "},
      {"... with the name that was meant", "mapping: 1\ntype: triage\ncase: c\ncolumns:\n  occurred_at: Tine\n",
       "has no column \"Tine\" (did you mean \"time\"?)"},
      {"a type that is not declared",
       "mapping: 1\ntypes:\n  column: c\n  table:\n    A: triag\ncase: c\ncolumns: {occurred_at: time}\n",
       "mapping.yaml:5: the rules' vocabulary has no type of event `triag` (did you mean \"triage\"?)"},
      {"a field that is not declared", "mapping: 1\ntype: triage\ncolumns:\n  occurred_at: time\n  enhancd: c\n",
       "mapping.yaml:5: `enhancd` is neither a part of an event nor a key or field"},
      {"a field the type does not have", "mapping: 1\ntype: triage about=arrest\ncolumns: {occurred_at: time}\n",
       "mapping.yaml:2: `triage` has no field `about`"},
      {"a zone that does not exist", "mapping: 1\nzone: Europe/Londn\n",
       "mapping.yaml:2: the time zone \"Europe/Londn\" is not in this system's tzdata"},
      {"a part of a time that is not known", "mapping: 1\ntimes: \"%Y-%m-%d %Q\"\n", "mapping.yaml:2: the time format"},
      {"a time without a year", "mapping: 1\ntimes: \"%H:%M\"\n", "has no year"},
      {"ambiguous misspelt", "mapping: 1\nambiguous: first\n", "mapping.yaml:2: ambiguous is earlier, later or reject"},
      {"no type", "mapping: 1\ncolumns: {occurred_at: time}\n", "nothing says which type of event a row is"},
      {"no time", "mapping: 1\ntype: triage\n", "nothing says when an event occurred"},
      {"link without a case", "mapping: 1\nlink: each case\n",
       "mapping.yaml:2: `link: each case` needs `case: COLUMN`"},
      {"a brace left open", "mapping: 1\ntype: triage\ncolumns: {occurred_at: \"{time\"}\n",
       "mapping.yaml:3: the pattern"},
      {"not YAML", "mapping: 1\n  : [\n", "mapping.yaml:2: this is not YAML"},
      {"a list", "- a\n", "a mapping is a map"},
      {"a separator of two characters", "mapping: 1\nseparator: ';;'\n", "mapping.yaml:2: separator is one character"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.why);
    const auto result = read(test.yaml, "c,time\n1,2026-01-01\n");
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find(test.says), std::string::npos) << result.error().message;
  }
}

TEST_F(MappingTest, ParquetAndJsonThroughTheSameMapping) {
  const std::string path = (folder_ / "log.parquet").string();
  auto writer = columns::TableWriter::open(path, {{"who", columns::ColumnKind::int64, {}},
                                                  {"at", columns::ColumnKind::instant, {}},
                                                  {"day", columns::ColumnKind::date, {}},
                                                  {"what", columns::ColumnKind::text, {}},
                                                  {"share", columns::ColumnKind::real, {}}});
  ASSERT_TRUE(writer);
  for (std::size_t row = 0; row < 3; ++row) {
    writer->values<int64_t>(0)[row] = 7 + static_cast<int64_t>(row);
    writer->values<int64_t>(1)[row] = 1767225600123;
    writer->values<int32_t>(2)[row] = 20454;
    writer->set_text(3, row, row == 2 ? "Other" : "Triage");
    writer->values<double>(4)[row] = 21;
  }
  writer->set_absent(1, 1);
  ASSERT_TRUE(writer->commit(3));
  ASSERT_TRUE(writer->finish());
  const char* yaml =
      "mapping: 1\ncolumns: {participant: who}\ntypes: {column: what, by_name: yes, unlisted: ignore}\n"
      "events:\n  - {occurred_at: at}\n  - {occurred_at: day}\n";
  const auto parquet = read(yaml, "", "log.parquet");
  ASSERT_TRUE(parquet) << parquet.error().message;
  const std::vector<std::string> wanted = {"2026-01-01T00:00:00.123Z triage participant=7",
                                           "2026-01-01 triage participant=7", "2026-01-01 triage participant=8"};
  EXPECT_EQ(told(parquet->table), wanted);
  const auto json = read(
      yaml,
      "{\"who\":7,\"at\":\"2026-01-01T00:00:00.123Z\",\"day\":\"2026-01-01\",\"what\":\"Triage\",\"more\":{\"deep\":[1,"
      "{}]}}\n"
      "{\"who\":\"8\",\"at\":null,\"day\":\"2026-01-01\",\"what\":\"triage\"}\n{\"what\":\"Other\",\"at\":\"2026\"}\n",
      "log.jsonl");
  ASSERT_TRUE(json) << json.error().message;
  EXPECT_EQ(told(json->table), wanted);
}

TEST_F(MappingTest, DetailsInOneColumn) {
  const std::vector<std::string> wanted = {"2026-01-01 victim.informed about=bail participant=7 amount=12",
                                           "2026-01-01 victim.informed about=arrest participant=7 enhanced=1",
                                           "2026-01-01 complaint.received participant=7 key=C1",
                                           "2026-01-01 triage participant=7"};
  const char* const types[] = {"victim.informed", "victim.informed", "complaint.received",
                               "triage",          "victim.informed", "victim.informed"};
  const char* const details[] = {"{\"about\":\"bail\",\"amount\":12}",
                                 "{ \"enhanced\": true, \"about\": \"arrest\", \"amount\": null }",
                                 "{\"complaint\":\"C1\"}",
                                 "",
                                 "{\"about\":\"bail\",\"ammount\":\"3\"}",
                                 "{\"about\":\"bail\""};
  const std::string parquet = (folder_ / "one.parquet").string();
  auto writer = columns::TableWriter::open(parquet, {{"type", columns::ColumnKind::text, {}},
                                                     {"participant", columns::ColumnKind::int64, {}},
                                                     {"occurred_at", columns::ColumnKind::date, {}},
                                                     {"detail", columns::ColumnKind::text, {}}});
  ASSERT_TRUE(writer) << writer.error().message;
  std::string csv = "type,participant,occurred_at,detail\n";
  for (std::size_t row = 0; row < std::size(types); ++row) {
    const std::string detail = details[row];
    writer->set_text(0, row, types[row]);
    writer->values<int64_t>(1)[row] = 7;
    writer->values<int32_t>(2)[row] = 20454;
    if (detail.empty()) writer->set_absent(3, row);
    if (!detail.empty()) writer->set_text(3, row, detail);
    std::string cell;
    for (const char c : detail) cell += c == '"' ? "\"\"" : std::string(1, c);
    csv += fmt::format("{},7,2026-01-01,\"{}\"\n", types[row], cell);
  }
  ASSERT_TRUE(writer->commit(std::size(types)));
  ASSERT_TRUE(writer->finish());
  std::ofstream(folder_ / "one.csv") << csv;
  for (const std::string& path : {parquet, (folder_ / "one.csv").string()}) {
    SCOPED_TRACE(path);
    const auto own = read_own_form(path);
    ASSERT_TRUE(own) << own.error().message;
    EXPECT_EQ(told(own->table), wanted);
    ASSERT_EQ(rejects_.rows.size(), 2u);
    EXPECT_EQ(rejects_.rows[0].reason, RejectReason::unknown_field);
    EXPECT_EQ(rejects_.rows[0].field, "detail.ammount");
    EXPECT_EQ(rejects_.rows[1].reason, RejectReason::malformed);
    EXPECT_EQ(rejects_.rows[1].field, "detail");
  }
}

TEST_F(MappingTest, ADetailColumnThatIsTooLongIsNotShown) {
  const std::string path = (folder_ / "long.csv").string();
  std::ofstream(path) << "type,participant,occurred_at,detail\ntriage,7,2026-01-01,\"{\"\"note\"\":\"\"a secret "
                      << std::string(70'000, 'x') << "\"\"}\"\n";
  const auto own = read_own_form(path);
  ASSERT_TRUE(own) << own.error().message;
  ASSERT_EQ(rejects_.rows.size(), 1u);
  EXPECT_EQ(rejects_.rows[0].reason, RejectReason::too_large);
  EXPECT_EQ(rejects_.rows[0].value.find("secret"), std::string::npos) << rejects_.rows[0].value;
}

TEST_F(MappingTest, WhatADetailColumnMayHold) {
  struct Row {
    const char *why, *text, *said;
  };
  const Row rows[] = {
      {"the plain form", R"({"about":"bail","amount":12})", "about=bail;amount=12;"},
      {"truth and its opposite", R"({"a":true,"b":false})", "a=yes;b=no;"},
      {"blanks", "{ \"about\" : \"bail\" }", "about=bail;"},
      {"escapes", R"({"about":"b\u0061i\"l"})", "about=bai\"l;"},
      {"nothing is not there", R"({"about":"","way":null})", ""},
      {"an empty object", "{}", ""},
      {"a number with a fraction", R"({"amount":1.5})", "amount=1.5;"},
      {"a negative number", R"({"amount":-3})", "amount=-3;"},
      {"noughts before a number are not JSON", R"({"amount":007})", "!malformed"},
      {"a comma too many", R"({"about":"bail",})", "!malformed"},
      {"a comma too few", R"({"about":"bail""way":"letter"})", "!malformed"},
      {"broken off", R"({"about":"ba)", "!malformed"},
      {"a list", R"(["about"])", "!malformed"},
      {"an object inside", R"({"about":{"way":"letter"}})", "!malformed"},
      {"a name twice", R"({"about":"bail","about":"bail"})", "!duplicate_key"},
      {"two objects", R"({"about":"bail"}{"about":"bail"})", "!malformed"},
      {"a line end inside a text", "{\"about\":\"a\nb\"}", "!malformed"},
      {"nothing", "", "!malformed"},
  };
  PackedDetails details;
  for (const Row& row : rows) {
    std::string said;
    if (details.read(row.text)) {
      for (const auto& entry : details.entries()) said += fmt::format("{}={};", entry.name, entry.value);
    } else {
      said = details.fault().reason == RejectReason::duplicate_key ? "!duplicate_key" : "!malformed";
    }
    EXPECT_EQ(said, row.said) << row.why;
  }
  std::string written;
  pack_detail(written, "about", "say \"no\"\n\\");
  ASSERT_TRUE(details.read(written + "}"));
  EXPECT_EQ(details.entries()[0].value, "say \"no\"\n\\");
}

TEST_F(MappingTest, OccurredOnCountsWhereOccurredAtIsEmpty) {
  const char* rows = "who,at,day\n1,2026-03-02T10:00:00Z,2026-03-02\n2,,2026-03\n3,,\n";
  const auto mapped =
      read("mapping: 1\ntype: triage\ncolumns: {participant: who, occurred_at: at, occurred_on: day}\n", rows);
  ASSERT_TRUE(mapped) << mapped.error().message;
  EXPECT_EQ(told(mapped->table),
            (std::vector<std::string>{"2026-03-02T10:00:00Z triage participant=1", "2026-03 triage participant=2"}));
  ASSERT_EQ(rejects_.rows.size(), 1u);
  EXPECT_EQ(rejects_.rows[0].field, "at");
  EXPECT_EQ(rejects_.rows[0].reason, RejectReason::missing);

  // In the project's own form a row has one of the two.
  const std::string path = (folder_ / "own.csv").string();
  std::ofstream(path) << "type,participant,occurred_at,occurred_on\n"
                         "triage,1,2026-03-02T10:00:00Z,\ntriage,2,,2026-03\n"
                         "triage,3,2026-03-02T10:00:00Z,2026-03-02\ntriage,4,,\n";
  const auto own = read_own_form(path);
  ASSERT_TRUE(own) << own.error().message;
  EXPECT_EQ(told(own->table), told(mapped->table));
  ASSERT_EQ(rejects_.rows.size(), 2u);
  EXPECT_EQ(rejects_.rows[0].reason, RejectReason::contradiction);
  EXPECT_EQ(rejects_.rows[0].field, "occurred_on");
  EXPECT_EQ(rejects_.rows[1].reason, RejectReason::missing);
  EXPECT_EQ(rejects_.rows[1].field, "occurred_at");
}

}  // namespace
}  // namespace kept::exchange
