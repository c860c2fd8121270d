#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "columns/table_writer.h"
#include "measures/crime_traits.h"
#include "measures/duty_label.h"
#include "model/event_table.h"
#include "model/obligation.h"

namespace kept::measures {

/// Writes every obligation as one line of a Parquet or CSV file, by the path's ending. Kept inside the agency: it names
/// participants and crimes by their references. Columns are described in docs/formats/assessment.md. Memory: two
/// batches, however many obligations there are.
class ObligationsFile {
 public:
  /// All references must outlive the file. Errors: io, naming the path.
  static base::Result<ObligationsFile> open(const std::string& path, const DutyLabels& labels,
                                            const model::EventTable& table, const CrimeTraitsTable& traits);
  base::Status take(const model::Obligation* first, std::size_t count);
  /// The file stands under its name only after this.
  base::Status finish();

 private:
  ObligationsFile(columns::TableWriter writer, const DutyLabels& labels, const model::EventTable& table,
                  const CrimeTraitsTable& traits)
      : writer_(std::move(writer)), labels_(labels), table_(table), traits_(traits) {}
  void fill(const model::Obligation& one);
  const std::string& flags_text(uint32_t flags);

  columns::TableWriter writer_;
  const DutyLabels& labels_;
  const model::EventTable& table_;
  const CrimeTraitsTable& traits_;
  std::size_t row_ = 0;
  std::unordered_map<uint32_t, std::string> flags_;
};

}  // namespace kept::measures
