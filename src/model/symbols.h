#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "model/plain_number.h"

namespace kept::model {

/// A name made ready to be looked up: a plain number, or a text with its hash. The text must live until then.
struct Name {
  const char* data = nullptr;
  uint32_t size = 0;   ///< 0: `value` is the number
  uint32_t value = 0;  ///< the number, or the hash of the text
  /// Of a text that is not empty.
  static Name of(std::string_view text);
  static Name of_number(uint32_t number) { return {nullptr, 0, number}; }
};

/// Names as dense integer codes. Code 0 is "absent" and has the empty name; others count up from 1 in the order first
/// seen. A name that is a plain decimal number below 2^26 is looked up by value, without hashing (feeds number their
/// people), as long as the numbers seen are not scattered too thinly for that. Codes are never shown to anyone: they
/// depend on the order of arrival.
class Symbols {
 public:
  uint32_t code(std::string_view name) {
    uint32_t number = 0;
    if (!is_few_ && plain_number(name, &number)) return code_of_number(number);
    return name.empty() ? 0 : code_of_text(name, hash_of(name));
  }
  /// For names of a few people out of very many: numbers are looked up as texts, because to have a place for each
  /// number up to theirs would cost more than all that is done with them. Precondition: no name was seen yet.
  void expect_few() { is_few_ = numbers_in_text_ = true; }
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
  /// `code` of each, in their order; the same.
  void codes_of(const Name* names, std::size_t count, uint32_t* codes);
  /// 0 when the name was never seen.
  uint32_t find(std::string_view name) const;
  std::string name(uint32_t code) const;
  /// Number of codes in use, 0 (absent) included: valid codes are below it.
  uint32_t size() const { return next_; }
  std::size_t memory_bytes() const;

 private:
  friend struct Name;
  struct Entry {
    uint32_t number_plus_one;  ///< 0: the name is text_[text]
    uint32_t text;
  };
  struct Text {
    uint64_t at;  ///< in arena_
    uint32_t size, code;
  };
  /// A place of the table of texts: open addressing, by the hash's lower bits.
  struct Slot {
    uint32_t hash;
    uint32_t text;  ///< index into text_ + 1; 0: free
  };
  /// True for `0` and for digits without a leading zero, below 2^26: only such names can be printed back exactly.
  static bool plain_number(std::string_view name, uint32_t* number) {
    if (name.empty() || name.size() > 8 || (name[0] == '0' && name.size() > 1)) return false;
    return digits_of(name, number) && *number < (1u << 26);
  }
  static uint32_t hash_of(std::string_view text);
  bool worth_a_slot(uint32_t number) const { return !is_few_ && (number < (1u << 20) || number / 64 < next_); }
  uint32_t add_number(uint32_t number);
  uint32_t code_of_text(std::string_view name, uint32_t hash);
  uint32_t find_text(std::string_view name, uint32_t hash) const;  ///< 0: none
  void grow();
  std::string_view text(const Text& text) const { return {arena_.data() + text.at, text.size}; }

  uint32_t next_ = 1;
  bool is_few_ = false;
  bool numbers_in_text_ = false;  ///< some number stands among the texts because its slot was not worth having then
  std::vector<Entry> entries_{1};
  std::vector<Text> text_{1};
  std::string arena_;
  std::vector<uint32_t> by_number_;
  std::vector<Slot> slots_;
};

inline Name Name::of(std::string_view text) {
  uint32_t number = 0;
  if (Symbols::plain_number(text, &number)) return of_number(number);
  return {text.data(), static_cast<uint32_t>(text.size()), Symbols::hash_of(text)};
}

inline uint32_t Symbols::hash_of(std::string_view text) {
  uint64_t hash = text.size();
  const auto mix = [&hash](uint64_t word) {
    hash = (hash ^ word) * 0x9fb21c651e98df25ULL;
    hash ^= hash >> 32;
  };
  const char* at = text.data();
  std::size_t left = text.size();
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    mix(word);
  }
  uint64_t word = 0;
  std::memcpy(&word, at, left);
  mix(word);
  return static_cast<uint32_t>((hash * 0x9e3779b97f4a7c15ULL) >> 32);
}

}  // namespace kept::model
