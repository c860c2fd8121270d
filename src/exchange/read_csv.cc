#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "exchange/csv_reader.h"
#include "exchange/csv_rows.h"
#include "exchange/form_readers.h"
#include "exchange/take_blocks.h"

namespace kept::exchange {
namespace {

base::Error in_file(const std::string& file, const base::Error& error) {
  if (error.message.find(file) != std::string::npos) return error;
  return {error.code, fmt::format("{}: {}", file, error.message)};
}

/// The candidate that occurs most often outside quotes; a comma when none does.
char separator_of(std::string_view heading) {
  constexpr std::array<char, 4> candidates = {',', ';', '\t', '|'};
  std::array<std::size_t, 4> count{};
  bool quoted = false;
  for (const char c : heading) {
    if (c == '"') quoted = !quoted;
    for (std::size_t i = 0; i < candidates.size() && !quoted; ++i) count[i] += c == candidates[i] ? 1 : 0;
  }
  return candidates[static_cast<std::size_t>(std::max_element(count.begin(), count.end()) - count.begin())];
}

/// Stretches are a megabyte each with their index: one that no block points to any more is used again.
class Stretches : public std::enable_shared_from_this<Stretches> {
 public:
  std::shared_ptr<CsvStretch> get() {
    std::unique_ptr<CsvStretch> stretch;
    {
      const std::scoped_lock lock(mutex_);
      if (!spare_.empty()) {
        stretch = std::move(spare_.back());
        spare_.pop_back();
      }
    }
    if (stretch == nullptr) stretch = std::make_unique<CsvStretch>();
    return {stretch.release(), [pool = shared_from_this()](CsvStretch* done) { pool->give_back(done); }};
  }

 private:
  void give_back(CsvStretch* done) {
    std::unique_ptr<CsvStretch> stretch(done);
    const std::scoped_lock lock(mutex_);
    spare_.push_back(std::move(stretch));
  }
  std::mutex mutex_;
  std::vector<std::unique_ptr<CsvStretch>> spare_;
};

}  // namespace

base::Status read_csv(Reading& reading, const Mapping* mapping, const std::string& file, ByteSource& source,
                      const Progress& progress) {
  CsvReader reader(source, reading.request.limits);
  for (uint32_t i = 0; mapping != nullptr && i < mapping->skip_lines; ++i) {
    const base::Status skipped = reader.skip_line();
    if (!skipped) return in_file(file, skipped.error());
  }
  auto first_line = reader.peek_line();
  if (!first_line) return in_file(file, first_line.error());
  CsvShape shape;
  if (mapping != nullptr) shape.quote = mapping->quote;
  shape.separator = mapping != nullptr && mapping->separator ? *mapping->separator : separator_of(*first_line);
  reader.set_shape(shape);

  CsvReader::Row row;
  std::vector<std::string> heading;
  if (mapping != nullptr && !mapping->header.empty()) {
    heading = mapping->header;
  } else {
    const auto step = reader.next(&row);
    if (step == CsvReader::Step::failed) return in_file(file, reader.error());
    if (step == CsvReader::Step::end)
      return base::invalid(fmt::format("{}: the file is empty; its first line should name the columns", file));
    if (row.problem != CsvReader::Problem::none) {
      return base::invalid(
          fmt::format("{}:{}: the heading cannot be read: {}", file, row.line, fault_of(row.problem).why));
    }
    if (row.text.find('\r') != std::string_view::npos && row.text.find('\n') == std::string_view::npos) {
      return base::Error{
          base::ErrorCode::unsupported,
          fmt::format("{}: lines end in a bare carriage return; save the file with the line ends of Windows or Unix",
                      file)};
    }
    if (row.fields > reading.request.limits.columns) {
      return base::Error{base::ErrorCode::too_large,
                         fmt::format("{}: {} columns; at most {} are read: leave out what is not needed", file,
                                     row.fields, reading.request.limits.columns)};
    }
    for (std::size_t i = 0; i < row.fields; ++i) heading.emplace_back(reader.field(i));
  }
  reader.set_width(heading.size());
  auto checker = RowChecker::make(reading, mapping, file, &heading);
  if (!checker) return checker.error();

  auto table = std::make_shared<CsvTable>();
  shape.width = heading.size();
  table->shape = shape;
  table->limits = reading.request.limits;
  table->wanted = checker->wanted();
  table->cells = checker->width();
  const auto stretches = std::make_shared<Stretches>();
  std::shared_ptr<CsvStretch> stretch;
  std::size_t next_row = 0;  // of the stretch
  const NextBlock next = [&]() -> base::Result<std::unique_ptr<RowBlock>> {
    for (;;) {
      if (stretch != nullptr && next_row < stretch->index.row_count) {
        auto rows = std::make_unique<CsvRows>(table, stretch, next_row, source.bytes_done());
        next_row = rows->end();
        if (rows->rows() > 0) return std::unique_ptr<RowBlock>(std::move(rows));
        continue;
      }
      stretch.reset();
      stretch = stretches->get();
      if (reader.take_stretch(stretch.get())) {
        next_row = stretch->first_row;
        continue;
      }
      stretch.reset();
      auto rows = std::make_unique<LooseCsvRows>(table, source.bytes_done());
      auto step = CsvReader::Step::row;
      while (rows->rows() < LooseCsvRows::most && step == CsvReader::Step::row) {
        step = reader.next(&row);
        if (step == CsvReader::Step::row) rows->add(row, reader);
      }
      // What was read before a failure comes first; the reader fails again.
      if (rows->rows() > 0) return std::unique_ptr<RowBlock>(std::move(rows));
      if (step == CsvReader::Step::failed) return in_file(file, reader.error());
      return std::unique_ptr<RowBlock>();
    }
  };

  std::error_code failed;
  const auto found_size = std::filesystem::file_size(file, failed);
  const uint64_t bytes_in_all = failed ? 0 : found_size;
  uint64_t count = 0;
  uint64_t reported = 0;
  bool reserved = false;
  const auto after = [&](const RowBlock& block) {
    count += block.rows();
    if (block.bytes_done() == reported) return;
    reported = block.bytes_done();
    if (count >= 4096 && bytes_in_all > 0 && !reserved) {
      // Room for all rows at once, by the rows so far: growing step by step would need half as much again.
      reserved = true;
      const double rows =
          static_cast<double>(count) * static_cast<double>(bytes_in_all) / static_cast<double>(reported);
      if (rows > 100'000 && rows < 4e9)
        reading.result.table.reserve(reading.result.table.size() + static_cast<std::size_t>(rows * 1.02));
    }
    if (progress) progress(reported);
  };
  return take_blocks(*checker, reading.request.threads, next, after);
}

}  // namespace kept::exchange
