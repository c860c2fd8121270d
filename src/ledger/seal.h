#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/chance.h"
#include "base/result.h"

namespace kept::ledger {

/// A secret key that is wiped from memory when it goes.
class SealingKey {
 public:
  static SealingKey make(base::Chance& chance);
  explicit SealingKey(const std::array<uint8_t, 32>& bytes) : bytes_(bytes) {}
  SealingKey(const SealingKey&) = default;
  SealingKey& operator=(const SealingKey&) = default;
  ~SealingKey();
  const std::array<uint8_t, 32>& bytes() const { return bytes_; }
  bool operator==(const SealingKey&) const = default;

 private:
  std::array<uint8_t, 32> bytes_;
};

/// Bytes that sealing adds: a version, a nonce, a tag.
inline constexpr std::size_t seal_overhead = 1 + 24 + 16;

/// Encrypts `plain` so that whoever has the key reads it, and notices when it was changed. `associated` (the name of
/// the field, say) is not hidden and not stored: opening takes the same. Twice the same gives other bytes each time;
/// the length of `plain` shows. Shape: a byte 1, the nonce of 24 bytes, then what XChaCha20-Poly1305 (IETF) makes, its
/// tag of 16 bytes last, with the byte 1 and `associated` as associated data. docs/formats/sealed.md.
std::string seal(std::string_view plain, const SealingKey& key, std::string_view associated, base::Chance& chance);

/// Errors: unsupported for a later version; invalid when it is cut, was changed, or was sealed with another key or with
/// other associated bytes - which of these nobody can tell.
base::Result<std::string> open(std::string_view sealed, const SealingKey& key, std::string_view associated);

}  // namespace kept::ledger
