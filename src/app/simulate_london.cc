#include "app/simulate_london.h"

#include "app/calendar_answer.h"
#include "app/content.h"
#include "exchange/feed_contract.h"
#include "ledger/hash.h"
#include "rules/calendar_file.h"
#include "rules/rule_set.h"
#include "simulation/description.h"

namespace kept::app {
namespace {

/// Hands everything to each of several listeners.
class Several : public simulation::Listener {
 public:
  void add(simulation::Listener& listener) { listeners_.push_back(&listener); }
  base::Status event(const simulation::Fact& fact) override {
    for (simulation::Listener* listener : listeners_) {
      if (const base::Status taken = listener->event(fact); !taken.ok()) return taken;
    }
    return base::Done{};
  }
  base::Status truth(const simulation::Truth& truth) override {
    for (simulation::Listener* listener : listeners_) {
      if (const base::Status taken = listener->truth(truth); !taken.ok()) return taken;
    }
    return base::Done{};
  }

 private:
  std::vector<simulation::Listener*> listeners_;
};

}  // namespace

std::string built_in_feeds() { return home_folder() + "/feeds"; }

base::Result<SimulationAnswer> simulate_london(const SimulationRequest& request) {
  const auto calendar = rules::read_calendar(request.calendar.empty() ? default_calendar_path() : request.calendar);
  if (!calendar) return calendar.error();
  const calendar::WorkingDays working_days = calendar->known_on(calendar->last());
  SimulationAnswer answer;
  Several listeners;
  std::unique_ptr<simulation::Output> output;
  if (!request.out.empty()) {
    auto paths = simulation::output_paths(request.out, request.with_truth);
    if (!paths) return paths.error();
    answer.paths = std::move(paths).value();
    auto made = simulation::Output::create(answer.paths);
    if (!made) return made.error();
    output = std::move(made).value();
    listeners.add(*output);
  }
  exchange::FeedContracts contracts;
  exchange::CourtRoutes courts;
  std::unique_ptr<simulation::FeedFiles> feeds;
  if (!request.feeds.empty()) {
    const auto book = rules::load_rules({});
    if (!book) return book.error();
    auto loaded = exchange::load_contracts(built_in_feeds(), *book->vocabulary);
    if (!loaded) return loaded.error();
    contracts = std::move(loaded).value();
    auto table = exchange::CourtRoutes::load(built_in_feeds() + "/courts.yaml", *book->vocabulary);
    if (!table) return table.error();
    courts = std::move(table).value();
    auto made =
        simulation::FeedFiles::create({request.feeds, &contracts, &courts, book->vocabulary, working_days, request.plan,
                                       [](std::string_view bytes) { return ledger::to_hex(ledger::sha256(bytes)); }});
    if (!made) return made.error();
    feeds = std::move(made).value();
    listeners.add(*feeds);
  }
  const auto progress = [&](uint64_t victims_done) {
    if (request.progress) request.progress(victims_done, request.plan.victims);
  };
  auto simulated = simulation::simulate(request.plan, working_days, listeners, progress);
  if (!simulated) return simulated.error();
  answer.simulated = std::move(simulated).value();
  if (output != nullptr) {
    const base::Status ended = output->finish(answer.simulated.silences, request.plan.from, request.plan.to);
    if (!ended.ok()) return ended.error();
  }
  if (feeds != nullptr) {
    auto sent = feeds->finish();
    if (!sent) return sent.error();
    answer.feeds = std::move(sent).value();
  }
  return answer;
}

base::Result<std::string> describe_simulation(const std::string& path) {
  const auto calendar = rules::read_calendar(path.empty() ? default_calendar_path() : path);
  if (!calendar) return calendar.error();
  return simulation::describe(calendar->known_on(calendar->last()));
}

}  // namespace kept::app
