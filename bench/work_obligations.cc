#include "work_obligations.h"

#include <charconv>
#include <utility>

#include "work_cells.h"

namespace kept::bench {

base::Result<WorkObligations> WorkObligations::open(const std::string& path, const model::EventTable& table) {
  using columns::ColumnKind;
  auto writer = columns::TableWriter::open(path, {{"participant", ColumnKind::int32, {}},
                                                  {"duty", ColumnKind::int16, {}},
                                                  {"trigger_s", ColumnKind::int64, {}},
                                                  {"due", ColumnKind::int64, {}},
                                                  {"outcome", ColumnKind::int16, {}},
                                                  {"late_by", ColumnKind::int32, {}}});
  if (!writer) return writer.error();
  WorkObligations out(std::move(*writer));
  out.numbers_.resize(table.participants.size());
  for (uint32_t symbol = 1; symbol < table.participants.size(); ++symbol) {
    const std::string name = table.participants.name(symbol);
    std::from_chars(name.data(), name.data() + name.size(), out.numbers_[symbol]);
  }
  return out;
}

void WorkObligations::take(const model::Obligation* first, std::size_t count) {
  for (const model::Obligation* o = first; o != first + count; ++o) {
    writer_.values<int32_t>(0)[filled_] = number_;
    writer_.values<int16_t>(1)[filled_] = static_cast<int16_t>(o->duty + 1);
    writer_.values<int64_t>(2)[filled_] = o->start_at / 1000;
    writer_.values<int64_t>(3)[filled_] =
        o->due_on.kind == model::Due::Kind::instant ? o->due_on.value / 1000 : o->due_on.value;
    writer_.values<int16_t>(4)[filled_] = static_cast<int16_t>(WorkCells::outcome_code(o->outcome));
    writer_.values<int32_t>(5)[filled_] = o->late_by;
    if (++filled_ < columns::TableWriter::batch_rows) continue;
    if (auto done = writer_.commit(filled_); !done) written_ = done;
    filled_ = 0;
  }
}

base::Status WorkObligations::finish() {
  if (auto done = writer_.commit(filled_); !done) return done;
  if (!written_) return written_;
  return writer_.finish();
}

}  // namespace kept::bench
