#include "simulation/simulate.h"

#include <fmt/core.h>

#include <array>
#include <vector>

#include "calendar/london_time.h"
#include "simulation/office.h"
#include "simulation/pending.h"
#include "simulation/recording.h"
#include "simulation/story.h"

namespace kept::simulation {
namespace {

/// How many reports a day brings, against the others: fewer at weekends, more in summer.
uint32_t weight_of(calendar::LocalDate day) {
  static constexpr std::array<uint32_t, 7> weekdays{104, 102, 101, 101, 103, 97, 92};
  static constexpr std::array<uint32_t, 12> months{95, 96, 99, 99, 103, 105, 106, 102, 101, 103, 100, 93};
  return weekdays[static_cast<std::size_t>(calendar::weekday(day))] *
         months[static_cast<std::size_t>(calendar::year_month_day(day).month - 1)];
}

}  // namespace

Silences silences_of(const Plan& plan) {
  Random chance(plan.seed, 0);
  return Silences::drawn(chance, plan.from, plan.to);
}

base::Result<Simulated> simulate(const Plan& plan, const calendar::WorkingDays& working_days, Listener& listener,
                                 const std::function<void(uint64_t victims_done)>& progress) {
  if (plan.victims == 0 || plan.victims > most_victims) {
    return base::invalid(fmt::format("--victims {}: give a number from 1 to {}.", plan.victims, most_victims));
  }
  if (plan.to < plan.from) {
    return base::invalid(fmt::format("--from {} lies after --to {}: put the earlier day first.", to_string(plan.from),
                                     to_string(plan.to)));
  }
  if (!working_days.covers(plan.from) || !working_days.covers(plan.to)) {
    return base::Error{
        base::ErrorCode::not_covered,
        fmt::format(
            "The calendar of working days does not cover {} to {}: choose days within it, or give another calendar.",
            to_string(plan.from), to_string(plan.to))};
  }

  Simulated result;
  result.silences = silences_of(plan);
  Pending pending;
  Numbers numbers;
  const Office office(working_days);
  Recording recording(pending, result.silences, numbers, office, calendar::end_of(plan.to));

  uint64_t total_weight = 0;
  for (calendar::LocalDate day = plan.from; day <= plan.to; day = day + 1) total_weight += weight_of(day);

  base::Status status = base::Done{};
  const auto hand_over = [&](int32_t day) {
    pending.release(
        day,
        [&](const Fact& fact) {
          ++result.tally.events;
          if (status.ok()) status = listener.event(fact);
        },
        [&](const Truth& truth) {
          ++result.tally.truths;
          if (status.ok()) status = listener.truth(truth);
        });
  };

  uint64_t weight = 0, done = 0, story = 0;
  for (calendar::LocalDate day = plan.from; day <= plan.to; day = day + 1) {
    weight += weight_of(day);
    const uint64_t quota = plan.victims * weight / total_weight;
    while (done < quota) {
      Random random(plan.seed, ++story);
      done += tell_story(recording, random, result.tally, day, plan.victims - done);
    }
    // Nothing that is still to be made up can be recorded before tomorrow.
    hand_over(day.days);
    if (!status.ok()) return status.error();
    if (progress) progress(done);
  }
  hand_over(plan.to.days + 1);
  if (!status.ok()) return status.error();
  return result;
}

}  // namespace kept::simulation
