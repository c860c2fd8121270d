#include "html/markup.h"

#include <gmock/gmock.h>

#include "html/number_text.h"
#include "html/table.h"
#include "html/words.h"

namespace kept::html {
namespace {

using ::testing::HasSubstr;

TEST(Markup, EscapesWhateverIsAText) {
  struct Row {
    const char* why;
    std::string text, expect;
  };
  const Row rows[] = {
      {"the five that mean something", "<b a=\"1\" c='2'>&", "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;"},
      {"an entity is a text too", "&amp;", "&amp;amp;"},
      {"other languages pass", "Llŷn – ユ 🙂", "Llŷn – ユ 🙂"},
      {"a lone byte cannot swallow the mark-up after it", "a\xC3", "a\xEF\xBF\xBD"},
      {"an overlong slash", "\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"half a surrogate pair", "\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"nothing past the last character", "\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
      {"control characters", std::string("a\0b\x1B", 4),
       "a\xEF\xBF\xBD"
       "b\xEF\xBF\xBD"},
      {"line breaks stay", "a\n\tb", "a\n\tb"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(escaped(row.text), row.expect) << row.why;
    Markup page;
    page.leaf("p", {{"title", row.text}}, row.text);
    EXPECT_EQ(page.finished(), "<p title=\"" + row.expect + "\">" + row.expect + "</p>") << row.why;
  }
}

TEST(Markup, NestsAndNumbers) {
  Markup page;
  page.open("ul").open("li", {{"class", "a"}}).text("one").close("li").empty("br").close("ul");
  EXPECT_EQ(page.finished(), "<ul><li class=\"a\">one</li><br/></ul>");
  EXPECT_EQ(page.fresh_id("x"), "x-1");
  EXPECT_EQ(page.fresh_id("x"), "x-2");
}

TEST(MarkupDeathTest, RefusesWhatWouldBreakAPage) {
  Markup page;
  page.open("p");
  EXPECT_DEATH(page.close("div"), "");
  EXPECT_DEATH((void)page.finished(), "");
  EXPECT_DEATH(page.open("p onclick=x"), "");
}

TEST(Page, StandsAloneInItsLanguageAndForbidsScripts) {
  Markup body;
  body.leaf("h1", "A & B");
  EXPECT_EQ(whole_page({"en-GB", "A & B", "p{margin:0}"}, body),
            "<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head><meta charset=\"utf-8\"/><meta name=\"viewport\" "
            "content=\"width=device-width, initial-scale=1\"/>"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src &#39;none&#39;; style-src "
            "&#39;unsafe-inline&#39;; form-action &#39;none&#39;; base-uri "
            "&#39;none&#39;\"/><meta name=\"robots\" content=\"noindex\"/><meta name=\"referrer\" "
            "content=\"no-referrer\"/><title>A &amp; B</title>"
            "<style>p{margin:0}</style></head>\n<body>\n<h1>A &amp; B</h1>\n</body>\n</html>\n");
}

TEST(Table, HasCaptionScopesAndAWayInByKeyboard) {
  Markup page;
  add(page, Table{"Outcomes",
                  {{"Right", ColumnKind::label}, {"Kept", ColumnKind::number}},
                  {{{"Right 6", "1,234"}}, {{"All", "1,234"}, true}},
                  "None."});
  EXPECT_EQ(
      page.finished(),
      "<div class=\"table\" role=\"region\" aria-labelledby=\"table-1\" tabindex=\"0\"><table><caption "
      "id=\"table-1\">Outcomes</caption>"
      "<thead><tr><th scope=\"col\" class=\"label\">Right</th><th scope=\"col\" class=\"number\">Kept</th></tr></thead>"
      "<tbody><tr><th scope=\"row\" class=\"label\">Right 6</th><td class=\"number\">1,234</td></tr>"
      "<tr class=\"total\"><th scope=\"row\" class=\"label\">All</th><td "
      "class=\"number\">1,234</td></tr></tbody></table></div>");
}

TEST(Table, WithoutRowsSaysSo) {
  Markup page;
  add(page, FoldedTable{"Look", {"Gaps", {{"Agency"}}, {}, "None."}});
  EXPECT_EQ(page.finished(), "<p class=\"nothing\"><strong>Gaps</strong>: None.</p>");
}

TEST(NumberText, NeverRoundsAwayTheOneThatWasBroken) {
  struct Row {
    const char* why;
    int64_t part, whole;
    const char* expect;
  };
  const Row rows[] = {
      {"nothing to speak of", 0, 0, "no figure"},
      {"none", 0, 7, "0%"},
      {"all", 7, 7, "100%"},
      {"one broken in a million", 999'999, 1'000'000, "99.9%"},
      {"one kept in a million", 1, 1'000'000, "0.1%"},
      {"a half rounds up", 1, 2000, "0.1%"},
      {"two thirds", 2, 3, "66.7%"},
  };
  for (const Row& row : rows) EXPECT_EQ(percent(row.part, row.whole), row.expect) << row.why;
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(-1000), "-1,000");
  EXPECT_EQ(grouped(999), "999");
}

TEST(Words, FillsPlacesAndShowsWhatIsMissing) {
  Words words;
  words.set("a.b", "{n} of {m}, {n}");
  EXPECT_EQ(words.say("a.b", {{"n", "1"}, {"m", "{n}"}}), "1 of {n}, 1") << "what is filled in is not read again";
  EXPECT_EQ(words.say("a.b", {{"n", "1"}}), "1 of {m}, 1");
  EXPECT_EQ(words.say("a.c"), "<<a.c>>");
}

}  // namespace
}  // namespace kept::html
