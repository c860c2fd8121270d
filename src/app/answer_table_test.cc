#include "app/answer_table.h"

#include <gtest/gtest.h>

namespace kept::app {
namespace {

AnswerTable table() {
  AnswerTable made({{"court", "court"}, {"changes", "changes"}, {"at", ""}, {"late", "late"}});
  made.add({std::string("King's, \"North\""), int64_t{7}, std::string("x"), true});
  made.add({std::monostate{}, int64_t{-12}, std::monostate{}, false});
  return made;
}

TEST(AnswerTable, PeopleSeeColumnsWithAHeadingNumbersToTheRight) {
  EXPECT_EQ(table().text(),
            "  court            changes  late\n"
            "  King's, \"North\"        7  yes\n"
            "  -                    -12  no\n");
}

TEST(AnswerTable, SpreadsheetsGetEveryColumnQuotedWhereItMustBe) {
  EXPECT_EQ(table().csv(), "court,changes,at,late\n\"King's, \"\"North\"\"\",7,x,true\n,-12,,false\n");
}

TEST(AnswerTable, ProgramsGetObjectsWithNullForNothing) {
  EXPECT_EQ(table().json(),
            "[\n{\"court\":\"King's, \\\"North\\\"\",\"changes\":7,\"at\":\"x\",\"late\":true},\n"
            "{\"court\":null,\"changes\":-12,\"at\":null,\"late\":false}]");
  const AnswerTable empty(std::vector<AnswerTable::Column>{{"a", "a"}});
  EXPECT_EQ(empty.json(), "[]");
  EXPECT_EQ(empty.csv(), "a\n");
}

TEST(AnswerTable, LettersOfSeveralBytesTakeOnePlace) {
  AnswerTable made({{"name", "name"}, {"n", "n"}});
  made.add({std::string("Zo\u00eb"), int64_t{1}});
  EXPECT_EQ(made.text(), "  name  n\n  Zo\u00eb   1\n");
}

}  // namespace
}  // namespace kept::app
