#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace kept::base {

/// Where unguessable bytes come from: keys, request ids. Not the simulation's seeded numbers, which anybody can make
/// again.
class Chance {
 public:
  virtual ~Chance() = default;
  /// Fills all of `bytes`. Never gives less: where the system cannot, the program stops.
  virtual void fill(std::span<std::uint8_t> bytes) = 0;
};

/// The kernel's own source (getrandom). Any thread may use it. Lives as long as the program.
Chance& system_chance();

/// `count` bytes as lower-case hexadecimal, two characters a byte.
std::string hex_of_chance(Chance& chance, std::size_t count);

}  // namespace kept::base
