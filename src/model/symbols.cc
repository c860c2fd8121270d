#include "model/symbols.h"

#include <algorithm>
#include <cassert>

namespace kept::model {

uint32_t Symbols::find_text(std::string_view name, uint32_t hash) const {
  if (slots_.empty()) return 0;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at].text != 0; at = (at + 1) & mask) {
    if (slots_[at].hash != hash) continue;
    const Text& found = text_[slots_[at].text];
    if (text(found) == name) return found.code;
  }
  return 0;
}

uint32_t Symbols::code_of_text(std::string_view name, uint32_t hash) {
  if (const uint32_t found = find_text(name, hash); found != 0) return found;
  assert(next_ != UINT32_MAX);
  if (text_.size() * 3 > slots_.size() * 2) grow();
  const auto index = static_cast<uint32_t>(text_.size());
  text_.push_back({arena_.size(), static_cast<uint32_t>(name.size()), next_});
  arena_.append(name);
  entries_.push_back({0, index});
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at].text != 0) at = (at + 1) & mask;
  slots_[at] = {hash, index};
  return next_++;
}

void Symbols::grow() {
  std::vector<Slot> old = std::move(slots_);
  slots_.assign(std::max<std::size_t>(old.size() * 2, 16), Slot{0, 0});
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& slot : old) {
    if (slot.text == 0) continue;
    std::size_t at = slot.hash & mask;
    while (slots_[at].text != 0) at = (at + 1) & mask;
    slots_[at] = slot;
  }
}

void Symbols::codes_of(const Name* names, std::size_t count, uint32_t* codes) {
  // First the slots, then what they lead to: two things lie anywhere in memory.
  constexpr std::size_t far = 24;
  constexpr std::size_t near = 12;
  const auto ask_for = [&](const Name& name) {
    if (name.size == 0) {
      if (name.value < by_number_.size()) __builtin_prefetch(&by_number_[name.value]);
    } else if (!slots_.empty()) {
      __builtin_prefetch(&slots_[name.value & (slots_.size() - 1)]);
    }
  };
  const auto follow = [&](const Name& name) {
    if (name.size == 0 || slots_.empty()) return;
    __builtin_prefetch(&text_[slots_[name.value & (slots_.size() - 1)].text]);
  };
  for (std::size_t i = 0; i < std::min(far, count); ++i) ask_for(names[i]);
  for (std::size_t i = 0; i < count; ++i) {
    if (i + far < count) ask_for(names[i + far]);
    if (i + near < count) follow(names[i + near]);
    const Name& name = names[i];
    codes[i] = name.size == 0 ? code_of_number(name.value) : code_of_text({name.data, name.size}, name.value);
  }
}

uint32_t Symbols::add_number(uint32_t number) {
  if (numbers_in_text_ || number >= (1u << 26)) {
    const std::string name = std::to_string(number);
    if (const uint32_t found = find_text(name, hash_of(name)); found != 0) return found;
  }
  if (number >= (1u << 26) || !worth_a_slot(number)) {
    numbers_in_text_ = true;
    const std::string name = std::to_string(number);
    return code_of_text(name, hash_of(name));
  }
  if (number >= by_number_.size()) {
    if (number >= by_number_.capacity()) by_number_.reserve(std::max<std::size_t>(number + 1, by_number_.size() * 2));
    by_number_.resize(number + std::size_t{1}, 0);
  }
  assert(next_ != UINT32_MAX);
  by_number_[number] = next_;
  entries_.push_back({number + 1, 0});
  return next_++;
}

uint32_t Symbols::find(std::string_view name) const {
  uint32_t number = 0;
  if (plain_number(name, &number)) {
    if (number < by_number_.size() && by_number_[number] != 0) return by_number_[number];
    if (!numbers_in_text_) return 0;
  }
  return name.empty() ? 0 : find_text(name, hash_of(name));
}

std::string Symbols::name(uint32_t code) const {
  assert(code < next_);
  const Entry& entry = entries_[code];
  return entry.number_plus_one != 0 ? std::to_string(entry.number_plus_one - 1) : std::string(text(text_[entry.text]));
}

std::size_t Symbols::memory_bytes() const {
  return entries_.capacity() * sizeof(Entry) + by_number_.capacity() * sizeof(uint32_t) +
         text_.capacity() * sizeof(Text) + slots_.capacity() * sizeof(Slot) + arena_.capacity();
}

}  // namespace kept::model
