// Bytes as a client may send them: the readers say the same however the bytes are cut up, keep their limits, and
// understand what they accept as Boost.Beast's parser does.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "http/chunked.h"
#include "http/head.h"
#include "http/second_reading.h"

namespace {

using kept::http::ChunkDecoder;
using kept::http::Fault;
using kept::http::Framing;
using kept::http::Head;
using kept::http::HeadScanner;
using kept::http::Limits;

void must(bool holds) {
  if (!holds) std::abort();
}

struct Decoded {
  std::string body;
  std::size_t consumed = 0;
  bool done = false;
  std::optional<Fault> fault;
};

Decoded decode(std::string_view in, std::size_t piece, std::size_t capacity) {
  ChunkDecoder decoder;
  Decoded out;
  std::string into(capacity, '\0');
  while (out.consumed < in.size() && !decoder.is_done() && !out.fault) {
    const auto step = decoder.decode(in.substr(out.consumed, piece), into.data(), into.size());
    must(step.produced <= capacity && step.consumed <= piece);
    must(step.consumed > 0 || step.fault);
    out.consumed += step.consumed;
    out.body.append(into, 0, step.produced);
    out.fault = step.fault;
  }
  out.done = decoder.is_done();
  return out;
}

bool is_clean(std::string_view text) {
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  return kept::base::is_utf8(text);
}

void read_head(std::string_view bytes, const Limits& limits) {
  HeadScanner whole(limits), apart(limits);
  const auto seen = whole.look(bytes);
  HeadScanner::Seen again;
  for (std::size_t size = 1; size <= bytes.size() && !again.fault && again.head_bytes == 0; ++size)
    again = apart.look(bytes.substr(0, size));
  must(seen.fault == again.fault && seen.head_bytes == again.head_bytes);
  if (seen.fault || seen.head_bytes == 0) return;
  must(seen.head_bytes <= limits.head_bytes);
  const auto parsed = kept::http::parse_head(bytes.substr(0, seen.head_bytes));
  const auto* head = std::get_if<Head>(&parsed);
  if (!head) return;
  must(head->headers.size() <= limits.header_count);
  must(head->target.path.front() == '/' && is_clean(head->target.path));
  for (const auto& [name, value] : head->target.query) must(is_clean(name) && is_clean(value));
  for (const auto& segment : head->target.segments) must(segment != "." && segment != "..");
  if (!kept::http::beast_agrees(bytes.substr(0, seen.head_bytes), *head)) return;  // refused by the server

  const std::string_view rest = bytes.substr(seen.head_bytes);
  if (head->framing == Framing::chunked) {
    const Decoded body = decode(rest, rest.size() + 1, 4096);
    const Decoded bytewise = decode(rest, 1, 1);
    must(body.body == bytewise.body && body.done == bytewise.done && body.fault == bytewise.fault &&
         body.consumed == bytewise.consumed);
    if (!body.done) return;
    const auto by_beast = kept::http::body_by_beast(bytes.substr(0, seen.head_bytes + body.consumed));
    must(by_beast && *by_beast == body.body);
  } else {
    const std::size_t length = head->framing == Framing::length ? static_cast<std::size_t>(head->content_length) : 0;
    if (rest.size() < length) return;
    const auto by_beast = kept::http::body_by_beast(bytes.substr(0, seen.head_bytes + length));
    must(by_beast && *by_beast == rest.substr(0, length));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_head(bytes, Limits{});
  Limits small;
  small.request_line_bytes = 40;
  small.head_bytes = 120;
  small.header_count = 4;
  read_head(bytes, small);
  (void)kept::http::parse_target(bytes);
  return 0;
}
