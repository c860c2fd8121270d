#include "http/head.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "http/host.h"

namespace kept::http {
namespace {

constexpr std::string_view line_break = "\r\n";

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

/// RFC 9110 5.6.2.
bool is_token_character(char c) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_token_character);
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<Fault> read_request_line(std::string_view line, Head& head) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return Fault::request_line;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, last - first - 1);
  const std::string_view version = line.substr(last + 1);
  if (!is_token(method) || target.find_first_of(" \t") != std::string_view::npos) return Fault::request_line;
  const bool is_version = version.size() == 8 && version.substr(0, 5) == "HTTP/" && is_digit(version[5]) &&
                          version[6] == '.' && is_digit(version[7]);
  if (!is_version) return Fault::request_line;
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return Fault::version;
  constexpr std::array<std::string_view, 6> methods = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
  if (std::find(methods.begin(), methods.end(), method) == methods.end()) return Fault::method_unknown;
  head.is_1_0 = version == "HTTP/1.0";
  head.method = method;
  head.raw_target = target;
  auto parsed = parse_target(target);
  if (const auto* fault = std::get_if<Fault>(&parsed)) return *fault;
  head.target = std::get<Target>(std::move(parsed));
  return std::nullopt;
}

std::optional<Fault> read_header_line(std::string_view line, Head& head) {
  if (line.front() == ' ' || line.front() == '\t') return Fault::header_folded;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return Fault::header_line;
  head.headers.add(lower(line.substr(0, colon)), std::string(trimmed(line.substr(colon + 1))));
  return std::nullopt;
}

std::optional<Fault> read_lengths(Head& head) {
  const std::size_t lengths = head.headers.count("content-length");
  const std::size_t encodings = head.headers.count("transfer-encoding");
  if (lengths > 0 && encodings > 0) return Fault::both_lengths;
  if (encodings > 0) {
    if (head.is_1_0) return Fault::transfer_encoding_1_0;
    if (head.headers.find("transfer-encoding") != "chunked") return Fault::transfer_encoding;
    head.framing = Framing::chunked;
  }
  if (lengths > 0) {
    // More than one is refused even where they agree: the next reader may take the other.
    const auto value = head.headers.find("content-length");
    if (!value || value->empty() || value->size() > 18 || !std::all_of(value->begin(), value->end(), is_digit))
      return Fault::content_length;
    for (const char c : *value) head.content_length = head.content_length * 10 + static_cast<uint64_t>(c - '0');
    if (head.content_length > 0) head.framing = Framing::length;
  }
  if (head.framing != Framing::none && (head.method == "GET" || head.method == "HEAD" || head.method == "DELETE"))
    return Fault::body_not_expected;
  return std::nullopt;
}

std::optional<Fault> read_host(const Head& head) {
  const std::size_t hosts = head.headers.count("host");
  if (hosts > 1) return Fault::header_repeated;
  if (hosts == 0) return head.is_1_0 ? std::nullopt : std::optional(Fault::host_missing);
  return is_host(*head.headers.find("host")) ? std::nullopt : std::optional(Fault::host);
}

/// Whether a list such as `close, te` holds the word.
bool holds(const Headers& headers, std::string_view name, std::string_view word) {
  for (const auto& [each, value] : headers) {
    if (each != name) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      if (lower(trimmed(rest.substr(0, end))) == word) return true;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
  return false;
}

}  // namespace

HeadScanner::Seen HeadScanner::look(std::string_view bytes) {
  for (; at_ < bytes.size(); ++at_) {
    const char c = bytes[at_];
    if (at_ >= limits_.head_bytes) return {Fault::head_too_large, 0};
    if (c != '\n' && at_ > 0 && bytes[at_ - 1] == '\r') return {Fault::bare_carriage_return, 0};
    if (c == '\n') {
      if (at_ == 0 || bytes[at_ - 1] != '\r') return {Fault::bare_line_feed, 0};
      if (at_ - 1 == line_start_) {
        if (lines_ == 0) return {Fault::empty_request_line, 0};
        return {std::nullopt, at_ + 1};
      }
      // The first line is the request's.
      if (lines_ > limits_.header_count) return {Fault::too_many_headers, 0};
      ++lines_;
      line_start_ = at_ + 1;
      continue;
    }
    if (c != '\r' && is_control(c)) return {Fault::control_character, 0};
    if (lines_ == 0 && c != '\r' && at_ >= limits_.request_line_bytes) return {Fault::request_line_too_long, 0};
    if (lines_ > 0 && at_ == line_start_ && (c == ' ' || c == '\t')) return {Fault::header_folded, 0};
  }
  return {};
}

std::variant<Head, Fault> parse_head(std::string_view bytes) {
  assert(bytes.size() >= 4 && bytes.substr(bytes.size() - 4) == "\r\n\r\n");
  Head head;
  bool first = true;
  for (bytes.remove_suffix(line_break.size()); !bytes.empty();) {
    const std::size_t end = bytes.find(line_break);
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(end + line_break.size());
    if (line.empty()) return Fault::empty_request_line;
    if (std::any_of(line.begin(), line.end(), is_control)) return Fault::control_character;
    const auto fault = first ? read_request_line(line, head) : read_header_line(line, head);
    if (fault) return *fault;
    first = false;
  }
  if (const auto fault = read_host(head)) return *fault;
  if (const auto fault = read_lengths(head)) return *fault;
  for (const std::string_view once :
       {"authorization", "content-type", "content-encoding", "cookie", "expect", "origin"}) {
    if (head.headers.count(once) > 1) return Fault::header_repeated;
  }
  if (const auto expected = head.headers.find("expect")) {
    if (lower(*expected) != "100-continue") return Fault::expectation;
    head.expects_continue = !head.is_1_0 && head.framing != Framing::none;
  }
  // An HTTP/1.0 client that would like to go on is not obliged: it has its answer and may come again.
  head.keep_alive = !head.is_1_0 && !holds(head.headers, "connection", "close");
  return head;
}

}  // namespace kept::http
