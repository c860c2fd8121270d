#include "app/simulate_london.h"

#include "app/calendar_answer.h"
#include "rules/calendar_file.h"
#include "simulation/description.h"

namespace kept::app {

base::Result<SimulationAnswer> simulate_london(const SimulationRequest& request) {
  const auto calendar = rules::read_calendar(request.calendar.empty() ? default_calendar_path() : request.calendar);
  if (!calendar) return calendar.error();
  const auto paths = simulation::output_paths(request.out, request.with_truth);
  if (!paths) return paths.error();
  auto output = simulation::Output::create(*paths);
  if (!output) return output.error();
  const auto progress = [&](uint64_t victims_done) {
    if (request.progress) request.progress(victims_done, request.plan.victims);
  };
  auto simulated = simulation::simulate(request.plan, calendar->known_on(calendar->last()), **output, progress);
  if (!simulated) return simulated.error();
  if (const base::Status ended = (*output)->finish(simulated->silences, request.plan.from, request.plan.to);
      !ended.ok())
    return ended.error();
  return SimulationAnswer{*paths, std::move(simulated).value()};
}

base::Result<std::string> describe_simulation(const std::string& path) {
  const auto calendar = rules::read_calendar(path.empty() ? default_calendar_path() : path);
  if (!calendar) return calendar.error();
  return simulation::describe(calendar->known_on(calendar->last()));
}

}  // namespace kept::app
