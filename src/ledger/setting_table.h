#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

/// The table `setting`: texts by name. Errors of all: io.
class SettingTable {
 public:
  explicit SettingTable(Database& database) : database_(database) {}

  base::Result<std::optional<std::string>> read(std::string_view name);
  /// Visits those whose names begin with `prefix`, by name, which is given without the prefix. Precondition: the prefix
  /// holds neither % nor _.
  using Visit = std::function<base::Status(std::string_view rest_of_name, std::string_view value)>;
  base::Status each_of(std::string_view prefix, const Visit& visit);
  /// Adds one that is not there yet.
  base::Status add(std::string_view name, std::string_view value);
  /// Adds one, or changes it.
  base::Status put(std::string_view name, std::string_view value);

 private:
  Database& database_;
};

}  // namespace kept::ledger
