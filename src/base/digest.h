#pragma once
#include <cstdint>
#include <string_view>

namespace kept::base {

/// SipHash-2-4 of `text` under a fixed, published key: the same on every machine and in every build.
/// For short stable names and for noticing change; it keeps no secret and proves nothing about who wrote the text.
/// `seed` gives an independent second digest of the same text.
/// Source: J.-P. Aumasson, D. J. Bernstein, "SipHash: a fast short-input PRF", 2012; its test vectors are in
/// digest_test.cc.
uint64_t digest(std::string_view text, uint64_t seed = 0);

}  // namespace kept::base
