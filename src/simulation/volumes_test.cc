#include "simulation/volumes.h"

#include <gtest/gtest.h>

#include "simulation/offences.h"

namespace kept::simulation {
namespace {

TEST(Volumes, AreThoseOfThe32Boroughs) {
  ASSERT_EQ(london().size(), 32U);
  uint64_t violence = 0, people = 0;
  for (const Borough& borough : london()) {
    violence += borough.crimes[static_cast<std::size_t>(Volume::violence)];
    people += borough.population;
    EXPECT_GT(borough.crimes[static_cast<std::size_t>(Volume::sexual)], 0U)
        << borough.name << ": assumed, since the source has none";
  }
  EXPECT_EQ(violence, 231020U) << "the mean of 2019-2021";
  EXPECT_EQ(people, 8991550U) << "mid-2020, without the City";
}

TEST(Offences, EveryVolumeHasSome) {
  for (std::size_t v = 0; v < volume_count; ++v) {
    Random random(1, v);
    EXPECT_EQ(draw(random, static_cast<Volume>(v)).volume, static_cast<Volume>(v));
  }
}

}  // namespace
}  // namespace kept::simulation
