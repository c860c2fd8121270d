#include "exchange/duplicates.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace kept::exchange {
namespace {

uint64_t mix(uint64_t value) {
  value = (value ^ (value >> 32)) * 0x9fb21c651e98df25ULL;
  value = (value ^ (value >> 29)) * 0x9e3779b97f4a7c15ULL;
  return value ^ (value >> 32);
}

uint64_t hash_of(uint32_t source, std::string_view id) {
  uint64_t hash = (uint64_t{source} << 32) ^ id.size();
  std::size_t at = 0;
  while (id.size() - at >= 8) {
    uint64_t word = 0;
    std::memcpy(&word, id.data() + at, 8);
    hash = mix(hash ^ word);
    at += 8;
  }
  uint64_t word = 0;
  std::memcpy(&word, id.data() + at, id.size() - at);
  return mix(hash ^ word);
}

}  // namespace

bool Duplicates::grows(uint32_t source, std::string_view id) const {
  if (source >= last_.size()) return true;
  const std::string& last = last_[source];
  return id.size() != last.size() ? id.size() > last.size() : id > last;
}

uint32_t Duplicates::find(const model::EventTable& table, uint32_t source, std::string_view id) {
  if (ordered_) {
    if (grows(source, id)) return none;
    build(table);
  }
  const uint64_t hash = hash_of(source, id);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    const uint64_t slot = slots_[at];
    if (slot == 0) return none;
    if ((slot >> 32) != (hash >> 32)) continue;
    const uint32_t row = static_cast<uint32_t>(slot) - 1;
    if (table.source(row) == source && table.given_id(row) == id) return row;
  }
}

void Duplicates::add(const model::EventTable& table, uint32_t row, uint32_t source, std::string_view id) {
  if (ordered_) {
    if (!grows(source, id)) return build(table);
    if (source >= last_.size()) last_.resize(source + std::size_t{1});
    last_[source].assign(id);
    return;
  }
  if ((used_ + 1) * 4 > slots_.size() * 3) return build(table);
  place(hash_of(source, id), row);
}

void Duplicates::place(uint64_t hash, uint32_t row) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at] != 0) at = (at + 1) & mask;
  slots_[at] = (hash >> 32 << 32) | (row + uint64_t{1});
  ++used_;
}

// Every row of the table is placed anew: a slot keeps only half of its hash, and the table has the ids.
void Duplicates::build(const model::EventTable& table) {
  ordered_ = false;
  last_ = {};
  used_ = 0;
  slots_.assign(std::bit_ceil(std::max<std::size_t>(table.size() * std::size_t{2}, 64)), 0);
  for (uint32_t row = 0; row < table.size(); ++row) {
    const std::string_view id = table.given_id(row);
    if (!id.empty()) place(hash_of(table.source(row), id), row);
  }
}

std::size_t Duplicates::memory_bytes() const { return slots_.capacity() * sizeof(uint64_t); }

}  // namespace kept::exchange
