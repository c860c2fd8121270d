#include "html/number_text.h"

#include <fmt/format.h>

#include <cassert>

namespace kept::html {

std::string grouped(int64_t number) {
  std::string digits = std::to_string(number < 0 ? -number : number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return number < 0 ? "-" + digits : digits;
}

std::string percent(int64_t part, int64_t whole) {
  assert(part >= 0 && part <= whole && whole < int64_t{1} << 48);
  if (whole == 0) return "no figure";
  if (part == 0) return "0%";
  if (part == whole) return "100%";
  int64_t tenths = (part * 2000 + whole) / (whole * 2);
  if (tenths == 0) tenths = 1;
  if (tenths == 1000) tenths = 999;
  return fmt::format("{}.{}%", tenths / 10, tenths % 10);
}

int32_t per_ten_thousand(int64_t part, int64_t whole) {
  assert(part >= 0 && part <= whole && whole < int64_t{1} << 48);
  if (whole == 0) return 0;
  return static_cast<int32_t>((part * 20000 + whole) / (whole * 2));
}

std::string counted(int64_t number, const std::string& one, const std::string& many) {
  return grouped(number) + " " + (number == 1 ? one : many);
}

}  // namespace kept::html
