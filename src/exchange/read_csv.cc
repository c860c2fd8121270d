#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "exchange/csv_reader.h"
#include "exchange/form_readers.h"

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

struct Explained {
  RejectReason reason;
  const char* why;
};
Explained explain(CsvReader::Problem problem) {
  switch (problem) {
    case CsvReader::Problem::none:
      break;
    case CsvReader::Problem::ragged:
      return {RejectReason::ragged, ""};
    case CsvReader::Problem::open_quote:
      return {
          RejectReason::malformed,
          "a quote opens here that is not closed as it should be; close it, and write a quote inside a field twice"};
    case CsvReader::Problem::after_quote:
      return {RejectReason::malformed,
              "there is text between a closing quote and the next separator; write a quote inside a field twice"};
    case CsvReader::Problem::too_large:
      return {RejectReason::too_large, "the row is longer than a row may be"};
    case CsvReader::Problem::not_text:
      return {
          RejectReason::not_text,
          "the row is not UTF-8; save the file as UTF-8, or name its encoding in a mapping (encoding: windows-1252)"};
  }
  return {RejectReason::malformed, ""};
}

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
          fmt::format("{}:{}: the heading cannot be read: {}", file, row.line, explain(row.problem).why));
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

  std::vector<Cell> cells(checker->width());
  const std::vector<uint32_t>& wanted = checker->wanted();
  uint64_t reported = 0;
  bool reserved = false;
  std::error_code failed;
  const auto found_size = std::filesystem::file_size(file, failed);
  const uint64_t bytes_in_all = failed ? 0 : found_size;
  for (uint64_t count = 0;; ++count) {
    const auto step = reader.next(&row);
    if (step == CsvReader::Step::failed) return in_file(file, reader.error());
    if (step == CsvReader::Step::end) break;
    bool going = true;
    if (row.problem == CsvReader::Problem::none) [[likely]] {
      reader.cells(wanted, cells.data());
      going = checker->take(cells.data(), row.line, row.text);
    } else if (row.problem == CsvReader::Problem::ragged) {
      const std::string why = fmt::format(
          "the row has {} fields and the heading {}; a separator inside a field needs quotes around the field",
          row.fields, heading.size());
      going = checker->reject(row.line, row.text, RejectReason::ragged, {}, {}, why);
    } else {
      const Explained explained = explain(row.problem);
      going = checker->reject(row.line, row.text, explained.reason, {}, {}, explained.why);
    }
    if (!going) return checker->error();
    if (count % 4096 != 0 || source.bytes_done() == reported) continue;
    reported = source.bytes_done();
    if (count != 0 && bytes_in_all > 0 && !reserved) {
      // Room for all rows at once, by the rows so far: growing step by step would need half as much again.
      reserved = true;
      const double rows =
          static_cast<double>(count) * static_cast<double>(bytes_in_all) / static_cast<double>(reported);
      if (rows > 100'000 && rows < 4e9)
        reading.result.table.reserve(reading.result.table.size() + static_cast<std::size_t>(rows * 1.02));
    }
    if (progress) progress(reported);
  }
  checker->finish();
  return base::Done{};
}

}  // namespace kept::exchange
