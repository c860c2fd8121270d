#pragma once
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/event.h"

namespace kept::model {

/// The version of the encoding that `encode_event` writes. Fields are only ever added, under a new version.
inline constexpr int canonical_version = 1;
/// The largest event that is encoded or decoded, in bytes.
inline constexpr std::size_t canonical_largest_bytes = std::size_t{1} << 20;

/// One event as bytes that are the same for everybody: deterministic CBOR (RFC 8949, 4.2.1).
/// Shape: one map with text keys; docs/formats/canonical-event.md lists them, with test vectors.
/// Errors: invalid (id, source, type or agency missing, text that is not UTF-8, an empty or reserved detail name,
/// occurred_at that is not one of the forms of Moment); too_large.
base::Result<std::string> encode_event(const Event& event);

/// Reads bytes that `encode_event` of this or an older version wrote. Every other spelling of the same event is
/// refused: equal events have equal bytes. Errors: unsupported for a newer version, in words; invalid naming the byte;
/// too_large. Never reads outside `bytes`.
base::Result<Event> decode_event(std::string_view bytes);

}  // namespace kept::model
