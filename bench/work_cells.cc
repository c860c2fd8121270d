#include "work_cells.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <string>

#include "calendar/local_date.h"
#include "calendar/london_time.h"

namespace kept::bench {
namespace {
constexpr std::size_t boroughs = 33;
constexpr std::size_t offences = 13;
constexpr std::size_t most_duties = 32;
/// What one victim's obligations fall into lies together.
constexpr std::size_t cells_of_a_victim = WorkCells::months * most_duties;
constexpr std::size_t all_cells = boroughs * offences * 2 * cells_of_a_victim;
}  // namespace

WorkCells::WorkCells(const engine::RuleBook& book, const model::EventTable& table) {
  auto shared = std::make_shared<Shared>();
  shared->first_day = calendar::local_date({2024, 1, 1}).days;
  const int32_t days = calendar::local_date({2027, 1, 1}).days - shared->first_day;
  for (int32_t day = 0; day < days; ++day) {
    const auto date = calendar::year_month_day({shared->first_day + day});
    shared->month.push_back(static_cast<uint16_t>(date.year * 12 + date.month - 1 - first_month));
  }
  shared->number.resize(table.participants.size());
  for (uint32_t symbol = 1; symbol < table.participants.size(); ++symbol) {
    const std::string name = table.participants.name(symbol);
    std::from_chars(name.data(), name.data() + name.size(), shared->number[symbol]);
  }
  // Borough and offence stand on the report; their codes become dense ones in the order they are met.
  shared->traits.resize(table.participants.size());
  const auto& vocabulary = *book.vocabulary;
  const auto borough = static_cast<uint16_t>(vocabulary.field_id("borough"));
  const auto offence = static_cast<uint16_t>(vocabulary.field_id("offence"));
  const uint16_t report = vocabulary.find("crime.reported")->first_code;
  std::vector<uint8_t> dense_borough(table.codes.size()), dense_offence(table.codes.size());
  uint8_t boroughs_met = 0, offences_met = 0;
  const auto dense = [](int64_t code, std::vector<uint8_t>* known, uint8_t* met) {
    uint8_t& place = (*known)[static_cast<std::size_t>(code)];
    if (place == 0) place = ++*met;
    return place;
  };
  const auto& codes = table.code_column();
  for (uint32_t row = 0; row < table.size(); ++row) {
    if (codes[row] != report) continue;
    WorkTraits& traits = shared->traits[table.participant(row)];
    for (const auto [field, value] : table.detail(row)) {
      if (field == borough) traits.borough = dense(value, &dense_borough, &boroughs_met);
      if (field == offence) traits.offence = dense(value, &dense_offence, &offences_met);
    }
  }
  shared_ = std::move(shared);
  assert(book.duties.size() <= most_duties);
  cells_.resize(all_cells);
}

WorkCells::WorkCells(std::shared_ptr<const Shared> shared) : shared_(std::move(shared)), cells_(all_cells) {}

void WorkCells::participant(uint32_t symbol, int32_t) {
  number_ = shared_->number[symbol];
  const WorkTraits traits = shared_->traits[symbol];
  place_ = (std::size_t{traits.borough} * offences + traits.offence) * 2 * cells_of_a_victim;
}

void WorkCells::take(const model::Obligation* first, std::size_t count) {
  // Cells are met in no order: all of a victim's are fetched before the first is counted.
  places_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const model::Obligation& o = first[i];
    if (o.due_on.kind == model::Due::Kind::none) {
      places_[i] = nullptr;
      continue;
    }
    const bool by_instant = o.due_on.kind == model::Due::Kind::instant;
    const int32_t day = by_instant ? calendar::london_date(o.due_on.value).days : static_cast<int32_t>(o.due_on.value);
    const std::size_t month = shared_->month[static_cast<std::size_t>(day - shared_->first_day)];
    const std::size_t enhanced = (o.flags & model::flag_enhanced) != 0 ? cells_of_a_victim : 0;
    places_[i] = &cells_[place_ + enhanced + month * most_duties + o.duty];
    __builtin_prefetch(places_[i], 1);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const model::Obligation& o = first[i];
    const int outcome = outcome_code(o.outcome);
    if (outcome < 0 || places_[i] == nullptr) {
      ++unexpected_;
      continue;
    }
    const int64_t due = o.due_on.kind == model::Due::Kind::instant ? o.due_on.value / 1000 : o.due_on.value;
    Cell& cell = *places_[i];
    ++cell.outcomes[static_cast<std::size_t>(outcome)];
    cell.late_by += o.late_by;
    checked_ += work_mix(number_, o.duty + 1, o.start_at / 1000, due, outcome, o.late_by);
  }
}

std::unique_ptr<engine::Sink> WorkCells::fork() { return std::unique_ptr<engine::Sink>(new WorkCells(shared_)); }

void WorkCells::join(engine::Sink& part) {
  auto& other = static_cast<WorkCells&>(part);
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    for (std::size_t k = 0; k < 4; ++k) cells_[i].outcomes[k] += other.cells_[i].outcomes[k];
    cells_[i].late_by += other.cells_[i].late_by;
  }
  checked_ += other.checked_;
  unexpected_ += other.unexpected_;
}

WorkCells::Sums WorkCells::sums() const {
  Sums sums;
  for (const Cell& cell : cells_) {
    const uint64_t all = uint64_t{cell.outcomes[0]} + cell.outcomes[1] + cell.outcomes[2] + cell.outcomes[3];
    sums.cells += all != 0;
    for (std::size_t k = 0; k < 4; ++k) sums.outcomes[k] += cell.outcomes[k];
    sums.late_by += cell.late_by;
  }
  sums.checked = checked_;
  sums.unexpected = unexpected_;
  return sums;
}

}  // namespace kept::bench
