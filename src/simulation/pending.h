#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "simulation/fact.h"
#include "simulation/truth.h"

namespace kept::simulation {

/// Events and truth that lie ahead of the day being simulated, packed by London day: about 50 bytes an event. Journeys
/// run on for months, so what waits here is a share of the victims whose matters are open, not of the length of the
/// run.
class Pending {
 public:
  void add(const Fact& fact, int32_t day) { pack(facts_[day], fact); }
  void add(const Truth& truth, int32_t day) { truths_[day].push_back(truth); }

  /// Hands over and forgets everything up to and including `day`: each day's events by (recorded_at, id), then its
  /// truth in order of making.
  void release(int32_t day, const std::function<void(const Fact&)>& event,
               const std::function<void(const Truth&)>& truth);
  std::size_t bytes() const;

 private:
  static void pack(std::string& into, const Fact& fact);
  static void unpack(const std::string& from, std::vector<Fact>& facts);

  std::map<int32_t, std::string> facts_;
  std::map<int32_t, std::vector<Truth>> truths_;
  std::vector<Fact> of_the_day_;
};

}  // namespace kept::simulation
