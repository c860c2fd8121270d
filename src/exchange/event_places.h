#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kept::exchange {

/// From which row of which file each event without an id of its own came: what a person looks for who wants to find it.
/// Rows are received rows, counted from 1 in each file: a heading and empty lines are none, rows rejected or set aside
/// are counted.
class EventPlaces {
 public:
  struct Place {
    std::string file;
    uint64_t row = 0;
  };
  /// The rows that follow are of this file; `rows_before` is how many were received from earlier ones.
  void begin_file(const std::string& file, uint64_t rows_before);
  /// Events `event` to `event + count - 1` of the table came from rows `row` to `row + count - 1`, counted over all
  /// files. Events are told in their order.
  void note(uint32_t event, uint64_t row, uint32_t count);
  bool empty() const { return runs_.empty(); }
  /// None for an event that has an id, or that no row holds (a mapping added it).
  std::optional<Place> of(uint32_t event) const;

 private:
  struct Run {
    uint32_t event, count;
    uint64_t row;
  };
  struct File {
    std::string name;
    uint64_t rows_before;
  };
  std::vector<Run> runs_;
  std::vector<File> files_;
};

}  // namespace kept::exchange
