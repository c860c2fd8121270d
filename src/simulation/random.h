#pragma once
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

namespace kept::simulation {

/// A seeded source of whole numbers: xoshiro256**, started by splitmix64 from a seed and a stream number.
/// The same seed and stream give the same numbers on every machine: nothing here uses floating point or the library's
/// distributions. Two draws never stand side by side in one sum or argument list, whose order a compiler may choose.
class Random {
 public:
  Random(uint64_t seed, uint64_t stream) {
    uint64_t state = seed ^ (stream * 0xd1342543de82ef95ULL + 0x2545f4914f6cdd1dULL);
    for (uint64_t& word : state_) word = splitmix(state);
  }

  uint64_t next() {
    const uint64_t result = rotate(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  /// A number from 0 to `bound` - 1. Precondition: bound > 0. (The bias of the multiplication is below 2^-32 for our
  /// bounds.)
  uint32_t below(uint32_t bound) {
    assert(bound > 0);
    return static_cast<uint32_t>(((next() >> 32) * bound) >> 32);
  }
  /// A number from `first` to `last`, both included.
  int32_t between(int32_t first, int32_t last) {
    assert(first <= last);
    return first + static_cast<int32_t>(below(static_cast<uint32_t>(last - first) + 1));
  }
  /// True `per_mille` times in 1,000.
  bool chance(int32_t per_mille) { return static_cast<int32_t>(below(1000)) < per_mille; }
  /// True `per_million` times in 1,000,000.
  bool rare(int32_t per_million) { return static_cast<int32_t>(below(1000000)) < per_million; }
  /// From `first` to `last`, small numbers likelier: the smaller of two draws.
  int32_t soon(int32_t first, int32_t last) {
    const int32_t one = between(first, last), other = between(first, last);
    return one < other ? one : other;
  }
  /// From `first` to `last`, crowded near the first: the smallest of four draws.
  int32_t very_soon(int32_t first, int32_t last) {
    const int32_t one = soon(first, last), other = soon(first, last);
    return one < other ? one : other;
  }
  /// An index, each as likely as its weight says. Precondition: the weights add up to something.
  std::size_t weighted(std::span<const uint32_t> weights) {
    uint32_t total = 0;
    for (const uint32_t weight : weights) total += weight;
    uint32_t left = below(total);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (left < weights[i]) return i;
      left -= weights[i];
    }
    return weights.size() - 1;
  }
  template <class T, std::size_t N>
  const T& one_of(const T (&choices)[N]) {
    return choices[below(static_cast<uint32_t>(N))];
  }

 private:
  static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  static uint64_t splitmix(uint64_t& state) {
    uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  std::array<uint64_t, 4> state_;
};

}  // namespace kept::simulation
