#include "exchange/duplicates.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "model/plain_number.h"

namespace kept::exchange {
namespace {

using model::plain_number;

uint64_t mix(uint64_t value) {
  value = (value ^ (value >> 32)) * 0x9fb21c651e98df25ULL;
  value = (value ^ (value >> 29)) * 0x9e3779b97f4a7c15ULL;
  return value ^ (value >> 32);
}

uint64_t hash_of(uint32_t source, std::string_view id) {
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
  hash = (mix(hash ^ word) ^ source) * 0x9e3779b97f4a7c15ULL;
  return hash ^ (hash >> 32);
}

}  // namespace

bool Duplicates::grows(uint32_t source, std::string_view id) const {
  if (source >= last_.size()) return true;
  const std::string& last = last_[source];
  return id.size() != last.size() ? id.size() > last.size() : id > last;
}

void Duplicates::remember_last(uint32_t source, std::string_view id) {
  if (source >= last_.size()) last_.resize(source + std::size_t{1});
  last_[source].assign(id);
}

uint32_t Duplicates::find(const model::EventTable& table, uint32_t source, std::string_view id) {
  const Rows rows{table};
  if (ordered_) {
    if (grows(source, id)) return none;
    leave_order(rows);
  }
  uint64_t number = 0;
  const bool is_number = by_bits_ && plain_number(id, &number);
  if (is_number && !apart_ && bits_.has(set_of(source), number)) {
    apart_ = true;
    fill_bits(rows);
  }
  if (is_number && by_bits_) {
    if (!bits_.has(set_of(source), number)) return none;
    // It is there. Looking through the table for a few is cheaper than giving every row a slot.
    if (looked_back_ < uint64_t{8} * table.size()) return look_back(table, source, id);
    if (numbers_to_ < table.size()) {
      const uint32_t from = numbers_to_;
      numbers_to_ = table.size();
      if ((used_ + table.size() - from) * 4 > slots_.size() * 3) {
        make_slots(rows);
      } else {
        for (uint32_t row = from; row < table.size(); ++row) {
          if (!plain_number(rows.id(row), &number)) continue;
          const uint64_t hash = hash_of(rows.source(row), rows.id(row));
          put(slot_of(rows, hash, rows.source(row), rows.id(row)), hash, row);
        }
      }
    }
  }
  const uint64_t slot = slots_[slot_of(rows, hash_of(source, id), source, id)];
  return slot == 0 ? none : static_cast<uint32_t>(slot) - 1;
}

uint32_t Duplicates::look_back(const model::EventTable& table, uint32_t source, std::string_view id) {
  for (uint32_t row = table.size(); row-- > 0;) {
    ++looked_back_;
    if (table.source(row) == source && table.given_id(row) == id) return row;
  }
  return none;
}

void Duplicates::add(const model::EventTable& table, uint32_t row, uint32_t source, std::string_view id) {
  const Rows rows{table};
  if (ordered_ && grows(source, id)) return remember_last(source, id);
  if (ordered_) return leave_order(rows);
  uint64_t number = 0;
  bool there = false;
  if (take_number(rows, source, plain_number(id, &number) ? number : no_number, &there)) return;
  if ((used_ + 1) * 4 > slots_.size() * 3) return make_slots(rows);
  const uint64_t hash = hash_of(source, id);
  const std::size_t slot = slot_of(rows, hash, source, id);
  if (slots_[slot] == 0) put(slot, hash, row);
}

std::size_t Duplicates::claim(const model::EventTable& table, const uint32_t* source, const std::string_view* id,
                              std::size_t count) {
  Rows rows{table, source, id, 0};
  const uint32_t first = table.size();
  const auto source_of = [source](std::size_t i) { return source == nullptr ? 0 : source[i]; };
  std::size_t i = 0;
  for (; ordered_ && i < count; ++i) {
    if (id[i].empty()) continue;
    if (!grows(source_of(i), id[i])) break;
    remember_last(source_of(i), id[i]);
  }
  if (i == count) return count;
  rows.claimed = i;
  if (ordered_) leave_order(rows);
  // Bits and slots lie anywhere in memory: they are asked for some ids ahead.
  std::array<uint64_t, ahead> numbers{};
  const auto ask_for = [&](std::size_t k) {
    uint64_t& number = numbers[k % ahead];
    if (by_bits_ && plain_number(id[k], &number)) return bits_.fetch_ahead(set_of(source_of(k)), number);
    number = no_number;
    if (used_ != 0) __builtin_prefetch(&slots_[hash_of(source_of(k), id[k]) & (slots_.size() - 1)]);
  };
  for (std::size_t k = i; k < std::min(i + ahead, count); ++k) ask_for(k);
  for (; i < count; ++i) {
    const uint64_t number = numbers[i % ahead];
    if (i + ahead < count) ask_for(i + ahead);
    if (id[i].empty()) continue;
    rows.claimed = i;
    bool there = false;
    if (take_number(rows, source_of(i), number, &there)) {
      if (there) return i;
      continue;
    }
    if ((used_ + 1) * 4 > slots_.size() * 3) make_slots(rows);
    const uint64_t hash = hash_of(source_of(i), id[i]);
    const std::size_t slot = slot_of(rows, hash, source_of(i), id[i]);
    if (slots_[slot] != 0) return i;
    put(slot, hash, first + static_cast<uint32_t>(i));
  }
  return count;
}

void Duplicates::leave_order(const Rows& rows) {
  ordered_ = false;
  last_ = {};
  fill_bits(rows);
  if (by_bits_) make_slots(rows);
}

// The bits of all rows, anew. Where there is no room for them, all have slots.
void Duplicates::fill_bits(const Rows& rows) {
  bits_ = {};
  uint64_t number = 0;
  for (uint32_t row = 0; row < rows.size(); ++row) {
    if (!plain_number(rows.id(row), &number)) continue;
    const IdBits::Added added = bits_.add(set_of(rows.source(row)), number);
    if (added == IdBits::Added::there && !apart_) {
      apart_ = true;
      return fill_bits(rows);
    }
    if (added != IdBits::Added::no_room) continue;
    by_bits_ = false;
    bits_ = {};
    return make_slots(rows);
  }
}

// False: the id is not for the bits. `there`: its bit was set before.
bool Duplicates::take_number(const Rows& rows, uint32_t source, uint64_t number, bool* there) {
  if (!by_bits_ || number == no_number) return false;
  IdBits::Added added = bits_.add(set_of(source), number);
  if (added == IdBits::Added::there && !apart_) {
    apart_ = true;
    fill_bits(rows);
    if (!by_bits_) return false;
    added = bits_.add(source, number);
  }
  *there = added == IdBits::Added::there;
  if (added != IdBits::Added::no_room) return true;
  by_bits_ = false;
  bits_ = {};
  make_slots(rows);
  return false;
}

bool Duplicates::has_slot(uint32_t row, std::string_view id) const {
  uint64_t number = 0;
  return !id.empty() && (!by_bits_ || row < numbers_to_ || !plain_number(id, &number));
}

// All are placed anew: a slot keeps only half of its hash, and the table has the ids.
void Duplicates::make_slots(const Rows& rows) {
  const uint32_t size = rows.size();
  std::size_t count = 0;
  for (uint32_t row = 0; row < size; ++row) count += has_slot(row, rows.id(row)) ? 1 : 0;
  used_ = 0;
  slots_.assign(std::bit_ceil(std::max<std::size_t>(count * 2, 64)), 0);
  std::array<uint64_t, ahead> hashes{};
  const auto ask_for = [&](uint32_t row) {
    uint64_t& hash = hashes[row % ahead];
    hash = hash_of(rows.source(row), rows.id(row));
    __builtin_prefetch(&slots_[hash & (slots_.size() - 1)]);
  };
  for (uint32_t row = 0; row < std::min<uint32_t>(ahead, size); ++row) ask_for(row);
  for (uint32_t row = 0; row < size; ++row) {
    const uint64_t hash = hashes[row % ahead];
    if (row + ahead < size) ask_for(row + ahead);
    const std::string_view id = rows.id(row);
    if (has_slot(row, id)) put(slot_of(rows, hash, rows.source(row), id), hash, row);
  }
}

std::size_t Duplicates::slot_of(const Rows& rows, uint64_t hash, uint32_t source, std::string_view id) const {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask) {
    if ((slots_[at] >> 32) != (hash >> 32)) continue;
    const uint32_t row = static_cast<uint32_t>(slots_[at]) - 1;
    if (rows.source(row) == source && rows.id(row) == id) break;
  }
  return at;
}

void Duplicates::put(std::size_t slot, uint64_t hash, uint32_t row) {
  slots_[slot] = (hash >> 32 << 32) | (row + uint64_t{1});
  ++used_;
}

std::size_t Duplicates::memory_bytes() const { return slots_.capacity() * sizeof(uint64_t) + bits_.memory_bytes(); }

}  // namespace kept::exchange
