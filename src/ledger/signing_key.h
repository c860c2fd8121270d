#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/chance.h"
#include "base/disk.h"
#include "base/result.h"

namespace kept::ledger {

using Signature = std::array<uint8_t, 64>;

/// An Ed25519 public key (RFC 8032): what an outside verifier is given.
struct PublicKey {
  std::array<uint8_t, 32> bytes{};
  bool operator==(const PublicKey&) const = default;

  /// The first 16 hexadecimal digits of the key's SHA-256: a name, not a proof.
  std::string id() const;
  /// `kept-public-key-1 ID HEX`, without the end of the line; docs/formats/ledger-head.md.
  std::string line() const;
  static base::Result<PublicKey> from_line(std::string_view line);

  bool verifies(std::string_view bytes, const Signature& signature) const;
};

/// The secret half, read from its own file. Wiped from memory when it goes.
class SigningKey {
 public:
  /// Reads the key at `path`, a file of the line `kept-signing-key-1 HEX` that only its owner may read; makes it when
  /// there is none. Errors: invalid when others may read it or it is not a key, with the mend; io.
  static base::Result<SigningKey> open_or_create(base::Disk& disk, const std::string& path, base::Chance& chance);
  explicit SigningKey(const std::array<uint8_t, 32>& seed);
  SigningKey(SigningKey&& other) noexcept;
  SigningKey& operator=(SigningKey&&) = delete;
  ~SigningKey();

  const PublicKey& public_key() const { return public_key_; }
  Signature sign(std::string_view bytes) const;

 private:
  std::array<uint8_t, 64> secret_;
  PublicKey public_key_;
};

}  // namespace kept::ledger
