#include "measures/obligation_name.h"

namespace kept::measures {

std::string obligation_name(const model::Obligation& obligation, const std::string& duty_id,
                            const model::EventTable& table) {
  const uint32_t row = obligation.trigger_row;
  if (row == model::Obligation::no_row)
    return model::obligation_id(duty_id, table.participants.name(obligation.participant), "", "", obligation.interval);
  const std::string_view corrected = table.corrects(row);
  return model::obligation_id(duty_id, table.participants.name(obligation.participant),
                              table.sources.name(table.source(row)),
                              corrected.empty() ? table.id(row) : std::string(corrected), obligation.interval);
}

}  // namespace kept::measures
