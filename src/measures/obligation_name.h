#pragma once
#include <string>

#include "model/event_table.h"
#include "model/obligation.h"

namespace kept::measures {

/// The name under which one obligation stands in files, in the report and on the command line (model::obligation_id).
/// A corrected trigger keeps the name of the event it corrects.
std::string obligation_name(const model::Obligation& obligation, const std::string& duty_id,
                            const model::EventTable& table);

}  // namespace kept::measures
