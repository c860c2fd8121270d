#include "exchange/plain_values.h"

#include <algorithm>
#include <charconv>

namespace kept::exchange {

bool yes_or_no(std::string_view text, int64_t* value) {
  const auto is = [&](std::string_view word) {
    return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(), [](char a, char b) {
             return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
           });
  };
  if (is("yes") || is("true") || is("1") || is("y")) {
    *value = 1;
    return true;
  }
  if (is("no") || is("false") || is("0") || is("n")) {
    *value = 0;
    return true;
  }
  return false;
}

NumberProblem whole_number(std::string_view text, int64_t* value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  if (error == std::errc::result_out_of_range) return NumberProblem::range;
  if (error != std::errc()) return NumberProblem::form;
  std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  if (!rest.empty()) {
    if (rest.front() != '.' || rest.find_first_not_of('0', 1) != std::string_view::npos) return NumberProblem::form;
  }
  return *value > largest_number || *value < -largest_number ? NumberProblem::range : NumberProblem::none;
}

}  // namespace kept::exchange
