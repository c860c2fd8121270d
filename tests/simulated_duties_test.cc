// A simulated London puts every duty to the test: what no event of the simulation triggers is listed here, with the
// reason.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <numeric>
#include <set>

#include "app/assess_files.h"
#include "app/simulate_london.h"

namespace kept::app {
namespace {

using calendar::local_date;
using calendar::LocalDate;

struct Folder {
  Folder() : path(std::filesystem::temp_directory_path() / ("kept-simulated-duties-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
  std::filesystem::path path;
};

/// Obligations by duty: of each outcome, in the order of the table.
using ByDuty = std::map<std::string, std::vector<uint64_t>>;

uint64_t all_of(const std::vector<uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), uint64_t{0});
}

ByDuty judged(uint64_t victims, uint64_t seed, LocalDate from, LocalDate to) {
  const Folder folder;
  SimulationRequest request;
  request.plan = {victims, seed, from, to};
  request.out = folder.file("london.parquet");
  request.with_truth = false;
  const auto simulated = simulate_london(request);
  if (!simulated.ok()) {
    ADD_FAILURE() << simulated.error().message;
    return {};
  }
  AssessRequest assess;
  assess.records.files = {simulated->paths.events};
  assess.records.coverage = simulated->paths.coverage;
  const auto assessment = assess_files(assess);
  if (!assessment.ok()) {
    ADD_FAILURE() << assessment.error().message;
    return {};
  }
  ByDuty result;
  const auto outcomes = (*assessment)->figures->outcomes_by_duty();
  const auto& duties = (*assessment)->records.book.duties;
  for (std::size_t i = 0; i < duties.size(); ++i) {
    if (duties[i].kind == engine::DutyKind::window) continue;  // the victim's own limits
    result[duties[i].id] = {outcomes[i].begin(), outcomes[i].end()};
  }
  return result;
}

bool is_of(const std::string& duty, const char* edition) { return duty.starts_with(edition); }

// So rare that 20,000 victims in three and a half years may come to none of it; the simulation contains them all.
const std::map<std::string, const char*> rare{
    {"VC2020-R9.6b-bail", "bail before an appeal: asked for in one crime in a hundred thousand"},
    {"VC2020-R9.6c-notice", "the Supreme Court hears a handful of criminal appeals a year from the whole country"},
    {"VC2020-R9.6c-hearing", "as the notice"},
    {"VC2020-R9.6c-result", "as the notice"},
    {"VC2020-R9.8-decide", "the Criminal Cases Review Commission comes to a case years after the trial"},
    {"VC2020-R9.8-referral", "the Commission refers some thirty cases a year from the whole country"},
};

TEST(SimulatedDuties, EveryDutyOfTheCodeIsTriggered) {
  const ByDuty duties = judged(20000, 1, local_date({2021, 7, 1}), local_date({2024, 12, 31}));
  std::size_t of_the_code = 0;
  for (const auto& [duty, counts] : duties) {
    if (!is_of(duty, "VC2020-")) continue;
    ++of_the_code;
    if (!rare.contains(duty)) {
      EXPECT_GT(all_of(counts), 0U) << duty << " is never owed: let the simulation contain its trigger";
    }
  }
  EXPECT_GT(of_the_code, 100U);
  for (const auto& [duty, why] : rare) EXPECT_TRUE(duties.contains(duty)) << duty << " is no duty (" << why << ")";
}

TEST(SimulatedDuties, AYearUnderTheEarlierCode) {
  const ByDuty duties = judged(5000, 1, local_date({2018, 1, 1}), local_date({2018, 12, 31}));
  std::vector<uint64_t> all(model::outcome_count, 0);
  std::set<std::string> owed;
  for (const auto& [duty, counts] : duties) {
    if (is_of(duty, "VC2020-")) {
      EXPECT_EQ(all_of(counts), 0U) << duty << " is of the Code that came into force in 2021";
    }
    if (!is_of(duty, "VC2015-") || all_of(counts) == 0) continue;
    owed.insert(duty);
    for (std::size_t i = 0; i < counts.size(); ++i) all[i] += counts[i];
  }
  EXPECT_GT(owed.size(), 40U);
  for (const auto outcome : {model::Outcome::kept, model::Outcome::late, model::Outcome::overdue, model::Outcome::open,
                             model::Outcome::declined, model::Outcome::cannot_tell}) {
    EXPECT_GT(all[static_cast<std::size_t>(outcome)], 0U) << model::outcome_name(outcome);
  }
}

}  // namespace
}  // namespace kept::app
