#pragma once
#include "simulation/scene.h"

namespace kept::simulation {

/// A new person (or business) of that borough, as a victim of that offence. Counts into the tally.
Person draw_person(Numbers& numbers, Random& random, Tally& tally, const Offence& offence, const Borough& borough,
                   calendar::LocalDate on);
/// A new person under no particular offence: relatives, guardians, those who accuse in turn.
Person draw_adult(Numbers& numbers, Random& random, const Borough& borough, calendar::LocalDate on);
/// Where and what: a borough and an offence, by the volumes of London.
const Borough& draw_crime(Random& random, const Offence** offence);

}  // namespace kept::simulation
