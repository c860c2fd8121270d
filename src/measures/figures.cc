#include "measures/figures.h"

#include <boost/container_hash/hash.hpp>

#include <algorithm>
#include <tuple>

namespace kept::measures {

using calendar::LocalDate;
using model::Obligation;
using model::Outcome;

int late_class(int32_t late_by) {
  if (late_by <= 1) return 0;
  if (late_by <= 2) return 1;
  if (late_by <= 5) return 2;
  if (late_by <= 10) return 3;
  if (late_by <= 20) return 4;
  if (late_by <= 60) return 5;
  return 6;
}

const char* late_class_label(int late_class) {
  constexpr std::array<const char*, late_class_count> labels = {"1", "2", "3–5", "6–10", "11–20", "21–60", "61+"};
  return labels[static_cast<std::size_t>(late_class)];
}

std::size_t hash_value(const MissingFact& missing) {
  std::size_t seed = 0;
  boost::hash_combine(seed, missing.duty);
  boost::hash_combine(seed, missing.code);
  boost::hash_combine(seed, missing.agency);
  boost::hash_combine(seed, static_cast<int>(missing.reason));
  return seed;
}

TrustCounts& TrustCounts::operator+=(const TrustCounts& other) {
  fulfilled += other.fulfilled;
  recorded_a_working_day_after += other.recorded_a_working_day_after;
  recorded_time_assumed += other.recorded_time_assumed;
  recorded_after_due += other.recorded_after_due;
  contacts += other.contacts;
  return *this;
}

PeopleCounts& PeopleCounts::operator+=(const PeopleCounts& other) {
  owed_something += other.owed_something;
  all_kept += other.all_kept;
  something_untold += other.something_untold;
  return *this;
}

Figures::Figures(const DutyLabels& labels, const model::EventTable& table, const CrimeTraitsTable& traits,
                 const calendar::WorkingDayCalendar* calendar, LocalDate known_on, Scope scope)
    : labels_(labels),
      table_(table),
      traits_(traits),
      calendar_(calendar),
      known_on_(known_on),
      scope_(scope),
      cells_(&traits.by_crime),
      late_(labels.size()),
      flags_(labels.size()),
      trust_(labels.size()),
      examples_(labels.size() * model::outcome_count),
      has_example_(labels.size() * model::outcome_count, 0) {}

Figures Figures::empty_part() const { return Figures(labels_, table_, traits_, calendar_, known_on_, scope_); }

void Figures::take(const Obligation* first, std::size_t count) {
  cells_.take(first, count);
  closed_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    if (first[i].window != model::WindowState::not_a_window) continue;
    take_one(first[i]);
    if (scope_ == Scope::report) take_for_report(first[i]);
  }
  if (scope_ != Scope::report) return;
  count_people(first, count);
  count_contacts();
}

void Figures::count_people(const Obligation* first, std::size_t count) {
  uint64_t due = 0;
  uint64_t kept = 0;
  uint64_t untold = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const Obligation& one = first[i];
    if (one.window != model::WindowState::not_a_window) continue;
    if (one.participant == 0 || labels_[one.duty].standing != Standing::code) continue;
    switch (one.outcome) {
      case Outcome::kept:
        ++kept;
        ++due;
        break;
      case Outcome::late:
      case Outcome::overdue:
      case Outcome::missed:
      case Outcome::excused:
      case Outcome::withdrawn_after_due:
        ++due;
        break;
      case Outcome::cannot_tell:
        ++untold;
        break;
      case Outcome::not_owed:
      case Outcome::lapsed:
      case Outcome::declined:
      case Outcome::open:
        break;
    }
  }
  if (due + untold > 0) ++people_.owed_something;
  if (due > 0 && kept == due && untold == 0) ++people_.all_kept;
  if (untold > 0) ++people_.something_untold;
}

/// One contact may close several duties: it is counted once, with the first of them, among duties whose figures stand
/// together.
void Figures::count_contacts() {
  const auto contact = [&](const std::pair<uint16_t, uint32_t>& one) {
    return std::pair(one.second, labels_[one.first].standing);
  };
  std::sort(closed_.begin(), closed_.end(), [&](const auto& a, const auto& b) {
    return std::pair(contact(a), a.first) < std::pair(contact(b), b.first);
  });
  for (std::size_t i = 0; i < closed_.size(); ++i) {
    if (i == 0 || contact(closed_[i - 1]) != contact(closed_[i])) ++trust_[closed_[i].first].contacts;
  }
}

void Figures::take_one(const Obligation& one) {
  uint32_t bits = one.flags;
  while (bits != 0) {
    ++flags_[one.duty][static_cast<std::size_t>(__builtin_ctz(bits))];
    bits &= bits - 1;
  }
  if (one.outcome == Outcome::cannot_tell) {
    MissingCount& missing = missing_[{one.duty, one.missing_code, one.missing_agency, one.reason}];
    ++missing.obligations;
    if (one.missing_on != 0) {
      missing.first_on = missing.first_on == 0 ? one.missing_on : std::min(missing.first_on, one.missing_on);
      missing.last_on = missing.last_on == 0 ? one.missing_on : std::max(missing.last_on, one.missing_on);
    }
  }
}

void Figures::take_for_report(const Obligation& one) {
  keep_example(one);
  if (one.outcome == Outcome::late && one.late_unit != model::LateUnit::none) {
    ++late_[one.duty][static_cast<std::size_t>(one.late_unit) - 1][static_cast<std::size_t>(late_class(one.late_by))];
  }
  const bool fulfilled = one.outcome == Outcome::kept || one.outcome == Outcome::late;
  if (fulfilled && one.fulfilled_row != Obligation::no_row) {
    TrustCounts& trust = trust_[one.duty];
    ++trust.fulfilled;
    if ((one.flags & model::flag_recorded_after_due) != 0) ++trust.recorded_after_due;
    closed_.emplace_back(one.duty, one.fulfilled_row);
    if (table_.recorded_assumed(one.fulfilled_row)) {
      ++trust.recorded_time_assumed;
    } else if (calendar_ != nullptr) {
      const LocalDate told_on = calendar::london_date(table_.lo_ms(one.fulfilled_row));
      const LocalDate recorded_on = calendar::london_date(table_.recorded_at(one.fulfilled_row));
      if (recorded_on > told_on + 1) {
        const calendar::WorkingDays days = calendar_->known_on(known_on_);
        if (days.covers(told_on) && days.covers(recorded_on) && days.between(told_on, recorded_on) > 1)
          ++trust.recorded_a_working_day_after;
      }
    }
  }
}

void Figures::keep_example(const Obligation& one) {
  const std::size_t at =
      static_cast<std::size_t>(one.duty) * model::outcome_count + static_cast<std::size_t>(one.outcome);
  const auto order = [](const Obligation& o) { return std::tuple(o.participant, o.crime, o.trigger_row, o.interval); };
  if (has_example_[at] != 0 && order(examples_[at]) <= order(one)) return;
  examples_[at] = one;
  has_example_[at] = 1;
}

void Figures::merge(Figures& other) {
  cells_.merge(other.cells_);
  for (std::size_t duty = 0; duty < labels_.size(); ++duty) {
    for (std::size_t unit = 0; unit < late_[duty].size(); ++unit) {
      for (std::size_t i = 0; i < late_[duty][unit].size(); ++i) late_[duty][unit][i] += other.late_[duty][unit][i];
    }
    for (std::size_t i = 0; i < flags_[duty].size(); ++i) flags_[duty][i] += other.flags_[duty][i];
    trust_[duty] += other.trust_[duty];
  }
  for (const auto& [key, count] : other.missing_) {
    MissingCount& ours = missing_[key];
    ours.obligations += count.obligations;
    if (count.first_on != 0) {
      ours.first_on = ours.first_on == 0 ? count.first_on : std::min(ours.first_on, count.first_on);
      ours.last_on = ours.last_on == 0 ? count.last_on : std::max(ours.last_on, count.last_on);
    }
  }
  people_ += other.people_;
  for (std::size_t i = 0; i < examples_.size(); ++i) {
    if (other.has_example_[i] != 0) keep_example(other.examples_[i]);
  }
}

std::vector<OutcomeCounts> Figures::outcomes_by_duty() const {
  std::vector<OutcomeCounts> out(labels_.size());
  cells_.for_each([&](const CellKey& key, const Cell& cell) {
    for (std::size_t i = 0; i < cell.outcomes.size(); ++i) out[key.duty][i] += cell.outcomes[i];
  });
  return out;
}

const Obligation* Figures::example(uint16_t duty, Outcome outcome) const {
  const std::size_t at = static_cast<std::size_t>(duty) * model::outcome_count + static_cast<std::size_t>(outcome);
  return has_example_[at] != 0 ? &examples_[at] : nullptr;
}

}  // namespace kept::measures
