#pragma once
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "columns/database.h"

namespace kept::bench {

/// Files of SQL run as one script in DuckDB.
struct SqlScript {
  std::vector<std::string> files;
  std::vector<std::pair<std::string, std::string>> values;  ///< `${name}` in the files becomes the value
};

/// The rows of the last statement, as text; an empty text for NULL. Errors: not_found (a file), invalid (a name without
/// a value, DuckDB's words).
base::Result<std::vector<std::vector<std::string>>> run_script(const columns::Database& database,
                                                               const SqlScript& script);

}  // namespace kept::bench
