#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

namespace kept::exchange {

/// Remembers the codes of the few hundred short texts that fill most columns (types, agencies, words), so that a row costs a comparison
/// rather than a hash. A text that is not there, or is longer than 44 bytes, is looked up by the caller and remembered.
class WordCache {
 public:
  bool find(std::string_view text, uint32_t* value) const {
    if (slots_.empty() || text.size() > longest || text.empty()) return false;
    const Slot& slot = slots_[index(text)];
    if (slot.size != text.size() || std::memcmp(slot.text.data(), text.data(), text.size()) != 0) return false;
    *value = slot.value;
    return true;
  }
  void remember(std::string_view text, uint32_t value) {
    if (text.size() > longest || text.empty()) return;
    if (slots_.empty()) slots_.resize(count);
    Slot& slot = slots_[index(text)];
    slot.size = static_cast<uint32_t>(text.size());
    slot.value = value;
    std::memcpy(slot.text.data(), text.data(), text.size());
  }

 private:
  static constexpr std::size_t longest = 44;
  static constexpr std::size_t count = 512;
  struct Slot {
    uint32_t size = 0;  ///< 0: free
    uint32_t value = 0;
    std::array<char, longest> text;
  };
  static std::size_t index(std::string_view text) {
    const std::size_t size = text.size();
    uint64_t first = 0;
    uint64_t last = 0;
    if (size >= 8) {
      std::memcpy(&first, text.data(), 8);
      std::memcpy(&last, text.data() + size - 8, 8);
    } else if (size >= 4) {
      uint32_t half = 0;
      std::memcpy(&half, text.data(), 4);
      first = half;
      std::memcpy(&half, text.data() + size - 4, 4);
      last = half;
    } else {
      first = static_cast<unsigned char>(text[0]);
      last = static_cast<unsigned char>(text[size / 2]) | static_cast<uint64_t>(static_cast<unsigned char>(text[size - 1])) << 8;
    }
    const uint64_t hash = (first ^ (last << 23 | last >> 41) ^ size) * 0x9e3779b97f4a7c15ULL;
    return hash >> 55;
  }
  std::vector<Slot> slots_;
};

}  // namespace kept::exchange
