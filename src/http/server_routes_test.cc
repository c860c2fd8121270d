#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "http/client_test.h"
#include "http/server_test.h"

namespace kept::http {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ServerRoutes, AHandlerSeesTheRequestDecoded) {
  Router router;
  router.add({.method = "POST",
              .pattern = "/v1/feeds/{feed}/events",
              .permission = "feed",
              .body_limit_bytes = 1000,
              .handler = [](Request& request) {
                EXPECT_EQ(request.method, "POST");
                EXPECT_EQ(request.path, "/v1/feeds/Dŵr & co/events");
                EXPECT_EQ(request.names.at("feed"), "Dŵr & co");
                EXPECT_EQ(request.query.at("from"), "2026-01-01 é");
                EXPECT_EQ(request.headers.find("content-type"), "application/json");
                EXPECT_EQ(request.body, "{}");
                EXPECT_EQ(request.peer, "127.0.0.1");
                EXPECT_EQ(request.id.size(), 32u);
                EXPECT_TRUE(request.has_body);
                EXPECT_EQ(request.stream, nullptr);
                return answer(201, "application/json", "[]");
              }});
  const auto server = started(std::move(router));
  TestClient client(server->port());
  const auto got = client.ask(
      "POST /v1/feeds/D%C5%B5r%20&%20co/events?from=2026-01-01+%c3%a9 HTTP/1.1\r\nHost: kept\r\n"
      "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 201);
  EXPECT_EQ(got->body, "[]");
  EXPECT_THAT(got->head, testing::StartsWith("HTTP/1.1 201 Created\r\n"));
}

TEST(ServerRoutes, WhatIsNotThereIsSaid) {
  Router router;
  router.add({.method = "GET", .pattern = "/a", .permission = "public", .handler = says("hello")});
  router.add({.method = "POST", .pattern = "/a", .permission = "public", .body_limit_bytes = 10, .handler = says("")});
  router.add({.method = "PUT", .pattern = "/empty", .permission = "public", .handler = says("")});
  const auto server = started(std::move(router));
  TestClient client(server->port());
  auto got = client.ask(get("/b"));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 404);
  EXPECT_EQ(got->body, "{\"type\":\"about:blank\",\"title\":\"Not Found\",\"status\":404}\n");
  got = client.ask("DELETE /a HTTP/1.1\r\nHost: kept\r\n\r\n");
  ASSERT_TRUE(got) << "a 404 does not end the connection";
  EXPECT_EQ(got->status, 405);
  EXPECT_EQ(got->header("Allow"), "GET, HEAD, POST");
  client.send("HEAD /a HTTP/1.1\r\nHost: kept\r\n\r\n");
  got = client.receive(true);
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->header("Content-Length"), "5");
  got = client.ask(get("/a"));
  ASSERT_TRUE(got) << "HEAD has no body: the next answer begins where it should";
  EXPECT_EQ(got->body, "hello");
  got = client.ask("PUT /empty HTTP/1.1\r\nHost: kept\r\nContent-Length: 1\r\n\r\nx");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 413) << "a route without a body limit takes none";
}

TEST(ServerRoutes, EveryAnswerHasAnIdOfOursAndIsNotStored) {
  Router router;
  router.add({.method = "GET", .pattern = "/", .permission = "public", .handler = says("")});
  router.add({.method = "GET", .pattern = "/asset", .permission = "public", .handler = [](Request&) {
                return answer(200, "text/css", "").set("Cache-Control", "max-age=31536000, immutable");
              }});
  const auto server = started(std::move(router));
  TestClient client(server->port());
  std::set<std::string> ids;
  for (int i = 0; i < 20; ++i) {
    const auto got = client.ask("GET / HTTP/1.1\r\nHost: kept\r\nX-Request-Id: mine\r\n\r\n");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->header("Cache-Control"), "no-store");
    EXPECT_EQ(got->header("X-Content-Type-Options"), "nosniff");
    EXPECT_TRUE(got->header("Date"));
    ids.insert(got->header("X-Request-Id").value_or(""));
  }
  EXPECT_EQ(ids.size(), 20u);
  EXPECT_FALSE(ids.contains("mine"));
  const auto got = client.ask(get("/asset"));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->header("Cache-Control"), "max-age=31536000, immutable");
  EXPECT_THAT(got->head, Not(HasSubstr("no-store")));
}

TEST(ServerRoutes, AHandlerThatFailsOrAnswersUnsoundlyIsA500) {
  base::LogInMemory log;
  Router router;
  router.add({.method = "GET", .pattern = "/throws", .permission = "public", .handler = [](Request&) -> Response {
                throw std::runtime_error("Blodwen of 1 High Street");
              }});
  router.add({.method = "GET", .pattern = "/splits", .permission = "public", .handler = [](Request&) {
                return answer(200, "text/plain", "").set("Location", "/a\r\nSet-Cookie: a=b");
              }});
  router.add({.method = "GET", .pattern = "/frames", .permission = "public", .handler = [](Request&) {
                return answer(200, "text/plain", "").set("content-length", "7");
              }});
  ServerOptions options;
  options.log = &log;
  const auto server = started(std::move(router), options);
  TestClient client(server->port());
  for (const char* path : {"/throws", "/splits", "/frames"}) {
    const auto got = client.ask(get(path));
    ASSERT_TRUE(got) << path;
    EXPECT_EQ(got->status, 500) << path;
    EXPECT_THAT(got->head + got->body, Not(HasSubstr("Set-Cookie"))) << path;
    EXPECT_THAT(got->head + got->body, Not(HasSubstr("Blodwen"))) << path;
  }
  server->stop();
  std::string all;
  for (const std::string& line : log.lines()) all += line + "\n";
  EXPECT_THAT(all, Not(HasSubstr("Blodwen")));
  EXPECT_THAT(all, HasSubstr(R"("event":"handler_failed")"));
  EXPECT_THAT(all, HasSubstr(R"("event":"answer_refused")"));
  EXPECT_THAT(all, HasSubstr(R"("route":"/throws","method":"GET","status":500)"));
}

TEST(ServerRoutes, TheGateIsAskedBeforeABodyIsRead) {
  std::string seen;
  Router router;
  const Handler tells = [&seen](Request& request) {
    seen += request.caller + " ";
    return answer(200, "text/plain", request.body);
  };
  router.add({.method = "GET", .pattern = "/", .permission = "read", .handler = tells});
  router.add({.method = "POST", .pattern = "/", .permission = "write", .body_limit_bytes = 100, .handler = tells});
  router.add({.method = "POST",
              .pattern = "/stream",
              .permission = "write",
              .body_limit_bytes = 100,
              .streamed = true,
              .handler = tells});
  ServerOptions options;
  options.gate = [](const Route& route, Request& request) -> std::optional<Response> {
    EXPECT_TRUE(request.body.empty());
    if (request.headers.find("authorization") != "Bearer " + route.permission) return problem(401, "Unauthorized");
    request.caller = "holder of " + route.permission;
    return std::nullopt;
  };
  const auto server = started(std::move(router), options);
  for (const char* path : {"/", "/stream"}) {
    TestClient client(server->port());
    const auto got = client.ask("POST " + std::string(path) +
                                " HTTP/1.1\r\nHost: kept\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 401) << "and not 100: nobody's body is wanted before they are let in";
    EXPECT_TRUE(client.is_closed());
  }
  {
    TestClient client(server->port());
    client.send(
        "POST / HTTP/1.1\r\nHost: kept\r\nAuthorization: Bearer write\r\nExpect: 100-continue\r\nContent-Length: "
        "3\r\n\r\n");
    auto got = client.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 100);
    got = client.ask("abc");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->body, "abc");
    got = client.ask("GET / HTTP/1.1\r\nHost: kept\r\nAuthorization: Bearer write\r\n\r\n");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 401);
    got = client.ask("GET / HTTP/1.1\r\nHost: kept\r\nAuthorization: Bearer read\r\n\r\n");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->status, 200);
  }
  EXPECT_EQ(seen, "holder of write holder of read ");
}

TEST(ServerRoutes, OnlyItsOwnHostsAreAnswered) {
  Router router;
  router.add({.method = "GET", .pattern = "/", .permission = "public", .handler = says("")});
  ServerOptions options;
  options.hosts = {"localhost", "127.0.0.1", "[::1]"};
  const auto server = started(std::move(router), options);
  struct Row {
    const char* why;
    const char* host;
    int status;
  };
  const Row rows[] = {
      {"by name", "localhost", 200},
      {"with a port", "LocalHost:8080", 200},
      {"by address", "127.0.0.1:1", 200},
      {"of IPv6", "[::1]", 200},
      {"of IPv6 with a port", "[::1]:8", 200},
      {"a name that points here", "evil.example", 421},
      {"a longer name", "localhost.evil", 421},
      {"another address", "[::2]", 421},
  };
  for (const Row& row : rows) {
    TestClient client(server->port());
    const auto got = client.ask("GET / HTTP/1.1\r\nHost: " + std::string(row.host) + "\r\n\r\n");
    ASSERT_TRUE(got) << row.why;
    EXPECT_EQ(got->status, row.status) << row.why;
  }
}

TEST(ServerRoutes, AnOldClientHasOneRequestAConnection) {
  Router router;
  router.add({.method = "GET", .pattern = "/", .permission = "public", .handler = says("hello")});
  const auto server = started(std::move(router));
  TestClient client(server->port());
  const auto got = client.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, "hello");
  EXPECT_EQ(got->header("Connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST(ServerRoutes, WhatCannotStartSaysWhy) {
  struct Row {
    const char* why;
    ServerOptions options;
    base::ErrorCode code;
    std::string says;
  };
  const auto running = started(Router());
  std::vector<Row> rows(4);
  rows[0] = {"the port is taken",
             {},
             base::ErrorCode::io,
             "Nothing can listen on 127.0.0.1 port " + std::to_string(running->port())};
  rows[0].options.port = running->port();
  rows[1] = {
      "a name for an address", {}, base::ErrorCode::invalid, "The address to listen on is not a number: localhost."};
  rows[1].options.address = "localhost";
  rows[2] = {
      "more connections than files may be open", {}, base::ErrorCode::io, "Raise the limit (LimitNOFILE, ulimit -n)"};
  rows[2].options.limits.connections = 1'000'000'000'000;
  rows[3] = {"no such certificate", {}, base::ErrorCode::invalid, "The TLS certificate /no/such.pem cannot be used."};
  rows[3].options.tls = TlsFiles{"/no/such.pem", "/no/such.key"};
  for (Row& row : rows) {
    const auto server = Server::start(Router(), row.options);
    ASSERT_FALSE(server) << row.why;
    EXPECT_EQ(server.error().code, row.code) << row.why;
    EXPECT_THAT(server.error().message, HasSubstr(row.says)) << row.why;
  }
}

}  // namespace
}  // namespace kept::http
