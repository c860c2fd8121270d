// Reads a client's bytes, in hexadecimal and one input a line, as src/http would, and answers with a line for each:
// `refused`, `more` (the request is not all there), or the method, target and body (in hexadecimal) of the first
// request and how many bytes it took. For tests/http_llhttp_test.py.
#include <iostream>
#include <string>
#include <string_view>

#include "http/chunked.h"
#include "http/head.h"
#include "http/second_reading.h"

namespace {

using namespace kept::http;

std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::string from_hex(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2)
    out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
  return out;
}

std::string judged(std::string_view bytes) {
  const Limits limits;
  HeadScanner scanner(limits);
  const auto seen = scanner.look(bytes);
  if (seen.fault) return "refused";
  if (seen.head_bytes == 0) return "more";
  const std::string_view head_bytes = bytes.substr(0, seen.head_bytes);
  const auto parsed = parse_head(head_bytes);
  const auto* head = std::get_if<Head>(&parsed);
  if (!head || !beast_agrees(head_bytes, *head)) return "refused";
  const std::string_view rest = bytes.substr(seen.head_bytes);
  std::string body;
  std::size_t taken = 0;
  if (head->framing == Framing::chunked) {
    ChunkDecoder chunks;
    body.resize(rest.size() + 1);
    const auto step = chunks.decode(rest, body.data(), body.size());
    if (step.fault) return "refused";
    if (!chunks.is_done()) return "more";
    body.resize(step.produced);
    taken = step.consumed;
  } else if (head->framing == Framing::length) {
    if (rest.size() < head->content_length) return "more";
    taken = static_cast<std::size_t>(head->content_length);
    body = rest.substr(0, taken);
  }
  return head->method + " " + head->raw_target + " " + to_hex(body) + " " + std::to_string(seen.head_bytes + taken);
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  for (std::string line; std::getline(std::cin, line);) std::cout << judged(from_hex(line)) << "\n";
  return 0;
}
