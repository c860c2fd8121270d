#pragma once
#include "exchange/mapped_rows.h"
#include "simulation/fact.h"

namespace kept::simulation {

/// A fact as text, by the names of the project's own form.
exchange::NamedValues values_of(const Fact& fact);

/// `2026-03-02T10:00:00Z`, or as much of it as was written down.
std::string time_text(int64_t at_ms, Written written);

}  // namespace kept::simulation
