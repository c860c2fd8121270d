#pragma once
#include <vector>

#include "app/answer_table.h"
#include "app/listing_changes.h"

namespace kept::app {

/// A line a change, by reference of the hearing.
AnswerTable table_of_changes(const std::vector<ListingChange>& changes);
/// A line a court and its unit: how many changes, and the middle notice they gave.
AnswerTable table_by_court(const std::vector<ListingChange>& changes);
AnswerTable table_of_unresulted(const std::vector<UnresultedHearing>& hearings);
AnswerTable table_of_reasons(const std::vector<ReasonCount>& reasons);

}  // namespace kept::app
