#pragma once
#include <string>
#include <string_view>

namespace kept::base {

/// `text` as a JSON string with its quotes. Control characters (DEL, U+0085, U+2028 and U+2029 too) are escaped, so
/// that the result never breaks a line; bytes that are not UTF-8 are each written as U+FFFD.
std::string json_quoted(std::string_view text);

}  // namespace kept::base
