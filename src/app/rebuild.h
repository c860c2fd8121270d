#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>

#include "app/store_folder.h"
#include "base/result.h"

namespace kept::app {

using Progress = std::function<void(uint64_t done, uint64_t total)>;

struct RebuildTally {
  uint64_t subjects = 0, obligations = 0;
  uint64_t differed = 0;          ///< people and cases stored otherwise than the facts give
  uint64_t unnamed = 0;           ///< stored of people or cases that no fact names: taken out
  uint64_t waiting_differed = 0;  ///< crimes that nobody recorded yet, and were stored otherwise than the facts give
};

/// Makes everybody's obligations again from the facts, as the timer stands at `now`, a commit for each two thousand
/// people; broken off, it has left every one of them either as they were or right. What differed is kept with why. Then
/// the list of crimes that facts speak of and nobody recorded yet.
base::Result<RebuildTally> rebuild(Store& store, int64_t now, const Progress& progress);

/// What other rules or another calendar make of everybody, held against what is stored.
struct RulesReport {
  std::string before, after;  ///< versions
  int64_t judged_at = 0;
  uint64_t subjects = 0, subjects_changed = 0;
  uint64_t obligations_before = 0, obligations_after = 0, changed = 0;
  /// By duty, outcome before and after (`none`: there is no such obligation): those whose outcome or anything else
  /// differs.
  struct Kind {
    std::string duty, before, after;
    auto operator<=>(const Kind&) const = default;
  };
  std::map<Kind, uint64_t> kinds;
};
std::string rules_report_text(const RulesReport& report);

/// Judges everybody under the rules in use beside what is stored under those in force, at the latest moment at which
/// anybody was judged. Stores nothing. Errors: conflict where both are the same.
base::Result<RulesReport> compare_rules(Store& store, const Progress& progress);

/// Switches to the rules in use, in one transaction: broken off, nothing happened. Who approved it is a fact; nothing
/// that it changes speaks to anybody (C1). Errors: as above; invalid without a name.
base::Result<RulesReport> approve_rules(Store& store, const std::string& who, int64_t now, const Progress& progress);

}  // namespace kept::app
