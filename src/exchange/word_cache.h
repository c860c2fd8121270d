#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace kept::exchange {

/// Remembers the codes of the few hundred short texts that fill most columns (types, agencies, words), so that a row
/// costs a comparison rather than a hash. A text that is not there, or is longer than 56 bytes, is looked up by the
/// caller and remembered.
class WordCache {
 public:
  bool find(std::string_view text, uint32_t* value) const {
    if (slots_.empty() || text.size() > longest || text.empty()) return false;
    const Ends ends = ends_of(text);
    const std::size_t home = index(ends, text.size());
    for (std::size_t i = 0; i < ways; ++i) {
      const Slot& slot = slots_[home ^ i];
      if (slot.size == 0) return false;  // they are filled in this order
      if (slot.size != text.size() || slot.first != ends.first || slot.last != ends.last) continue;
      // Up to sixteen characters, the two ends are the whole.
      if (text.size() > 16 && std::memcmp(slot.middle.data(), text.data() + 8, text.size() - 16) != 0) continue;
      *value = slot.value;
      return true;
    }
    return false;
  }
  void remember(std::string_view text, uint32_t value) {
    if (text.size() > longest || text.empty()) return;
    if (slots_.empty()) slots_.resize(count);
    const Ends ends = ends_of(text);
    const std::size_t home = index(ends, text.size());
    std::size_t way = 0;
    while (way < ways && slots_[home ^ way].size != 0) ++way;
    Slot& slot = slots_[way < ways ? home ^ way : home];
    slot.size = static_cast<uint32_t>(text.size());
    slot.value = value;
    slot.first = ends.first;
    slot.last = ends.last;
    if (text.size() > 16) std::memcpy(slot.middle.data(), text.data() + 8, text.size() - 16);
  }

 private:
  static constexpr std::size_t longest = 56;
  static constexpr std::size_t count = 512;
  static constexpr std::size_t ways = 4;  ///< places a text may have: two that would take the same do not take turns
  struct Ends {
    uint64_t first, last;
  };
  struct Slot {
    uint64_t first = 0, last = 0;
    uint32_t size = 0;  ///< 0: free
    uint32_t value = 0;
    std::array<char, longest - 16> middle;
  };
  static Ends ends_of(std::string_view text) {
    const std::size_t size = text.size();
    Ends ends{0, 0};
    if (size >= 8) {
      std::memcpy(&ends.first, text.data(), 8);
      std::memcpy(&ends.last, text.data() + size - 8, 8);
    } else if (size >= 4) {
      uint32_t half = 0;
      std::memcpy(&half, text.data(), 4);
      ends.first = half;
      std::memcpy(&half, text.data() + size - 4, 4);
      ends.last = half;
    } else {
      ends.first = static_cast<unsigned char>(text[0]);
      ends.last = static_cast<unsigned char>(text[size / 2]) |
                  static_cast<uint64_t>(static_cast<unsigned char>(text[size - 1])) << 8;
    }
    return ends;
  }
  static std::size_t index(const Ends& ends, std::size_t size) {
    return ((ends.first ^ (ends.last << 23 | ends.last >> 41) ^ size) * 0x9e3779b97f4a7c15ULL) >> 55;
  }
  std::vector<Slot> slots_;
};

}  // namespace kept::exchange
