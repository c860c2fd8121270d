#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "http/fault.h"

namespace kept::http {

/// Decodes a body in chunks as its bytes arrive, strictly: a size is 1 to 15 hexadecimal digits and nothing else, each
/// chunk ends where its size says, and after the last chunk comes an empty line.
/// Departs: RFC 9112 7.1 has room for extensions and trailers. Nobody who sends to us needs them, and readers disagree
/// about them.
class ChunkDecoder {
 public:
  struct Step {
    std::size_t consumed = 0;
    std::size_t produced = 0;
    std::optional<Fault> fault;
  };
  /// Takes from `in` and writes the body's bytes to `out` until one of them is used up, the body ends or is faulty.
  /// After a fault, or once it is done, it takes nothing more. Precondition: `capacity` is more than 0.
  Step decode(std::string_view in, char* out, std::size_t capacity);
  bool is_done() const { return state_ == State::done; }

 private:
  enum class State { size_first, size, size_end, bytes, bytes_end_cr, bytes_end_lf, last_cr, last_lf, done };
  std::optional<Fault> take(char c);

  State state_ = State::size_first;
  std::size_t digits_ = 0;
  uint64_t left_ = 0;
};

}  // namespace kept::http
