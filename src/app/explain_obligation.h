#pragma once
#include <string>

#include "app/records.h"

namespace kept::app {

/// What `kept explain` is asked for.
struct ExplainRequest {
  RecordsRequest records;
  std::string id;  ///< as obligations.csv and the report show it
};

/// Judges the files again, finds the obligation of that name and words its reasoning.
/// Errors: those of `read_records`; not_found where no obligation of this run has that name.
base::Result<std::string> explain_obligation(const ExplainRequest& request);

}  // namespace kept::app
