#include "simulation/volumes.h"

#include <cassert>
#include <string_view>

#include "simulation/london_volumes_csv.h"
#include "simulation/parameters.h"

namespace kept::simulation {
namespace {

std::string_view take(std::string_view& rest, char until) {
  const std::size_t end = rest.find(until);
  const std::string_view field = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return field;
}

uint32_t number(std::string_view text) {
  uint32_t value = 0;
  for (const char c : text) {
    assert(c >= '0' && c <= '9');
    value = value * 10 + static_cast<uint32_t>(c - '0');
  }
  return value;
}

std::vector<Borough> read(std::string_view csv) {
  std::vector<Borough> boroughs;
  bool heading = true;
  while (!csv.empty()) {
    std::string_view line = take(csv, '\n');
    if (line.empty() || line.front() == '#') continue;
    if (heading) {
      heading = false;
      continue;
    }
    Borough borough;
    borough.code = take(line, ',');
    borough.name = take(line, ',');
    uint32_t total = 0;
    for (std::size_t i = 0; i + 1 < volume_count; ++i) total += borough.crimes[i] = number(take(line, ','));
    // The source's column of sexual offences is zero in every year and borough: a share of the others stands for it.
    borough.crimes[volume_count - 1] = total * static_cast<uint32_t>(assumed::sexual_of_crimes) / 1000;
    borough.population = number(take(line, ','));
    borough.under_16 = number(take(line, ','));
    borough.over_64 = number(take(line, ','));
    boroughs.push_back(borough);
  }
  assert(boroughs.size() == 32);
  return boroughs;
}

}  // namespace

const std::vector<Borough>& london() {
  static const std::vector<Borough> boroughs = read(london_volumes_csv);
  return boroughs;
}

}  // namespace kept::simulation
