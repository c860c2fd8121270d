#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "http/fault.h"
#include "http/headers.h"
#include "http/limits.h"
#include "http/target.h"

namespace kept::http {

/// Finds the end of a request's head in bytes as they arrive, and refuses at the first byte that no head has, so that a
/// client with odd line breaks is answered at once.
class HeadScanner {
 public:
  explicit HeadScanner(const Limits& limits) : limits_(limits) {}
  struct Seen {
    std::optional<Fault> fault;
    std::size_t head_bytes = 0;  ///< with the empty line at its end; 0: more bytes are wanted
  };
  /// `bytes` is everything since the head's first byte: what was given before, and what has come since.
  Seen look(std::string_view bytes);

 private:
  const Limits& limits_;
  std::size_t at_ = 0;
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
};

/// How long the body is.
enum class Framing { none, length, chunked };

/// The head of a request, read strictly: what follows from it is certain, or it is refused.
struct Head {
  std::string method;  ///< GET, HEAD, POST, PUT, PATCH or DELETE
  std::string raw_target;
  Target target;
  Headers headers;
  bool is_1_0 = false;
  Framing framing = Framing::none;
  uint64_t content_length = 0;  ///< where framing is `length`; more than 0
  bool keep_alive = true;
  bool expects_continue = false;
};

/// Reads a whole head, as HeadScanner found it: from the first byte to the empty line, that included.
/// Source: RFC 9112 2-7 and RFC 9110 5, 7.2, 8.6, 10.1.1, taking in each choice the stricter one; see fault.h.
std::variant<Head, Fault> parse_head(std::string_view bytes);

}  // namespace kept::http
