#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace kept::model {

/// Names as dense integer codes. Code 0 is "absent" and has the empty name; others count up from 1 in the order first
/// seen. A name that is a plain decimal number below 2^26 is looked up by value, without hashing (feeds number their
/// people), as long as the numbers seen are not scattered too thinly for that. Codes are never shown to anyone: they
/// depend on the order of arrival.
class Symbols {
 public:
  Symbols() = default;
  Symbols(const Symbols& other);
  Symbols& operator=(const Symbols& other);
  Symbols(Symbols&&) noexcept = default;
  Symbols& operator=(Symbols&&) noexcept = default;
  ~Symbols() = default;

  uint32_t code(std::string_view name) {
    uint32_t number = 0;
    return plain_number(name, &number) ? code_of_number(number) : code_of_text(name);
  }
  uint32_t code_of_number(uint32_t number) {
    if (number < by_number_.size() && by_number_[number] != 0) return by_number_[number];
    return add_number(number);
  }
  /// `code_of_number` of each: where many come at once, what they need is fetched ahead.
  void codes_of_numbers(const uint32_t* numbers, std::size_t count, uint32_t* codes) {
    constexpr std::size_t ahead = 24;
    for (std::size_t i = 0; i < count; ++i) {
      if (i + ahead < count && numbers[i + ahead] < by_number_.size())
        __builtin_prefetch(&by_number_[numbers[i + ahead]]);
      codes[i] = code_of_number(numbers[i]);
    }
  }
  /// 0 when the name was never seen.
  uint32_t find(std::string_view name) const;
  std::string name(uint32_t code) const;
  /// Number of codes in use, 0 (absent) included: valid codes are below it.
  uint32_t size() const { return next_; }
  std::size_t memory_bytes() const;

 private:
  struct Entry {
    uint32_t number_plus_one;  ///< 0: the name is text_[text]
    uint32_t text;
  };
  /// True for `0` and for digits without a leading zero, below 2^26: only such names can be printed back exactly.
  static bool plain_number(std::string_view name, uint32_t* number) {
    if (name.empty() || name.size() > 8 || (name[0] == '0' && name.size() > 1)) return false;
    uint32_t value = 0;
    for (const char c : name) {
      const uint32_t digit = static_cast<uint32_t>(static_cast<unsigned char>(c)) - '0';
      if (digit > 9) return false;
      value = value * 10 + digit;
    }
    *number = value;
    return value < (1u << 26);
  }
  bool worth_a_slot(uint32_t number) const { return number < (1u << 20) || number / 64 < next_; }
  uint32_t add_number(uint32_t number);
  uint32_t code_of_text(std::string_view name);

  uint32_t next_ = 1;
  bool numbers_in_text_ = false;  ///< some number stands in by_text_ because its slot was not worth having then
  std::vector<Entry> entries_{1};
  std::deque<std::string> text_{std::string()};
  std::vector<uint32_t> by_number_;
  boost::unordered_flat_map<std::string_view, uint32_t> by_text_;  ///< keys point into text_, whose strings never move
};

}  // namespace kept::model
