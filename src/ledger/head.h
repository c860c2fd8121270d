#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/hash.h"
#include "ledger/signing_key.h"

namespace kept::ledger {

/// What a tree was, as the newest head before it was put back from a backup said.
struct GivenUp {
  uint64_t size = 0;
  Hash root{};
  bool operator==(const GivenUp&) const = default;
};

/// What one tree of a ledger was at a moment.
struct Head {
  std::string ledger;     ///< the ledger's id: 1 to 64 of a-z, 0-9 and -
  std::string tree;       ///< `facts` or `audit`: the same characters
  uint64_t size = 0;      ///< leaves
  Hash root{};            ///< over all of them
  int64_t signed_at = 0;  ///< milliseconds since 1970 UTC
  /// Set where the tree was put back from a backup at that moment: `size` and `root` are what was put back, and this is
  /// what it took the place of. Never smaller than `size`.
  std::optional<GivenUp> given_up = {};
  bool operator==(const Head&) const = default;
};

/// A head with who says so.
struct SignedHead {
  Head head;
  std::string key_id;  ///< PublicKey::id of the key that signed
  Signature signature{};
  bool operator==(const SignedHead&) const = default;

  /// One line without its end; docs/formats/ledger-head.md.
  std::string line() const;
  /// Whether that key made the signature over exactly this head.
  bool is_signed_by(const PublicKey& key) const;
};

/// Precondition: the ids are as `Head` says, the sizes and the time within bounds (asserted).
SignedHead sign_head(const Head& head, const SigningKey& key);

/// Reads the line that `SignedHead::line` wrote; every other spelling is refused. Does not check the signature.
/// Errors: invalid, saying which part.
base::Result<SignedHead> parse_head(std::string_view line);

}  // namespace kept::ledger
