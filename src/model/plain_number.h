#pragma once
#include <cstdint>
#include <cstring>
#include <string_view>

namespace kept::model {

/// The number that one to eight decimal digits give, zeros before it or not. False: something else is among them.
inline bool digits_of(std::string_view text, uint32_t* number) {
  const std::size_t size = text.size();
  // All of it in one word, without reading past its ends; what overlaps is the same twice.
  uint64_t word = 0;
  if (size >= 4) {
    uint32_t first = 0;
    uint32_t last = 0;
    std::memcpy(&first, text.data(), 4);
    std::memcpy(&last, text.data() + size - 4, 4);
    word = first | uint64_t{last} << (8 * (size - 4));
  } else {
    const auto at = [&](std::size_t i) { return uint64_t{static_cast<unsigned char>(text[i])} << (8 * i); };
    word = at(0) | at(size / 2) | at(size - 1);
  }
  // Eight digits, zeros before the text's own.
  word = word << (8 * (8 - size));
  if (size < 8) word |= 0x3030303030303030ULL >> (8 * size);
  if ((((word + 0x4646464646464646ULL) | (word - 0x3030303030303030ULL)) & 0x8080808080808080ULL) != 0) return false;
  word -= 0x3030303030303030ULL;
  word = (word * 10 + (word >> 8)) & 0x00ff00ff00ff00ffULL;
  word = (word * 100 + (word >> 16)) & 0x0000ffff0000ffffULL;
  *number = static_cast<uint32_t>(word * 10000 + (word >> 32));
  return true;
}

/// The number that a text writes as it would be printed: `0`, or up to ten digits of which the first is not 0.
inline bool plain_number(std::string_view text, uint64_t* number) {
  const std::size_t size = text.size();
  if (size == 0 || size > 10 || (text[0] == '0' && size > 1)) return false;
  uint32_t high = 0;
  uint32_t low = 0;
  if (size > 8 && !digits_of(text.substr(0, size - 8), &high)) return false;
  if (!digits_of(size > 8 ? text.substr(size - 8) : text, &low)) return false;
  *number = uint64_t{high} * 100'000'000 + low;
  return true;
}

}  // namespace kept::model
