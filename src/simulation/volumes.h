#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace kept::simulation {

/// The groups in which the source counts recorded crimes, in the order of its columns; sexual offences are ours (see
/// volumes.cc).
enum class Volume : uint8_t { violence, robbery, burglary, theft, vehicle, damage, public_order, other, sexual };
inline constexpr std::size_t volume_count = 9;

/// One borough as the volumes see it. Counts are crimes a year and people.
struct Borough {
  std::string code;  ///< of the Office for National Statistics, E09000002
  std::string name;
  std::array<uint32_t, volume_count> crimes{};
  uint32_t population = 0;
  uint32_t under_16 = 0;
  uint32_t over_64 = 0;
};

/// The 32 boroughs of the Metropolitan Police with their yearly crimes by group (data/london-volumes.csv, compiled in).
/// Source: MPS recorded crime, mean of 2019-2021, and ONS mid-2020 population; Open Government Licence.
const std::vector<Borough>& london();

}  // namespace kept::simulation
