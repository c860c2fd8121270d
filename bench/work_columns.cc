#include "work_columns.h"

#include <vector>

#include "columns/parquet_reader.h"
#include "work_log.h"

namespace kept::bench {

base::Result<model::EventTable> read_work_parquet(const std::string& path,
                                                  const std::shared_ptr<const model::Vocabulary>& vocabulary) {
  auto reader = columns::ParquetReader::open(path);
  if (!reader) return reader.error();
  if (auto started = reader->start({0, 1, 2, 3, 4, 5}); !started) return started.error();
  model::EventTable table(vocabulary);
  table.reserve(reader->rows());
  std::vector<uint16_t> code_of_type(work_types + 1);
  for (std::size_t i = 1; i < code_of_type.size(); ++i)
    code_of_type[i] = vocabulary->find(work_type_names[i])->first_code;
  const auto borough = static_cast<uint16_t>(vocabulary->field_id("borough"));
  const auto offence = static_cast<uint16_t>(vocabulary->field_id("offence"));
  const auto enhanced = static_cast<uint16_t>(vocabulary->field_id("enhanced"));
  std::vector<columns::ColumnView> views;
  std::vector<uint32_t> numbers, participants;
  std::vector<uint16_t> codes;
  std::vector<int64_t> at_ms;
  for (;;) {
    const auto rows = reader->next(&views);
    if (!rows) return rows.error();
    if (*rows == 0) return table;
    const auto* participant = views[0].values<int32_t>();
    const auto* type = views[1].values<int16_t>();
    const auto* at_us = views[2].values<int64_t>();
    numbers.resize(*rows);
    participants.resize(*rows);
    codes.resize(*rows);
    at_ms.resize(*rows);
    for (std::size_t i = 0; i < *rows; ++i) {
      numbers[i] = static_cast<uint32_t>(participant[i]);
      if (type[i] < 1 || type[i] > work_types) return base::invalid(path + ": a type of event outside 1 to 42");
      codes[i] = code_of_type[static_cast<std::size_t>(type[i])];
      at_ms[i] = at_us[i] / 1000;
    }
    table.participants.codes_of_numbers(numbers.data(), *rows, participants.data());
    model::EventColumns columns;
    columns.count = *rows;
    columns.code = codes.data();
    columns.lo_ms = at_ms.data();
    columns.participant = participants.data();
    const uint32_t first = table.append(columns);
    // What few rows carry: the words of the validity mask say which.
    const auto each_present = [&](const columns::ColumnView& view, auto&& use) {
      for (std::size_t word = 0; word * 64 < *rows; ++word) {
        uint64_t bits = view.validity == nullptr ? ~uint64_t{0} : view.validity[word];
        if ((word + 1) * 64 > *rows) bits &= (uint64_t{1} << (*rows - word * 64)) - 1;
        for (; bits != 0; bits &= bits - 1) use(word * 64 + static_cast<std::size_t>(__builtin_ctzll(bits)));
      }
    };
    each_present(views[3], [&](std::size_t i) {
      const model::DetailValue details[] = {
          {borough, table.codes.code_of_number(static_cast<uint32_t>(views[3].values<int16_t>()[i]))},
          {offence, table.codes.code_of_number(static_cast<uint32_t>(views[4].values<int16_t>()[i]))}};
      table.set_detail(static_cast<uint32_t>(first + i), details, 2);
    });
    each_present(views[5], [&](std::size_t i) {
      const model::DetailValue detail = {enhanced, views[5].values<int16_t>()[i] == 2 ? 1 : 0};
      table.set_detail(static_cast<uint32_t>(first + i), &detail, 1);
    });
  }
}

}  // namespace kept::bench
