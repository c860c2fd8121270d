#pragma once
#include <cstdint>
#include <string_view>

namespace kept::exchange {

/// Without blanks and tabs at its ends.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// yes, true, 1, y or their opposites, in any case. False: neither.
bool yes_or_no(std::string_view text, int64_t* value);

constexpr int64_t largest_number = 1'000'000'000'000'000;
enum class NumberProblem : uint8_t { none, form, range };
/// A whole number; `21.0` is one, `21.5` is not.
NumberProblem whole_number(std::string_view text, int64_t* value);

}  // namespace kept::exchange
