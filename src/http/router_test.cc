#include "http/router.h"

#include <gtest/gtest.h>

namespace kept::http {
namespace {

Route route(std::string method, std::string pattern) {
  Route out;
  out.method = std::move(method);
  out.pattern = std::move(pattern);
  out.permission = "public";
  out.handler = [](Request&) { return Response{}; };
  return out;
}

TEST(Router, FindsTheRouteThatIsMeant) {
  Router router;
  for (const char* pattern : {"/", "/feeds", "/feeds/{feed}", "/feeds/all", "/feeds/{feed}/events", "/{any}/all/{id}"})
    router.add(route("GET", pattern));
  struct Row {
    const char* why;
    std::vector<std::string> segments;
    const char* pattern;  ///< null: none
  };
  const Row rows[] = {
      {"the root", {}, "/"},
      {"plain", {"feeds"}, "/feeds"},
      {"a name", {"feeds", "listings"}, "/feeds/{feed}"},
      {"plain before a name", {"feeds", "all"}, "/feeds/all"},
      {"a segment that looks like a pattern", {"feeds", "{feed}"}, "/feeds/{feed}"},
      {"plain further left wins", {"feeds", "all", "events"}, "/feeds/{feed}/events"},
      {"where only the other fits", {"x", "all", "y"}, "/{any}/all/{id}"},
      {"a name is never empty", {"feeds", ""}, nullptr},
      {"too short", {"x"}, nullptr},
      {"too long", {"feeds", "a", "events", "b"}, nullptr},
      {"other letters are another address", {"Feeds"}, nullptr},
  };
  for (const Row& row : rows) {
    const auto match = router.find("GET", row.segments);
    EXPECT_EQ(match.route ? match.route->pattern : "", row.pattern ? row.pattern : "") << row.why;
  }
  const auto match = router.find("HEAD", {"feeds", "a", "events"});
  ASSERT_TRUE(match.route);
  EXPECT_EQ(match.names, (std::map<std::string, std::string, std::less<>>{{"feed", "a"}}));
  EXPECT_EQ(router.routes().size(), 6u);
}

TEST(Router, SaysWhichMethodsThereAre) {
  Router router;
  router.add(route("POST", "/a/{b}")).add(route("GET", "/a/b")).add(route("PUT", "/c"));
  EXPECT_EQ(router.find("DELETE", {"a", "b"}).allowed, (std::vector<std::string>{"GET", "HEAD", "POST"}));
  EXPECT_EQ(router.find("GET", {"a", "x"}).allowed, (std::vector<std::string>{"POST"}));
  EXPECT_TRUE(router.find("GET", {"d"}).allowed.empty());
  EXPECT_EQ(router.find("POST", {"a", "b"}).route->pattern, "/a/{b}");
}

TEST(RouterDeathTest, UnsoundRoutesStopTheProgram) {
  Router router;
  router.add(route("GET", "/feeds/{feed}"));
  Route without_permission = route("GET", "/a");
  without_permission.permission.clear();
  Route reads = route("GET", "/a");
  reads.body_limit_bytes = 1;
  Route both = route("POST", "/a");
  both.streamed = both.urgent = true;
  EXPECT_DEATH(router.add(route("GET", "/feeds/{name}")), "same_addresses");
  EXPECT_DEATH(router.add(without_permission), "permission");
  EXPECT_DEATH(router.add(route("OPTIONS", "/a")), "method");
  EXPECT_DEATH(router.add(route("HEAD", "/a")), "method");
  EXPECT_DEATH(router.add(reads), "body_limit_bytes");
  EXPECT_DEATH(router.add(both), "urgent");
  EXPECT_DEATH(router.add(route("GET", "a")), "pattern");
}

}  // namespace
}  // namespace kept::http
