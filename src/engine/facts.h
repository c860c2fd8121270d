#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "model/event_table.h"

namespace kept::engine {

struct Tally;

constexpr int64_t never = std::numeric_limits<int64_t>::max();

/// One version of a fact: the row that holds its content, and when that version was recorded.
struct Version {
  int64_t recorded_at;
  uint32_t row;
};

/// A fact that was corrected or retracted. `root` is the row whose source and id name the fact; versions are in the
/// order that wins.
struct History {
  uint32_t root = 0;
  std::vector<Version> versions;
  int64_t retracted_at = never;
  uint32_t retracted_by = model::EventTable::none;  ///< the earliest retraction in force

  uint32_t current() const { return versions.back().row; }
};

/// The events resolved to facts (design 3, Corrections): a set that depends only on what was recorded, never on the
/// order of arrival. Where the table holds no correction, retraction or repeated id, every row is a fact and nothing is
/// stored.
class Facts {
 public:
  /// Only what was recorded by `recorded_by` exists. Counts into `tally`.
  static Facts resolve(const model::EventTable& table, std::optional<int64_t> recorded_by, int threads, Tally* tally);

  /// Is this row a fact with one version, never corrected nor retracted?
  bool is_simple(uint32_t row) const { return kind_.empty() || kind_[row] == simple; }
  /// Facts with a history, in order of their root rows.
  const std::vector<History>& histories() const { return histories_; }
  /// The history that a row is a version of, or null.
  const History* history_of(uint32_t row) const;
  /// The row that names the fact whose content is `row`: itself unless it is a correction.
  uint32_t root_of(uint32_t row) const;
  bool is_plain() const { return kind_.empty(); }

 private:
  enum RowKind : uint8_t { simple, absent, historic };
  std::vector<uint8_t> kind_;
  std::vector<History> histories_;
  boost::unordered_flat_map<uint32_t, uint32_t> history_by_row_;
};

}  // namespace kept::engine
