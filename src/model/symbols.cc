#include "model/symbols.h"

#include <algorithm>
#include <cassert>

namespace kept::model {

Symbols::Symbols(const Symbols& other)
    : next_(other.next_),
      numbers_in_text_(other.numbers_in_text_),
      entries_(other.entries_),
      text_(other.text_),
      by_number_(other.by_number_) {
  by_text_.reserve(other.by_text_.size());
  // The keys must point into this copy's own strings.
  for (const auto& [name, code] : other.by_text_) by_text_.emplace(text_[entries_[code].text], code);
}

Symbols& Symbols::operator=(const Symbols& other) {
  if (this != &other) *this = Symbols(other);
  return *this;
}

uint32_t Symbols::code_of_text(std::string_view name) {
  if (name.empty()) return 0;
  const auto found = by_text_.find(name);
  if (found != by_text_.end()) return found->second;
  assert(next_ != UINT32_MAX);
  text_.emplace_back(name);
  entries_.push_back({0, static_cast<uint32_t>(text_.size() - 1)});
  by_text_.emplace(text_.back(), next_);
  return next_++;
}

uint32_t Symbols::add_number(uint32_t number) {
  if (numbers_in_text_ || number >= (1u << 26)) {
    const auto found = by_text_.find(std::to_string(number));
    if (found != by_text_.end()) return found->second;
  }
  if (number >= (1u << 26) || !worth_a_slot(number)) {
    numbers_in_text_ = true;
    return code_of_text(std::to_string(number));
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
  const auto found = by_text_.find(name);
  return found == by_text_.end() ? 0 : found->second;
}

std::string Symbols::name(uint32_t code) const {
  assert(code < next_);
  const Entry& entry = entries_[code];
  return entry.number_plus_one != 0 ? std::to_string(entry.number_plus_one - 1) : text_[entry.text];
}

std::size_t Symbols::memory_bytes() const {
  std::size_t bytes = entries_.capacity() * sizeof(Entry) + by_number_.capacity() * sizeof(uint32_t) +
                      by_text_.size() * (sizeof(std::string_view) + sizeof(uint32_t) + 2) +
                      text_.size() * sizeof(std::string);
  return bytes;
}

}  // namespace kept::model
