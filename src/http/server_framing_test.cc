// Attacks on where one request ends and the next begins, over real sockets. Behind each comes a request for /second: it
// must never be answered, whether the server sees one request in the bytes or two.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "http/client_test.h"
#include "http/server.h"

namespace kept::http {
namespace {

using testing::HasSubstr;
using testing::Not;

class ServerFraming : public testing::Test {
 protected:
  void SetUp() override {
    Router router;
    const auto count = [this](Request& request) {
      if (request.path == "/second") ++seconds_;
      return answer(200, "text/plain", request.method + " " + request.body);
    };
    for (const char* path : {"/", "/second"}) {
      router.add({.method = "GET", .pattern = path, .permission = "public", .handler = count});
      router.add({.method = "POST", .pattern = path, .permission = "public", .body_limit_bytes = 64, .handler = count});
    }
    ServerOptions options;
    options.log = &log_;
    options.metrics = &metrics_;
    auto server = Server::start(std::move(router), std::move(options));
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(server).value();
  }

  base::LogInMemory log_;
  base::Metrics metrics_;
  std::atomic<int> seconds_ = 0;
  std::unique_ptr<Server> server_;
};

std::string repeated(std::size_t count, const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += text;
  return out;
}

constexpr const char* second = "GET /second HTTP/1.1\r\nHost: kept\r\n\r\n";

TEST_F(ServerFraming, EachAttackIsRefusedAndTheConnectionClosed) {
  struct Row {
    const char* why;
    std::string bytes;
    int status;
    const char* fault;
  };
  const std::string post = "POST / HTTP/1.1\r\nHost: kept\r\n";
  const std::string get = "GET / HTTP/1.1\r\nHost: kept\r\n";
  const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
  const Row rows[] = {
      // Two lengths.
      {"CL.TE: a proxy goes by the length, we by the chunks",
       post + "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG", 400, "both_lengths"},
      {"TE.CL: the other way round",
       post + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nG\r\n0\r\n\r\n", 400, "both_lengths"},
      {"two lengths that differ", post + "Content-Length: 0\r\nContent-Length: 37\r\n\r\n", 400, "content_length"},
      {"two lengths that agree: the next reader may take another",
       post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nG", 400, "content_length"},
      {"a list of lengths", post + "Content-Length: 1, 1\r\n\r\nG", 400, "content_length"},
      {"a length with a sign", post + "Content-Length: +1\r\n\r\nG", 400, "content_length"},
      {"a negative length", post + "Content-Length: -1\r\n\r\n", 400, "content_length"},
      {"a length in hexadecimal", post + "Content-Length: 0x1\r\n\r\nG", 400, "content_length"},
      {"a length with a space inside", post + "Content-Length: 1 0\r\n\r\nG", 400, "content_length"},
      {"a length that overflows 64 bits", post + "Content-Length: 18446744073709551617\r\n\r\nG", 400,
       "content_length"},
      {"a length without a number", post + "Content-Length:\r\n\r\n", 400, "content_length"},
      {"a length beyond what the route takes", post + "Content-Length: 65\r\n\r\n", 413, "body_too_large"},
      // Transfer-Encoding.
      {"chunked twice", post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
       "transfer_encoding"},
      {"chunked, then something else", post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", 400,
       "transfer_encoding"},
      {"something else, then chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400,
       "transfer_encoding"},
      {"identity", post + "Transfer-Encoding: identity\r\n\r\n", 400, "transfer_encoding"},
      {"a word that only begins with it", post + "Transfer-Encoding: chunkedx\r\n\r\n0\r\n\r\n", 400,
       "transfer_encoding"},
      {"in other letters: some readers compare bytes", post + "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", 400,
       "transfer_encoding"},
      {"in quotes", post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 400, "transfer_encoding"},
      {"behind a vertical tab",
       post + "Transfer-Encoding: \x0b"
              "chunked\r\n\r\n0\r\n\r\n",
       400, "control_character"},
      {"empty", post + "Transfer-Encoding:\r\n\r\n", 400, "transfer_encoding"},
      {"with a space before the colon", post + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, "header_line"},
      {"in HTTP/1.0, which has none", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
       "transfer_encoding_1_0"},
      {"on a folded line", post + "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 400, "header_folded"},
      // A body where none belongs.
      {"GET with a length: its body would be the next request to some", get + "Content-Length: 37\r\n\r\n", 400,
       "body_not_expected"},
      {"GET with chunks", get + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "body_not_expected"},
      // Chunks.
      {"a size of 16 digits", chunked + "0000000000000001\r\nG\r\n0\r\n\r\n", 400, "chunk_size"},
      {"a size that overflows", chunked + "fffffffffffffffff\r\nG\r\n0\r\n\r\n", 400, "chunk_size"},
      {"a size with 0x", chunked + "0x1\r\nG\r\n0\r\n\r\n", 400, "chunk_size"},
      {"a size with a sign", chunked + "+1\r\nG\r\n0\r\n\r\n", 400, "chunk_size"},
      {"a size with a space before it", chunked + " 1\r\nG\r\n0\r\n\r\n", 400, "chunk_size"},
      {"a size with a space behind it", chunked + "1 \r\nG\r\n0\r\n\r\n", 400, "chunk_extension"},
      {"no size", chunked + "\r\nG\r\n0\r\n\r\n", 400, "chunk_size"},
      {"an extension", chunked + "1;a=b\r\nG\r\n0\r\n\r\n", 400, "chunk_extension"},
      {"an extension that hides a line break", chunked + "1;\n2\r\nGG\r\n0\r\n\r\n", 400, "chunk_extension"},
      {"a size that ends in LF alone", chunked + "1\nG\r\n0\r\n\r\n", 400, "chunk_size"},
      {"a size that ends in CR alone", chunked + "1\rG\r\n0\r\n\r\n", 400, "bare_carriage_return"},
      {"more bytes than the size", chunked + "1\r\nGG\r\n0\r\n\r\n", 400, "chunk_end"},
      {"fewer bytes than the size", chunked + "3\r\nG\r\n0\r\n\r\n", 400, "chunk_end"},
      {"a chunk that ends in LF alone", chunked + "1\r\nG\n0\r\n\r\n", 400, "chunk_end"},
      {"a chunk that ends in another byte and LF", chunked + "1\r\nGx\n0\r\n\r\n", 400, "chunk_end"},
      {"a trailer", chunked + "0\r\nContent-Length: 9\r\n\r\n", 400, "trailer"},
      {"an end in LF alone", chunked + "0\r\n\n", 400, "trailer"},
      {"chunks beyond what the route takes", chunked + "41\r\n" + repeated(65, "G") + "\r\n0\r\n\r\n", 413,
       "body_too_large"},
      // Line breaks.
      {"lines that end in LF", "GET / HTTP/1.1\nHost: kept\n\n", 400, "bare_line_feed"},
      {"one that does", "GET / HTTP/1.1\r\nHost: kept\nX: y\r\n\r\n", 400, "bare_line_feed"},
      {"a CR inside a value", "GET / HTTP/1.1\r\nHost: kept\r\nX: a\rContent-Length: 9\r\n\r\n", 400,
       "bare_carriage_return"},
      {"two CR before the LF", "GET / HTTP/1.1\r\r\nHost: kept\r\n\r\n", 400, "bare_carriage_return"},
      {"a folded line", get + "X: a\r\n b\r\n\r\n", 400, "header_folded"},
      {"a folded first line", "GET / HTTP/1.1\r\n Host: kept\r\n\r\n", 400, "header_folded"},
      {"an empty line before the request", std::string("\r\n") + get + "\r\n", 400, "empty_request_line"},
      {"a NUL in a value", get + std::string("X: a\0b\r\n\r\n", 10), 400, "control_character"},
      {"a NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: kept\r\n\r\n", 31), 400, "control_character"},
      // Host.
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, "host_missing"},
      {"two Hosts", get + "Host: other\r\n\r\n", 400, "header_repeated"},
      {"two Hosts that agree", get + "Host: kept\r\n\r\n", 400, "header_repeated"},
      {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: kept\r\nHost: other\r\n\r\n", 400, "header_repeated"},
      {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "host"},
      {"a Host with a path", "GET / HTTP/1.1\r\nHost: kept/x\r\n\r\n", 400, "host"},
      {"a Host with a name before it", "GET / HTTP/1.1\r\nHost: a@kept\r\n\r\n", 400, "host"},
      // Header lines.
      {"a line without a colon", get + "X\r\n\r\n", 400, "header_line"},
      {"a line without a name", get + ": y\r\n\r\n", 400, "header_line"},
      {"a tab before the colon", get + "X\t: y\r\n\r\n", 400, "header_line"},
      {"a name in brackets", get + "X(y): z\r\n\r\n", 400, "header_line"},
      {"a name that is not ASCII", get + "X\xc3\xa9: z\r\n\r\n", 400, "header_line"},
      {"two authorizations", get + "Authorization: a\r\nAuthorization: b\r\n\r\n", 400, "header_repeated"},
      {"another expectation", post + "Expect: 200-ok\r\nContent-Length: 1\r\n\r\nG", 417, "expectation"},
      // The request line.
      {"HTTP/0.9", "GET /\r\nHost: kept\r\n\r\n", 400, "request_line"},
      {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: kept\r\n\r\n", 505, "version"},
      {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: kept\r\n\r\n", 505, "version"},
      {"a version of several digits", "GET / HTTP/1.10\r\nHost: kept\r\n\r\n", 400, "request_line"},
      {"a version in small letters", "GET / http/1.1\r\nHost: kept\r\n\r\n", 400, "request_line"},
      {"two spaces", "GET  / HTTP/1.1\r\nHost: kept\r\n\r\n", 400, "request_line"},
      {"a space in the target", "GET /a b HTTP/1.1\r\nHost: kept\r\n\r\n", 400, "request_line"},
      {"a tab in place of the space", "GET\t/ HTTP/1.1\r\nHost: kept\r\n\r\n", 400, "request_line"},
      {"a space before the method", " GET / HTTP/1.1\r\nHost: kept\r\n\r\n", 400, "request_line"},
      {"a method in small letters", "get / HTTP/1.1\r\nHost: kept\r\n\r\n", 501, "method_unknown"},
      {"CONNECT", "CONNECT kept:443 HTTP/1.1\r\nHost: kept\r\n\r\n", 501, "method_unknown"},
      {"HTTP/2 without being asked", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "version"},
      {"a TLS greeting on the plain port", std::string("\x16\x03\x01\x02\x00\x01\x00\x01", 8), 400,
       "control_character"},
      {"the target with its host", "GET http://kept/ HTTP/1.1\r\nHost: kept\r\n\r\n", 400, "target"},
      {"a target that climbs", "GET /a/../second HTTP/1.1\r\nHost: kept\r\n\r\n", 400, "target"},
      {"a target that climbs, escaped", "GET /%2e%2e/second HTTP/1.1\r\nHost: kept\r\n\r\n", 400, "target"},
      {"an escaped line break", "GET /?a=%0d%0aHost:x HTTP/1.1\r\nHost: kept\r\n\r\n", 400, "target"},
      {"a name twice in the query", "GET /?a=1&a=2 HTTP/1.1\r\nHost: kept\r\n\r\n", 400, "query_repeated"},
      // Too long.
      {"a long target", "GET /" + repeated(8'200, "a") + " HTTP/1.1\r\nHost: kept\r\n\r\n", 414,
       "request_line_too_long"},
      {"a long header", get + "X: " + repeated(33'000, "a") + "\r\n\r\n", 431, "head_too_large"},
      {"many headers", get + repeated(100, "X: y\r\n") + "\r\n", 431, "too_many_headers"},
      {"a head without end", get + repeated(40'000, "X"), 431, "head_too_large"},
  };
  for (const Row& row : rows) {
    TestClient client(server_->port());
    client.send(row.bytes + second);
    const auto got = client.receive();
    ASSERT_TRUE(got) << row.why;
    EXPECT_EQ(got->status, row.status) << row.why;
    EXPECT_EQ(got->header("Connection"), "close") << row.why;
    EXPECT_EQ(got->header("Content-Type"), "application/problem+json") << row.why;
    EXPECT_TRUE(client.is_closed()) << row.why;
    const auto lines = log_.lines();
    EXPECT_THAT(lines[lines.size() - 2], HasSubstr("\"fault\":\"" + std::string(row.fault) + "\"")) << row.why;
  }
  EXPECT_GE(std::size(rows), 38u);
  EXPECT_EQ(seconds_, 0) << "a request was smuggled";
}

TEST_F(ServerFraming, WhatIsSoundIsAnswered) {
  struct Row {
    const char* why;
    std::string bytes;
    const char* body;
  };
  const std::string post = "POST / HTTP/1.1\r\nHost: kept\r\n";
  const Row rows[] = {
      {"plain", "GET / HTTP/1.1\r\nHost: kept\r\n\r\n", "GET "},
      {"an address for a host, and a port", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "GET "},
      {"names in any letters, values in spaces", "GET / HTTP/1.1\r\nhOST:  \tkept \r\n\r\n", "GET "},
      {"a length", post + "Content-Length: 3\r\n\r\nabc", "POST abc"},
      {"a length of nothing", post + "Content-Length: 0\r\n\r\n", "POST "},
      {"chunks", post + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n00a\r\nbcdefghijk\r\n0\r\n\r\n",
       "POST abcdefghijk"},
      {"no chunks", post + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "POST "},
      {"GET with a length of nothing", "GET / HTTP/1.1\r\nHost: kept\r\nContent-Length: 0\r\n\r\n", "GET "},
      {"a hundred headers", "GET / HTTP/1.1\r\nHost: kept\r\n" + repeated(99, "X: y\r\n") + "\r\n", "GET "},
  };
  for (const Row& row : rows) {
    TestClient client(server_->port());
    client.send(row.bytes + second);
    const auto first = client.receive();
    ASSERT_TRUE(first) << row.why;
    EXPECT_EQ(first->status, 200) << row.why << first->body;
    EXPECT_EQ(first->body, row.body) << row.why;
    const auto next = client.receive();
    ASSERT_TRUE(next) << row.why;
    EXPECT_EQ(next->status, 200) << row.why;
  }
  EXPECT_EQ(seconds_, static_cast<int>(std::size(rows)));
}

TEST_F(ServerFraming, ByteByByteIsTheSame) {
  TestClient client(server_->port());
  for (const char c :
       std::string("POST / HTTP/1.1\r\nHost: kept\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"))
    client.send(std::string(1, c));
  const auto got = client.receive();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->body, "POST abc");
}

TEST_F(ServerFraming, RequestsOfOneConnectionAreAnsweredInTheirOrder) {
  TestClient client(server_->port());
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += "POST / HTTP/1.1\r\nHost: kept\r\nContent-Length: 2\r\n\r\n" + std::to_string(10 + i);
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    const auto got = client.receive();
    ASSERT_TRUE(got);
    EXPECT_EQ(got->body, "POST " + std::to_string(10 + i));
  }
}

TEST_F(ServerFraming, TheLogHoldsNothingOfTheRequest) {
  const std::string secret = "Blodwen";
  for (const std::string& bytes :
       {"GET /?name=" + secret + " HTTP/1.1\r\nHost: kept\r\nX-Name: " + secret + "\r\nCookie: " + secret + "\r\n\r\n",
        "GET /" + secret + " HTTP/1.1\r\nHost: " + secret + "\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: kept\r\nContent-Length: 7\r\n\r\n" + secret, "GET /\n" + secret,
        secret + " / HTTP/1.1\r\n\r\n", "GET /%0a%22%7d" + secret + " HTTP/1.1\r\nHost: kept\r\n\r\n"}) {
    TestClient client(server_->port());
    ASSERT_TRUE(client.ask(bytes));
  }
  server_->stop();
  const auto lines = log_.lines();
  EXPECT_GE(lines.size(), 8u);
  for (const std::string& line : lines) {
    EXPECT_THAT(line, Not(HasSubstr(secret)));
    EXPECT_THAT(line, Not(HasSubstr("127.0.0.1")));
    EXPECT_EQ(line.find_first_of("\r\n"), std::string::npos);
  }
  EXPECT_THAT(base::render_metrics(metrics_), Not(HasSubstr(secret)));
  EXPECT_THAT(base::render_metrics(metrics_),
              HasSubstr(R"(kept_http_requests_total{method="GET",route="/",status="200"} 1)"));
}

}  // namespace
}  // namespace kept::http
