#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <unordered_map>
#include <vector>

#include "app/fact_memory.h"

namespace kept::app {

/// Which of the people and cases at hand a fact bears on: through itself, its crime, or a crime of its suspect or
/// hearing.
class Reach {
 public:
  using Facts = std::vector<std::shared_ptr<const RememberedFact>>;
  Reach(const Facts& facts, std::span<const int64_t> subjects) : subjects_(subjects) {
    for (const auto& fact : facts) {
      if (fact->crime == 0) continue;
      for (const int64_t subject : {fact->participant, fact->hearing})
        if (is_subject(subject)) subjects_of_crime_[fact->crime].insert(subject);
      for (const int64_t other : {fact->suspect, fact->hearing})
        if (other != 0) crimes_of_[other].insert(fact->crime);
    }
  }
  std::set<int64_t> of(const RememberedFact& fact) const {
    std::set<int64_t> out;
    for (const int64_t subject : {fact.participant, fact.hearing})
      if (is_subject(subject)) out.insert(subject);
    add_crime(fact.crime, &out);
    for (const int64_t other : {fact.suspect, fact.hearing}) {
      const auto crimes = crimes_of_.find(other);
      if (crimes == crimes_of_.end()) continue;
      for (const int64_t crime : crimes->second) add_crime(crime, &out);
    }
    return out;
  }

 private:
  bool is_subject(int64_t key) const { return key != 0 && std::binary_search(subjects_.begin(), subjects_.end(), key); }
  void add_crime(int64_t crime, std::set<int64_t>* out) const {
    const auto found = subjects_of_crime_.find(crime);
    if (found != subjects_of_crime_.end()) out->insert(found->second.begin(), found->second.end());
  }
  std::span<const int64_t> subjects_;
  std::unordered_map<int64_t, std::set<int64_t>> subjects_of_crime_, crimes_of_;
};

}  // namespace kept::app
