#include "base/digest.h"

#include <bit>
#include <cstddef>

namespace kept::base {
namespace {

uint64_t little_endian(const char* bytes, std::size_t count) {
  uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i) word |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return word;
}

struct State {
  uint64_t v0, v1, v2, v3;
  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
};

}  // namespace

uint64_t digest(std::string_view text, uint64_t seed) {
  // The key of the published test vectors: bytes 00 01 .. 0f.
  const uint64_t k0 = 0x0706050403020100ULL ^ seed;
  const uint64_t k1 = 0x0f0e0d0c0b0a0908ULL;
  State s = {k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL, k0 ^ 0x6c7967656e657261ULL,
             k1 ^ 0x7465646279746573ULL};
  const auto absorb = [&s](uint64_t word) {
    s.v3 ^= word;
    s.round();
    s.round();
    s.v0 ^= word;
  };
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) absorb(little_endian(text.data() + at, 8));
  absorb(little_endian(text.data() + at, text.size() - at) | uint64_t{text.size() & 0xff} << 56);
  s.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace kept::base
