#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kept::http {

/// What is answered. Content-Length, Connection, Date and X-Request-Id are the server's to say. `Cache-Control:
/// no-store` and `X-Content-Type-Options: nosniff` are added unless the handler says otherwise.
struct Response {
  int status = 200;  ///< 200 to 599
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  Response& set(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

/// `content_type` is one of ours: `application/json`, `text/html; charset=utf-8`.
Response answer(int status, std::string content_type, std::string body);

/// A refusal as RFC 9457 has it (application/problem+json). `title` is the same for every refusal of its kind; `detail`
/// is about this one. Both are for whoever reads the answer: never a secret, and nothing of the request unless it is
/// the caller's own.
Response problem(int status, std::string_view title, std::string_view detail = {});

/// The words after a status: `404 Not Found`.
std::string_view reason_of(int status);

/// Whether the server may send it: a status in range, names and values that cannot end their line, none of the server's
/// own headers, no body with 204 or 304. What is wrong, otherwise, in words that hold nothing of the answer.
std::optional<std::string_view> unsound(const Response& response);

/// What the server adds to an answer.
struct ResponseFrame {
  int64_t now_ms = 0;  ///< UTC
  std::string_view request_id;
  bool closes = false;        ///< the connection ends after this answer
  int64_t retry_after_s = 0;  ///< 0: not said
};

/// Status line and headers with the empty line. Precondition: not unsound.
std::string response_head(const Response& response, const ResponseFrame& frame);

/// `Sun, 06 Nov 1994 08:49:37 GMT`. Source: RFC 9110 5.6.7.
std::string http_date(int64_t now_ms);

}  // namespace kept::http
