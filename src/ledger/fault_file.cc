#include "ledger/fault_file.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

namespace kept::ledger {
namespace {

constexpr uint64_t sector = 512;

void put(std::string& bytes, uint64_t offset, std::string_view piece) {
  if (bytes.size() < offset + piece.size()) bytes.resize(offset + piece.size());
  std::copy(piece.begin(), piece.end(), bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

}  // namespace

void FaultFile::write(uint64_t offset, std::string_view bytes) {
  pending_.push_back({offset, std::string(bytes)});
  apply(pending_.back(), current_);
}

void FaultFile::truncate(uint64_t size) {
  pending_.push_back({size, {}, true});
  apply(pending_.back(), current_);
}

void FaultFile::sync() {
  for (const Change& change : pending_) {
    if (!change.is_doomed) apply(change, synced_);
  }
  std::erase_if(pending_, [](const Change& change) { return !change.is_doomed; });
}

void FaultFile::fail_sync(std::mt19937_64& chance) {
  for (Change& change : pending_) change.is_doomed = change.is_doomed || chance() % 2 == 0;
  sync();
}

std::unique_ptr<FaultFile> FaultFile::after_power_cut(std::mt19937_64& chance) const {
  auto left = std::make_unique<FaultFile>();
  std::string bytes = synced_;
  std::vector<const Change*> changes;
  for (const Change& change : pending_) {
    if (!change.is_doomed) changes.push_back(&change);
  }
  switch (chance() % 5) {
    case 0:  // all is lost
      break;
    case 1: {  // the first few are there, the last of them in part
      const std::size_t kept = chance() % (changes.size() + 1);
      for (std::size_t i = 0; i < kept; ++i) apply(*changes[i], bytes);
      if (kept < changes.size()) apply_part(*changes[kept], bytes, chance);
      break;
    }
    case 2:  // any of them are there, later ones without earlier ones
      for (const Change* change : changes) {
        if (chance() % 2 == 0) apply(*change, bytes);
      }
      break;
    case 3:  // any sectors of any of them
      for (const Change* change : changes) apply_part(*change, bytes, chance);
      break;
    default:  // all are there, though nobody promised
      for (const Change* change : changes) apply(*change, bytes);
  }
  left->replace(std::move(bytes));
  return left;
}

std::unique_ptr<FaultFile> FaultFile::after_restart() const {
  auto left = std::make_unique<FaultFile>();
  left->current_ = current_;
  left->synced_ = synced_;
  left->pending_ = pending_;
  return left;
}

void FaultFile::replace(std::string bytes) {
  current_ = bytes;
  synced_ = std::move(bytes);
  pending_.clear();
}

void FaultFile::apply(const Change& change, std::string& bytes) {
  if (change.is_truncate) {
    bytes.resize(change.offset);
  } else {
    put(bytes, change.offset, change.bytes);
  }
}

// Sector by sector: there, not there, or torn.
void FaultFile::apply_part(const Change& change, std::string& bytes, std::mt19937_64& chance) {
  if (change.is_truncate) {
    if (chance() % 2 == 0) apply(change, bytes);
    return;
  }
  for (uint64_t from = 0; from < change.bytes.size();) {
    const uint64_t place = change.offset + from;
    const uint64_t length = std::min<uint64_t>(sector - place % sector, change.bytes.size() - from);
    std::string piece = change.bytes.substr(from, length);
    switch (chance() % 5) {
      case 0:
      case 1:
        put(bytes, place, piece);
        break;
      case 2:  // its first part, then what was there before
        put(bytes, place, std::string_view(piece).substr(0, chance() % (length + 1)));
        break;
      case 3:  // its first part, then rubbish
        for (std::size_t i = chance() % (length + 1); i < length; ++i) piece[i] = static_cast<char>(chance());
        put(bytes, place, piece);
        break;
      default:
        break;
    }
    from += length;
  }
}

}  // namespace kept::ledger
