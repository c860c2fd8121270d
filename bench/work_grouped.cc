#include "work_grouped.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <vector>

#include "columns/column_file.h"

namespace kept::bench {
namespace {
using columns::Element;
constexpr const char* kind = "bench-events-by-participant";
constexpr uint32_t kind_version = 1;

/// The numbers that symbols stand for, from code 1 on.
base::Result<std::vector<uint32_t>> numbers_of(const model::Symbols& symbols) {
  std::vector<uint32_t> numbers;
  for (uint32_t code = 1; code < symbols.size(); ++code) {
    const std::string name = symbols.name(code);
    uint32_t number = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), number);
    if (read.ec != std::errc() || read.ptr != name.data() + name.size())
      return base::invalid("a name of the fixed work is not a number");
    numbers.push_back(number);
  }
  return numbers;
}

template <class T>
base::Status add(columns::ColumnFileWriter& file, const char* name, Element element, const std::vector<T>& values) {
  if (const auto begun = file.begin(name, element); !begun) return begun;
  return file.add(std::span<const T>(values));
}
}  // namespace

base::Status write_work_grouped(const model::EventTable& table, const std::string& path) {
  std::vector<uint32_t> order(table.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    if (table.participant(a) != table.participant(b)) return table.participant(a) < table.participant(b);
    return table.lo_ms(a) < table.lo_ms(b);
  });
  std::vector<uint16_t> code, detail_field;
  std::vector<int64_t> lo, detail_value;
  std::vector<uint32_t> participant, detail_row;
  for (const uint32_t row : order) {
    for (const auto [field, value] : table.detail(row)) {
      detail_row.push_back(static_cast<uint32_t>(code.size()));
      detail_field.push_back(field);
      detail_value.push_back(value);
    }
    code.push_back(table.code(row));
    lo.push_back(table.lo_ms(row));
    participant.push_back(table.participant(row));
  }
  const auto participant_numbers = numbers_of(table.participants);
  if (!participant_numbers) return participant_numbers.error();
  const auto code_numbers = numbers_of(table.codes);
  if (!code_numbers) return code_numbers.error();
  auto file = columns::ColumnFileWriter::create(path, kind, kind_version);
  if (!file) return file.error();
  for (const base::Status& added :
       {add(*file, "code", Element::uint16, code), add(*file, "occurred_at", Element::int64, lo),
        add(*file, "participant", Element::uint32, participant), add(*file, "detail_row", Element::uint32, detail_row),
        add(*file, "detail_field", Element::uint16, detail_field),
        add(*file, "detail_value", Element::int64, detail_value),
        add(*file, "participant_number", Element::uint32, *participant_numbers),
        add(*file, "code_number", Element::uint32, *code_numbers)})
    if (!added) return added;
  return file->finish();
}

base::Result<model::EventTable> read_work_grouped(const std::string& path,
                                                  const std::shared_ptr<const model::Vocabulary>& vocabulary) {
  const auto file = columns::ColumnFile::open(path, kind, kind_version);
  if (!file) return file.error();
  const auto code = file->values<uint16_t>("code", Element::uint16);
  if (!code) return code.error();
  const auto lo = file->values<int64_t>("occurred_at", Element::int64);
  if (!lo) return lo.error();
  const auto participant = file->values<uint32_t>("participant", Element::uint32);
  if (!participant) return participant.error();
  const auto detail_row = file->values<uint32_t>("detail_row", Element::uint32);
  if (!detail_row) return detail_row.error();
  const auto detail_field = file->values<uint16_t>("detail_field", Element::uint16);
  if (!detail_field) return detail_field.error();
  const auto detail_value = file->values<int64_t>("detail_value", Element::int64);
  if (!detail_value) return detail_value.error();
  const auto participant_number = file->values<uint32_t>("participant_number", Element::uint32);
  if (!participant_number) return participant_number.error();
  const auto code_number = file->values<uint32_t>("code_number", Element::uint32);
  if (!code_number) return code_number.error();

  const std::size_t rows = code->size();
  if (lo->size() != rows || participant->size() != rows || detail_field->size() != detail_row->size() ||
      detail_value->size() != detail_row->size())
    return base::invalid(path + ": its columns are not of one length; make it again");
  const auto fits = [](const auto& values, std::size_t limit) {
    return values.empty() || *std::max_element(values.begin(), values.end()) < limit;
  };
  if (!fits(*code, vocabulary->code_count()) || !fits(*participant, participant_number->size() + 1) ||
      !fits(*detail_row, rows) || !fits(*detail_field, vocabulary->fields().size()))
    return base::invalid(path + ": made with another vocabulary; make it again");

  model::EventTable table(vocabulary);
  table.reserve(rows);
  for (const uint32_t number : *participant_number) table.participants.code_of_number(number);
  for (const uint32_t number : *code_number) table.codes.code_of_number(number);
  model::EventColumns columns;
  columns.count = rows;
  columns.code = code->data();
  columns.lo_ms = lo->data();
  columns.participant = participant->data();
  table.append(columns);
  std::vector<model::DetailValue> details;
  for (std::size_t i = 0; i < detail_row->size(); i += details.size()) {
    details.clear();
    for (std::size_t j = i; j < detail_row->size() && (*detail_row)[j] == (*detail_row)[i]; ++j)
      details.push_back({(*detail_field)[j], (*detail_value)[j]});
    table.set_detail((*detail_row)[i], details.data(), details.size());
  }
  return table;
}

}  // namespace kept::bench
