#include "base/json_text.h"

#include <gtest/gtest.h>

namespace kept::base {
namespace {

TEST(JsonText, QuotesWhateverItIsGiven) {
  struct Row {
    const char* why;
    std::string text;
    std::string expected;
  };
  const Row rows[] = {
      {"plain", "listed", R"("listed")"},
      {"empty", "", R"("")"},
      {"a quote and a backslash", R"(a"b\c)", R"("a\"b\\c")"},
      {"a line break", "a\nb", R"("a\nb")"},
      {"a carriage return and a NUL", std::string("a\r\0b", 4), R"("a\u000d\u0000b")"},
      {"escape sequences of a terminal", "\x1b[2J\x7f", R"("\u001b[2J\u007f")"},
      {"characters of several bytes", "Dŵr €", "\"Dŵr €\""},
      {"line separators of Unicode", "a\u2028b\u2029c\u0085", R"("a\u2028b\u2029c\u0085")"},
      {"a byte that is not UTF-8 does not swallow the quote", "a\xC3", "\"a\xEF\xBF\xBD\""},
      {"an overlong form of /", "\xC0\xAF", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},
      {"half of a surrogate pair", "\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},
  };
  for (const Row& row : rows) EXPECT_EQ(json_quoted(row.text), row.expected) << row.why;
}

}  // namespace
}  // namespace kept::base
