#include "columns/parquet_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <deque>
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
    case DUCKDB_TYPE_MAP:
      return {StoredAs::text_map, "MAP(VARCHAR, VARCHAR)"};
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
  std::deque<ParquetChunk> chunks;  ///< seen and not yet asked for
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
  base::Status see_chunks(const std::string& select);
  void see(duckdb_data_chunk rows);
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

base::Result<std::vector<std::string>> ParquetReader::names_in(std::size_t column, std::size_t most) const {
  const std::string sql = fmt::format(
      "SELECT DISTINCT name FROM (SELECT unnest(map_keys({}::MAP(VARCHAR, VARCHAR))) AS name FROM {}) "
      "ORDER BY name LIMIT {}",
      sql_name(state_->columns[column].name), state_->source(), most + 1);
  duckdb_result found;
  base::Status status = base::Done{};
  std::vector<std::string> names;
  if (duckdb_query(state_->database.connection(), sql.c_str(), &found) == DuckDBSuccess) {
    while (duckdb_data_chunk chunk = duckdb_fetch_chunk(found)) {
      const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, 0);
      const ColumnView view{StoredAs::text, duckdb_vector_get_data(vector), duckdb_vector_get_validity(vector),
                            nullptr};
      for (std::size_t row = 0; row < duckdb_data_chunk_get_size(chunk); ++row) names.emplace_back(view.text(row));
      duckdb_destroy_data_chunk(&chunk);
    }
    if (names.size() > most) {
      status =
          base::Error{base::ErrorCode::too_large, fmt::format("{}: the map {} has more than {} names", state_->path,
                                                              sql_name(state_->columns[column].name), most)};
    }
  } else {
    status = broken(state_->path, duckdb_result_error(&found));
  }
  duckdb_destroy_result(&found);
  if (!status) return status.error();
  return names;
}

/// The memory of a chunk: each column's values, which of them are present, and the texts that do not fit into a value.
struct ParquetChunk::Copies {
  struct Column {
    std::vector<uint64_t> values, present;
    std::vector<char> texts;
  };
  std::vector<Column> columns;

  static std::size_t width(StoredAs stored) {
    switch (stored) {
      case StoredAs::yes_no:
      case StoredAs::int8:
      case StoredAs::uint8:
        return 1;
      case StoredAs::int16:
      case StoredAs::uint16:
        return 2;
      case StoredAs::int32:
      case StoredAs::uint32:
      case StoredAs::date:
        return 4;
      case StoredAs::int64:
      case StoredAs::uint64:
      case StoredAs::real:
      case StoredAs::instant:
      case StoredAs::local:
        return 8;
      case StoredAs::text:
      case StoredAs::text_map:
        return 16;
    }
    return 0;
  }
  static ColumnView copy(StoredAs stored, duckdb_vector vector, std::size_t count, Column* into) {
    const std::size_t bytes = count * width(stored);
    into->values.resize((bytes + 7) / 8);
    if (bytes > 0) std::memcpy(into->values.data(), duckdb_vector_get_data(vector), bytes);
    ColumnView view{stored, into->values.data(), nullptr, nullptr};
    if (const uint64_t* present = duckdb_vector_get_validity(vector)) {
      into->present.assign(present, present + (count + 63) / 64);
      view.validity = into->present.data();
    }
    if (stored == StoredAs::text) copy_texts(view, count, into);
    return view;
  }
  // duckdb_string_t, as ColumnView::text reads it: a text of more than 12 characters stands elsewhere.
  static void copy_texts(const ColumnView& view, std::size_t count, Column* into) {
    constexpr std::size_t in_place = 12;
    std::size_t size = 0;
    for (std::size_t row = 0; row < count; ++row) {
      if (!view.present(row)) continue;
      const std::size_t length = view.text(row).size();
      if (length > in_place) size += length;
    }
    into->texts.resize(size);
    char* to = into->texts.data();
    char* cells = reinterpret_cast<char*>(into->values.data());
    for (std::size_t row = 0; size > 0 && row < count; ++row) {
      if (!view.present(row)) continue;
      const std::string_view text = view.text(row);
      if (text.size() <= in_place) continue;
      std::memcpy(to, text.data(), text.size());
      std::memcpy(cells + row * 16 + 8, &to, sizeof to);
      to += text.size();
    }
  }
};

ParquetChunk::ParquetChunk() = default;
ParquetChunk::ParquetChunk(ParquetChunk&&) noexcept = default;
ParquetChunk& ParquetChunk::operator=(ParquetChunk&&) noexcept = default;
ParquetChunk::~ParquetChunk() = default;

void ParquetReader::State::see(duckdb_data_chunk decoded) {
  ParquetChunk& made = chunks.emplace_back();
  made.rows_ = static_cast<std::size_t>(duckdb_data_chunk_get_size(decoded));
  const auto maps = static_cast<std::size_t>(std::count(wanted.begin(), wanted.end(), StoredAs::text_map));
  made.copies_ = std::make_unique<ParquetChunk::Copies>();
  made.copies_->columns.resize(wanted.size() + 2 * maps);
  auto copy = made.copies_->columns.begin();
  made.views_.resize(wanted.size());
  made.inside_.resize(2 * maps);
  ColumnView* inside = made.inside_.data();
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const duckdb_vector vector = duckdb_data_chunk_get_vector(decoded, i);
    ColumnView& view = made.views_[i];
    view = ParquetChunk::Copies::copy(wanted[i], vector, made.rows_, &*copy++);
    if (wanted[i] != StoredAs::text_map) continue;
    view.inside = inside;
    const auto size = static_cast<std::size_t>(duckdb_list_vector_get_size(vector));
    const duckdb_vector entries = duckdb_list_vector_get_child(vector);
    for (idx_t child = 0; child < 2; ++child) {
      *inside++ =
          ParquetChunk::Copies::copy(StoredAs::text, duckdb_struct_vector_get_child(entries, child), size, &*copy++);
    }
  }
}

/// DuckDB copies every value of a result that is read while it is made, and slowly. A function of its own in the query
/// sees the rows as they were decoded, and copies what is wanted.
base::Status ParquetReader::State::see_chunks(const std::string& select) {
  duckdb_prepared_statement typed = nullptr;
  if (duckdb_prepare(database.connection(), select.c_str(), &typed) != DuckDBSuccess) {
    const base::Error error = broken(path, duckdb_prepare_error(typed));
    duckdb_destroy_prepare(&typed);
    return error;
  }
  duckdb_scalar_function function = duckdb_create_scalar_function();
  duckdb_scalar_function_set_name(function, "kept_see");
  for (idx_t i = 0; i < duckdb_prepared_statement_column_count(typed); ++i) {
    duckdb_logical_type type = duckdb_prepared_statement_column_logical_type(typed, i);
    duckdb_scalar_function_add_parameter(function, type);
    duckdb_destroy_logical_type(&type);
  }
  duckdb_destroy_prepare(&typed);
  duckdb_logical_type seen = duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
  duckdb_scalar_function_set_return_type(function, seen);
  duckdb_destroy_logical_type(&seen);
  duckdb_scalar_function_set_volatile(function);          // called for every chunk
  duckdb_scalar_function_set_special_handling(function);  // and for rows without values
  duckdb_scalar_function_set_extra_info(function, this, nullptr);
  duckdb_scalar_function_set_function(
      function, [](duckdb_function_info info, duckdb_data_chunk decoded, duckdb_vector out) {
        std::memset(duckdb_vector_get_data(out), 0, static_cast<std::size_t>(duckdb_data_chunk_get_size(decoded)));
        static_cast<State*>(duckdb_scalar_function_get_extra_info(info))->see(decoded);
      });
  const bool registered = duckdb_register_scalar_function(database.connection(), function) == DuckDBSuccess;
  duckdb_destroy_scalar_function(&function);
  if (!registered) return base::Error{base::ErrorCode::io, "DuckDB refuses the function that sees the rows"};
  return base::Done{};
}

base::Status ParquetReader::start(const std::vector<std::size_t>& wanted) {
  assert(state_->statement == nullptr);
  std::string values;
  for (const std::size_t column : wanted) {
    if (!values.empty()) values += ", ";
    const std::string name = sql_name(state_->columns[column].name);
    const char* cast = state_->casts[column];
    values += cast == nullptr ? name : fmt::format("CAST({} AS {})", name, cast);
    state_->wanted.push_back(state_->columns[column].stored);
  }
  if (wanted.empty()) values = "1";  // rows are still counted
  const base::Status seen = state_->see_chunks(fmt::format("SELECT {} FROM {}", values, state_->source()));
  if (!seen) return seen;
  // The result itself is one small value a row; as much of it as is kept ahead, so many chunks are.
  const base::Status bounded = state_->database.run("SET streaming_buffer_size = '1KiB'");
  if (!bounded) return bounded;
  const std::string sql = fmt::format("SELECT kept_see({}) FROM {}", values, state_->source());
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

base::Result<ParquetChunk> ParquetReader::next() {
  while (state_->chunks.empty()) {
    duckdb_data_chunk seen = duckdb_fetch_chunk(state_->result);
    if (seen == nullptr) {
      const char* message = duckdb_result_error(&state_->result);
      if (message != nullptr && *message != '\0') return broken(state_->path, message);
      return ParquetChunk();
    }
    duckdb_destroy_data_chunk(&seen);
  }
  ParquetChunk out = std::move(state_->chunks.front());
  state_->chunks.pop_front();
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
