#include "ledger/seal.h"

#include <sodium.h>

#include <algorithm>
#include <cassert>

namespace kept::ledger {
namespace {

constexpr char version = 1;
constexpr std::size_t nonce_size = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_size = crypto_aead_xchacha20poly1305_ietf_ABYTES;
static_assert(seal_overhead == 1 + nonce_size + tag_size);
static_assert(crypto_aead_xchacha20poly1305_ietf_KEYBYTES == 32);

unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string with_version(std::string_view associated) {
  std::string all(1, version);
  all += associated;
  return all;
}

}  // namespace

SealingKey SealingKey::make(base::Chance& chance) {
  std::array<uint8_t, 32> bytes;
  chance.fill(bytes);
  SealingKey key(bytes);
  sodium_memzero(bytes.data(), bytes.size());
  return key;
}

SealingKey::~SealingKey() { sodium_memzero(bytes_.data(), bytes_.size()); }

std::string seal(std::string_view plain, const SealingKey& key, std::string_view associated, base::Chance& chance) {
  std::string sealed(seal_overhead + plain.size(), version);
  std::array<uint8_t, nonce_size> nonce;
  chance.fill(nonce);
  std::copy(nonce.begin(), nonce.end(), sealed.begin() + 1);
  const std::string bound = with_version(associated);
  unsigned long long written = 0;
  crypto_aead_xchacha20poly1305_ietf_encrypt(bytes_of(sealed) + 1 + nonce_size, &written, bytes_of(plain), plain.size(),
                                             bytes_of(std::string_view(bound)), bound.size(), nullptr, nonce.data(),
                                             key.bytes().data());
  assert(written == plain.size() + tag_size);
  return sealed;
}

base::Result<std::string> open(std::string_view sealed, const SealingKey& key, std::string_view associated) {
  if (sealed.empty()) return base::invalid("what is sealed is empty");
  if (sealed[0] != version) {
    return base::Error{base::ErrorCode::unsupported, "this was sealed by a later version of Kept, or is not sealed"};
  }
  if (sealed.size() < seal_overhead) return base::invalid("what is sealed is cut off");
  std::string plain(sealed.size() - seal_overhead, '\0');
  const std::string bound = with_version(associated);
  const std::string_view boxed = sealed.substr(1 + nonce_size);
  unsigned long long written = 0;
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes_of(plain), &written, nullptr, bytes_of(boxed), boxed.size(),
                                                 bytes_of(std::string_view(bound)), bound.size(), bytes_of(sealed) + 1,
                                                 key.bytes().data()) != 0) {
    return base::invalid("what is sealed was changed, or is of another key or place");
  }
  assert(written == plain.size());
  return plain;
}

}  // namespace kept::ledger
