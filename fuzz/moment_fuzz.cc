// A time is refused, or what is printed of it reads back as the same time, and printing that gives the same text.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/moment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kept::model;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto moment = parse_moment(text);
  if (!moment) return 0;
  if (moment->lo_ms > moment->hi_ms) std::abort();
  // The offsets of the first and last days of the years that are read can lead outside them: those print, but need not
  // read back.
  const std::string printed = to_string(*moment);
  const auto again = parse_moment(printed);
  if (printed.starts_with("0000") || printed.starts_with("-") || printed.find("10000") != std::string::npos) return 0;
  if (!again || !(*again == *moment) || to_string(*again) != printed) std::abort();
  return 0;
}
