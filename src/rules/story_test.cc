#include "rules/story.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rules/rule_set.h"
#include "rules/test_rules.h"

namespace kept::rules {
namespace {

using testing::HasSubstr;

/// A vocabulary with links, a fact about a suspect, and what a person may carry.
std::shared_ptr<const model::Vocabulary> vocabulary() {
  static const auto made = [] {
    const auto rules = parse_rules(R"(vocabulary:
  fields:
    about: {kind: word, words: [arrest, bail]}
    months: {kind: number}
    place: {kind: code}
    until: {kind: date}
    held: {kind: yes_no}
    note: {kind: text}
  events:
    link.victim: {says: x, means: links_victim, needs: [participant, crime]}
    link.suspect: {says: x, means: links_suspect, needs: [suspect, crime]}
    arrested: {says: x, needs: [suspect], carries: [crime], fields: [months]}
    informed: {says: x, needs: [participant], carries: [crime, suspect], fields: [about!, place, until, held, note], distinguished_by: about}
    complained: {says: x, needs: [participant, complaint], key: complaint}
    reported: {says: x, needs: [crime], carries: [participant]}
duties: []
)",
                                   "v.yaml", test_calendar());
    EXPECT_TRUE(rules.ok()) << rules.error().message;
    return rules->book.vocabulary;
  }();
  return made;
}

std::optional<model::EventTable> told(const std::vector<std::string>& lines, bool links_explicit = true,
                                      std::string* mistake = nullptr) {
  Problems problems;
  Story story;
  story.agency = "police";
  story.links_explicit = links_explicit;
  for (const std::string& line : lines)
    story.lines.push_back({line, "story.yaml", static_cast<int>(story.lines.size()) + 10});
  auto table = tell(story, vocabulary(), &problems);
  if (mistake != nullptr) *mistake = problems.empty() ? "" : problems.error().message;
  EXPECT_TRUE(mistake != nullptr || problems.empty()) << problems.error().message;
  return table;
}

TEST(Story, WhatIsNotSaidIsFilledIn) {
  const auto table =
      told({"2026-03-02 arrested suspect=A", "2026-03-03T10:00Z informed about=arrest", "2026-03 reported"});
  ASSERT_TRUE(table.has_value());
  ASSERT_EQ(table->size(), 3u);
  EXPECT_EQ(table->crimes.name(table->crime(0)), "X");
  EXPECT_EQ(table->participant(0), 0u) << "a fact about a suspect names nobody";
  EXPECT_EQ(table->agencies.name(table->agency(0)), "police");
  EXPECT_EQ(table->sources.name(table->source(0)), "s");
  EXPECT_EQ(table->id(0), "1");
  EXPECT_EQ(model::instant_text(table->recorded_at(0)), "2026-03-02T12:00:00Z");
  EXPECT_EQ(table->participants.name(table->participant(1)), "V");
  EXPECT_EQ(vocabulary()->code_name(table->code(1)), "informed about=arrest");
  EXPECT_EQ(model::instant_text(table->recorded_at(1)), "2026-03-03T10:00:00Z") << "an instant is recorded at once";
  EXPECT_EQ(table->participant(2), 0u) << "a type that only may carry a person";
  EXPECT_EQ(model::instant_text(table->recorded_at(2)), "2026-03-31T11:00:00Z") << "noon of its last day, in summer";
}

TEST(Story, EverythingMayBeSaid) {
  const auto table = told(
      {R"(2026-03-03 informed about=bail id=e1 source=niche agency=met crime=none participant=W suspect="B C" known=2026-03 recorded=2026-03-04T09:00Z place=E09 until=2026-05 held=no note="not kept")",
       "2026-03-04 complained complaint=C1", "2026-03-05 informed about=arrest retracts=e1 source=niche",
       "2026-03-05 informed corrects=e1 about=arrest"});
  ASSERT_TRUE(table.has_value());
  EXPECT_EQ(table->id(0), "e1");
  EXPECT_EQ(table->crime(0), 0u);
  EXPECT_EQ(table->suspects.name(table->suspect(0)), "B C");
  ASSERT_TRUE(table->has_known(0));
  EXPECT_EQ(model::to_string(table->known(0)), "2026-03");
  EXPECT_EQ(model::instant_text(table->recorded_at(0)), "2026-03-04T09:00:00Z");
  int64_t value = 0;
  ASSERT_TRUE(table->detail_value(0, static_cast<uint16_t>(vocabulary()->field_id("until")), &value));
  EXPECT_EQ(model::to_string(table->moment(value)), "2026-05");
  ASSERT_TRUE(table->detail_value(0, static_cast<uint16_t>(vocabulary()->field_id("held")), &value));
  EXPECT_EQ(value, 0);
  EXPECT_FALSE(table->detail_value(0, static_cast<uint16_t>(vocabulary()->field_id("note")), &value))
      << "free text never enters the table";
  EXPECT_EQ(table->keys.name(table->key(1)), "C1");
  EXPECT_EQ(table->retracts(2), "e1");
  EXPECT_EQ(table->corrects(3), "e1");
}

TEST(Story, LinksNobodyTellsComeFirst) {
  const auto names = [](const model::EventTable& table) {
    std::vector<std::string> links;
    for (uint32_t row = 0; row < table.size(); ++row) {
      if (table.sources.name(table.source(row)) == "links") links.push_back(table.id(row));
    }
    return links;
  };
  const auto table = told({"2026-03-02 arrested suspect=A", "2026-03-02 arrested suspect=B crime=Y",
                           "2026-03-03 informed about=arrest participant=W"},
                          false);
  ASSERT_TRUE(table.has_value());
  EXPECT_THAT(names(*table),
              testing::ElementsAre("link.victim V X", "link.victim W X", "link.suspect A X", "link.suspect B Y"));
  EXPECT_EQ(model::to_string(table->occurred(0)), "2000-01-01");
  const auto own = told({"2026-03-02 link.suspect suspect=A", "2026-03-02 arrested suspect=A"}, false);
  EXPECT_THAT(names(*own), testing::ElementsAre("link.victim V X")) << "the story tells that link itself";
}

TEST(Story, MistakesNameTheLine) {
  struct Row {
    const char* why;
    const char* line;
    const char* message;
  };
  const Row rows[] = {
      {"no type", "2026-03-02", "\"2026-03-02\" is not an event; write WHEN TYPE key=value"},
      {"no such type", "2026-03-02 arested suspect=A",
       "there is no event `arested` in the vocabulary; did you mean `arrested`?"},
      {"no such day", "2026-02-29 arrested suspect=A", "there is no such day"},
      {"a local time", "2026-03-02T10:00 arrested suspect=A", "a time of day needs its offset from UTC"},
      {"no suspect", "2026-03-02 arrested", "`arrested` must name a suspect; add suspect=A"},
      {"a reference it cannot carry", "2026-03-02 arrested suspect=A hearing=H", "`arrested` carries no hearing"},
      {"no such field", "2026-03-02 arrested suspect=A month=3",
       "`arrested` has no field `month`; did you mean `months`?"},
      {"a number in words", "2026-03-02 arrested suspect=A months=three", "`months` is a whole number, not \"three\""},
      {"no such word", "2026-03-02 informed about=arest", "`arest` is not a word of `about`; did you mean `arrest`?"},
      {"a word alone", "2026-03-02 arrested suspect", "`suspect` is not key=value"},
      {"an open quote", "2026-03-02 arrested suspect=\"A", "a quote is not closed"},
      {"no key", "2026-03-02 complained", "`complained` must name its complaint; add complaint=1"},
  };
  for (const Row& row : rows) {
    std::string mistake;
    EXPECT_FALSE(told({"2026-03-01 reported", row.line}, true, &mistake).has_value()) << row.why;
    EXPECT_THAT(mistake, HasSubstr(row.message)) << row.why;
    EXPECT_TRUE(mistake.starts_with("story.yaml:11: ")) << row.why << ": " << mistake;
  }
}

TEST(Story, ABlockOfLinesCountsItsLines) {
  Problems problems;
  const auto document =
      Document::parse("says: x\nevents: |\n  2026-03-02 a\n\n  # a remark\n  2026-03-03 b\n", "s.yaml", &problems);
  ASSERT_TRUE(document != nullptr);
  const auto lines = story_lines(document->root().entries()[1].second, &problems);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].line, 3);
  EXPECT_EQ(lines[1].line, 6);
}

}  // namespace
}  // namespace kept::rules
