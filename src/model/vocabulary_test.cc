#include "model/vocabulary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kept::model {
namespace {

Field word_field(std::string name, std::vector<std::string> words) {
  Field field;
  field.name = std::move(name);
  field.kind = FieldKind::word;
  field.words = std::move(words);
  return field;
}

EventType type(std::string name, int32_t distinguished_by = -1) {
  EventType result;
  result.name = std::move(name);
  result.distinguished_by = distinguished_by;
  return result;
}

TEST(Vocabulary, AWordThatDistinguishesGivesItsTypeACodeEach) {
  Vocabulary vocabulary;
  const auto about = vocabulary.add_field(word_field("about", {"arrest", "bail"}));
  ASSERT_TRUE(about.ok());
  ASSERT_TRUE(vocabulary.add_type(type("suspect.arrested")).ok());
  EventType informed = type("victim.informed", *about);
  informed.meaning = Meaning::declined;
  ASSERT_TRUE(vocabulary.add_type(informed).ok());
  EXPECT_EQ(vocabulary.code_count(), 4);
  EXPECT_EQ(vocabulary.find("victim.informed")->first_code, 1);
  EXPECT_EQ(vocabulary.find("victim.informed")->codes, 3);
  EXPECT_EQ(vocabulary.code_name(0), "suspect.arrested");
  EXPECT_EQ(vocabulary.code_name(1), "victim.informed");
  EXPECT_EQ(vocabulary.code_name(3), "victim.informed about=bail");
  EXPECT_EQ(vocabulary.meaning_of(3), Meaning::declined);
  EXPECT_EQ(vocabulary.meaning_of(0), Meaning::nothing);
  EXPECT_EQ(vocabulary.type_of(2).name, "victim.informed");
  EXPECT_EQ(vocabulary.find("victim.told"), nullptr);
  EXPECT_EQ(vocabulary.field_id("about"), 0);
  EXPECT_EQ(vocabulary.field_id("nothing"), -1);
}

TEST(Vocabulary, AFieldMeansOneThing) {
  Vocabulary vocabulary;
  const auto first = vocabulary.add_field(word_field("about", {"arrest"}));
  const auto again = vocabulary.add_field(word_field("about", {"arrest"}));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*first, *again);
  const auto other = vocabulary.add_field(word_field("about", {"bail"}));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, base::ErrorCode::conflict);
  EXPECT_THAT(other.error().message, testing::HasSubstr("the field `about` is defined twice"));
}

TEST(Vocabulary, TextAndPersonalFieldsAreNeverReadByConditions) {
  Vocabulary vocabulary;
  Field note;
  note.name = "note";
  Field born;
  born.name = "born";
  born.kind = FieldKind::date;
  born.personal = true;
  ASSERT_TRUE(vocabulary.add_field(note).ok());
  ASSERT_TRUE(vocabulary.add_field(born).ok());
  EXPECT_FALSE(vocabulary.fields()[0].column);
  EXPECT_FALSE(vocabulary.fields()[1].column);
}

TEST(Vocabulary, RefusesATypeTwiceAndTooManyCodes) {
  Vocabulary vocabulary;
  ASSERT_TRUE(vocabulary.add_type(type("a")).ok());
  EXPECT_THAT(vocabulary.add_type(type("a")).error().message, testing::HasSubstr("`a` is defined twice"));
  std::vector<std::string> words(40'000);
  for (std::size_t i = 0; i < words.size(); ++i) words[i] = std::to_string(i);
  const auto field = vocabulary.add_field(word_field("many", words));
  ASSERT_TRUE(vocabulary.add_type(type("b", *field)).ok());
  EXPECT_EQ(vocabulary.add_type(type("c", *field)).error().code, base::ErrorCode::too_large);
}

}  // namespace
}  // namespace kept::model
