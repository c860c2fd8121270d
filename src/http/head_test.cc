#include "http/head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "http/second_reading.h"

namespace kept::http {
namespace {

TEST(HeadScanner, SaysTheSameHoweverTheBytesCome) {
  const std::string rows[] = {"GET / HTTP/1.1\r\nHost: kept\r\n\r\nrest",
                              "GET / HTTP/1.1\n",
                              "GET / HTTP/1.1\r\nA: b\rC",
                              "\r\n",
                              "GET /\x01",
                              "GET / HTTP/1.1\r\n b",
                              "GET /" + std::string(9000, 'a'),
                              "GET / HTTP/1.1\r\nA: " + std::string(40'000, 'a')};
  const Limits limits;
  for (const std::string& bytes : rows) {
    HeadScanner whole(limits), apart(limits);
    const auto expected = whole.look(bytes);
    HeadScanner::Seen seen;
    for (std::size_t size = 1; size <= bytes.size() && !seen.fault && seen.head_bytes == 0; ++size)
      seen = apart.look(std::string_view(bytes).substr(0, size));
    EXPECT_EQ(seen.fault, expected.fault) << bytes.substr(0, 40);
    EXPECT_EQ(seen.head_bytes, expected.head_bytes) << bytes.substr(0, 40);
    EXPECT_TRUE(seen.fault || seen.head_bytes > 0) << bytes.substr(0, 40);
  }
}

TEST(HeadScanner, LimitsHoldToTheByte) {
  Limits limits;
  limits.request_line_bytes = 14;
  limits.head_bytes = 34;
  limits.header_count = 2;
  struct Row {
    const char* why;
    const char* bytes;
    std::optional<Fault> fault;
    std::size_t head_bytes;
  };
  const Row rows[] = {
      {"14 bytes of request line", "GET / HTTP/1.1\r\n\r\n", std::nullopt, 18},
      {"15", "GET /a HTTP/1.1\r\n\r\n", Fault::request_line_too_long, 0},
      {"34 bytes of head", "GET / HTTP/1.1\r\nA: b\r\nC: defgh\r\n\r\n", std::nullopt, 34},
      {"35", "GET / HTTP/1.1\r\nA: b\r\nC: defghi\r\n\r\n", Fault::head_too_large, 0},
      {"two headers", "GET / HTTP/1.1\r\nA: b\r\nC: d\r\n\r\n", std::nullopt, 30},
      {"three", "GET / HTTP/1.1\r\nA:\r\nB:\r\nC:\r\n\r\n", Fault::too_many_headers, 0},
  };
  for (const Row& row : rows) {
    HeadScanner scanner(limits);
    const auto seen = scanner.look(row.bytes);
    EXPECT_EQ(seen.fault, row.fault) << row.why;
    EXPECT_EQ(seen.head_bytes, row.head_bytes) << row.why;
  }
}

TEST(Head, SaysWhetherTheConnectionGoesOn) {
  struct Row {
    const char* why;
    const char* lines;
    bool expected;
  };
  const Row rows[] = {
      {"it does unless it is said", "GET / HTTP/1.1\r\nHost: kept\r\n", true},
      {"said", "GET / HTTP/1.1\r\nHost: kept\r\nConnection: close\r\n", false},
      {"said among others", "GET / HTTP/1.1\r\nHost: kept\r\nConnection: TE , Close\r\n", false},
      {"said on a second line", "GET / HTTP/1.1\r\nHost: kept\r\nConnection: TE\r\nConnection: close\r\n", false},
      {"a longer word", "GET / HTTP/1.1\r\nHost: kept\r\nConnection: closed\r\n", true},
      {"HTTP/1.0, even where it asks", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n", false},
  };
  for (const Row& row : rows) {
    const auto head = parse_head(row.lines + std::string("\r\n"));
    ASSERT_TRUE(std::holds_alternative<Head>(head)) << row.why;
    EXPECT_EQ(std::get<Head>(head).keep_alive, row.expected) << row.why;
  }
}

TEST(Head, BeastReadsTheSameOrTheRequestIsRefused) {
  const std::string bytes = "POST /a?b=c HTTP/1.1\r\nHost: kept\r\nContent-Length: 3\r\n\r\n";
  const Head head = std::get<Head>(parse_head(bytes));
  EXPECT_TRUE(beast_agrees(bytes, head));
  const auto differs = [&](auto change) {
    Head other = head;
    change(other);
    return !beast_agrees(bytes, other);
  };
  EXPECT_TRUE(differs([](Head& other) { other.method = "PUT"; }));
  EXPECT_TRUE(differs([](Head& other) { other.raw_target = "/a"; }));
  EXPECT_TRUE(differs([](Head& other) { other.is_1_0 = true; }));
  EXPECT_TRUE(differs([](Head& other) { other.content_length = 4; }));
  EXPECT_TRUE(differs([](Head& other) { other.framing = Framing::chunked; }));
  EXPECT_TRUE(differs([](Head& other) { other.framing = Framing::none; }));
  EXPECT_TRUE(differs([](Head& other) { other.headers.add("x", "y"); }));
}

TEST(Head, EveryFaultHasItsOwnNameAndWords) {
  std::set<std::string_view> names, words;
  const int last = static_cast<int>(Fault::client_gone);
  for (int i = 0; i <= last; ++i) {
    const auto fault = static_cast<Fault>(i);
    names.insert(name_of(fault));
    words.insert(words_of(fault));
    EXPECT_GE(status_of(fault), 400);
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(last) + 1);
  EXPECT_EQ(words.size(), static_cast<std::size_t>(last) + 1);
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace kept::http
