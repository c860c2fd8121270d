#include "ledger/signing_key.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cassert>

#include "ledger/hash.h"

namespace kept::ledger {
namespace {

constexpr std::string_view secret_word = "kept-signing-key-1 ";
constexpr std::string_view public_word = "kept-public-key-1 ";

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::optional<std::array<uint8_t, 32>> secret_of(std::string_view text) {
  if (!text.starts_with(secret_word) || !text.ends_with('\n')) return std::nullopt;
  text.remove_prefix(secret_word.size());
  text.remove_suffix(1);
  return hash_from_hex(text);
}

}  // namespace

std::string PublicKey::id() const {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return to_hex(sha256(text)).substr(0, 16);
}

std::string PublicKey::line() const { return fmt::format("{}{} {}", public_word, id(), to_hex(bytes)); }

base::Result<PublicKey> PublicKey::from_line(std::string_view line) {
  constexpr std::size_t id_size = 16;
  if (line.starts_with(public_word) && line.size() > public_word.size() + id_size) {
    const std::optional<Hash> bytes = hash_from_hex(line.substr(public_word.size() + id_size + 1));
    if (bytes) {
      const PublicKey key{*bytes};
      if (key.line() == line) return key;
    }
  }
  return base::invalid("not a public key. Wanted: kept-public-key-1, the key's id, its 64 hexadecimal digits");
}

bool PublicKey::verifies(std::string_view text, const Signature& signature) const {
  return crypto_sign_verify_detached(signature.data(), bytes_of(text), text.size(), bytes.data()) == 0;
}

base::Result<SigningKey> SigningKey::open_or_create(base::Disk& disk, const std::string& path, base::Chance& chance) {
  base::Result<std::string> text = disk.read(path);
  if (!text && text.error().code == base::ErrorCode::not_found) {
    std::array<uint8_t, 32> seed;
    chance.fill(seed);
    std::string made = fmt::format("{}{}\n", secret_word, to_hex(seed));
    sodium_memzero(seed.data(), seed.size());
    const base::Status created = disk.create(path, made);
    sodium_memzero(made.data(), made.size());
    // Somebody else made one at the same moment: theirs is the key.
    if (!created && created.error().code != base::ErrorCode::conflict) return created.error();
    text = disk.read(path);
  }
  if (!text) return text.error();
  const base::Result<bool> is_private = disk.is_private(path);
  if (!is_private) return is_private.error();
  std::optional<std::array<uint8_t, 32>> seed = secret_of(*text);
  sodium_memzero(text->data(), text->size());
  if (!*is_private) {
    return base::invalid(
        fmt::format("{}: others may read this signing key. Make sure that nobody did, then: chmod 600 {}", path, path));
  }
  if (!seed) {
    return base::invalid(fmt::format(
        "{}: not a signing key. Wanted: one line, kept-signing-key-1 and 64 hexadecimal digits. Put the right file "
        "back; a new key cannot sign for the old one",
        path));
  }
  SigningKey key(*seed);
  sodium_memzero(seed->data(), seed->size());
  return key;
}

SigningKey::SigningKey(const std::array<uint8_t, 32>& seed) {
  static_assert(crypto_sign_SECRETKEYBYTES == sizeof secret_ && crypto_sign_SEEDBYTES == 32);
  [[maybe_unused]] const int made = crypto_sign_seed_keypair(public_key_.bytes.data(), secret_.data(), seed.data());
  assert(made == 0);
}

SigningKey::SigningKey(SigningKey&& other) noexcept : secret_(other.secret_), public_key_(other.public_key_) {
  sodium_memzero(other.secret_.data(), other.secret_.size());
}

SigningKey::~SigningKey() { sodium_memzero(secret_.data(), secret_.size()); }

Signature SigningKey::sign(std::string_view bytes) const {
  Signature signature;
  crypto_sign_detached(signature.data(), nullptr, bytes_of(bytes), bytes.size(), secret_.data());
  return signature;
}

}  // namespace kept::ledger
