// Bytes are refused, or they are an event whose encoding is exactly those bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "model/canonical.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto event = kept::model::decode_event(bytes);
  if (!event) return 0;
  const auto again = kept::model::encode_event(*event);
  if (!again || *again != bytes) std::abort();
  return 0;
}
