// docs/simulation.md sets what the simulation came to beside what was said of London; it is written by the program, and
// no figure may stray further than the page allows.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "app/calendar_answer.h"
#include "app/simulate_london.h"
#include "rules/calendar_file.h"
#include "simulation/description.h"

namespace kept::simulation {
namespace {

class Counting : public Listener {
 public:
  base::Status event(const Fact&) override { return base::Done{}; }
  base::Status truth(const Truth&) override { return base::Done{}; }
};

TEST(SimulationPage, IsFresh) {
  std::ifstream file(KEPT_SOURCE_DIR "/docs/simulation.md", std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto fresh = app::describe_simulation("");
  ASSERT_TRUE(fresh.ok()) << fresh.error().message;
  EXPECT_EQ(page, *fresh)
      << "write it again:  ./kept simulate --describe > docs/simulation.md  and read the difference";
}

TEST(SimulationPage, EveryFigureLiesWithinWhatThePageAllows) {
  const auto calendar = rules::read_calendar(app::default_calendar_path());
  ASSERT_TRUE(calendar.ok());
  Counting listener;
  const auto now = simulate(main_plan(), calendar->known_on(calendar->last()), listener);
  const auto before = simulate(earlier_plan(), calendar->known_on(calendar->last()), listener);
  ASSERT_TRUE(now.ok() && before.ok());
  EXPECT_EQ(now->tally.victims, 20000U);
  for (const Comparison& row : compare(now->tally, before->tally)) {
    EXPECT_TRUE(row.within) << row.measure << ": " << row.simulated << ", allowed " << row.allowed << " ("
                            << row.figure->seed << ")";
  }
}

}  // namespace
}  // namespace kept::simulation
