#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "exchange/court_routes.h"
#include "simulation/fact.h"

namespace kept::simulation {

/// A fact of the court's list as the events of HM Courts & Tribunals Service's Common Platform, one JSON object a line:
/// `hearing.listed` as hearing-listed and hearing-confirmed, listed again as hearing-updated, `hearing.vacated` as
/// vacated-trial-updated. Their numbers are those of the simulation, where the real ones are UUIDs; they say one time,
/// which is when it happened. `court`: where it is heard, which the records do not say; null: not said. Returns how
/// many lines were added.
uint64_t append_court_events(std::string& text, const Fact& fact, const exchange::CourtRoute* court);

/// What the courts call a kind of hearing.
std::string_view called_by_courts(std::string_view kind);

}  // namespace kept::simulation
