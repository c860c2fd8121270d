#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/head.h"

namespace kept::http {

/// Whether Boost.Beast's parser, written by others, reads this head as `head` says: the same method, target, version,
/// number of headers and framing. What two readers understand differently is how requests are smuggled.
bool beast_agrees(std::string_view bytes, const Head& head);

/// The body that Beast's parser finds in a whole request; nothing where it refuses it, wants more bytes, or leaves some
/// over. For tests and fuzzing.
std::optional<std::string> body_by_beast(std::string_view request);

}  // namespace kept::http
