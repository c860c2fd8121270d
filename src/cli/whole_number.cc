#include "cli/whole_number.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "rules/problems.h"

namespace kept::cli {

std::string not_from_one(const std::string& text) {
  uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec == std::errc() && read.ptr == text.data() + text.size() && value != 0) return "";
  return fmt::format("\"{}\" is not a whole number from 1 on", rules::shown(text));
}

}  // namespace kept::cli
