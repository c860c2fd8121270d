// Slow clients: each is answered with 408 or cut at its time, and until then takes nothing from the others.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <thread>

#include "http/client_test.h"
#include "http/server_test.h"

namespace kept::http {
namespace {

/// So long that a server that has little else to do would have said something; on a slow machine it shows less.
constexpr int a_while_ms = 150;
constexpr int sweep_ms = 5;

class ServerSlow : public testing::Test {
 protected:
  void SetUp() override {
    Router router;
    router.add({.method = "GET", .pattern = "/", .permission = "public", .handler = says("hello")});
    router.add(
        {.method = "GET", .pattern = "/large", .permission = "public", .handler = says(std::string(32u << 20u, 'x'))});
    router.add(
        {.method = "POST",
         .pattern = "/",
         .permission = "public",
         .body_limit_bytes = 8u << 20u,
         .handler = [](Request& request) { return answer(200, "text/plain", std::to_string(request.body.size())); }});
    router.add({.method = "POST",
                .pattern = "/stream",
                .permission = "public",
                .body_limit_bytes = 8u << 20u,
                .streamed = true,
                .handler = [](Request& request) {
                  char bytes[4096];
                  for (;;) {
                    const auto got = request.stream->read(bytes, sizeof bytes);
                    if (!got) return problem(499, got.error().message);
                    if (*got == 0) return answer(200, "text/plain", "all");
                  }
                }});
    ServerOptions options;
    options.clock = &clock_;
    options.limits.sweep_ms = sweep_ms;
    options.limits.handler_threads = 1;
    server_ = started(std::move(router), options);
  }
  /// Comes back when the server has taken what was sent, whatever else the machine has to do: it has one thread for
  /// bytes and one for handlers, so that a client who comes now is answered after those who came before. Time enough
  /// has passed for it to look at its deadlines, too.
  void settle() {
    std::this_thread::sleep_for(std::chrono::milliseconds(2 * sweep_ms));
    const auto got = TestClient(server_->port()).ask(get("/"));
    ASSERT_TRUE(got);
    ASSERT_EQ(got->status, 200);
  }
  /// Lets the server come to rest, then moves its clock.
  void pass_ms(int64_t ms) {
    settle();
    clock_.advance_ms(ms);
  }

  base::ManualClock clock_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerSlow, AHeadHasTenSecondsFromItsFirstByte) {
  TestClient client(server_->port());
  client.send("GET / HT");
  pass_ms(9'990);
  EXPECT_FALSE(client.hears_within(a_while_ms));
  clock_.advance_ms(10);
  const auto got = client.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 408);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(ServerSlow, AHeadThatDribblesHasNoMore) {
  TestClient client(server_->port());
  for (const char c : std::string("GET / HTTP/1")) {
    client.send(std::string(1, c));
    pass_ms(900);
  }
  const auto got = client.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 408);
}

TEST_F(ServerSlow, AnIdleConnectionIsClosedWithoutAWord) {
  TestClient fresh(server_->port());
  TestClient used(server_->port());
  ASSERT_TRUE(used.ask(get("/")));
  pass_ms(29'990);
  EXPECT_FALSE(fresh.hears_within(a_while_ms));
  EXPECT_FALSE(used.hears_within(a_while_ms));
  clock_.advance_ms(10);
  EXPECT_TRUE(fresh.is_closed());
  EXPECT_TRUE(used.is_closed());
}

TEST_F(ServerSlow, ABodyComesAtARate) {
  for (const char* path : {"/", "/stream"}) {
    TestClient client(server_->port());
    client.send("POST " + std::string(path) + " HTTP/1.1\r\nHost: kept\r\nContent-Length: 40000\r\n\r\n");
    // 400 bytes a second: the five seconds of grace are used up after about 25. (Time in which the handler of a stream
    // does not ask for bytes is not counted: on a busy machine that may be some of it.)
    bool heard = false;
    int seconds = 0;
    for (; seconds < 90 && !heard; ++seconds) {
      client.send(std::string(400, 'x'));
      settle();
      pass_ms(1000);
      settle();
      heard = client.hears_within(0);
    }
    EXPECT_GE(seconds, 20) << path;
    EXPECT_TRUE(heard) << path << ": before it is whole, after a hundred seconds";
    const auto got = client.receive();
    ASSERT_TRUE(got) << path;
    EXPECT_EQ(got->status, 408) << path;
  }
}

TEST_F(ServerSlow, ABodyThatKeepsTheRateMayTakeItsTime) {
  TestClient client(server_->port());
  client.send("POST / HTTP/1.1\r\nHost: kept\r\nContent-Length: 30000\r\n\r\n");
  for (int second = 0; second < 50; ++second) {
    client.send(std::string(600, 'x'));
    pass_ms(1000);
  }
  const auto got = client.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->body, "30000");
}

TEST_F(ServerSlow, WhatCameFastBuysNoLongPause) {
  TestClient client(server_->port());
  client.send("POST / HTTP/1.1\r\nHost: kept\r\nContent-Length: 5000000\r\n\r\n" + std::string(4'000'000, 'x'));
  pass_ms(29'000);
  EXPECT_FALSE(client.hears_within(a_while_ms));
  // What was still on its way when the clock was moved gives half a minute more; four million bytes earned far more.
  for (int i = 0; i < 40 && !client.hears_within(0); ++i) pass_ms(1'100);
  ASSERT_TRUE(client.hears_within(0));
  const auto got = client.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 408);
}

TEST_F(ServerSlow, WhoDoesNotReadTheAnswerIsCutOff) {
  TestClient client(server_->port(), 4096);
  client.send(get("/large"));
  // It fills what the sockets hold, and then no pause is longer than half a minute.
  for (int i = 0; i < 40; ++i) pass_ms(30'100);
  settle();
  EXPECT_FALSE(client.receive()) << "the whole answer cannot have come";
}

/// How long it takes one client to have 200 requests answered one after the other.
double seconds_of(uint16_t port) {
  TestClient client(port);
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i) {
    const auto got = client.ask(get("/"));
    EXPECT_TRUE(got && got->status == 200);
  }
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

TEST(ServerCrowd, AThousandSlowClientsDoNotSlowAGoodOne) {
  constexpr int handlers = 4;
  Latch latch;
  Router router;
  router.add({.method = "GET", .pattern = "/", .permission = "public", .handler = says("hello")});
  router.add(
      {.method = "GET", .pattern = "/large", .permission = "public", .handler = says(std::string(8u << 20u, 'x'))});
  router.add({.method = "GET", .pattern = "/together", .permission = "public", .handler = [&latch](Request&) {
                latch.pass();
                return answer(200, "text/plain", "together");
              }});
  router.add({.method = "POST", .pattern = "/", .permission = "public", .body_limit_bytes = 1000, .handler = says("")});
  ServerOptions options;
  options.limits.handler_threads = handlers;
  options.limits.connections = 2'400;  // and as many open files, for both ends of the crowd
  options.limits.idle_ms = options.limits.head_ms = options.limits.grace_ms = 600'000;
  const auto server = started(std::move(router), options);

  std::deque<TestClient> crowd;
  for (int i = 0; i < 1000; ++i) {
    const bool reads_nothing = i % 50 == 0;
    TestClient& client = crowd.emplace_back(server->port(), reads_nothing ? 4096 : 0);
    ASSERT_TRUE(client.connected());
    if (reads_nothing) {
      client.send(get("/large"));
    } else if (i % 3 == 0) {
      client.send("GET / HTTP/1.1\r\nHost:");
    } else if (i % 3 == 1) {
      client.send("POST / HTTP/1.1\r\nHost: kept\r\nContent-Length: 900\r\n\r\nslow");
    }
  }
  // Every thread for handlers is free for good clients: as many requests as there are threads are in handlers at once.
  std::deque<TestClient> good;
  for (int i = 0; i < handlers; ++i) good.emplace_back(server->port()).send(get("/together"));
  EXPECT_TRUE(latch.holds(handlers));
  latch.open();
  for (TestClient& client : good) {
    const auto got = client.receive();
    EXPECT_TRUE(got && got->status == 200);
  }
  // The crowd keeps dribbling meanwhile.
  std::atomic<bool> done = false;
  std::thread dribble([&] {
    while (!done) {
      for (int i = 0; i < 1000 && !done; i += 7) {
        if (i % 50 != 0 && i % 3 == 0) crowd[static_cast<std::size_t>(i)].send("x");
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
  });
  // Beside a server without a crowd, by turns, each at its best: whatever else the machine does comes to both. Where
  // that is much, more rounds.
  Router quiet_router;
  quiet_router.add({.method = "GET", .pattern = "/", .permission = "public", .handler = says("hello")});
  const auto quiet = started(std::move(quiet_router));
  double alone = 1e9, beside = 1e9;
  const auto is_slowed = [&] { return beside > 2 * alone + 0.005; };
  for (int round = 0; round < 7 || (round < 100 && is_slowed()); ++round) {
    alone = std::min(alone, seconds_of(quiet->port()));
    beside = std::min(beside, seconds_of(server->port()));
    if (HasFailure()) break;
  }
  done = true;
  dribble.join();
  EXPECT_FALSE(is_slowed()) << "alone: " << alone << " s, beside the crowd: " << beside << " s";
  std::printf("200 requests: %.1f ms alone, %.1f ms beside 1,000 slow clients\n", alone * 1e3, beside * 1e3);
}

}  // namespace
}  // namespace kept::http
