#include "simulation/population.h"

#include <algorithm>

#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

struct Cell {
  uint32_t up_to;
  uint8_t borough;
  uint8_t volume;
};

std::vector<Cell> cells() {
  std::vector<Cell> made;
  uint32_t total = 0;
  const std::vector<Borough>& boroughs = london();
  for (std::size_t b = 0; b < boroughs.size(); ++b) {
    for (std::size_t v = 0; v < volume_count; ++v) {
      total += boroughs[b].crimes[v];
      made.push_back({total, static_cast<uint8_t>(b), static_cast<uint8_t>(v)});
    }
  }
  return made;
}

calendar::LocalDate born_at_age(Random& random, int32_t years, calendar::LocalDate on) {
  return calendar::add_months(on, -12 * years) - random.between(1, 364);
}

}  // namespace

const Borough& draw_crime(Random& random, const Offence** offence) {
  static const std::vector<Cell> table = cells();
  const uint32_t pick = random.below(table.back().up_to);
  const auto cell =
      std::upper_bound(table.begin(), table.end(), pick, [](uint32_t value, const Cell& c) { return value < c.up_to; });
  *offence = &draw(random, static_cast<Volume>(cell->volume));
  return london()[cell->borough];
}

Person draw_adult(Numbers& numbers, Random& random, const Borough& borough, calendar::LocalDate on) {
  Person person;
  person.id = ++numbers.people;
  // Older people by their share of the borough, doubled down: they are less often victims.
  const bool old = random.below(borough.population) < borough.over_64 / 2;
  person.born = born_at_age(random,
                            old                  ? random.soon(65, 92)
                            : random.chance(650) ? random.between(18, 40)
                                                 : random.between(41, 64),
                            on);
  person.birth_known = !random.chance(assumed::birth_not_recorded);
  person.birth_year_only = random.chance(assumed::birth_year_only);
  person.lives_outside = random.chance(assumed::lives_outside);
  person.needs_interpreter = random.chance(assumed::needs_interpreter);
  // Seven in ten are victims where they live.
  person.residence = random.chance(700) ? &borough : &london()[random.below(static_cast<uint32_t>(london().size()))];
  return person;
}

Person draw_person(Numbers& numbers, Random& random, Tally& tally, const Offence& offence, const Borough& borough,
                   calendar::LocalDate on) {
  Person person = draw_adult(numbers, random, borough, on);
  if (random.chance(offence.business)) {
    static constexpr const char* kinds[] = {"business", "business", "business", "business", "charity", "public_body"};
    person.kind = random.one_of(kinds);
    person.business = true;
    person.needs_interpreter = person.lives_outside = false;
    tally.vulnerable.count(false);
    return person;
  }
  if (random.chance(offence.child)) {
    person.child = true;
    person.born = born_at_age(random, random.chance(700) ? random.between(11, 16) : random.between(1, 15), on);
    person.birth_year_only = false;
  }
  // One in ten is recorded as vulnerable, most of them victims of crimes against the person.
  const bool vulnerable =
      random.chance(against_the_person(offence) ? assumed::vulnerable_of_personal : assumed::vulnerable_of_others);
  tally.vulnerable.count(vulnerable);
  if (vulnerable) {
    const int32_t luck = random.between(0, 999);
    const bool intimidated = luck < figures::vulnerable_intimidated.value;
    const bool mental_health =
        !intimidated && luck < figures::vulnerable_intimidated.value + figures::vulnerable_mental_health.value;
    static constexpr const char* other[] = {"physical_disability", "impaired_intelligence_or_social_functioning",
                                            "other"};
    person.intimidated = intimidated;
    if (mental_health) person.vulnerability = "mental_disorder";
    if (!intimidated && !mental_health) person.vulnerability = random.one_of(other);
    tally.intimidated.count(intimidated);
    tally.mental_health.count(mental_health);
  }
  return person;
}

}  // namespace kept::simulation
