#include "http/response.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kept::http {
namespace {

TEST(Response, IsWrittenOut) {
  ResponseFrame frame;
  frame.now_ms = 784'111'777'000;
  frame.request_id = "0123";
  EXPECT_EQ(
      response_head(answer(200, "text/plain", "hello"), frame),
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Request-Id: 0123\r\nContent-Length: 5\r\n\r\n");
  Response response;
  response.status = 304;
  response.set("cache-control", "private");
  frame.closes = true;
  frame.retry_after_s = 5;
  EXPECT_EQ(response_head(response, frame),
            "HTTP/1.1 304 Not Modified\r\ncache-control: private\r\nX-Content-Type-Options: nosniff\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Request-Id: 0123\r\nRetry-After: 5\r\nConnection: close\r\n\r\n");
}

TEST(Response, AProblemIsJsonWhateverItSays) {
  const Response response = problem(409, "Conflict", "Row 3: \"x\"\n");
  EXPECT_EQ(response.body,
            "{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,\"detail\":\"Row 3: \\\"x\\\"\\n\"}\n");
  EXPECT_EQ(response.headers.at(0),
            std::make_pair(std::string("Content-Type"), std::string("application/problem+json")));
}

TEST(Response, WhatMustNotBeSentIsFound) {
  struct Row {
    const char* why;
    int status;
    std::string name, value, body;
    bool sound;
  };
  const Row rows[] = {
      {"plain", 200, "Location", "/a", "", true},
      {"a line break in a value", 200, "Location", "/a\r\nX: y", "", false},
      {"a NUL in a value", 200, "Location", std::string("/a\0", 3), "", false},
      {"a character beyond ASCII", 200, "Location", "/\xC5\xB5", "", false},
      {"a line break in a name", 200, "X\r\nY", "a", "", false},
      {"a name with a colon", 200, "X:Y", "a", "", false},
      {"no name", 200, "", "a", "", false},
      {"a length of its own", 200, "Content-Length", "1", "", false},
      {"chunks of its own", 200, "TRANSFER-ENCODING", "chunked", "", false},
      {"when to come again", 503, "Retry-After", "9", "", true},
      {"no final status", 100, "X", "a", "", false},
      {"no status at all", 0, "X", "a", "", false},
      {"beyond the last", 600, "X", "a", "", false},
      {"a body that the status forbids", 204, "X", "a", "b", false},
  };
  for (const Row& row : rows) {
    Response response;
    response.status = row.status;
    response.body = row.body;
    response.set(row.name, row.value);
    EXPECT_EQ(!unsound(response), row.sound) << row.why;
  }
}

}  // namespace
}  // namespace kept::http
