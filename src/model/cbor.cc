#include "model/cbor.h"

namespace kept::model::cbor {

void put_head(std::string* out, Major major, uint64_t value) {
  const auto top = static_cast<uint8_t>(major << 5);
  const auto byte = [out](uint64_t bits) { out->push_back(static_cast<char>(static_cast<uint8_t>(bits))); };
  // The shortest form that holds the value (RFC 8949, 4.2.1).
  if (value < 24) return byte(top | value);
  const int bytes = value <= 0xff ? 1 : value <= 0xffff ? 2 : value <= 0xffffffffULL ? 4 : 8;
  byte(top | static_cast<uint8_t>(bytes == 1 ? 24 : bytes == 2 ? 25 : bytes == 4 ? 26 : 27));
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) byte(value >> shift & 0xff);
}

const char* read_head(std::string_view bytes, std::size_t* at, Head* out) {
  if (*at >= bytes.size()) return "it ends in the middle";
  const auto first = static_cast<uint8_t>(bytes[(*at)++]);
  const auto major = static_cast<Major>(first >> 5);
  const uint8_t short_value = first & 0x1f;
  if (major == tag) return "a tag, which is never written";
  if (major == simple) {
    if (first != simple_false && first != simple_true)
      return "a floating-point number, null or simple value, which is never written";
    *out = {simple, first};
    return nullptr;
  }
  if (short_value < 24) {
    *out = {major, short_value};
    return nullptr;
  }
  if (short_value > 27) return "an indefinite length, which is never written";
  const std::size_t length = std::size_t{1} << (short_value - 24);
  if (bytes.size() - *at < length) return "it ends in the middle";
  uint64_t value = 0;
  for (std::size_t i = 0; i < length; ++i) value = value << 8 | static_cast<uint8_t>(bytes[(*at)++]);
  const uint64_t smallest = length == 1 ? 24 : uint64_t{1} << (4 * length);
  if (value < smallest) return "a number that is not in its shortest form";
  *out = {major, value};
  return nullptr;
}

}  // namespace kept::model::cbor
