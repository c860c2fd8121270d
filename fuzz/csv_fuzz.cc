#include "sample_events.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  kept::fuzz::read_twice(&kept::exchange::read_csv, nullptr, data, size);
  return 0;
}
