#include <fmt/core.h>

int main() {
  fmt::print("kept {}\n", KEPT_VERSION);
  return 0;
}
