#pragma once
#include <cstddef>
#include <string_view>

namespace kept::base {

/// Length in bytes of the well-formed UTF-8 sequence at the start of `text`; 0 when there is none.
/// Precondition: `text` is not empty. Source: The Unicode Standard, table 3-7 (no overlong forms, no surrogates).
std::size_t utf8_length(std::string_view text);

/// Whether all of `text` is well-formed UTF-8.
bool is_utf8(std::string_view text);

/// What stands in place of a byte that is not UTF-8: U+FFFD.
inline constexpr std::string_view utf8_replacement = "\xEF\xBF\xBD";

}  // namespace kept::base
