#include "base/chance.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace kept::base {
namespace {

class SystemChance final : public Chance {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    while (!bytes.empty()) {
      const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) {
        std::fputs("kept: the system gives no random bytes (getrandom failed)\n", stderr);
        std::abort();
      }
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
  }
};

}  // namespace

Chance& system_chance() {
  static SystemChance chance;
  return chance;
}

std::string hex_of_chance(Chance& chance, std::size_t count) {
  std::vector<std::uint8_t> bytes(count);
  chance.fill(bytes);
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(count * 2);
  for (const std::uint8_t byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace kept::base
