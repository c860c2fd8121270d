#include "app/assess_files.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/assessment_text.h"
#include "app/content.h"
#include "app/explain_obligation.h"
#include "app/plain_text.h"

namespace kept::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// A folder of its own for a test, gone after it.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() /
              ("kept-assess-" + std::to_string(getpid()) + "-" + std::to_string(++made))) {
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name) << text;
    return (path_ / name).string();
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  static inline int made = 0;
  std::filesystem::path path_;
};

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Two victims under the real Code: an arrest told in time to one, too late to the other; and one row that cannot be
/// read.
constexpr const char* arrests =
    "id,source,type,participant,crime,suspect,occurred_at,recorded_at,agency,about\n"
    "1,s,link.victim,PETRA-KOWALSKI,CRIME/24/1,,2024-03-04T08:00Z,2024-03-04T08:00Z,met,\n"
    "2,s,link.suspect,,CRIME/24/1,A,2024-03-04T08:00Z,2024-03-04T08:00Z,met,\n"
    "3,s,suspect.arrested,,CRIME/24/1,A,2024-03-04T10:00Z,2024-03-04T10:30Z,met,\n"
    "4,s,victim.informed,PETRA-KOWALSKI,CRIME/24/1,A,2024-03-08T10:00Z,2024-03-08T10:05Z,met,arrest\n"
    "5,s,link.victim,W2,CRIME/24/2,,2024-03-04T08:00Z,2024-03-04T08:00Z,met,\n"
    "6,s,link.suspect,,CRIME/24/2,B,2024-03-04T08:00Z,2024-03-04T08:00Z,met,\n"
    "7,s,suspect.arrested,,CRIME/24/2,B,2024-03-04T10:00Z,2024-03-04T10:30Z,met,\n"
    "8,s,victim.informed,W2,CRIME/24/2,B,2024-03-13T10:00Z,2024-03-13T10:05Z,met,arrest\n"
    "9,s,victim.informed,W2,CRIME/24/2,B,yesterday,2024-03-13T10:05Z,met,arrest\n";

AssessRequest request_for(const std::string& file) {
  AssessRequest request;
  request.records.files = {file};
  request.explain_words = file;
  return request;
}

/// The line of obligations.csv of a duty and participant; its first cell is the id.
std::string id_of(const std::string& csv, const std::string& participant, const std::string& duty) {
  std::istringstream lines(csv);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.find("," + participant + ",") != std::string::npos && line.find("," + duty + ",") != std::string::npos)
      return line.substr(0, line.find(','));
  }
  return "";
}

/// Lines of an explanation break between words.
std::string on_one_line(std::string text) {
  const auto blank = [](char c) { return c == ' ' || c == '\n'; };
  text.erase(std::unique(text.begin(), text.end(), [&](char a, char b) { return blank(a) && blank(b); }), text.end());
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

TEST(AssessFiles, JudgesTheFilesAndWritesWhatItFound) {
  const Folder folder;
  AssessRequest request = request_for(folder.file("e.csv", arrests));
  request.out = folder.path("out");
  const auto assessed = assess_files(request);
  ASSERT_TRUE(assessed.ok()) << assessed.error().message;
  const Assessment& assessment = **assessed;
  EXPECT_EQ(model::instant_text(assessment.records.options.as_at), "2024-03-13T10:05:00Z") << "the last recorded_at";
  const std::string json = json_text(assessment);
  EXPECT_THAT(json, HasSubstr("{\"as_at\":\"2024-03-13T10:05:00Z\",\"recorded_by\":null,\"victims\":2,\"events\":8,"
                              "\"rejected\":1,\"duties\":["));
  EXPECT_THAT(json, HasSubstr("{\"id\":\"VC2020-R6.1a\",\"right\":\"6\",\"bearer\":\"police\",\"verified\":true,"
                              "\"obligations\":2,\"outcomes\":{"
                              "\"not_owed\":0,\"withdrawn_after_due\":0,\"lapsed\":0,\"declined\":0,\"kept\":1,"
                              "\"excused\":0,\"late\":1,\"open\":0,"
                              "\"cannot_tell\":0,\"missed\":0,\"overdue\":0}}"));
  EXPECT_THAT(csv_text(assessment), HasSubstr("\nVC2020-R6.1a,6,police,true,2,0,0,0,0,1,0,1,0,0,0,0\n"));
  for (const char* name :
       {"obligations.parquet", "obligations.csv", "cells.parquet", "cells.csv", "rejects.csv", "report.html"}) {
    EXPECT_TRUE(std::filesystem::exists(folder.path(std::string("out/") + name))) << name;
  }
  EXPECT_THAT(read(folder.path("out/rejects.csv")), HasSubstr("yesterday"));
  const std::string report = read(folder.path("out/report.html"));
  EXPECT_THAT(report, HasSubstr("For use inside the agency: small numbers are not protected"));
  EXPECT_THAT(report, Not(HasSubstr("PETRA"))) << "no names";
  EXPECT_THAT(report, Not(HasSubstr("CRIME/24"))) << "no case references";
}

TEST(AssessFiles, GivesTheSameWhateverTheThreads) {
  const Folder folder;
  AssessRequest request = request_for(folder.file("e.csv", arrests));
  const auto one = assess_files(request);
  request.records.threads = 3;
  const auto three = assess_files(request);
  ASSERT_TRUE(one.ok() && three.ok());
  EXPECT_EQ(json_text(**one), json_text(**three));
  const html::Words words = *read_words(home_folder() + "/content/en");
  EXPECT_EQ(table_text(**one, words), table_text(**three, words));
}

TEST(AssessFiles, PrintsTheSameWhetherOrNotAFolderIsWritten) {
  const Folder folder;
  AssessRequest request = request_for(folder.file("e.csv", arrests));
  const auto printed = assess_files(request);
  request.out = folder.path("out");
  const auto written = assess_files(request);
  ASSERT_TRUE(printed.ok() && written.ok());
  EXPECT_EQ(json_text(**printed), json_text(**written));
  EXPECT_EQ(csv_text(**printed), csv_text(**written));
  const auto apart = [](const Assessment& assessment) {
    std::string all;
    for (const auto& one : report_setting(assessment, "").assumed)
      all += one.name + " " + std::to_string(one.count) + "\n";
    return all + std::to_string(untold_for_want_of_coverage(assessment));
  };
  EXPECT_EQ(apart(**printed), apart(**written));
  EXPECT_EQ((*printed)->figures->people().owed_something, 0u) << "gathered for the report alone";
  EXPECT_GT((*written)->figures->people().owed_something, 0u);
}

TEST(AssessFiles, SaysWhatBecameOfEveryRowAndWhyMostWereRejected) {
  const Folder folder;
  const std::string first = std::string(arrests).substr(std::string(arrests).find("1,s,"));
  const std::string again = first.substr(0, first.find('\n') + 1);
  AssessRequest request = request_for(folder.file("e.csv", arrests + again));
  const html::Words words = *read_words(home_folder() + "/content/en");
  const auto assessed = assess_files(request);
  ASSERT_TRUE(assessed.ok());
  const std::string text = table_text(**assessed, words);
  EXPECT_THAT(text, HasSubstr("8 events. 10 rows received: 8 taken, 1 rejected, 0 set aside by the mapping, 1 received "
                              "twice.\nRejected most often: no date or time that can be read (bad_time), 1 of 1; "
                              "--out DIR writes each row with its reason.\n"));
  request.out = folder.path("out");
  const auto written = assess_files(request);
  ASSERT_TRUE(written.ok());
  EXPECT_THAT(table_text(**written, words), HasSubstr("1 of 1; rejects.csv has each.\n"));
}

TEST(AssessFiles, SaysHowToMendWhatCannotBeToldAndWhatNoCrimeNames) {
  const Folder folder;
  const std::string told_nothing =
      "id,source,type,participant,crime,suspect,occurred_at,recorded_at,agency\n"
      "1,s,link.victim,V1,C1,,2024-03-04T08:00Z,2024-03-04T08:00Z,met\n"
      "2,s,suspect.arrested,,C1,A,2024-03-04T10:00Z,2024-03-04T10:30Z,met\n"
      "3,s,suspect.arrested,,,B,2024-03-04T10:00Z,2024-03-04T10:30Z,met\n";
  const std::string link = "4,s,link.suspect,,C1,A,2024-03-04T08:00Z,2024-03-04T08:00Z,met\n";
  AssessRequest request = request_for(folder.file("e.csv", told_nothing + link));
  request.records.as_at = "2024-06-30";
  const auto inferred = assess_files(request);
  ASSERT_TRUE(inferred.ok()) << inferred.error().message;
  const uint64_t untold = untold_for_want_of_coverage(**inferred);
  EXPECT_GT(untold, 0u);
  const html::Words words = *read_words(home_folder() + "/content/en");
  const std::string text = table_text(**inferred, words);
  EXPECT_THAT(text, HasSubstr("Note: Obligations that cannot be told because no coverage was given: " +
                              std::to_string(untold) + ". "));
  EXPECT_THAT(text, HasSubstr("Give --coverage FILE, or say `complete: yes` in a mapping"));
  EXPECT_THAT(text, HasSubstr("Note: Events about a suspect or a hearing that no crime names: 1. "));
  EXPECT_THAT(text, HasSubstr("link.suspect or link.hearing is recorded: docs/formats/mappings.md"));

  request.records.coverage = folder.file("c.csv", "provider,type,from,to\nmet,*,,\n");
  const auto given = assess_files(request);
  ASSERT_TRUE(given.ok()) << given.error().message;
  EXPECT_EQ(untold_for_want_of_coverage(**given), 0u);
  EXPECT_THAT(table_text(**given, words), Not(HasSubstr("no coverage was given")));
}

TEST(AssessFiles, NotesAgenciesThatAreNotListedAndOffencesThatNothingCountsBy) {
  const Folder folder;
  const std::string heading = "id,source,type,participant,crime,occurred_at,recorded_at,agency,offence,offence_group\n";
  const auto row = [](int id, const std::string& agency, const std::string& offences) {
    return std::to_string(id) + ",s,crime.recorded,V1,C1,2024-03-04T08:00Z,2024-03-04T08:00Z," + agency + "," +
           offences + "\n";
  };
  const auto notes_of = [&](const std::string& rows) {
    const auto assessed = assess_files(request_for(folder.file("e.csv", heading + rows)));
    EXPECT_TRUE(assessed.ok());
    return assessed.ok() ? notes(**assessed) : std::vector<std::string>();
  };
  const auto agencies = HasSubstr("Agencies that the rules do not list");
  const auto offences = HasSubstr("none gives an `offence_group`");
  struct Row {
    const char* why;
    std::string rows;
    std::string note;  ///< a part of the only note; empty: there is none
  };
  std::string many;
  for (int i = 0; i < 21; ++i) many += row(i, "PC Kowalski " + std::to_string(i), ",");
  const Row rows[] = {
      {"listed, or called by a role", row(1, "met", ",burglary") + row(2, "police", ",") + row(3, "", ","), ""},
      {"a role that only duties name", row(1, "victim", ","), ""},
      {"not listed", row(1, "MPS", ",") + row(2, "B", ",") + row(3, "MPS", ",") + row(4, "C", ",") + row(5, "D", ","),
       "Agencies that the rules do not list, in 5 events: \"MPS\", \"B\", \"C\" and 1 more. They fill no role"},
      {"so many that they may be people", many, "in 21 events: 21 different ones, which are not shown because"},
      {"an offence without its group", row(1, "met", "8/6,") + row(2, "met", "8/7,"),
       "Events that give an `offence` (a code of the Home Office): 2; none gives an `offence_group`."},
      {"one of them has a group", row(1, "met", "8/6,") + row(2, "met", "8/7,burglary"), ""},
  };
  for (const Row& one : rows) {
    const std::vector<std::string> all = notes_of(one.rows);
    const auto told = std::count_if(all.begin(), all.end(), [&](const std::string& note) {
      return testing::Matches(testing::AnyOf(agencies, offences))(note);
    });
    EXPECT_EQ(told, one.note.empty() ? 0 : 1) << one.why;
    if (!one.note.empty()) {
      EXPECT_THAT(all, testing::Contains(HasSubstr(one.note))) << one.why;
    }
    EXPECT_THAT(all, testing::Each(Not(HasSubstr("Kowalski")))) << one.why;
  }
}

TEST(AssessFiles, TheRecipeForExportsWithoutSuspectsIsJudged) {
  const std::string page = read(home_folder() + "/docs/formats/mappings.md");
  const std::size_t begin = page.find("```yaml\n", page.find("### No column for the suspect")) + 8;
  const std::string recipe = page.substr(begin, page.find("```", begin) - begin);
  const Folder folder;
  AssessRequest request = request_for(folder.file("export.csv",
                                                  "Victim Ref,Crime No,Offence,Borough,Event,Date/Time\n"
                                                  "V1,C1,Assault s47,bexley,Crime reported,01/03/2024 09:00\n"
                                                  "V1,C1,Assault s47,bexley,Suspect nicked,04/03/2024 10:00\n"
                                                  "V1,C1,Assault s47,bexley,Victim told,06/03/2024 10:00\n"
                                                  "V1,C1,Assault s47,bexley,Officer's note,06/03/2024 11:00\n"));
  request.records.mapping = folder.file("mapping.yaml", recipe);
  const auto assessed = assess_files(request);
  ASSERT_TRUE(assessed.ok()) << assessed.error().message;
  EXPECT_EQ((*assessed)->tally.without_link, 0u);
  EXPECT_EQ((*assessed)->records.read.counts.ignored, 1u);
  EXPECT_EQ((*assessed)->records.read.counts.rejected, 0u);
  EXPECT_THAT(csv_text(**assessed), HasSubstr("\nVC2020-R6.1a,6,police,true,1,0,0,0,0,1,"));
}

TEST(AssessFiles, RulesOfOnesOwnAreNotHeadedAsTheCode) {
  const std::string page = read(home_folder() + "/docs/formats/rules.md");
  const std::size_t begin = page.find("```yaml\n", page.find("## Rules of your own")) + 8;
  const Folder folder;
  AssessRequest request = request_for(folder.file("ward.csv",
                                                  "id,type,participant,occurred_at,recorded_at,agency\n"
                                                  "1,triage,P1,2024-03-04T10:00Z,2024-03-04T10:00Z,ward\n"
                                                  "2,antibiotics,P1,2024-03-04T10:30Z,2024-03-04T10:30Z,ward\n"
                                                  "3,triage,P2,2024-03-04T10:00Z,2024-03-04T10:00Z,ward\n"
                                                  "4,antibiotics,P2,2024-03-04T12:30Z,2024-03-04T12:30Z,ward\n"));
  request.records.rules = folder.file("rules.yaml", page.substr(begin, page.find("```", begin) - begin));
  request.out = folder.path("out");
  const auto assessed = assess_files(request);
  ASSERT_TRUE(assessed.ok()) << assessed.error().message;
  const std::string text = table_text(**assessed, *read_words(home_folder() + "/content/en"));
  EXPECT_THAT(text, HasSubstr("\nPeople in the records: 2 "));
  EXPECT_THAT(text,
              HasSubstr("\nThe rules given: none of them says that it is the Victims' Code\n  50.0% of what fell"));
  EXPECT_THAT(text, HasSubstr("\n  WARD, ward "));
  for (const char* code : {"The Code", "under the Code", "Apart:"}) EXPECT_THAT(text, Not(HasSubstr(code)));
  EXPECT_THAT(read(folder.path("out/cells.csv")), HasSubstr(",WARD,local,"));
  const std::string report = read(folder.path("out/report.html"));
  EXPECT_THAT(report,
              HasSubstr("The rules given: none of them says that it is the Victims&#39; Code</a>: 2 fell due, 1 of"));
  EXPECT_THAT(report, HasSubstr("<dt>People in the records</dt><dd>2"));
  EXPECT_THAT(report, Not(HasSubstr("recalled from memory, in whole")));
}

TEST(AssessFiles, Care13_WindowsStandApartFromDuties) {
  const Folder folder;
  const auto assessed = assess_files(request_for(folder.file("e.csv", arrests)));
  ASSERT_TRUE(assessed.ok());
  const std::string json = json_text(**assessed);
  const std::string duties = json.substr(0, json.find("\"windows\":["));
  bool any = false;
  for (const measures::DutyLabel& label : (*assessed)->labels) {
    if (label.standing != measures::Standing::window) continue;
    any = true;
    EXPECT_THAT(duties, Not(HasSubstr("\"id\":\"" + label.id + "\"")));
    EXPECT_THAT(json, HasSubstr("{\"id\":\"" + label.id + "\""));
  }
  EXPECT_TRUE(any);
}

TEST(AssessFiles, StrictStopsAtTheFirstRejectedRowAndNamesIt) {
  const Folder folder;
  AssessRequest request = request_for(folder.file("e.csv", arrests));
  request.records.strict = true;
  bool stopped = false;
  const auto assessed = assess_files(request, &stopped);
  ASSERT_FALSE(assessed.ok());
  EXPECT_TRUE(stopped);
  EXPECT_THAT(assessed.error().message, HasSubstr("e.csv:10"));
  EXPECT_THAT(assessed.error().message, HasSubstr("yesterday"));
}

TEST(AssessFiles, RefusesWhatItCannotRead) {
  const Folder folder;
  const std::string good = folder.file("e.csv", arrests);
  struct Row {
    const char* why;
    void (*change)(AssessRequest&);
    const char* says;
  };
  const Row rows[] = {
      {"no file", [](AssessRequest& r) { r.records.files.clear(); }, "No files were named"},
      {"a day that does not exist", [](AssessRequest& r) { r.records.as_at = "2024-02-30"; },
       "--as-at: \"2024-02-30\" is not a date or an instant"},
      {"a month is no clock", [](AssessRequest& r) { r.records.recorded_by = "2024-02"; },
       "--recorded-by: \"2024-02\""},
      {"past the calendar", [](AssessRequest& r) { r.records.as_at = "2099-01-01"; }, "past the calendar's end"},
      {"no such coverage file", [](AssessRequest& r) { r.records.coverage = "/nowhere.csv"; },
       "/nowhere.csv cannot be read"},
  };
  for (const Row& row : rows) {
    AssessRequest request = request_for(good);
    row.change(request);
    bool stopped = true;
    const auto assessed = assess_files(request, &stopped);
    ASSERT_FALSE(assessed.ok()) << row.why;
    EXPECT_THAT(assessed.error().message, HasSubstr(row.says)) << row.why;
  }
}

TEST(ExplainObligation, SaysEachDayAndEachRecord) {
  const Folder folder;
  const std::string file = folder.file("e.csv", arrests);
  AssessRequest request = request_for(file);
  request.out = folder.path("out");
  ASSERT_TRUE(assess_files(request).ok());
  const std::string id = id_of(read(folder.path("out/obligations.csv")), "W2", "VC2020-R6.1a");
  ASSERT_FALSE(id.empty());
  const auto text = explain_obligation({request.records, id});
  ASSERT_TRUE(text.ok()) << text.error().message;
  for (const char* part :
       {"Late", "suspect.arrested happened on Monday 4 March 2024 at 10:00", "as event 7",
        "VC2020-R6.1a: Victims' Code 2020, Right 6", "The paragraph's number is from memory",
        "still to be checked: the exceptions", "Tuesday 5 March 2024 counted: working day 1",
        "Saturday 9 March 2024 not counted: weekend", "Monday 11 March 2024 counted: working day 5",
        "Due: Monday 11 March 2024", "as event 8", "Late by 2 working days (2 days by the calendar)"}) {
    EXPECT_THAT(*text, HasSubstr(part));
  }
  EXPECT_THAT(*text, Not(HasSubstr("<<"))) << "a key without words";
  const auto nothing = explain_obligation({request.records, "0000000000000"});
  ASSERT_FALSE(nothing.ok());
  EXPECT_THAT(nothing.error().message, HasSubstr("is called 0000000000000"));
  RecordsRequest swapped = request.records;
  swapped.files = {id};
  const auto wrong_order = explain_obligation({swapped, file});
  ASSERT_FALSE(wrong_order.ok());
  EXPECT_THAT(wrong_order.error().message, HasSubstr("the id comes first: kept explain ID FILES"));
}

TEST(ExplainObligation, CallsAnEventWithoutIdByItsRowAndFile) {
  const Folder folder;
  const std::string heading = "Who,What,When\n";
  AssessRequest request = request_for(folder.file("a.csv", heading + "V1,Note,2024-03-04T08:00Z\n\n"
                                                                     "V1,Rung,2024-03-04T07:00Z\n"
                                                                     "V1,Nicked,2024-03-04T10:00Z\n"));
  request.records.files.push_back(folder.file("b.csv", heading + "V1,Bad,yesterday\nV1,Told,2024-03-06T10:00Z\n"));
  request.records.mapping = folder.file("m.yaml",
                                        "mapping: 1\ncase: Who\nlink: each case\nagency: met\ncomplete: yes\n"
                                        "columns: {suspect: \"{Who}-S\"}\nevents:\n"
                                        "  - occurred_at: When\n"
                                        "    types: {column: What, unlisted: ignore, table: {Nicked: suspect.arrested, "
                                        "Rung: crime.reported, Bad: suspect.charged, "
                                        "Told: victim.informed about=arrest}}\n"
                                        "  - {type: link.suspect, occurred_at: When, when: [{What: Nicked}]}\n");
  request.out = folder.path("out");
  const auto assessed = assess_files(request);
  ASSERT_TRUE(assessed.ok()) << assessed.error().message;
  const std::string id = id_of(read(folder.path("out/obligations.csv")), "V1", "VC2020-R6.1a");
  ASSERT_FALSE(id.empty());
  const auto text = explain_obligation({request.records, id});
  ASSERT_TRUE(text.ok()) << text.error().message;
  const std::string flat = on_one_line(*text);
  EXPECT_THAT(flat, HasSubstr("Recorded by met as row 3 of " + request.records.files[0] + ", entered"));
  EXPECT_THAT(flat, HasSubstr("recorded by met as row 2 of " + request.records.files[1] + ", entered"));
  EXPECT_THAT(flat, HasSubstr("Events without an id are called by their row"));
  EXPECT_THAT(flat, Not(HasSubstr("event 1")));
}

TEST(ExplainObligation, SaysTheDueDateBeforeACorrectionWhichTimeGaveWhichAnswerAndWhyAChainIsEnhanced) {
  const Folder folder;
  AssessRequest request =
      request_for(folder.file("e.csv",
                              "id,source,type,participant,crime,suspect,hearing,occurred_at,recorded_at,agency,about,"
                              "corrects,offence_group,bail_status\n"
                              "1,s,link.victim,V1,C1,,,2024-03-04T08:00Z,2024-03-04T08:00Z,met,,,,\n"
                              "2,s,link.suspect,,C1,A,,2024-03-04T08:00Z,2024-03-04T08:00Z,met,,,,\n"
                              "3,s,suspect.arrested,,C1,A,,2024-03-04T10:00Z,2024-03-04T10:30Z,met,,,,\n"
                              "4,s,victim.informed,V1,C1,A,,2024-03,2024-04-02T10:05Z,met,arrest,,,\n"
                              "5,s,link.victim,V2,C2,,,2024-03-04T08:00Z,2024-03-04T08:00Z,met,,,,\n"
                              "6,s,link.suspect,,C2,B,,2024-03-04T08:00Z,2024-03-04T08:00Z,met,,,,\n"
                              "7,s,suspect.arrested,,C2,B,,2024-03-04T10:00Z,2024-03-04T10:30Z,met,,,,\n"
                              "8,s,suspect.arrested,,C2,B,,2024-03-12T10:00Z,2024-03-20T10:30Z,met,,7,,\n"
                              "9,s,crime.recorded,,C2,,,2024-03-01T10:00Z,2024-03-01T10:00Z,met,,,stalking,\n"
                              "10,s,link.hearing,,C2,B,H1,2024-03-01T10:00Z,2024-03-01T10:00Z,hmcts,,,,\n"
                              "11,s,bail.decided,,C2,B,H1,2024-03-21T10:00Z,2024-03-21T11:00Z,hmcts,,,,granted\n"));
  request.out = folder.path("out");
  const auto assessed = assess_files(request);
  ASSERT_TRUE(assessed.ok()) << assessed.error().message;
  ASSERT_EQ((*assessed)->records.read.counts.rejected, 0u) << read(folder.path("out/rejects.csv"));
  const std::string csv = read(folder.path("out/obligations.csv"));
  struct Row {
    const char* participant;
    const char* duty;
    std::vector<const char*> parts;
  };
  const Row rows[] = {
      {"V1",
       "VC2020-R6.1a",
       {"if victim.informed about=arrest (event 4 of \"s\") happened on Sunday 31 March 2024 at 23:59:59: Late",
        "if victim.informed about=arrest (event 4 of \"s\") happened on Monday 4 March 2024 at 00:00: Kept",
        "if nothing recorded counts as doing it: "}},
      {"V2",
       "VC2020-R6.1a",
       {"Before a correction it was due on Tuesday 5 March 2024: it was first recorded as suspect.arrested on Monday 4 "
        "March 2024 at 10:00 (event 7 of \"s\"), and corrected only after that due date."}},
      {"V2",
       "VC2020-R8.1b-whole",
       {"Recorded facts of the kinds that give them:", "(offence group: stalking)",
        "So the limits for Enhanced Rights apply to both steps."}},
  };
  for (const Row& row : rows) {
    const std::string id = id_of(csv, row.participant, row.duty);
    ASSERT_NE(id, "") << row.duty;
    const auto text = explain_obligation({request.records, id});
    ASSERT_TRUE(text.ok()) << text.error().message;
    for (const char* part : row.parts) EXPECT_THAT(on_one_line(*text), HasSubstr(part)) << row.duty;
  }
}

TEST(Content, HasWordsForEveryOutcomeFlagAndReason) {
  const html::Words words = *read_words(home_folder() + "/content/en");
  for (int i = 0; i < model::outcome_count; ++i) {
    const std::string key = std::string("outcome.") + model::outcome_key(static_cast<model::Outcome>(i));
    EXPECT_TRUE(words.has(key + ".name")) << key;
    EXPECT_TRUE(words.has(key + ".means")) << key;
  }
  for (uint32_t bit = 1; bit <= model::flag_transfer_not_accepted; bit <<= 1) {
    std::string key = model::flag_name(bit);
    for (char& c : key) c = c == ' ' ? '_' : c;
    if (key == "recorded_time_assumed") key = "recorded_assumed";
    EXPECT_TRUE(words.has("flag." + key)) << key;
  }
}

TEST(ClockWords, AreLondons) {
  struct Row {
    const char* why;
    const char* at;
    const char* words;
  };
  const Row rows[] = {
      {"the end of a day is the day", "2024-12-31", "31 December 2024"},
      {"summer time", "2024-07-01T11:00Z", "1 July 2024, 12:00"},
      {"after midnight in London, still the day before elsewhere", "2024-07-01T23:30Z", "2 July 2024, 00:30"},
      {"on the day the clocks go forward", "2024-03-31T12:00Z", "31 March 2024, 13:00"}};
  for (const Row& row : rows) {
    const auto at = clock_time(row.at, "--as-at");
    ASSERT_TRUE(at.ok()) << row.why;
    EXPECT_EQ(clock_words(*at), row.words) << row.why;
  }
}

TEST(PlainText, BreaksBetweenWords) {
  PlainText text;
  text.heading("Ab");
  text.section("S");
  text.item(std::string(60, 'x') + " " + std::string(60, 'y'));
  EXPECT_EQ(text.text(), "Ab\n==\n\nS\n    - " + std::string(60, 'x') + "\n      " + std::string(60, 'y') + "\n");
}

}  // namespace
}  // namespace kept::app
