#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace kept::ledger {

/// A SHA-256 digest.
using Hash = std::array<uint8_t, 32>;

/// The hash of one leaf: SHA-256 of a byte 0 and the leaf's bytes. Source: RFC 6962, section 2.1.
Hash leaf_hash(std::string_view bytes);

/// The hash of a node over two subtrees: SHA-256 of a byte 1 and their hashes. Source: RFC 6962, section 2.1.
Hash node_hash(const Hash& left, const Hash& right);

/// The root of a tree without leaves: SHA-256 of nothing.
Hash empty_root();

/// SHA-256 of `bytes` as they are.
Hash sha256(std::string_view bytes);

/// SHA-256 of what comes in pieces.
class RunningHash {
 public:
  RunningHash();
  ~RunningHash();
  RunningHash(const RunningHash&) = delete;
  RunningHash& operator=(const RunningHash&) = delete;
  void add(std::string_view piece);
  /// Of all pieces so far; nothing is added afterwards.
  Hash end();

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// 64 lower-case hexadecimal digits.
std::string to_hex(const Hash& hash);
/// Lower-case hexadecimal digits, two a byte.
std::string to_hex(std::string_view bytes);

/// The hash that `to_hex` wrote; nothing else is accepted.
std::optional<Hash> hash_from_hex(std::string_view text);
/// The bytes that `to_hex` wrote: an even number of lower-case digits.
std::optional<std::string> bytes_from_hex(std::string_view text);

}  // namespace kept::ledger
