#pragma once
#include <string>

#include "base/result.h"
#include "measures/cells.h"
#include "measures/crime_traits.h"
#include "measures/duty_label.h"

namespace kept::measures {

/// Writes cells as Parquet or CSV, by the path's ending, in the order of their keys: one line a cell with its duty,
/// right, bearer, edition, standing, verified, month due (empty where nothing is due), borough, offence, enhanced,
/// entitled but not recognised, a count for each outcome, how many were too late to use, and how many were recorded
/// after the due date. Lines of several files add up. Small numbers are not protected. Errors: io, naming the path.
base::Status write_cells(const Cells& cells, const DutyLabels& labels, const CrimeTraitsTable& traits,
                         const std::string& path);

const char* standing_key(Standing standing);

}  // namespace kept::measures
