#include "simulation/offences.h"

#include <array>
#include <cassert>
#include <vector>

namespace kept::simulation {
namespace {

using enum Volume;

// code, group, volume, weight, business, child, suspect known, domestic, hate, crown, violent, high harm, most serious,
// specified, lenient, harm
constexpr std::array<Offence, 33> all{{
    {"1", "homicide", violence, 1, 0, 60, 930, 180, 20, 1000, true, true, true, true, true, "death"},
    {"4.4", "death_by_driving", violence, 1, 0, 60, 900, 0, 0, 1000, false, true, true, true, true, "death"},
    {"2", "attempted_murder", violence, 1, 0, 80, 850, 200, 30, 1000, true, true, true, true, true,
     "serious_physical_injury"},
    {"5D", "wounding_with_intent", violence, 40, 0, 130, 640, 180, 30, 950, true, true, true, true, true,
     "serious_physical_injury"},
    {"8N", "assault_with_injury", violence, 270, 0, 110, 470, 370, 40, 120, true, false, false, true, false, "injury"},
    {"105A", "assault_without_injury", violence, 380, 10, 120, 450, 330, 50, 20, true, false, false, false, false,
     "none"},
    {"8L", "harassment", violence, 150, 10, 60, 520, 330, 110, 30, false, false, false, false, false, "none"},
    {"8Q", "stalking", violence, 70, 0, 30, 700, 560, 20, 100, false, true, true, true, false, "none"},
    {"8U", "coercive_control", violence, 12, 0, 10, 960, 1000, 0, 350, false, true, true, true, false,
     "serious_mental_injury"},
    {"8R", "malicious_communications", violence, 70, 10, 90, 330, 220, 110, 20, false, false, false, false, false,
     "none"},
    {"11A", "child_cruelty", violence, 12, 0, 1000, 900, 400, 0, 350, true, true, true, true, true, "injury"},
    {"36A", "kidnap", violence, 5, 0, 90, 500, 120, 10, 900, true, true, true, true, true, "serious_mental_injury"},
    {"106", "modern_slavery", violence, 5, 0, 300, 420, 0, 20, 800, false, true, true, true, true,
     "serious_mental_injury"},
    {"19C", "rape", sexual, 330, 0, 120, 800, 280, 0, 1000, true, true, true, true, true, "serious_mental_injury"},
    {"20A", "sexual_offence", sexual, 470, 0, 130, 700, 90, 10, 420, false, true, true, true, false, "none"},
    {"22B", "child_sexual_abuse", sexual, 200, 0, 1000, 820, 30, 0, 800, true, true, true, true, true,
     "serious_mental_injury"},
    {"34B", "robbery", robbery, 870, 0, 260, 200, 5, 20, 700, true, false, false, true, true, "loss"},
    {"34A", "robbery", robbery, 130, 1000, 0, 260, 0, 10, 700, true, false, false, true, true, "loss"},
    {"28E", "burglary", burglary, 700, 0, 0, 80, 30, 5, 300, false, false, false, false, false, "loss"},
    {"30C", "burglary", burglary, 300, 1000, 0, 120, 0, 5, 250, false, false, false, false, false, "loss"},
    {"39", "theft_from_person", theft, 190, 0, 40, 30, 0, 5, 60, false, false, false, false, false, "loss"},
    {"46", "theft", theft, 170, 1000, 0, 140, 0, 5, 10, false, false, false, false, false, "loss"},
    {"44", "theft", theft, 100, 20, 30, 30, 0, 0, 10, false, false, false, false, false, "loss"},
    {"49", "theft", theft, 540, 130, 20, 40, 30, 5, 30, false, false, false, false, false, "loss"},
    {"45", "vehicle", vehicle, 640, 80, 0, 20, 0, 0, 30, false, false, false, false, false, "loss"},
    {"48", "vehicle", vehicle, 280, 80, 0, 60, 5, 0, 60, false, false, false, false, false, "loss"},
    {"126", "vehicle", vehicle, 80, 60, 0, 30, 0, 0, 10, false, false, false, false, false, "damage"},
    {"58C", "arson_and_damage", damage, 950, 240, 10, 130, 140, 30, 30, false, false, false, false, false, "damage"},
    {"56A", "arson_endangering_life", damage, 50, 150, 20, 260, 150, 30, 800, true, true, true, true, true, "damage"},
    {"9A", "public_order", public_order, 760, 60, 50, 290, 60, 200, 30, false, false, false, false, false, "none"},
    {"9B", "public_order", public_order, 240, 40, 40, 310, 10, 1000, 60, false, false, false, false, false, "none"},
    {"53D", "fraud", other, 600, 350, 0, 300, 20, 0, 150, false, false, false, false, false, "loss"},
    {"35", "miscellaneous", other, 400, 60, 80, 420, 40, 20, 300, false, false, false, false, false, "none"},
}};

struct ByVolume {
  std::array<std::vector<std::size_t>, volume_count> which;
  std::array<std::vector<uint32_t>, volume_count> weights;
  ByVolume() {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto volume = static_cast<std::size_t>(all[i].volume);
      which[volume].push_back(i);
      weights[volume].push_back(all[i].weight);
    }
  }
};

}  // namespace

std::span<const Offence> offences() { return all; }

const Offence& draw(Random& random, Volume volume) {
  static const ByVolume by_volume;
  const auto v = static_cast<std::size_t>(volume);
  return all[by_volume.which[v][random.weighted(by_volume.weights[v])]];
}

}  // namespace kept::simulation
