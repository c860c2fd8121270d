#include "measures/cells_file.h"

#include "columns/table_writer.h"
#include "measures/grouping.h"

namespace kept::measures {

using columns::ColumnKind;
using columns::ColumnPlan;
using columns::TableWriter;

const char* standing_key(Standing standing) {
  switch (standing) {
    case Standing::code:
      return "code";
    case Standing::unverified:
      return "unverified";
    case Standing::related:
      return "related";
    case Standing::local:
      return "local";
    case Standing::chain:
      return "chain";
    case Standing::window:
      return "window";
  }
  return "";
}

base::Status write_cells(const Cells& cells, const DutyLabels& labels, const CrimeTraitsTable& traits,
                         const std::string& path) {
  std::vector<ColumnPlan> plan = {{"duty", ColumnKind::text, {}},
                                  {"right", ColumnKind::text, {}},
                                  {"bearer", ColumnKind::text, {}},
                                  {"edition", ColumnKind::text, {}},
                                  {"standing", ColumnKind::text, {}},
                                  {"verified", ColumnKind::yes_no, {}},
                                  {"month_due", ColumnKind::text, {}},
                                  {"borough", ColumnKind::text, {}},
                                  {"offence", ColumnKind::text, {}},
                                  {"enhanced", ColumnKind::yes_no, {}},
                                  {"entitled_not_recognised", ColumnKind::yes_no, {}}};
  const std::size_t first_count = plan.size();
  for (int i = 0; i < model::outcome_count; ++i)
    plan.push_back({model::outcome_key(static_cast<model::Outcome>(i)), ColumnKind::int64, {}});
  plan.push_back({"too_late_to_use", ColumnKind::int64, {}});
  plan.push_back({"recorded_after_due", ColumnKind::int64, {}});
  auto opened = TableWriter::open(path, plan);
  if (!opened) return opened.error();
  TableWriter writer = std::move(*opened);
  std::size_t row = 0;
  for (const auto& [key, cell] : cells.sorted()) {
    const DutyLabel& label = labels[key.duty];
    writer.set_text(0, row, label.id);
    writer.set_text(1, row, label.right);
    writer.set_text(2, row, label.bearer);
    writer.set_text(3, row, label.edition);
    writer.set_text(4, row, standing_key(label.standing));
    writer.values<uint8_t>(5)[row] = label.verified;
    if (key.month == no_month) {
      writer.set_absent(6, row);
    } else {
      writer.set_text(6, row, month_key(key.month));
    }
    const auto set_trait = [&](std::size_t column, const std::vector<std::string>& names, uint16_t code) {
      if (code == 0 || code >= names.size()) {
        writer.set_absent(column, row);
      } else {
        writer.set_text(column, row, names[code]);
      }
    };
    set_trait(7, traits.boroughs, key.borough);
    set_trait(8, traits.offences, key.offence);
    writer.values<uint8_t>(9)[row] = key.enhanced;
    writer.values<uint8_t>(10)[row] = key.entitled_not_recognised;
    for (std::size_t i = 0; i < cell.outcomes.size(); ++i)
      writer.values<int64_t>(first_count + i)[row] = cell.outcomes[i];
    writer.values<int64_t>(first_count + cell.outcomes.size())[row] = cell.too_late_to_use;
    writer.values<int64_t>(first_count + cell.outcomes.size() + 1)[row] = cell.recorded_after_due;
    if (++row == TableWriter::batch_rows) {
      if (const base::Status written = writer.commit(row); !written) return written.error();
      row = 0;
    }
  }
  if (row > 0) {
    if (const base::Status written = writer.commit(row); !written) return written.error();
  }
  return writer.finish();
}

}  // namespace kept::measures
