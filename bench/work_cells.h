#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/assess.h"

namespace kept::bench {

/// Borough and offence of a participant, as dense codes; 0 is not recorded.
struct WorkTraits {
  uint8_t borough = 0, offence = 0;
};

/// Where the obligations of the fixed work go: cells by duty, borough, offence, enhanced and month due, and a sum over
/// all obligations that does not depend on their order. The same arithmetic stands in peers/duckdb_cells.sql.
class WorkCells : public engine::Sink {
 public:
  static constexpr int first_month = 2024 * 12;  ///< January 2024
  static constexpr int months = 36;
  struct Cell {
    std::array<uint32_t, 4> outcomes{};  ///< kept, late, open, overdue
    int32_t late_by = 0;
  };
  struct Sums {
    uint64_t cells = 0;
    std::array<uint64_t, 4> outcomes{};
    int64_t late_by = 0;
    uint64_t checked = 0;
    uint64_t unexpected = 0;  ///< outcomes that the fixed work cannot give
    bool operator==(const Sums&) const = default;
  };

  WorkCells(const engine::RuleBook& book, const model::EventTable& table);
  void participant(uint32_t symbol, int32_t applicability_class) override;
  void take(const model::Obligation* first, std::size_t count) override;
  std::unique_ptr<engine::Sink> fork() override;
  void join(engine::Sink& part) override;
  Sums sums() const;

  static constexpr int outcome_code(model::Outcome outcome) {
    switch (outcome) {
      case model::Outcome::kept:
        return 0;
      case model::Outcome::late:
        return 1;
      case model::Outcome::open:
        return 2;
      case model::Outcome::overdue:
        return 3;
      default:
        return -1;
    }
  }

 private:
  /// What all threads share.
  struct Shared {
    std::vector<uint32_t> number;    ///< by participant symbol: the number in the log
    std::vector<WorkTraits> traits;  ///< by participant symbol
    std::vector<uint16_t> month;     ///< by day from `first_day`
    int32_t first_day = 0;
  };
  explicit WorkCells(std::shared_ptr<const Shared> shared);

  std::shared_ptr<const Shared> shared_;
  std::vector<Cell> cells_;
  std::vector<Cell*> places_;
  uint32_t number_ = 0;
  std::size_t place_ = 0;
  uint64_t checked_ = 0;
  uint64_t unexpected_ = 0;
};

/// The number of one obligation, from which the order-independent sum is made.
inline uint64_t work_mix(int64_t participant, int64_t duty, int64_t trigger_s, int64_t due, int64_t outcome,
                         int64_t late_by) {
  const auto mixed = static_cast<uint64_t>(participant * 40503 + duty * 97003 + trigger_s * 31 + due * 7919 +
                                           outcome * 1000003 + late_by * 15485863);
  return (mixed % 2147483647u) * (mixed % 2147483629u) % 2147483587u;
}

}  // namespace kept::bench
