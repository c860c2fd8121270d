#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// The little of deterministic CBOR (RFC 8949, 4.2.1) that Kept's encodings are made of.
namespace kept::model::cbor {

// Major types of RFC 8949, 3.1, in the top three bits of an item's first byte.
enum Major : uint8_t {
  unsigned_int = 0,
  negative_int = 1,
  byte_string = 2,
  text_string = 3,
  array = 4,
  map = 5,
  tag = 6,
  simple = 7
};
constexpr uint8_t simple_false = 0xf4;
constexpr uint8_t simple_true = 0xf5;

/// An item's first bytes: what it is, and its number or length. For `simple`: the byte itself.
struct Head {
  Major major = unsigned_int;
  uint64_t value = 0;
};

/// Writes a head in its shortest form.
void put_head(std::string* out, Major major, uint64_t value);

/// Reads the head at `*at` and moves past it. Null when it is one that is written; otherwise why it is not. Tags,
/// floating-point numbers, nulls, indefinite lengths and numbers not in their shortest form are refused.
const char* read_head(std::string_view bytes, std::size_t* at, Head* out);

}  // namespace kept::model::cbor
