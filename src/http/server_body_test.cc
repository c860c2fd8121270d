#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "http/client_test.h"
#include "http/server_test.h"

namespace kept::http {
namespace {

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

constexpr std::size_t body_bytes = 64u << 20u;

/// Reads all of the body and answers with its size and the sum of its bytes; `most` grows to the memory seen meanwhile.
Response weigh(Request& request, std::atomic<std::size_t>& most) {
  std::vector<char> piece(65'536);
  uint64_t size = 0, sum = 0;
  for (;;) {
    const auto got = request.stream->read(piece.data(), piece.size());
    if (!got) return problem(500, got.error().message);
    if (*got == 0) return answer(200, "text/plain", std::to_string(size) + " " + std::to_string(sum));
    for (std::size_t i = 0; i < *got; ++i) sum += static_cast<unsigned char>(piece[i]);
    if ((size >> 20u) != ((size + *got) >> 20u)) most = std::max(most.load(), resident_bytes());
    size += *got;
  }
}

TEST(ServerBody, AStreamOf64MiBPassesInFlatMemory) {
  std::atomic<std::size_t> most = 0;
  Router router;
  router.add({.method = "POST",
              .pattern = "/",
              .permission = "feed",
              .body_limit_bytes = 1u << 30u,
              .streamed = true,
              .handler = [&most](Request& request) { return weigh(request, most); }});
  const auto server = started(std::move(router));
  std::string block(1u << 16u, '\0');
  uint64_t sum = 0;
  for (std::size_t i = 0; i < block.size(); ++i) {
    block[i] = static_cast<char>(i * 7 + i / 256);
    sum += static_cast<unsigned char>(block[i]);
  }
  const std::string expected = std::to_string(body_bytes) + " " + std::to_string(sum * (body_bytes / block.size()));
  for (const bool chunked : {false, true}) {
    TestClient client(server->port());
    const std::size_t before = resident_bytes();
    most = 0;
    client.send(
        "POST / HTTP/1.1\r\nHost: kept\r\n" +
        (chunked ? std::string("Transfer-Encoding: chunked") : "Content-Length: " + std::to_string(body_bytes)) +
        "\r\n\r\n");
    const std::string piece = chunked ? "10000\r\n" + block + "\r\n" : block;
    for (std::size_t sent = 0; sent < body_bytes; sent += block.size()) ASSERT_TRUE(client.send(piece));
    if (chunked) client.send("0\r\n\r\n");
    const auto got = client.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->body, expected);
    EXPECT_GT(most, 0u);
    EXPECT_LT(most, before + (16u << 20u)) << "chunked: " << chunked;
  }
}

TEST(ServerBody, AClientIsHeldBackWhileTheHandlerDoesNotRead) {
  Latch latch;
  std::atomic<std::size_t> most = 0;
  Router router;
  router.add({.method = "POST",
              .pattern = "/",
              .permission = "feed",
              .body_limit_bytes = 1u << 30u,
              .streamed = true,
              .handler = [&latch, &most](Request& request) {
                latch.pass();
                return weigh(request, most);
              }});
  const auto server = started(std::move(router));
  TestClient client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: kept\r\nContent-Length: " + std::to_string(body_bytes) + "\r\n\r\n");
  ASSERT_TRUE(latch.holds(1));
  // As much as the two sockets hold, and no more.
  fcntl(client.descriptor(), F_SETFL, O_NONBLOCK);
  const std::string block(1u << 16u, '\1');
  std::size_t sent = 0;
  for (int refused = 0; refused < 20 && sent < body_bytes;) {
    const ssize_t count =
        ::send(client.descriptor(), block.data(), std::min(block.size(), body_bytes - sent), MSG_NOSIGNAL);
    if (count > 0) {
      sent += static_cast<std::size_t>(count);
      continue;
    }
    ++refused;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_LT(sent, body_bytes / 2);
  fcntl(client.descriptor(), F_SETFL, 0);
  latch.open();
  for (; sent < body_bytes;) {
    const std::size_t next = std::min(block.size(), body_bytes - sent);
    ASSERT_TRUE(client.send(std::string_view(block).substr(0, next)));
    sent += next;
  }
  const auto got = client.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, std::to_string(body_bytes) + " " + std::to_string(body_bytes));
}

TEST(ServerBody, ABodyThatBreaksOffOrIsFaultyIsAnErrorToTheHandler) {
  struct Row {
    const char* why;
    std::string bytes;
    bool hangs_up;
    int status;  ///< 0: nothing is answered
    base::ErrorCode code;
  };
  const std::string head = "POST / HTTP/1.1\r\nHost: kept\r\n";
  const Row rows[] = {
      {"the client goes in the middle", head + "Content-Length: 9\r\n\r\nabc", true, 0, base::ErrorCode::io},
      {"it goes between chunks", head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", true, 0, base::ErrorCode::io},
      {"a faulty chunk after a good one", head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n", false, 400,
       base::ErrorCode::invalid},
      {"more than the route takes, in chunks",
       head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n8\r\nabcdefgh\r\n0\r\n\r\n", false, 413,
       base::ErrorCode::too_large},
  };
  for (const Row& row : rows) {
    Latch handled;
    std::optional<base::Error> error;
    Router router;
    router.add({.method = "POST",
                .pattern = "/",
                .permission = "feed",
                .body_limit_bytes = 10,
                .streamed = true,
                .handler = [&](Request& request) {
                  char bytes[100];
                  std::string body;
                  for (;;) {
                    const auto got = request.stream->read(bytes, sizeof bytes);
                    if (!got) {
                      error = got.error();
                      const auto again = request.stream->read(bytes, sizeof bytes);
                      EXPECT_FALSE(again) << "an error stays";
                      break;
                    }
                    if (*got == 0) break;
                    body.append(bytes, *got);
                  }
                  // What goes beyond the limit is never handed over, nor what came with it.
                  EXPECT_TRUE(body == "abc" || row.status == 413) << row.why;
                  handled.open();
                  // A handler that does not look at the error cannot make it a success.
                  return answer(200, "text/plain", "taken");
                }});
    const auto server = started(std::move(router));
    TestClient client(server->port());
    client.send(row.bytes);
    if (row.hangs_up) client.say_no_more();
    const auto got = client.receive();
    handled.pass();
    EXPECT_EQ(got ? got->status : 0, row.status) << row.why;
    ASSERT_TRUE(error) << row.why;
    EXPECT_EQ(error->code, row.code) << row.why;
    EXPECT_TRUE(client.is_closed()) << row.why;
  }
}

TEST(ServerBody, AHandlerNeedNotReadItAll) {
  Router router;
  router.add({.method = "POST",
              .pattern = "/",
              .permission = "feed",
              .body_limit_bytes = 1u << 30u,
              .streamed = true,
              .handler = [](Request&) { return problem(409, "Conflict"); }});
  const auto server = started(std::move(router));
  TestClient client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: kept\r\nContent-Length: 100000\r\n\r\n" + std::string(50'000, 'x'));
  const auto got = client.receive();
  ASSERT_TRUE(got) << "the answer arrives although the client was still sending";
  EXPECT_EQ(got->status, 409);
  EXPECT_EQ(got->header("Connection"), "close");
  EXPECT_TRUE(client.is_closed());
}

TEST(ServerBody, BodiesTogetherHaveABound) {
  Latch latch;
  Router router;
  router.add({.method = "POST",
              .pattern = "/",
              .permission = "public",
              .body_limit_bytes = 1000,
              .handler = [&latch](Request&) {
                latch.pass();
                return answer(200, "text/plain", "taken");
              }});
  ServerOptions options;
  options.limits.bodies_in_memory_bytes = 1500;
  const auto server = started(std::move(router), options);
  TestClient first(server->port());
  first.send(post("/", std::string(1000, 'x')));
  ASSERT_TRUE(latch.holds(1));
  TestClient second(server->port());
  const auto shed = second.ask(post("/", std::string(1000, 'x')));
  ASSERT_TRUE(shed);
  EXPECT_EQ(shed->status, 503);
  EXPECT_EQ(shed->header("Retry-After"), "5");
  latch.open();
  ASSERT_TRUE(first.receive());
  TestClient third(server->port());
  const auto got = third.ask(post("/", std::string(1000, 'x')));
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 200) << "what was taken is given back";
}

}  // namespace
}  // namespace kept::http
