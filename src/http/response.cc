#include "http/response.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <ctime>

#include "base/json_text.h"

namespace kept::http {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

/// Printable ASCII: what a header of ours needs, and all that every reader agrees about.
bool is_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool has(const Response& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [&](const auto& header) { return same_name(header.first, name); });
}

}  // namespace

Response answer(int status, std::string content_type, std::string body) {
  Response response;
  response.status = status;
  response.set("Content-Type", std::move(content_type));
  response.body = std::move(body);
  return response;
}

Response problem(int status, std::string_view title, std::string_view detail) {
  std::string body = fmt::format(R"({{"type":"about:blank","title":{},"status":{})", base::json_quoted(title), status);
  if (!detail.empty()) body += fmt::format(R"(,"detail":{})", base::json_quoted(detail));
  return answer(status, "application/problem+json", body + "}\n");
}

std::string_view reason_of(int status) {
  constexpr std::array<std::pair<int, std::string_view>, 33> reasons = {{
      {100, "Continue"},
      {200, "OK"},
      {201, "Created"},
      {202, "Accepted"},
      {204, "No Content"},
      {206, "Partial Content"},
      {301, "Moved Permanently"},
      {302, "Found"},
      {303, "See Other"},
      {304, "Not Modified"},
      {307, "Temporary Redirect"},
      {308, "Permanent Redirect"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {410, "Gone"},
      {412, "Precondition Failed"},
      {413, "Content Too Large"},
      {414, "URI Too Long"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
  }};
  const auto found = std::find_if(reasons.begin(), reasons.end(), [&](const auto& row) { return row.first == status; });
  if (found != reasons.end()) return found->second;
  return status == 505 ? "HTTP Version Not Supported" : "Other";
}

std::optional<std::string_view> unsound(const Response& response) {
  if (response.status < 200 || response.status > 599) return "its status is not one of a final answer";
  for (const auto& [name, value] : response.headers) {
    if (!is_name(name)) return "a header's name has a character that none may have";
    if (!is_value(value)) return "a header's value has a character that none may have";
    for (const std::string_view ours :
         {"content-length", "transfer-encoding", "connection", "date", "x-request-id", "keep-alive", "upgrade"}) {
      if (same_name(name, ours)) return "it sets a header that is the server's to set";
    }
  }
  if ((response.status == 204 || response.status == 304) && !response.body.empty())
    return "it has a body, which its status does not allow";
  return std::nullopt;
}

std::string response_head(const Response& response, const ResponseFrame& frame) {
  assert(!unsound(response));
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_of(response.status));
  const auto add = [&out](std::string_view name, std::string_view value) {
    ((out += name) += ": ") += value;
    out += "\r\n";
  };
  for (const auto& [name, value] : response.headers) add(name, value);
  if (!has(response, "cache-control")) add("Cache-Control", "no-store");
  if (!has(response, "x-content-type-options")) add("X-Content-Type-Options", "nosniff");
  add("Date", http_date(frame.now_ms));
  if (!frame.request_id.empty()) add("X-Request-Id", frame.request_id);
  if (frame.retry_after_s > 0) add("Retry-After", std::to_string(frame.retry_after_s));
  if (frame.closes) add("Connection", "close");
  if (response.status != 204 && response.status != 304) add("Content-Length", std::to_string(response.body.size()));
  return out += "\r\n";
}

std::string http_date(int64_t now_ms) {
  const std::time_t seconds = now_ms / 1000;
  std::tm parts{};
  const bool known = gmtime_r(&seconds, &parts) != nullptr;
  assert(known);
  (void)known;
  // Written out: strftime's names follow the locale.
  constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[static_cast<std::size_t>(parts.tm_wday)],
                     parts.tm_mday, months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900, parts.tm_hour,
                     parts.tm_min, parts.tm_sec);
}

}  // namespace kept::http
