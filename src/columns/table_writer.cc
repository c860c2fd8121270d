#include "columns/table_writer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "columns/database.h"

namespace kept::columns {
namespace {

/// One column of one batch.
struct Buffer {
  std::vector<uint64_t> numbers;                     ///< storage for any fixed width
  std::vector<std::pair<uint32_t, uint32_t>> spans;  ///< text: offset and length in `arena`
  std::string arena;
  std::vector<uint64_t> present;  ///< a bit for each row, as DuckDB has them
  bool sparse = false;
  bool marked = false;  ///< some bit is not what `reset` made it

  void reset() {
    arena.clear();
    if (marked) std::fill(present.begin(), present.end(), sparse ? 0 : ~uint64_t{0});
    marked = false;
  }
};

constexpr std::size_t bits = 64;

/// Calls `put(i)` for each of `count` rows that is present, ascending.
template <class Put>
void each_present(const uint64_t* present, std::size_t count, const Put& put) {
  for (std::size_t from = 0; from < count; from += bits) {
    uint64_t rest = present[from / bits];
    if (count - from < bits) rest &= (uint64_t{1} << (count - from)) - 1;
    for (; rest != 0; rest &= rest - 1) put(from + static_cast<std::size_t>(std::countr_zero(rest)));
  }
}

struct Batch {
  std::vector<Buffer> columns;
  std::size_t rows = 0;
};

std::size_t width_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::yes_no:
      return 1;
    case ColumnKind::int16:
    case ColumnKind::uint16:
    case ColumnKind::word:
      return 2;
    case ColumnKind::int32:
    case ColumnKind::uint32:
    case ColumnKind::date:
      return 4;
    case ColumnKind::int64:
    case ColumnKind::real:
    case ColumnKind::instant:
      return 8;
    case ColumnKind::text:
      return 0;
  }
  return 0;
}

duckdb_logical_type type_of(const ColumnPlan& plan, bool csv) {
  switch (plan.kind) {
    case ColumnKind::yes_no:
      return duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN);
    case ColumnKind::int16:
      return duckdb_create_logical_type(DUCKDB_TYPE_SMALLINT);
    case ColumnKind::int32:
      return duckdb_create_logical_type(DUCKDB_TYPE_INTEGER);
    case ColumnKind::int64:
      return duckdb_create_logical_type(DUCKDB_TYPE_BIGINT);
    case ColumnKind::uint16:
      return duckdb_create_logical_type(DUCKDB_TYPE_USMALLINT);
    case ColumnKind::uint32:
      return duckdb_create_logical_type(DUCKDB_TYPE_UINTEGER);
    case ColumnKind::real:
      return duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE);
    case ColumnKind::date:
      return duckdb_create_logical_type(DUCKDB_TYPE_DATE);
    case ColumnKind::instant:
      // In a CSV the form is ours (with a Z); a TIMESTAMPTZ there would follow a session's zone.
      return duckdb_create_logical_type(csv ? DUCKDB_TYPE_TIMESTAMP : DUCKDB_TYPE_TIMESTAMP_TZ);
    case ColumnKind::text:
      return duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR);
    case ColumnKind::word: {
      std::vector<const char*> words;
      for (const auto& word : plan.words) words.push_back(word.c_str());
      return duckdb_create_enum_type(words.data(), words.size());
    }
  }
  return nullptr;
}

}  // namespace

// COPY pulls: it runs in a thread of its own over a table function that hands it our batches, so that no table is ever
// kept. Two batches pass back and forth.
struct TableWriter::State {
  std::string path, unfinished;
  bool csv = false;
  std::vector<ColumnPlan> columns;
  std::optional<Database> database;

  std::mutex mutex;
  std::condition_variable changed;
  std::unique_ptr<Batch> ready;  ///< committed, not yet taken by COPY
  std::unique_ptr<Batch> spare;
  bool ended = false, abandoned = false, copy_done = false;
  base::Status copied = base::Done{};

  std::unique_ptr<Batch> filling;   ///< the caller's
  std::unique_ptr<Batch> emptying;  ///< COPY's
  std::size_t emptied = 0;
  std::thread copier;

  ~State() { stop(); }

  void stop() {
    if (!copier.joinable()) return;
    {
      const std::lock_guard lock(mutex);
      abandoned = abandoned || !ended;
    }
    changed.notify_all();
    copier.join();
    std::error_code ignored;
    if (!unfinished.empty()) std::filesystem::remove(unfinished, ignored);
  }

  std::unique_ptr<Batch> empty_batch() const {
    auto batch = std::make_unique<Batch>();
    batch->columns.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      Buffer& buffer = batch->columns[i];
      static_assert(batch_rows % bits == 0);
      buffer.sparse = columns[i].sparse;
      buffer.present.assign(batch_rows / bits, buffer.sparse ? 0 : ~uint64_t{0});
      if (columns[i].kind == ColumnKind::text) {
        buffer.spans.resize(batch_rows);
      } else {
        buffer.numbers.resize(batch_rows * width_of(columns[i].kind) / 8 + 1);
      }
    }
    return batch;
  }

  /// Called by COPY: fills one chunk; no rows at the end.
  void give(duckdb_function_info info, duckdb_data_chunk output);
  void fill(std::size_t column, duckdb_vector vector, std::size_t from, std::size_t count) const;
  void copy();
};

void TableWriter::State::fill(std::size_t column, duckdb_vector vector, std::size_t from, std::size_t count) const {
  const Buffer& buffer = emptying->columns[column];
  const ColumnKind kind = columns[column].kind;
  assert(from % bits == 0);
  const uint64_t* present = buffer.present.data() + from / bits;
  if (buffer.sparse || buffer.marked) {
    duckdb_vector_ensure_validity_writable(vector);
    std::memcpy(duckdb_vector_get_validity(vector), present, (count + bits - 1) / bits * sizeof(uint64_t));
    if (!buffer.marked) return;
  }
  void* data = duckdb_vector_get_data(vector);
  const char* bytes = reinterpret_cast<const char*>(buffer.numbers.data());
  switch (kind) {
    case ColumnKind::text:
      each_present(present, count, [&](std::size_t i) {
        const auto [at, length] = buffer.spans[from + i];
        duckdb_vector_assign_string_element_len(vector, i, buffer.arena.data() + at, length);
      });
      break;
    case ColumnKind::instant:
      each_present(present, count, [&](std::size_t i) {
        static_cast<int64_t*>(data)[i] = static_cast<int64_t>(buffer.numbers[from + i]) * 1000;
      });
      break;
    case ColumnKind::word: {
      const auto* words = reinterpret_cast<const uint16_t*>(bytes) + from;
      // DuckDB keeps an enum in the narrowest integer that holds it.
      const bool narrow = columns[column].words.size() <= 255;
      std::memset(data, 0, count * (narrow ? 1 : 2));
      each_present(present, count, [&](std::size_t i) {
        assert(words[i] < columns[column].words.size());
        if (narrow) {
          static_cast<uint8_t*>(data)[i] = static_cast<uint8_t>(words[i]);
        } else {
          static_cast<uint16_t*>(data)[i] = words[i];
        }
      });
      break;
    }
    default: {
      const std::size_t width = width_of(kind);
      std::memcpy(data, bytes + from * width, count * width);
    }
  }
}

void TableWriter::State::give(duckdb_function_info info, duckdb_data_chunk output) {
  if (emptying == nullptr || emptied == emptying->rows) {
    std::unique_lock lock(mutex);
    if (emptying != nullptr) {
      spare = std::move(emptying);
      changed.notify_all();
    }
    changed.wait(lock, [this] { return ready != nullptr || ended || abandoned; });
    if (abandoned) {
      duckdb_function_set_error(info, "writing was given up");
      return;
    }
    if (ready == nullptr) {
      duckdb_data_chunk_set_size(output, 0);
      return;
    }
    emptying = std::move(ready);
    emptied = 0;
    changed.notify_all();
  }
  const std::size_t count = std::min<std::size_t>(duckdb_vector_size(), emptying->rows - emptied);
  for (std::size_t i = 0; i < columns.size(); ++i) fill(i, duckdb_data_chunk_get_vector(output, i), emptied, count);
  emptied += count;
  duckdb_data_chunk_set_size(output, count);
}

void TableWriter::State::copy() {
  const std::string options =
      csv ? "FORMAT csv, HEADER true, DATEFORMAT '%Y-%m-%d', TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S.%gZ'"
          : "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1";
  base::Status status =
      database->run(fmt::format("COPY (SELECT * FROM kept_batches()) TO {} ({})", sql_text(unfinished), options));
  const std::lock_guard lock(mutex);
  copied = std::move(status);
  copy_done = true;
  changed.notify_all();
}

TableWriter::TableWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
TableWriter::TableWriter(TableWriter&&) noexcept = default;
TableWriter& TableWriter::operator=(TableWriter&&) noexcept = default;
TableWriter::~TableWriter() = default;

base::Result<TableWriter> TableWriter::open(const std::string& path, std::vector<ColumnPlan> columns) {
  auto state = std::make_unique<State>();
  state->path = path;
  state->csv = path.ends_with(".csv");
  if (!state->csv && !path.ends_with(".parquet")) {
    return base::Error{base::ErrorCode::unsupported, fmt::format("{}: a table is written as .parquet or .csv", path)};
  }
  if (columns.empty()) return base::invalid(fmt::format("{}: a table needs at least one column", path));
  std::set<std::string> names;
  for (const auto& column : columns) {
    if (!names.insert(column.name).second) {
      return base::invalid(fmt::format("{}: the column `{}` is named twice", path, column.name));
    }
    const std::set<std::string> words(column.words.begin(), column.words.end());
    if (column.kind == ColumnKind::word && (column.words.empty() || words.size() != column.words.size())) {
      return base::invalid(fmt::format("{}: the words of `{}` must be distinct, and at least one", path, column.name));
    }
  }
  std::error_code failed;
  const auto folder = std::filesystem::absolute(path, failed).parent_path();
  if (failed || !std::filesystem::is_directory(folder, failed)) {
    return base::Error{base::ErrorCode::io, fmt::format("{}: the folder does not exist; make it first", path)};
  }
  state->unfinished = fmt::format("{}.{}.unfinished", path, getpid());
  state->columns = std::move(columns);

  auto database = Database::open();
  if (!database) return database.error();
  state->database.emplace(std::move(database).value());

  duckdb_table_function function = duckdb_create_table_function();
  duckdb_table_function_set_name(function, "kept_batches");
  duckdb_table_function_set_extra_info(function, state.get(), nullptr);
  duckdb_table_function_set_bind(function, [](duckdb_bind_info info) {
    const auto* self = static_cast<const State*>(duckdb_bind_get_extra_info(info));
    for (const auto& column : self->columns) {
      duckdb_logical_type type = type_of(column, self->csv);
      duckdb_bind_add_result_column(info, column.name.c_str(), type);
      duckdb_destroy_logical_type(&type);
    }
  });
  duckdb_table_function_set_init(function, [](duckdb_init_info info) { duckdb_init_set_max_threads(info, 1); });
  duckdb_table_function_set_function(function, [](duckdb_function_info info, duckdb_data_chunk output) {
    static_cast<State*>(duckdb_function_get_extra_info(info))->give(info, output);
  });
  const bool registered = duckdb_register_table_function(state->database->connection(), function) == DuckDBSuccess;
  duckdb_destroy_table_function(&function);
  if (!registered) return base::Error{base::ErrorCode::io, "DuckDB refuses the source of the table to write"};

  state->filling = state->empty_batch();
  state->spare = state->empty_batch();
  State* raw = state.get();
  state->copier = std::thread([raw] { raw->copy(); });
  return TableWriter(std::move(state));
}

void* TableWriter::raw(std::size_t column, std::size_t width) {
  assert(width == width_of(state_->columns[column].kind));
  (void)width;
  return state_->filling->columns[column].numbers.data();
}

void TableWriter::set_text(std::size_t column, std::size_t row, std::string_view text) {
  Buffer& buffer = state_->filling->columns[column];
  assert(row < batch_rows && state_->columns[column].kind == ColumnKind::text);
  buffer.spans[row] = {static_cast<uint32_t>(buffer.arena.size()), static_cast<uint32_t>(text.size())};
  buffer.arena.append(text);
  if (buffer.sparse) set_present(column, row);
}

void TableWriter::set_absent(std::size_t column, std::size_t row) {
  Buffer& buffer = state_->filling->columns[column];
  assert(row < batch_rows);
  buffer.present[row / bits] &= ~(uint64_t{1} << row % bits);
  buffer.marked = true;
}

void TableWriter::set_present(std::size_t column, std::size_t row) {
  Buffer& buffer = state_->filling->columns[column];
  assert(row < batch_rows && buffer.sparse);
  buffer.present[row / bits] |= uint64_t{1} << row % bits;
  buffer.marked = true;
}

base::Status TableWriter::commit(std::size_t rows) {
  assert(rows <= batch_rows);
  if (rows == 0) return base::Done{};
  state_->filling->rows = rows;
  {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(
        lock, [this] { return (state_->ready == nullptr && state_->spare != nullptr) || state_->copy_done; });
    if (state_->copy_done) {
      const std::string why = state_->copied ? std::string("it ended early") : state_->copied.error().message;
      return base::Error{base::ErrorCode::io, fmt::format("{}: cannot be written: {}", state_->path, why)};
    }
    state_->ready = std::move(state_->filling);
    state_->filling = std::move(state_->spare);
  }
  state_->changed.notify_all();
  for (Buffer& buffer : state_->filling->columns) buffer.reset();
  return base::Done{};
}

base::Status TableWriter::finish() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ended = true;
  }
  state_->changed.notify_all();
  if (state_->copier.joinable()) state_->copier.join();
  std::error_code failed;
  if (!state_->copied) {
    std::filesystem::remove(state_->unfinished, failed);
    return base::Error{base::ErrorCode::io,
                       fmt::format("{}: cannot be written: {}", state_->path, state_->copied.error().message)};
  }
  std::filesystem::rename(state_->unfinished, state_->path, failed);
  if (failed) return base::Error{base::ErrorCode::io, fmt::format("{}: {}", state_->path, failed.message())};
  return base::Done{};
}

}  // namespace kept::columns
