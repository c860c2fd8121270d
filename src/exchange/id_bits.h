#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace kept::exchange {

/// Which numbers each source has used, a bit each. Numbers that lie close together cost next to nothing; a set whose
/// numbers lie too far apart says so instead of growing past 16 bytes a number and 16 MiB.
class IdBits {
 public:
  static constexpr uint64_t above = 10'000'000'000;  ///< every number is below it
  enum class Added : uint8_t { fresh, there, no_room };
  Added add(uint32_t source, uint64_t number);
  bool has(uint32_t source, uint64_t number) const;
  /// Asks the processor for what `add` of this number will touch.
  void fetch_ahead(uint32_t source, uint64_t number) const {
    if (const uint64_t* word = word_of(source, number)) __builtin_prefetch(word);
  }
  std::size_t memory_bytes() const { return bytes_; }

 private:
  static constexpr std::size_t page_bits = 15;
  using Page = std::array<uint64_t, (std::size_t{1} << page_bits) / 64>;
  bool make_page(uint32_t source, std::size_t page);
  uint64_t* word_of(uint32_t source, uint64_t number) const {  ///< null: its page is not there
    const std::size_t page = number >> page_bits;
    if (source >= pages_.size() || page >= pages_[source].size() || pages_[source][page] == nullptr) return nullptr;
    return &(*pages_[source][page])[number % (std::size_t{1} << page_bits) / 64];
  }

  std::vector<std::vector<std::unique_ptr<Page>>> pages_;  ///< by source, by the number's upper part
  std::size_t bytes_ = 0;
  std::size_t numbers_ = 0;
};

inline IdBits::Added IdBits::add(uint32_t source, uint64_t number) {
  uint64_t* word = word_of(source, number);
  if (word == nullptr) {
    if (!make_page(source, number >> page_bits)) return Added::no_room;
    word = word_of(source, number);
  }
  const uint64_t bit = uint64_t{1} << (number % 64);
  if ((*word & bit) != 0) return Added::there;
  *word |= bit;
  ++numbers_;
  return Added::fresh;
}

inline bool IdBits::has(uint32_t source, uint64_t number) const {
  const uint64_t* word = word_of(source, number);
  return word != nullptr && (*word >> (number % 64) & 1) != 0;
}

}  // namespace kept::exchange
