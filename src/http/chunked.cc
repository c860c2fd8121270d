#include "http/chunked.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace kept::http {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::optional<Fault> ChunkDecoder::take(char c) {
  switch (state_) {
    case State::size_first:
    case State::size: {
      const int value = hex_value(c);
      if (value >= 0) {
        // 15 digits fit in 60 bits: the size cannot overflow.
        if (++digits_ > 15) return Fault::chunk_size;
        left_ = left_ * 16 + static_cast<uint64_t>(value);
        state_ = State::size;
        return std::nullopt;
      }
      if (state_ == State::size && c == '\r') {
        state_ = State::size_end;
        return std::nullopt;
      }
      return state_ == State::size && (c == ';' || c == ' ' || c == '\t') ? Fault::chunk_extension : Fault::chunk_size;
    }
    case State::size_end:
      if (c != '\n') return Fault::bare_carriage_return;
      state_ = left_ > 0 ? State::bytes : State::last_cr;
      return std::nullopt;
    case State::bytes_end_cr:
      if (c != '\r') return Fault::chunk_end;
      state_ = State::bytes_end_lf;
      return std::nullopt;
    case State::bytes_end_lf:
      if (c != '\n') return Fault::chunk_end;
      digits_ = 0;
      left_ = 0;
      state_ = State::size_first;
      return std::nullopt;
    case State::last_cr:
      if (c != '\r') return Fault::trailer;
      state_ = State::last_lf;
      return std::nullopt;
    case State::last_lf:
      if (c != '\n') return Fault::bare_carriage_return;
      state_ = State::done;
      return std::nullopt;
    case State::bytes:
    case State::done:
      break;
  }
  assert(false && "bytes are copied by decode, and nothing follows the end");
  return Fault::chunk_end;
}

ChunkDecoder::Step ChunkDecoder::decode(std::string_view in, char* out, std::size_t capacity) {
  assert(capacity > 0);
  Step step;
  while (step.consumed < in.size() && state_ != State::done) {
    if (state_ != State::bytes) {
      step.fault = take(in[step.consumed]);
      if (step.fault) return step;
      ++step.consumed;
      continue;
    }
    if (step.produced == capacity) return step;
    const std::size_t count =
        static_cast<std::size_t>(std::min<uint64_t>({left_, in.size() - step.consumed, capacity - step.produced}));
    std::memcpy(out + step.produced, in.data() + step.consumed, count);
    step.consumed += count;
    step.produced += count;
    left_ -= count;
    if (left_ == 0) state_ = State::bytes_end_cr;
  }
  return step;
}

}  // namespace kept::http
