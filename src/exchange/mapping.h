#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace kept::exchange {

/// `court_events` and `court_list` are forms of HM Courts & Tribunals Service (docs/formats/courts.md).
enum class Form : uint8_t { by_ending, csv, jsonl, parquet, xes, court_events, court_list };
enum class Encoding : uint8_t { utf_8, latin_1, windows_1252 };
enum class Ambiguous : uint8_t { reject, earlier, later };

/// How times are written in a column.
struct TimeForm {
  std::vector<std::string> formats;  ///< tried in order; `iso`, `epoch_seconds`, `epoch_milliseconds`, `excel_days` or
                                     ///< strptime-like; empty: iso
  std::string zone;                  ///< tz name for local times; empty: local times are refused
  Ambiguous ambiguous = Ambiguous::reject;
};

/// Where a value comes from.
struct ValueSource {
  enum class Kind : uint8_t { absent, column, constant, pattern };
  Kind kind = Kind::absent;
  std::string text;               ///< the column's name, the constant, or the pattern with {Column} and {n}
  std::optional<TimeForm> times;  ///< overrides the mapping's, for a time
  int line = 0;
};

/// A row filter: the column's value is one of `values`; with no values: the column is not empty.
struct RowTest {
  std::string column;
  std::vector<std::string> values;
  bool negated = false;
  int line = 0;
};

/// A type of event, and details it brings with it.
struct TypeChoice {
  std::string type;
  std::vector<std::pair<std::string, std::string>> details;
  int line = 0;
};

/// From a column's value to a type of event.
struct TypeTable {
  std::string column;
  std::vector<std::pair<std::string, TypeChoice>> table;
  bool by_name = false;  ///< the value, in lower case with other characters as `_`, is the type's name
  bool unlisted_ignored = false;
  int line = 0;
};

/// One event that a row gives.
struct EventMapping {
  std::optional<TypeChoice> type;  ///< fixed; otherwise `types`
  std::optional<TypeTable> types;
  std::map<std::string, ValueSource>
      fields;  ///< envelope field, key name or detail field -> value; over the mapping's own
  std::vector<RowTest> when;
  int line = 0;
};

/// A mapping file: how a table or log that somebody else designed becomes events. Format: docs/formats/mappings.md.
struct Mapping {
  std::string file;  ///< where it was read, for messages
  Form form = Form::by_ending;
  Encoding encoding = Encoding::utf_8;
  std::optional<char> separator;  ///< none: found from the heading
  char quote = '"';               ///< 0: none
  uint32_t skip_lines = 0;
  std::vector<std::string> header;  ///< column names where the file has no heading
  std::vector<std::string> absent;  ///< values that mean "nothing", such as NULL or n/a
  TimeForm times;
  std::map<std::string, ValueSource> fields;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> values;  ///< column -> value table
  std::optional<TypeChoice> type;                                                  ///< of every row
  std::optional<TypeTable> types;
  std::vector<EventMapping> events;  ///< empty: one event a row, from `types` and `fields`
  std::vector<RowTest> only;
  std::string case_column;
  bool link_each_case = false;
  bool complete = false;

  /// Errors: invalid, with file:line and the mend; unsupported for a newer version.
  static base::Result<Mapping> load(const std::string& path);
  /// `name` stands for the file in messages.
  static base::Result<Mapping> parse(std::string_view yaml, const std::string& name);
};

}  // namespace kept::exchange
