#include "columns/parquet_reader.h"

#include <fmt/format.h>

#include <cassert>
#include <filesystem>

#include "columns/database.h"

namespace kept::columns {
namespace {

struct Reading {
  StoredAs stored;
  const char* cast;  ///< null: as it is
};

Reading reading_of(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return {StoredAs::yes_no, nullptr};
    case DUCKDB_TYPE_TINYINT:
      return {StoredAs::int8, nullptr};
    case DUCKDB_TYPE_UTINYINT:
      return {StoredAs::uint8, nullptr};
    case DUCKDB_TYPE_SMALLINT:
      return {StoredAs::int16, nullptr};
    case DUCKDB_TYPE_USMALLINT:
      return {StoredAs::uint16, nullptr};
    case DUCKDB_TYPE_INTEGER:
      return {StoredAs::int32, nullptr};
    case DUCKDB_TYPE_UINTEGER:
      return {StoredAs::uint32, nullptr};
    case DUCKDB_TYPE_BIGINT:
      return {StoredAs::int64, nullptr};
    case DUCKDB_TYPE_UBIGINT:
      return {StoredAs::uint64, nullptr};
    case DUCKDB_TYPE_DOUBLE:
      return {StoredAs::real, nullptr};
    case DUCKDB_TYPE_FLOAT:
      return {StoredAs::real, "DOUBLE"};
    case DUCKDB_TYPE_DATE:
      return {StoredAs::date, nullptr};
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return {StoredAs::instant, nullptr};
    case DUCKDB_TYPE_TIMESTAMP:
      return {StoredAs::local, nullptr};
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return {StoredAs::local, "TIMESTAMP"};
    case DUCKDB_TYPE_VARCHAR:
      return {StoredAs::text, nullptr};
    default:
      return {StoredAs::text, "VARCHAR"};
  }
}

// read_parquet expands patterns: a file whose name holds one of these characters must still be itself.
std::string without_patterns(const std::string& path) {
  std::string out;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      out += '[';
      out += c;
      out += ']';
    } else {
      out += c;
    }
  }
  return out;
}

base::Error broken(const std::string& path, const char* message) {
  return base::invalid(
      fmt::format("{}: not a Parquet file that can be read ({}); it may have been cut short in copying: "
                  "compare its size with the sender's and fetch it again",
                  path, first_line(message)));
}

}  // namespace

struct ParquetReader::State {
  std::string path;
  Database database;
  std::vector<ParquetColumn> columns;
  std::vector<const char*> casts;
  uint64_t rows = 0;
  std::vector<StoredAs> wanted;
  duckdb_prepared_statement statement = nullptr;
  duckdb_pending_result pending = nullptr;
  duckdb_result result{};
  bool has_result = false;
  ParquetChunk chunk;  ///< the last that was given in place

  explicit State(Database opened) : database(std::move(opened)) {}
  ~State() {
    chunk = ParquetChunk();
    if (has_result) duckdb_destroy_result(&result);
    if (pending != nullptr) duckdb_destroy_pending(&pending);
    if (statement != nullptr) duckdb_destroy_prepare(&statement);
  }
  std::string source() const { return fmt::format("read_parquet({})", sql_text(without_patterns(path))); }
};

ParquetReader::ParquetReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
ParquetReader::ParquetReader(ParquetReader&&) noexcept = default;
ParquetReader& ParquetReader::operator=(ParquetReader&&) noexcept = default;
ParquetReader::~ParquetReader() = default;
const std::vector<ParquetColumn>& ParquetReader::columns() const { return state_->columns; }
uint64_t ParquetReader::rows() const { return state_->rows; }

base::Result<ParquetReader> ParquetReader::open(const std::string& path, const ParquetOptions& options) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) {
    return base::Error{base::ErrorCode::not_found,
                       fmt::format("{}: no such file; check the name and the folder", path)};
  }
  auto database = Database::open({options.threads, options.memory_bytes, ""});
  if (!database) return database.error();
  auto state = std::make_unique<State>(std::move(database).value());
  state->path = path;

  const std::string sql = "SELECT * FROM " + state->source();
  if (duckdb_prepare(state->database.connection(), sql.c_str(), &state->statement) != DuckDBSuccess) {
    return broken(path, duckdb_prepare_error(state->statement));
  }
  const idx_t count = duckdb_prepared_statement_column_count(state->statement);
  for (idx_t i = 0; i < count; ++i) {
    const char* name = duckdb_prepared_statement_column_name(state->statement, i);
    const Reading reading = reading_of(duckdb_prepared_statement_column_type(state->statement, i));
    state->columns.push_back({name, reading.stored});
    state->casts.push_back(reading.cast);
    duckdb_free(const_cast<char*>(name));
  }
  duckdb_destroy_prepare(&state->statement);

  duckdb_result counted;
  const std::string count_sql =
      fmt::format("SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata({})", sql_text(without_patterns(path)));
  const bool done = duckdb_query(state->database.connection(), count_sql.c_str(), &counted) == DuckDBSuccess;
  base::Status status = base::Done{};
  if (done) {
    duckdb_data_chunk chunk = duckdb_fetch_chunk(counted);
    if (chunk != nullptr) {
      const auto* values = static_cast<const int64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)));
      if (duckdb_data_chunk_get_size(chunk) == 1 && values[0] > 0) state->rows = static_cast<uint64_t>(values[0]);
      duckdb_destroy_data_chunk(&chunk);
    }
  } else {
    status = broken(path, duckdb_result_error(&counted));
  }
  duckdb_destroy_result(&counted);
  if (!status) return status.error();
  return ParquetReader(std::move(state));
}

base::Status ParquetReader::start(const std::vector<std::size_t>& wanted) {
  assert(state_->statement == nullptr);
  std::string sql = "SELECT ";
  for (const std::size_t column : wanted) {
    if (sql.size() > 7) sql += ", ";
    const std::string name = sql_name(state_->columns[column].name);
    const char* cast = state_->casts[column];
    sql += cast == nullptr ? name : fmt::format("CAST({} AS {})", name, cast);
    state_->wanted.push_back(state_->columns[column].stored);
  }
  if (wanted.empty()) sql += "1";  // rows are still counted
  sql += " FROM " + state_->source();
  if (duckdb_prepare(state_->database.connection(), sql.c_str(), &state_->statement) != DuckDBSuccess) {
    return broken(state_->path, duckdb_prepare_error(state_->statement));
  }
  // A streaming result: the whole table is never in memory.
  if (duckdb_pending_prepared_streaming(state_->statement, &state_->pending) != DuckDBSuccess) {
    return broken(state_->path, duckdb_pending_error(state_->pending));
  }
  state_->has_result = true;
  if (duckdb_execute_pending(state_->pending, &state_->result) != DuckDBSuccess) {
    return broken(state_->path, duckdb_result_error(&state_->result));
  }
  return base::Done{};
}

ParquetChunk::~ParquetChunk() {
  auto* chunk = static_cast<duckdb_data_chunk>(held_);
  if (chunk != nullptr) duckdb_destroy_data_chunk(&chunk);
}

base::Result<ParquetChunk> ParquetReader::next() {
  ParquetChunk out;
  duckdb_data_chunk chunk = duckdb_fetch_chunk(state_->result);
  if (chunk == nullptr) {
    const char* message = duckdb_result_error(&state_->result);
    if (message != nullptr && *message != '\0') return broken(state_->path, message);
    return out;
  }
  out.held_ = chunk;
  out.rows_ = static_cast<std::size_t>(duckdb_data_chunk_get_size(chunk));
  out.views_.resize(state_->wanted.size());
  for (std::size_t i = 0; i < state_->wanted.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
    out.views_[i] = {state_->wanted[i], duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector)};
  }
  return out;
}

base::Result<std::size_t> ParquetReader::next(std::vector<ColumnView>* views) {
  auto chunk = next();
  if (!chunk) return chunk.error();
  state_->chunk = std::move(*chunk);
  if (state_->chunk.rows() > 0) *views = state_->chunk.views_;
  return state_->chunk.rows();
}

}  // namespace kept::columns
