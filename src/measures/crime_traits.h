#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "measures/cells.h"
#include "model/event_table.h"

namespace kept::measures {

/// Borough and offence of every crime, as recorded. Code 0 is "not recorded" everywhere.
struct CrimeTraitsTable {
  std::vector<CrimeTraits> by_crime;  ///< by crime symbol
  std::vector<std::string> boroughs{std::string()};
  std::vector<std::string> offences{std::string()};
};

/// Reads them from the detail fields `offence_borough` (else `borough`) and `offence_group` (else `offence`) of the
/// events about the crime itself (types named `crime.`; where no such type has the field, of any event that names a
/// crime). Of several, the one recorded last by `recorded_by`. A vocabulary without these fields gives a table in which
/// nothing is recorded. Names past the 4,095th borough or the 16,383rd offence count as not recorded.
CrimeTraitsTable crime_traits(const model::EventTable& table, std::optional<int64_t> recorded_by);

}  // namespace kept::measures
