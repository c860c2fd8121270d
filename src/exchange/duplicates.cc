#include "exchange/duplicates.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace kept::exchange {
namespace {

uint64_t mix(uint64_t value) {
  value = (value ^ (value >> 32)) * 0x9fb21c651e98df25ULL;
  value = (value ^ (value >> 29)) * 0x9e3779b97f4a7c15ULL;
  return value ^ (value >> 32);
}

}  // namespace

uint64_t Duplicates::hash_of(std::string_view id) {
  uint64_t hash = id.size();
  std::size_t at = 0;
  while (id.size() - at >= 8) {
    uint64_t word = 0;
    std::memcpy(&word, id.data() + at, 8);
    hash = mix(hash ^ word);
    at += 8;
  }
  uint64_t word = 0;
  if (at < id.size()) std::memcpy(&word, id.data() + at, id.size() - at);  // an absent id has no address
  return mix(hash ^ word);
}

uint64_t Duplicates::hash_with(uint32_t source, uint64_t hash) {
  hash = (hash ^ source) * 0x9e3779b97f4a7c15ULL;
  return hash ^ (hash >> 32);
}

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
  const uint64_t hash = hash_with(source, hash_of(id));
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    const uint64_t slot = slots_[at];
    if (slot == 0) return none;
    if ((slot >> 32) != (hash >> 32)) continue;
    const uint32_t row = static_cast<uint32_t>(slot) - 1;
    if (table.source(row) == source && table.given_id(row) == id) return row;
  }
}

void Duplicates::remember_last(uint32_t source, std::string_view id) {
  if (source >= last_.size()) last_.resize(source + std::size_t{1});
  last_[source].assign(id);
}

void Duplicates::add(const model::EventTable& table, uint32_t row, uint32_t source, std::string_view id) {
  if (ordered_) {
    if (!grows(source, id)) return build(table);
    return remember_last(source, id);
  }
  if ((used_ + 1) * 4 > slots_.size() * 3) return build(table);
  place(hash_with(source, hash_of(id)), row);
}

std::size_t Duplicates::claim(const model::EventTable& table, const uint32_t* source, const std::string_view* id,
                              const uint64_t* hash, std::size_t count) {
  const auto source_of = [source](std::size_t i) { return source == nullptr ? 0 : source[i]; };
  const uint32_t first = table.size();
  std::size_t i = 0;
  if (ordered_) {
    for (; i < count; ++i) {
      if (id[i].empty()) continue;
      if (!grows(source_of(i), id[i])) break;
      remember_last(source_of(i), id[i]);
    }
    if (i == count) return count;
  }
  // A row of the table, or one of those just claimed.
  const auto is = [&](uint32_t row, uint32_t wanted, std::string_view text) {
    if (row < first) return table.source(row) == wanted && table.given_id(row) == text;
    return source_of(row - first) == wanted && id[row - first] == text;
  };
  const std::size_t claimed = i;
  if (ordered_ || (used_ + count) * 4 > slots_.size() * 3) {
    build(table, count);
    for (std::size_t k = 0; k < claimed; ++k) {
      if (!id[k].empty()) place(hash_with(source_of(k), hash[k]), first + static_cast<uint32_t>(k));
    }
  }
  const std::size_t mask = slots_.size() - 1;
  for (; i < count; ++i) {
    if (i + ahead < count) __builtin_prefetch(&slots_[hash_with(source_of(i + ahead), hash[i + ahead]) & mask]);
    if (id[i].empty()) continue;
    const uint64_t full = hash_with(source_of(i), hash[i]);
    std::size_t at = full & mask;
    for (; slots_[at] != 0; at = (at + 1) & mask) {
      if ((slots_[at] >> 32) != (full >> 32)) continue;
      if (is(static_cast<uint32_t>(slots_[at]) - 1, source_of(i), id[i])) return i;
    }
    slots_[at] = (full >> 32 << 32) | (first + i + 1);
    ++used_;
  }
  return count;
}

void Duplicates::place(uint64_t hash, uint32_t row) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  while (slots_[at] != 0) at = (at + 1) & mask;
  slots_[at] = (hash >> 32 << 32) | (row + uint64_t{1});
  ++used_;
}

// Every row of the table is placed anew: a slot keeps only half of its hash, and the table has the ids.
void Duplicates::build(const model::EventTable& table, std::size_t more) {
  ordered_ = false;
  last_ = {};
  used_ = 0;
  slots_.assign(std::bit_ceil(std::max<std::size_t>((table.size() + more) * std::size_t{2}, 64)), 0);
  const std::size_t mask = slots_.size() - 1;
  std::array<uint64_t, ahead> hashes{};
  const auto hash_at = [&](uint32_t row) {
    const std::string_view id = table.given_id(row);
    const uint64_t hash = hash_with(table.source(row), hash_of(id));
    if (!id.empty()) __builtin_prefetch(&slots_[hash & mask]);
    return hash;
  };
  const uint32_t rows = table.size();
  for (uint32_t row = 0; row < std::min<uint32_t>(ahead, rows); ++row) hashes[row] = hash_at(row);
  for (uint32_t row = 0; row < rows; ++row) {
    const uint64_t hash = hashes[row % ahead];
    if (row + ahead < rows) hashes[row % ahead] = hash_at(row + ahead);
    if (!table.given_id(row).empty()) place(hash, row);
  }
}

std::size_t Duplicates::memory_bytes() const { return slots_.capacity() * sizeof(uint64_t); }

}  // namespace kept::exchange
