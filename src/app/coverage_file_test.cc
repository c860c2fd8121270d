#include "app/coverage_file.h"

#include <gmock/gmock.h>

namespace kept::app {
namespace {

using calendar::local_date;
using calendar::LocalDate;
using ::testing::HasSubstr;

std::shared_ptr<const model::Vocabulary> two_types() {
  auto vocabulary = std::make_shared<model::Vocabulary>();
  for (const char* name : {"suspect.arrested", "victim.informed"}) {
    model::EventType type;
    type.name = name;
    EXPECT_TRUE(vocabulary->add_type(type).ok());
  }
  return vocabulary;
}

TEST(CoverageFile, CoversWhatItsLinesNameAndNothingElse) {
  model::EventTable table(two_types());
  const auto coverage = read_coverage(
      "\xEF\xBB\xBFto,provider,type,from\r\n"
      "2024-03-14,met,victim.informed,2024-03-01\r\n"
      "2024-03-31,met,victim.informed,2024-03-16\r\n"
      "\r\n"
      ",\"wcu, north\",*,2024-01-01\n",
      "c.csv", &table);
  ASSERT_TRUE(coverage.ok()) << coverage.error().message;
  const uint32_t met = table.agencies.find("met");
  const uint32_t wcu = table.agencies.find("wcu, north");
  ASSERT_NE(met, 0u);
  ASSERT_NE(wcu, 0u);
  const uint16_t informed = table.vocabulary().type_index(table.vocabulary().find("victim.informed")->first_code);
  const uint16_t arrested = table.vocabulary().type_index(table.vocabulary().find("suspect.arrested")->first_code);
  struct Row {
    const char* why;
    uint32_t agency;
    uint16_t type;
    LocalDate from, to;
    bool gap;
    LocalDate first;
  };
  const Row rows[] = {
      {"inside a line, both ends included",
       met,
       informed,
       local_date({2024, 3, 1}),
       local_date({2024, 3, 14}),
       false,
       {}},
      {"the one day between two lines", met, informed, local_date({2024, 3, 10}), local_date({2024, 3, 20}), true,
       local_date({2024, 3, 15})},
      {"a type that no line names", met, arrested, local_date({2024, 3, 1}), local_date({2024, 3, 1}), true,
       local_date({2024, 3, 1})},
      {"every type, open at its end", wcu, arrested, local_date({2024, 1, 1}), local_date({2026, 1, 1}), false, {}},
      {"before an open line begins", wcu, informed, local_date({2023, 12, 31}), local_date({2024, 1, 1}), true,
       local_date({2023, 12, 31})},
  };
  for (const Row& row : rows) {
    LocalDate first;
    EXPECT_EQ(coverage->first_gap(row.agency, row.type, row.from, row.to, &first), row.gap) << row.why;
    if (row.gap) {
      EXPECT_EQ(first, row.first) << row.why;
    }
  }
}

TEST(CoverageFile, RefusesWithLineAndMend) {
  struct Row {
    const char* why;
    const char* text;
    const char* says;
  };
  const Row rows[] = {
      {"nothing in it", "", "c.csv: empty. It must begin with the heading: provider,type,from,to"},
      {"a column missing", "provider,type,from\n", "c.csv:1: the heading has no column \"to\""},
      {"a type that does not exist", "provider,type,from,to\nmet,victim.told,,\n",
       "c.csv:2: there is no type of event \"victim.told\""},
      {"a day that does not exist", "provider,type,from,to\nmet,*,2023-02-29,\n",
       "c.csv:2: \"2023-02-29\" in column from is not a date"},
      {"an end before its beginning", "provider,type,from,to\nmet,*,2024-02-02,2024-02-01\n",
       "c.csv:2: covered to 2024-02-01 before it begins on 2024-02-02"},
      {"nobody named", "provider,type,from,to\n,*,,\n", "c.csv:2: no provider"},
  };
  for (const Row& row : rows) {
    model::EventTable table(two_types());
    const auto coverage = read_coverage(row.text, "c.csv", &table);
    ASSERT_FALSE(coverage.ok()) << row.why;
    EXPECT_THAT(coverage.error().message, HasSubstr(row.says)) << row.why;
  }
}

}  // namespace
}  // namespace kept::app
