#pragma once
#include <cstdint>
#include <span>

namespace kept::base {

/// Where unpredictable bytes come from: keys, nonces, names that nobody may guess. A simulation passes its own.
class Randomness {
 public:
  virtual ~Randomness() = default;
  /// Fills all of `bytes`, or stops the program: there is no going on with bytes that can be guessed.
  virtual void fill(std::span<uint8_t> bytes) = 0;
};

/// The operating system's. Safe for several threads.
Randomness& system_randomness();

}  // namespace kept::base
