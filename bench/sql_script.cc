#include "sql_script.h"

#include <duckdb.h>

#include <fstream>
#include <iterator>

namespace kept::bench {

base::Result<std::vector<std::vector<std::string>>> run_script(const columns::Database& database,
                                                               const SqlScript& script) {
  std::string sql;
  for (const std::string& path : script.files) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return base::Error{base::ErrorCode::not_found, path + ": cannot be read"};
    sql.append(std::istreambuf_iterator<char>(file), {});
  }
  for (const auto& [name, value] : script.values) {
    const std::string wanted = "${" + name + "}";
    for (auto at = sql.find(wanted); at != std::string::npos; at = sql.find(wanted, at + value.size()))
      sql.replace(at, wanted.size(), value);
  }
  if (const auto left = sql.find("${"); left != std::string::npos)
    return base::invalid("no value for " + sql.substr(left, 30));

  duckdb_extracted_statements statements = nullptr;
  const idx_t count = duckdb_extract_statements(database.connection(), sql.c_str(), &statements);
  std::string failed;
  if (count == 0) {
    const char* words = duckdb_extract_statements_error(statements);
    failed = words == nullptr ? "no statement" : words;
  }
  duckdb_result result{};
  bool has_result = false;
  for (idx_t i = 0; i < count && failed.empty(); ++i) {
    duckdb_prepared_statement statement = nullptr;
    if (duckdb_prepare_extracted_statement(database.connection(), statements, i, &statement) != DuckDBSuccess) {
      failed = duckdb_prepare_error(statement);
    } else {
      if (has_result) duckdb_destroy_result(&result);
      has_result = true;
      if (duckdb_execute_prepared(statement, &result) != DuckDBSuccess) failed = duckdb_result_error(&result);
    }
    duckdb_destroy_prepare(&statement);
  }
  duckdb_destroy_extracted(&statements);
  std::vector<std::vector<std::string>> rows;
  if (failed.empty()) {
    rows.resize(duckdb_row_count(&result));
    for (idx_t row = 0; row < rows.size(); ++row) {
      for (idx_t column = 0; column < duckdb_column_count(&result); ++column) {
        char* text = duckdb_value_varchar(&result, column, row);
        rows[row].emplace_back(text == nullptr ? "" : text);
        duckdb_free(text);
      }
    }
  }
  if (has_result) duckdb_destroy_result(&result);
  if (!failed.empty()) return base::invalid(failed);
  return rows;
}

}  // namespace kept::bench
