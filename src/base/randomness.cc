#include "base/randomness.h"

#include <sys/random.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>

namespace kept::base {
namespace {

class SystemRandomness : public Randomness {
 public:
  void fill(std::span<uint8_t> bytes) override {
    while (!bytes.empty()) {
      const ssize_t given = getrandom(bytes.data(), bytes.size(), 0);
      if (given > 0) {
        bytes = bytes.subspan(static_cast<std::size_t>(given));
      } else if (errno != EINTR) {
        std::abort();
      }
    }
  }
};

}  // namespace

Randomness& system_randomness() {
  static SystemRandomness randomness;
  return randomness;
}

}  // namespace kept::base
