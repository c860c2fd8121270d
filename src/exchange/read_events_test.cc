#include "exchange/read_events.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "exchange/sample_vocabulary_test.h"

namespace kept::exchange {
namespace {

namespace fs = std::filesystem;

class ReadEventsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("kept-read-" + std::to_string(getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string write(const std::string& name, const std::string& bytes) const {
    const std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  base::Result<ReadResult> read(const std::string& path, const Mapping* mapping = nullptr, bool strict = false) {
    rejects_.rows.clear();
    ReadRequest request;
    request.files = {path};
    request.mapping = mapping;
    request.vocabulary = sample_vocabulary();
    request.strict = strict;
    request.rejects = &rejects_;
    return read_events(request);
  }
  static Mapping mapping(const std::string& yaml) {
    auto parsed = Mapping::parse(yaml, "mapping.yaml");
    EXPECT_TRUE(parsed) << parsed.error().message;
    return *parsed;
  }
  /// What reading says to people, the same row by row and in blocks.
  std::vector<std::string> notes_of(const std::string& path, const Mapping& mapping) {
    std::vector<std::string> notes[2];
    for (const bool row_by_row : {true, false}) {
      RejectList rejects;
      ReadRequest request;
      request.files = {path};
      request.mapping = &mapping;
      request.vocabulary = sample_vocabulary();
      request.rejects = &rejects;
      request.row_by_row = row_by_row;
      auto result = read_events(request);
      EXPECT_TRUE(result) << result.error().message;
      if (result) notes[row_by_row ? 0 : 1] = std::move(result->notes);
    }
    EXPECT_EQ(notes[0], notes[1]);
    return notes[0];
  }
  fs::path folder_;
  RejectList rejects_;
};

// What a ledger keeps: every field of the event, free text and personal ones too, row by row beside the rejects.
TEST_F(ReadEventsTest, WholeRows) {
  struct Kept : WholeRows {
    struct One {
      uint64_t row, line;
      std::string text;
      std::vector<model::Event> events;
    };
    std::vector<One> rows;
    base::Status take(WholeRow& row) override {
      rows.push_back({row.row, row.line, std::string(row.text), row.events});
      return base::Done{};
    }
  } kept;
  const std::string path = write(
      "a.jsonl", R"({"id":"1","source":"feed","type":"victim.informed","participant":"7","crime":"X1","agency":"met",)"
                 R"("actor":"PC 1","occurred_at":"2026-03-02T10:00:00Z","recorded_at":"2026-03-02T11:00:00Z",)"
                 R"("known_at":"2026-03-02","about":"arrest","way":"phone","note":"left word","enhanced":"yes",)"
                 R"("amount":"12","until":"2026-04","born":"1990-02-03"})"
                 "\n"
                 R"({"id":"2","type":"no.such"})"
                 "\n"
                 R"({"id":"3","type":"complaint.received","participant":"7","occurred_at":"2026-03","complaint":"C9"})"
                 "\n");
  RejectList rejects;
  ReadRequest request;
  request.files = {path};
  request.vocabulary = sample_vocabulary();
  request.rejects = &rejects;
  request.whole = &kept;
  const auto result = read_events(request);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->table.size(), 0u);
  EXPECT_EQ(result->counts.rows, 3u);
  EXPECT_EQ(result->counts.taken, 2u);
  EXPECT_EQ(result->counts.rejected, 1u);
  ASSERT_EQ(rejects.rows.size(), 1u);
  ASSERT_EQ(kept.rows.size(), 2u);
  model::Event first;
  first.id = "1";
  first.source = "feed";
  first.type = "victim.informed";
  first.participant = "7";
  first.crime = "X1";
  first.agency = "met";
  first.actor = "PC 1";
  first.occurred_at = model::Moment::instant(1772445600000);
  first.recorded_at = 1772449200000;
  first.known_at = model::parse_moment("2026-03-02").value();
  first.detail["about"] = std::string("arrest");
  first.detail["way"] = std::string("phone");
  first.detail["note"] = std::string("left word");
  first.detail["enhanced"] = true;
  first.detail["amount"] = int64_t{12};
  first.detail["until"] = model::parse_moment("2026-04").value();
  first.detail["born"] = model::parse_moment("1990-02-03").value();
  ASSERT_EQ(kept.rows[0].events.size(), 1u);
  EXPECT_EQ(kept.rows[0].events[0], first);
  EXPECT_EQ(kept.rows[1].row, 3u);
  EXPECT_EQ(kept.rows[1].line, 3u);
  EXPECT_EQ(kept.rows[1].events[0].key, "C9");
  EXPECT_TRUE(kept.rows[1].events[0].recorded_assumed);
  EXPECT_EQ(kept.rows[1].events[0].source, "");
}

TEST_F(ReadEventsTest, OwnForm) {
  const auto read_back = read(write("a.csv",
                                    "id,source,type,crime,participant,suspect,occurred_at,known_at,recorded_at,agency,"
                                    "complaint,about,enhanced,amount,until\n"
                                    "1,feed,suspect.arrested,X1,,S1,2026-03-02T10:00:00Z,2026-03-02T11:00:00+01:00,"
                                    "2026-03-03T09:00:00.250Z,met,,,,,\n"
                                    "2,feed,victim.informed,X1,7,S1,2026-03-04,,2026-03-05,met,,arrest,yes,12,2026-04\n"
                                    "3,feed,complaint.received,,7,,2026-03,,2026-04-01T00:00:00Z,met,C9,,,,\n"));
  ASSERT_TRUE(read_back) << read_back.error().message;
  const ReadResult& result = *read_back;
  const model::EventTable& table = result.table;
  ASSERT_EQ(rejects_.rows.size(), 0u) << rejects_.rows[0].why;
  ASSERT_EQ(table.size(), 3u);
  EXPECT_EQ(table.vocabulary().code_name(table.code(0)), "suspect.arrested");
  EXPECT_EQ(table.lo_ms(0), 1772445600000);
  EXPECT_EQ(table.known(0).lo_ms, 1772445600000);
  EXPECT_EQ(table.recorded_at(0), 1772528400250);
  EXPECT_FALSE(table.recorded_assumed(0));
  EXPECT_EQ(table.suspects.name(table.suspect(0)), "S1");
  EXPECT_EQ(table.vocabulary().code_name(table.code(1)), "victim.informed about=arrest");
  EXPECT_EQ(table.precision(1), model::Precision::date);
  EXPECT_EQ(table.participants.name(table.participant(1)), "7");
  int64_t value = 0;
  ASSERT_TRUE(table.detail_value(1, static_cast<uint16_t>(table.vocabulary().field_id("enhanced")), &value));
  EXPECT_EQ(value, 1);
  ASSERT_TRUE(table.detail_value(1, static_cast<uint16_t>(table.vocabulary().field_id("about")), &value));
  EXPECT_EQ(value, 0) << "the word that distinguishes the type is found in its code";
  ASSERT_TRUE(table.detail_value(1, static_cast<uint16_t>(table.vocabulary().field_id("until")), &value));
  EXPECT_EQ(to_string(table.moment(value)), "2026-04");
  EXPECT_EQ(table.keys.name(table.key(2)), "C9");
  EXPECT_EQ(to_string(table.occurred(2)), "2026-03");
  EXPECT_EQ(result.counts.rows, 3u);
  EXPECT_EQ(result.counts.taken, 3u);
  EXPECT_EQ(result.last_recorded_at, 1775001600000);
}

TEST_F(ReadEventsTest, EveryRejectSaysWhereAndWhy) {
  struct Case {
    const char* why;
    std::string
        row;  // type,crime,participant,suspect,occurred_at,recorded_at,about,amount,enhanced,born,complaint,corrects,retracts,id
    RejectReason reason;
    const char* field;
  };
  const std::string good = "victim.informed,X,7,,2026-03-04T10:00:00Z,,arrest,,,,,,,";
  const Case cases[] = {
      {"a misspelt type", "victim.infomed,X,7,,2026-03-04T10:00:00Z,,arrest,,,,,,,", RejectReason::unknown_type,
       "type"},
      {"no type", ",X,7,,2026-03-04T10:00:00Z,,arrest,,,,,,,", RejectReason::missing, "type"},
      {"no time", "victim.informed,X,7,,,,arrest,,,,,,,", RejectReason::missing, "occurred_at"},
      {"a needed reference is absent", "victim.informed,X,,,2026-03-04T10:00:00Z,,arrest,,,,,,,", RejectReason::missing,
       "participant"},
      {"a needed field is absent", "victim.informed,X,7,,2026-03-04T10:00:00Z,,,,,,,,,", RejectReason::missing,
       "about"},
      {"a word that is not listed", "victim.informed,X,7,,2026-03-04T10:00:00Z,,arest,,,,,,,", RejectReason::bad_word,
       "about"},
      {"not a number", "victim.informed,X,7,,2026-03-04T10:00:00Z,,arrest,1.5,,,,,,", RejectReason::bad_number,
       "amount"},
      {"a number past the bound", "victim.informed,X,7,,2026-03-04T10:00:00Z,,arrest,9999999999999999,,,,,,",
       RejectReason::out_of_range, "amount"},
      {"neither yes nor no", "victim.informed,X,7,,2026-03-04T10:00:00Z,,arrest,,perhaps,,,,,",
       RejectReason::bad_yes_no, "enhanced"},
      {"30 February", "victim.informed,X,7,,2026-02-30,,arrest,,,,,,,", RejectReason::bad_time, "occurred_at"},
      {"25 o'clock", "victim.informed,X,7,,2026-03-04T25:00:00Z,,arrest,,,,,,,", RejectReason::bad_time, "occurred_at"},
      {"a local time without a zone", "victim.informed,X,7,,2026-03-04T10:00:00,,arrest,,,,,,,", RejectReason::bad_time,
       "occurred_at"},
      {"before 1900", "victim.informed,X,7,,1899-12-31,,arrest,,,,,,,", RejectReason::out_of_range, "occurred_at"},
      {"after 2199", "victim.informed,X,7,,2200-01-01,,arrest,,,,,,,", RejectReason::out_of_range, "occurred_at"},
      {"a recorded month", "victim.informed,X,7,,2026-03-04,2026-03,arrest,,,,,,,", RejectReason::bad_time,
       "recorded_at"},
      {"a field of another type", "suspect.arrested,X,,A,2026-03-04,,arrest,,,,,,,", RejectReason::not_carried,
       "about"},
      {"a reference of another type", "complaint.received,X,7,,2026-03-04,,,,,,,,,", RejectReason::not_carried,
       "crime"},
      {"a key of another type", good.substr(0, good.size() - 3) + "K,,,", RejectReason::not_carried, "complaint"},
      {"corrects and retracts", "victim.informed,X,7,,2026-03-04,,arrest,,,,,1,2,3", RejectReason::contradiction,
       "corrects"},
      {"retracts itself", "victim.informed,X,7,,2026-03-04,,arrest,,,,,,3,3", RejectReason::contradiction, "retracts"},
      {"a reference too long", "victim.informed,X," + std::string(257, 'v') + ",,2026-03-04,,arrest,,,,,,,",
       RejectReason::too_large, "participant"},
      {"a field too long", "victim.informed,X,7,,2026-03-04,,arrest,,,,," + std::string(65537, 'v') + ",,",
       RejectReason::too_large, "corrects"},
      {"too few fields", "victim.informed,X,7", RejectReason::ragged, ""},
      {"too many fields", good + ",,", RejectReason::ragged, ""},
      {"text after a quote", "\"victim.informed\"x,X,7,,2026-03-04,,arrest,,,,,,,", RejectReason::malformed, ""},
      {"a quote never closed", "\"victim.informed,X,7,,2026-03-04,,arrest,,,,,,,", RejectReason::malformed, ""},
      {"not UTF-8", "victim.informed,X,\xff,,2026-03-04,,arrest,,,,,,,", RejectReason::not_text, ""},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.why);
    const std::string heading =
        "type,crime,participant,suspect,occurred_at,recorded_at,about,amount,enhanced,born,complaint,corrects,retracts,"
        "id\n";
    const std::string path = write("bad.csv", heading + good + "\n" + test.row + "\n" + good + "\n");
    const auto result = read(path);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->counts.rows, 3u);
    EXPECT_EQ(result->counts.taken, 2u) << "the rows around it are taken";
    EXPECT_EQ(result->counts.rejected, 1u);
    ASSERT_EQ(rejects_.rows.size(), 1u);
    EXPECT_EQ(rejects_.rows[0].reason, test.reason) << reason_key(rejects_.rows[0].reason);
    EXPECT_EQ(rejects_.rows[0].field, test.field);
    EXPECT_EQ(rejects_.rows[0].line, 3u);
    EXPECT_EQ(rejects_.rows[0].row, test.row);
    EXPECT_FALSE(rejects_.rows[0].why.empty());
    const auto strict = read(path, nullptr, true);
    ASSERT_FALSE(strict);
    EXPECT_NE(strict.error().message.find("bad.csv:3: "), std::string::npos) << strict.error().message;
  }
}

TEST_F(ReadEventsTest, PersonalValuesAreNeverShown) {
  const std::string path =
      write("p.csv", "type,participant,occurred_at,about,born\nvictim.informed,7,2026-03-04,arrest,1 May 1984\n");
  const auto result = read(path);
  ASSERT_TRUE(result);
  ASSERT_EQ(rejects_.rows.size(), 1u);
  EXPECT_EQ(rejects_.rows[0].value, "(personal)");
  EXPECT_EQ(rejects_.rows[0].why.find("1984"), std::string::npos);
  const auto strict = read(path, nullptr, true);
  ASSERT_FALSE(strict);
  EXPECT_EQ(strict.error().message.find("1984"), std::string::npos) << strict.error().message;
}

TEST_F(ReadEventsTest, TheSameIdTwice) {
  const std::string heading = "id,source,type,crime,suspect,occurred_at,recorded_at,offence\n";
  const std::string nine = "9,feed,suspect.arrested,X,A,2026-03-02,2026-03-02T10:00:00Z,theft\n";
  const auto result =
      read(write("d.csv", heading + nine + "8,feed,suspect.arrested,X,A,2026-03-02,2026-03-02T10:00:00Z,\n" + nine +
                              "9,other,suspect.arrested,X,A,2026-03-02,2026-03-02T10:00:00Z,\n" +
                              "9,feed,suspect.arrested,X,A,2026-03-02,2026-03-02T10:00:00Z,fraud\n"));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->counts.rows, 5u);
  EXPECT_EQ(result->counts.taken, 3u);
  EXPECT_EQ(result->counts.duplicates, 1u);
  EXPECT_EQ(result->counts.rejected, 1u);
  ASSERT_EQ(rejects_.rows.size(), 1u);
  EXPECT_EQ(rejects_.rows[0].reason, RejectReason::conflict);
  EXPECT_EQ(rejects_.rows[0].line, 6u);
}

TEST_F(ReadEventsTest, HeadingsThatAreRefused) {
  struct Case {
    const char* why;
    const char* bytes;
    const char* says;
  };
  const Case cases[] = {
      {"empty", "", "the file is empty"},
      {"an unknown column", "type,occurred_at,suspct\n", "did you mean \"suspect\"?"},
      {"a column twice", "type,occurred_at,type\n", "named twice"},
      {"no time", "type,crime\n", "no column `occurred_at`"},
      {"UTF-16", "\xff\xfet\0y\0", "UTF-16"},
      {"an old Mac's lines", "type,occurred_at\rtriage,2026-01-01\r", "bare carriage return"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.why);
    const auto result = read(write("h.csv", test.bytes));
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find(test.says), std::string::npos) << result.error().message;
    EXPECT_NE(result.error().message.find("h.csv"), std::string::npos) << result.error().message;
  }
  const auto absent = read((folder_ / "absent.csv").string());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, base::ErrorCode::not_found);
  const auto other = read(write("x.docx", "x"));
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, base::ErrorCode::unsupported);
}

TEST_F(ReadEventsTest, AWorkbookIsNamedWithItsMend) {
  const Mapping latin = mapping(
      "mapping: 1\nformat: csv\nencoding: windows-1252\ntype: triage\n"
      "columns: {participant: P, occurred_at: T}\n");
  for (const char* name : {"book.xlsx", "BOOK.XLSX", "renamed.csv", "renamed.jsonl", "renamed.parquet", "no-ending"}) {
    for (const Mapping* given : {static_cast<const Mapping*>(nullptr), &latin}) {
      const auto result = read(write(name, "PK\x03\x04\x14\x06\x08 xl/worksheets"), given);
      ASSERT_FALSE(result) << name;
      EXPECT_NE(result.error().message.find("this is an Excel workbook"), std::string::npos) << result.error().message;
      EXPECT_NE(result.error().message.find("save it as \"CSV UTF-8\""), std::string::npos);
    }
  }
  const auto by_name = read(write("old.xls", "\xd0\xcf\x11\xe0"));
  ASSERT_FALSE(by_name);
  EXPECT_NE(by_name.error().message.find("this is an Excel workbook"), std::string::npos) << by_name.error().message;
}

TEST_F(ReadEventsTest, NotesListedValuesThatNeverOccurAndValuesSetAside) {
  const char* const start =
      "mapping: 1\ncolumns: {participant: P, occurred_at: T}\n"
      "only: {P: {not: skipped}}\n"
      "types: {column: What, table: {Triaged: triage, \"Triage agian\": triage, Seen: triage}";
  std::string rows = "P,What,T\n1,Triaged,2026-01-01\nskipped,Seen,2026-01-01\n1,Triage again,2026-01-01\n";
  for (int i = 0; i < 12; ++i) {
    for (int times = 0; times <= i; ++times)
      rows += "1,Note " + std::string(1, static_cast<char>('A' + i)) + ",2026-01-01\n";
  }
  const std::string path = write("values.csv", rows);
  const std::string unseen =
      "the mapping's table for \"What\" lists \"Triage agian\", which never occurs in the rows read; did you mean "
      "\"Triage again\"?";
  const std::string excluded = "the mapping's table for \"What\" lists \"Seen\", which never occurs in the rows read";
  const Mapping ignoring = mapping(std::string(start) + ", unlisted: ignore}\n");
  const auto set_aside = read(path, &ignoring);
  ASSERT_TRUE(set_aside) << set_aside.error().message;
  EXPECT_EQ(
      set_aside->notes,
      (std::vector<std::string>{
          unseen, excluded,
          "set aside, because nothing lists these values of \"What\": \"Note L\" (12), \"Note K\" (11), \"Note J\" "
          "(10), \"Note I\" (9), \"Note H\" (8), \"Note G\" (7), \"Note F\" (6), \"Note E\" (5), \"Note D\" (4), "
          "\"Note C\" (3) and 3 more"}));
  const Mapping rejecting = mapping(std::string(start) + "}\n");
  const auto rejected = read(path, &rejecting);
  ASSERT_TRUE(rejected) << rejected.error().message;
  EXPECT_EQ(rejected->notes, (std::vector<std::string>{unseen, excluded}))
      << "the rejects name their values themselves";
}

TEST_F(ReadEventsTest, NotesListedValuesOfTheMappingsValuesThatNeverOccur) {
  const std::string path =
      write("outcomes.csv", "P,T,Way,Note\n1,2026-01-01,Phine,x\n2,2026-01-01,Post,x\nskipped,2026-01-01,Visit,x\n");
  const std::string table = "the mapping's table of values for \"Way\"";
  struct Row {
    const char* why;
    const char* values;
    std::vector<std::string> notes;
  };
  const Row rows[] = {
      {"all occur, one of them in a row that `only` leaves out",
       "Way: {Phine: phone, Post: letter, Visit: letter}",
       {}},
      {"one is misspelt",
       "Way: {Phone: phone, Post: letter}",
       {table + " lists \"Phone\", which never occurs in the rows read; did you mean \"Phine\"?"}},
      {"nothing like it",
       "Way: {Phine: phone, Telegram: letter}",
       {table + " lists \"Telegram\", which never occurs in the rows read"}},
      {"none at all: no value of the column is shown",
       "Way: {Phone: phone, Telegram: letter}",
       {"none of the 2 values that " + table +
        " lists occurs in the rows read; is it the right column? Values are compared exactly, capitals included"}},
      {"a column that fills nothing", "Note: {Never: phone}", {}},
  };
  for (const Row& row : rows) {
    const Mapping one = mapping(
        std::string("mapping: 1\ncolumns: {participant: P, occurred_at: T, way: Way, about: {constant: arrest}}\n"
                    "only: {P: {not: skipped}}\ntype: victim.informed\nvalues:\n  ") +
        row.values);
    std::vector<std::string> notes = notes_of(path, one);
    std::erase_if(notes, [](const std::string& note) { return note.find("does not use") != std::string::npos; });
    EXPECT_EQ(notes, row.notes) << row.why;
  }
}

TEST_F(ReadEventsTest, ShowsNoValueOfAColumnThatMayHoldNames) {
  std::string rows = "P,What,T\n";
  for (int i = 0; i < 250; ++i) rows += fmt::format("1,Petra Kowalski {},2026-01-01\n1,Ann {},2026-01-01\n", i % 90, i);
  struct Row {
    const char* why;
    std::string file;
    const char* table;
    std::vector<std::string> notes;
  };
  const Row cases[] = {
      {"the wrong column, though it holds few names",
       "P,What,T\n1,Triagge Smith,2026-01-01\n1,Ann Lee,2026-01-01\n",
       "table: {\"Triage Smith\": triage}, unlisted: ignore",
       {"the mapping's table for \"What\" lists \"Triage Smith\", which never occurs in the rows read",
        "rows set aside, because nothing lists their value of \"What\": 2 (different values: 2). They are not shown "
        "here, because no value of this column is one that the mapping knows: is it the right column?"}},
      {"the wrong column, by name",
       "P,What,T\n1,Ann Lee,2026-01-01\n",
       "by_name: yes, unlisted: ignore",
       {"rows set aside, because nothing lists their value of \"What\": 1 (different values: 1). They are not shown "
        "here, because no value of this column is one that the mapping knows: is it the right column?"}},
      {"the right column, by name",
       "P,What,T\n1,Triage,2026-01-01\n1,Left,2026-01-01\n",
       "by_name: yes, unlisted: ignore",
       {"set aside, because nothing lists these values of \"What\": \"Left\" (1)"}},
      {"only capitals differ: what is shown stands in the mapping already",
       "P,What,T\n1,TRIAGE,2026-01-01\n",
       "table: {Triage: triage}",
       {"the mapping's table for \"What\" lists \"Triage\", which never occurs in the rows read; did you mean "
        "\"TRIAGE\"?"}},
      {"a listed value among many others",
       rows + "1,Triage,2026-01-01\n",
       "table: {Triage: triage, \"Ann 1x\": triage}, unlisted: ignore",
       {"the mapping's table for \"What\" lists \"Ann 1x\", which never occurs in the rows read",
        "rows set aside, because nothing lists their value of \"What\": 500 (different values: 340). They are not "
        "shown here, because so many are no kinds of event and may be names"}},
  };
  int made = 0;
  for (const Row& row : cases) {
    const std::string path = write(fmt::format("names{}.csv", ++made), row.file);
    const Mapping one = mapping(fmt::format(
        "mapping: 1\ncolumns: {{participant: P, occurred_at: T}}\ntypes: {{column: What, {}}}\n", row.table));
    EXPECT_EQ(notes_of(path, one), row.notes) << row.why;
  }
}

TEST_F(ReadEventsTest, JsonLines) {
  const auto result = read(write("a.jsonl",
                                 "{\"type\":\"victim.informed\",\"participant\":7,\"occurred_at\":\"2026-03-04T10:00:"
                                 "00Z\",\"detail\":{\"about\":\"bail\",\"enhanced\":true}}\n"
                                 "\n"
                                 "{\"type\":\"victim.informed\",\"participant\":\"7\",\"occurred_at\":\"2026-03-04\","
                                 "\"about\":\"bail\",\"crime\":null}\r\n"
                                 "{\"type\":\"victim.informed\",\"type\":\"triage\"}\n"
                                 "{\"type\":\"victim.informed\",\"about\":\"bail\",\"detail\":{\"about\":\"bail\"}}\n"
                                 "{\"type\":\"victim.informed\",\"abuot\":1}\n"
                                 "[1]\n{\"type\":\n{\"type\":[1]}\n" +
                                     std::string(40, '[') + std::string(40, ']') + "\n{\"type\":\"\xff\"}\n"));
  ASSERT_TRUE(result) << result.error().message;
  ASSERT_EQ(result->table.size(), 2u);
  EXPECT_EQ(result->table.participant(0), result->table.participant(1)) << "7 and \"7\" are one person";
  const RejectReason wanted[] = {RejectReason::duplicate_key, RejectReason::duplicate_key, RejectReason::unknown_field,
                                 RejectReason::malformed,     RejectReason::malformed,     RejectReason::malformed,
                                 RejectReason::too_large,     RejectReason::not_text};
  ASSERT_EQ(rejects_.rows.size(), std::size(wanted));
  for (std::size_t i = 0; i < std::size(wanted); ++i) {
    EXPECT_EQ(rejects_.rows[i].reason, wanted[i]) << i << " " << rejects_.rows[i].why;
    EXPECT_EQ(rejects_.rows[i].line, i + 4);
  }
}

constexpr const char* xes_log = R"(<?xml version="1.0" encoding="UTF-8" ?>
<log xes.version="1.0">
  <extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
  <global scope="event"><string key="concept:name" value="x"/></global>
  <string key="concept:name" value="A log"/>
  <trace>
    <string key="concept:name" value="case 1"/>
    <event><string key="concept:name" value="Triage"/><date key="time:timestamp" value="2014-10-22T11:15:41.000+02:00"/><string key="org:group" value="A"/></event>
    <event><string key="concept:name" value="Lactic Acid"/><date key="time:timestamp" value="2014-10-22T12:00:00.000+02:00"/>
      <list key="more"><values><string key="k" value="v"/></values></list></event>
    <event><string key="concept:name" value="Release A"/><date key="time:timestamp" value="2014-10-22T09:00:00.000+02:00"/></event>
  </trace>
  <trace>
    <string key="concept:name" value="case 2"/>
    <event><string key="concept:name" value="Triage"/><string key="concept:name" value="Triage"/><date key="time:timestamp" value="2014-10-22T11:15:41.000+02:00"/></event>
    <event><string key="concept:name" value="Triage"/><date key="time:timestamp" value="yesterday"/></event>
  </trace>
</log>
)";

TEST_F(ReadEventsTest, XesWithoutAMapping) {
  const auto result = read(write("log.xes", xes_log));
  ASSERT_TRUE(result) << result.error().message;
  const auto& table = result->table;
  ASSERT_EQ(table.size(), 3u) << "two events and one link";
  EXPECT_EQ(table.vocabulary().code_name(table.code(0)), "triage");
  EXPECT_EQ(table.participants.name(table.participant(1)), "case 1");
  EXPECT_EQ(table.vocabulary().code_name(table.code(1)), "lactic_acid");
  EXPECT_EQ(model::instant_text(table.lo_ms(0)), "2014-10-22T09:15:41Z");
  EXPECT_EQ(table.vocabulary().code_name(table.code(2)), "link.victim");
  EXPECT_EQ(model::instant_text(table.lo_ms(2)), "2014-10-22T07:00:00Z")
      << "an event that is set aside may be the case's first";
  EXPECT_EQ(result->counts.ignored, 1u);
  ASSERT_EQ(rejects_.rows.size(), 2u);
  EXPECT_EQ(rejects_.rows[0].reason, RejectReason::duplicate_key);
  EXPECT_EQ(rejects_.rows[1].reason, RejectReason::bad_time);
  EXPECT_EQ(rejects_.rows[1].line, 16u);
}

TEST_F(ReadEventsTest, XmlThatIsRefused) {
  struct Case {
    const char* why;
    std::string bytes;
    const char* says;
  };
  const std::string whole = xes_log;
  std::string bomb =
      "<?xml version=\"1.0\"?>\n<!DOCTYPE log [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b "
      "\"&a;&a;&a;&a;&a;&a;\">]>\n<log>&b;</log>";
  std::string deep = "<log><trace><event>";
  for (int i = 0; i < 100; ++i) deep += "<list key=\"a\">";
  const Case cases[] = {
      {"entities", bomb, "document type"},
      {"cut short", whole.substr(0, whole.size() / 2), "cut short"},
      {"another document", "<html></html>", "begins with <log>"},
      {"nested too deep", deep, "nested more than"},
      {"a tag without an end", "<log><trace><event><string key=\"" + std::string(6 << 20, 'x'), "longer than"},
      {"nothing", "", "cut short"},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.why);
    const auto result = read(write("bad.xes", test.bytes));
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find(test.says), std::string::npos) << result.error().message;
    EXPECT_NE(result.error().message.find("bad.xes"), std::string::npos) << result.error().message;
  }
}

TEST_F(ReadEventsTest, SepsisByItsMapping) {
  const std::string log = std::string(KEPT_SOURCE_DIR) + "/../shared/data/logs/sepsis.csv";
  if (!fs::exists(log)) GTEST_SKIP() << "needs ../shared/data/logs/sepsis.csv";
  auto loaded = Mapping::load(std::string(KEPT_SOURCE_DIR) + "/docs/how-to/sepsis/mapping.yaml");
  ASSERT_TRUE(loaded) << loaded.error().message;
  const auto result = read(log, &*loaded);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->complete);
  EXPECT_EQ(result->counts.rows, 15214u);
  EXPECT_EQ(result->counts.rejected, 0u) << rejects_.rows[0].why;
  EXPECT_EQ(result->counts.links_added, 1050u);
  EXPECT_EQ(result->table.participants.size() - 1, 1050u);
  uint32_t triaged = 0;
  for (uint32_t row = 0; row < result->table.size(); ++row) {
    triaged += result->table.vocabulary().code_name(result->table.code(row)) == "triage" ? 1 : 0;
  }
  EXPECT_EQ(triaged, 1049u);
}

}  // namespace
}  // namespace kept::exchange
