#include "http/target.h"

#include <gtest/gtest.h>

namespace kept::http {
namespace {

TEST(Target, IsTakenApartAndDecoded) {
  struct Row {
    const char* why;
    const char* target;
    std::string path;
    std::vector<std::string> segments;
    Query query;
  };
  const Row rows[] = {
      {"the root", "/", "/", {}, {}},
      {"a path", "/v1/feeds", "/v1/feeds", {"v1", "feeds"}, {}},
      {"an empty last segment is another address", "/v1/", "/v1/", {"v1", ""}, {}},
      {"escapes", "/D%C5%B5r%20x", "/Dŵr x", {"Dŵr x"}, {}},
      {"escapes in small letters", "/%c5%b5", "/ŵ", {"ŵ"}, {}},
      {"an escape is decoded once", "/%2541", "/%41", {"%41"}, {}},
      {"a plus in a path is a plus", "/a+b", "/a+b", {"a+b"}, {}},
      {"a query", "/?a=1&b=", "/", {}, {{"a", "1"}, {"b", ""}}},
      {"a name without a value", "/?a", "/", {}, {{"a", ""}}},
      {"an empty query", "/?", "/", {}, {}},
      {"a plus in a query is a space", "/?a=b+c%2B", "/", {}, {{"a", "b c+"}}},
      {"only the first = parts", "/?a=b=c", "/", {}, {{"a", "b=c"}}},
      {"/ and ? in a query", "/?a=/b?", "/", {}, {{"a", "/b?"}}},
      {"dots that climb nowhere", "/...a/.b", "/...a/.b", {"...a", ".b"}, {}},
  };
  for (const Row& row : rows) {
    const auto got = parse_target(row.target);
    const auto* target = std::get_if<Target>(&got);
    ASSERT_NE(target, nullptr) << row.why;
    EXPECT_EQ(target->path, row.path) << row.why;
    EXPECT_EQ(target->segments, row.segments) << row.why;
    EXPECT_EQ(target->query, row.query) << row.why;
  }
}

TEST(Target, IsRefused) {
  struct Row {
    const char* why;
    std::string target;
    Fault fault = Fault::target;
  };
  const Row rows[] = {
      {"nothing", ""},
      {"no slash at the beginning", "a"},
      {"the asterisk", "*"},
      {"with its host", "https://kept/"},
      {"an empty segment in the middle", "/a//b"},
      {"an empty segment at the beginning: some take it for a host", "//evil.example"},
      {"it climbs", "/a/../b"},
      {"it climbs, escaped", "/a/%2E./b"},
      {"it stays, which caches may read otherwise", "/a/./b"},
      {"a slash within a segment", "/a%2Fb"},
      {"a backslash within a segment", "/a%5Cb"},
      {"a plain backslash", "/a\\b"},
      {"a fragment", "/a#b"},
      {"half an escape", "/%4"},
      {"an escape that ends", "/%"},
      {"an escape that is none", "/%zz"},
      {"NUL", "/a%00b"},
      {"a line break", "/?a=%0A"},
      {"DEL", "/%7f"},
      {"bytes that are not UTF-8", "/%ff"},
      {"an overlong slash", "/%C0%AF"},
      {"a character that must be escaped", "/a\"b"},
      {"a character beyond ASCII", "/\xC5\xB5"},
      {"brackets in a query", "/?a[]=1"},
      {"a query without a name", "/?=1"},
      {"an empty pair", "/?a=1&&b=2"},
      {"a name twice", "/?a=1&b=2&a=3", Fault::query_repeated},
      {"a name twice, once escaped", "/?a=1&%61=3", Fault::query_repeated},
  };
  for (const Row& row : rows) {
    const auto got = parse_target(row.target);
    const auto* fault = std::get_if<Fault>(&got);
    ASSERT_NE(fault, nullptr) << row.why;
    EXPECT_EQ(*fault, row.fault) << row.why;
  }
}

}  // namespace
}  // namespace kept::http
