#include "measures/cells.h"

#include <algorithm>
#include <cassert>

#include "calendar/london_time.h"

namespace kept::measures {
namespace {

using calendar::LocalDate;
using model::Due;
using model::Obligation;
using model::Outcome;

constexpr int32_t table_first_day = -25567;  // 1900-01-01
constexpr int32_t table_days = 109573;       // up to 2199-12-31

/// Month by day: a division-free answer for every date a case can hold.
const std::vector<int16_t>& months() {
  static const std::vector<int16_t> table = [] {
    std::vector<int16_t> made(static_cast<std::size_t>(table_days));
    for (int32_t i = 0; i < table_days; ++i) {
      const calendar::YearMonthDay date = calendar::year_month_day(LocalDate{table_first_day + i});
      made[static_cast<std::size_t>(i)] = static_cast<int16_t>((date.year - 1900) * 12 + date.month - 1);
    }
    return made;
  }();
  return table;
}

int16_t month_in(const int16_t* table, int32_t days) {
  const int32_t at = days - table_first_day;
  return at >= 0 && at < table_days ? table[at] : no_month;
}

constexpr uint64_t mixed(uint64_t packed) { return packed * 0x9E3779B97F4A7C15ULL; }

}  // namespace

int16_t month_of(LocalDate on) { return month_in(months().data(), on.days); }

LocalDate first_day(int16_t month) {
  assert(month >= 0);
  return calendar::local_date({1900 + month / 12, month % 12 + 1, 1});
}

// duty 16 | month + 1: 13 | borough 12 | offence 14 | enhanced 1 | entitled 1, under a bit that is always set.
uint64_t Cells::pack(const CellKey& key) {
  return uint64_t{1} << 63 | uint64_t{key.duty} << 41 | static_cast<uint64_t>(key.month + 1) << 28 |
         uint64_t{key.borough} << 16 | uint64_t{key.offence} << 2 | uint64_t{key.enhanced} << 1 |
         uint64_t{key.entitled_not_recognised};
}

CellKey Cells::unpack(uint64_t packed) {
  CellKey key;
  key.duty = static_cast<uint16_t>(packed >> 41 & 0xFFFF);
  key.month = static_cast<int16_t>(static_cast<int>(packed >> 28 & 0x1FFF) - 1);
  key.borough = static_cast<uint16_t>(packed >> 16 & 0xFFF);
  key.offence = static_cast<uint16_t>(packed >> 2 & 0x3FFF);
  key.enhanced = (packed >> 1 & 1) != 0;
  key.entitled_not_recognised = (packed & 1) != 0;
  return key;
}

Cells::Cells(const std::vector<CrimeTraits>* traits) : traits_(traits) { grow(); }

void Cells::grow() {
  const std::size_t old_capacity = capacity_;
  std::unique_ptr<Cell[]> old = std::move(places_);
  capacity_ = old_capacity == 0 ? 1024 : old_capacity * 2;
  shift_ = 64 - __builtin_ctzll(capacity_);
  places_ = std::make_unique<Cell[]>(capacity_);
  for (std::size_t i = 0; i < old_capacity; ++i) {
    if (old[i].packed == 0) continue;
    std::size_t at = mixed(old[i].packed) >> shift_;
    while (places_[at].packed != 0) at = (at + 1) & (capacity_ - 1);
    places_[at] = old[i];
  }
}

Cell& Cells::place(uint64_t packed) {
  std::size_t at = mixed(packed) >> shift_;
  while (places_[at].packed != packed) {
    if (places_[at].packed == 0) {
      places_[at].packed = packed;
      ++used_;
      return places_[at];
    }
    at = (at + 1) & (capacity_ - 1);
  }
  return places_[at];
}

void Cells::take(const Obligation* first, std::size_t count) {
  const int16_t* const month_table = months().data();
  std::array<uint64_t, batch> keys;
  std::array<const Obligation*, batch> counted;
  while (count > 0) {
    const std::size_t now = std::min(count, batch);
    if ((used_ + now) * 2 > capacity_) grow();
    std::size_t filled = 0;
    for (std::size_t i = 0; i < now; ++i) {
      const Obligation& one = first[i];
      if (one.window != model::WindowState::not_a_window) {
        if (one.duty >= windows_.size()) windows_.resize(one.duty + std::size_t{1});
        ++windows_[one.duty][static_cast<std::size_t>(one.window)];
        continue;
      }
      CellKey key;
      key.duty = one.duty;
      key.month = no_month;
      if (one.due_on.kind == Due::Kind::date) {
        key.month = month_in(month_table, static_cast<int32_t>(one.due_on.value));
      } else if (one.due_on.kind == Due::Kind::instant) {
        key.month = month_in(month_table, calendar::london_date(one.due_on.value).days);
      }
      if (traits_ != nullptr && one.crime < traits_->size()) {
        const CrimeTraits traits = (*traits_)[one.crime];
        key.borough = traits.borough;
        key.offence = traits.offence;
      }
      key.enhanced = (one.flags & model::flag_enhanced) != 0;
      key.entitled_not_recognised = (one.flags & model::flag_entitled_not_recognised) != 0;
      keys[filled] = pack(key);
      counted[filled] = &one;
      __builtin_prefetch(&places_[mixed(keys[filled]) >> shift_], 1);
      ++filled;
    }
    for (std::size_t i = 0; i < filled; ++i) {
      const Obligation& one = *counted[i];
      Cell& cell = place(keys[i]);
      ++cell.outcomes[static_cast<std::size_t>(one.outcome)];
      cell.too_late_to_use += (one.flags & model::flag_too_late_to_use) != 0 ? 1 : 0;
      cell.recorded_after_due += (one.flags & model::flag_recorded_after_due) != 0 ? 1 : 0;
    }
    obligations_ += filled;
    first += now;
    count -= now;
  }
}

void Cells::merge(Cells& other) {
  if (other.used_ > used_) {
    std::swap(places_, other.places_);
    std::swap(capacity_, other.capacity_);
    std::swap(used_, other.used_);
    std::swap(shift_, other.shift_);
  }
  // Places of the two tables follow the same order of hashes, so both are gone through from end to end.
  for (std::size_t at = 0; at < other.capacity_; ++at) {
    const Cell& theirs = other.places_[at];
    if (theirs.packed == 0) continue;
    if ((used_ + 1) * 2 > capacity_) grow();
    Cell& ours = place(theirs.packed);
    for (std::size_t i = 0; i < ours.outcomes.size(); ++i) ours.outcomes[i] += theirs.outcomes[i];
    ours.too_late_to_use += theirs.too_late_to_use;
    ours.recorded_after_due += theirs.recorded_after_due;
  }
  if (other.windows_.size() > windows_.size()) windows_.resize(other.windows_.size());
  for (std::size_t i = 0; i < other.windows_.size(); ++i) {
    for (std::size_t s = 0; s < windows_[i].size(); ++s) windows_[i][s] += other.windows_[i][s];
  }
  obligations_ += other.obligations_;
}

std::vector<std::pair<CellKey, Cell>> Cells::sorted() const {
  std::vector<std::pair<CellKey, Cell>> out;
  out.reserve(used_);
  for_each([&](const CellKey& key, const Cell& cell) { out.emplace_back(key, cell); });
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

}  // namespace kept::measures
