// The engine's side of the fixed work (bench/work.md); bench/run calls it once for each figure, each in a process of
// its own:
//   engine_bench parquet|csv LOG [--threads N] [--out OBLIGATIONS.parquet] [--rules FILE]
// Prints one line of JSON: answers, seconds and CPU seconds by stage, peak memory.
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "columns/parquet_reader.h"
#include "engine/assess.h"
#include "rules/rule_set.h"
#include "work_cells.h"
#include "work_log.h"

namespace {
using namespace kept;

double cpu_s() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

double wall_s() {
  static const auto began = std::chrono::steady_clock::now();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

int fail(const std::string& words) {
  std::fprintf(stderr, "engine_bench: %s\n", words.c_str());
  return 1;
}

base::Result<model::EventTable> read_parquet(const std::string& path,
                                             const std::shared_ptr<const model::Vocabulary>& vocabulary) {
  auto reader = columns::ParquetReader::open(path);
  if (!reader) return reader.error();
  if (auto started = reader->start({0, 1, 2, 3, 4, 5}); !started) return started.error();
  model::EventTable table(vocabulary);
  table.reserve(reader->rows());
  std::vector<uint16_t> code_of_type(bench::work_types + 1);
  for (std::size_t i = 1; i < code_of_type.size(); ++i)
    code_of_type[i] = vocabulary->find(bench::work_type_names[i])->first_code;
  const auto borough = static_cast<uint16_t>(vocabulary->field_id("borough"));
  const auto offence = static_cast<uint16_t>(vocabulary->field_id("offence"));
  const auto enhanced = static_cast<uint16_t>(vocabulary->field_id("enhanced"));
  std::vector<columns::ColumnView> views;
  for (;;) {
    const auto rows = reader->next(&views);
    if (!rows) return rows.error();
    if (*rows == 0) return table;
    const auto* participant = views[0].values<int32_t>();
    const auto* type = views[1].values<int16_t>();
    const auto* at_us = views[2].values<int64_t>();
    for (std::size_t i = 0; i < *rows; ++i) {
      model::EventRow row;
      model::DetailValue details[2];
      row.participant = table.participants.code_of_number(static_cast<uint32_t>(participant[i]));
      row.code = code_of_type[static_cast<std::size_t>(type[i])];
      row.occurred = model::Moment::instant(at_us[i] / 1000);
      row.recorded_at = row.occurred.lo_ms;
      row.detail = details;
      if (views[3].present(i)) {
        details[0] = {borough, table.codes.code_of_number(static_cast<uint32_t>(views[3].values<int16_t>()[i]))};
        details[1] = {offence, table.codes.code_of_number(static_cast<uint32_t>(views[4].values<int16_t>()[i]))};
        row.detail_count = 2;
      } else if (views[5].present(i)) {
        details[0] = {enhanced, views[5].values<int16_t>()[i] == 2 ? 1 : 0};
        row.detail_count = 1;
      }
      table.append(row);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return fail("parquet|csv LOG [--threads N] [--rules FILE]");
  const std::string form = argv[1];
  const std::string log = argv[2];
  std::string rules = KEPT_SOURCE_DIR "/bench/work/rules.yaml";
  engine::AssessOptions options;
  options.as_at = bench::work_as_at_s * 1000 + 999;
  for (int i = 3; i + 1 < argc; i += 2) {
    const std::string word = argv[i];
    if (word == "--threads") options.threads = std::atoi(argv[i + 1]);
    if (word == "--rules") rules = argv[i + 1];
  }
  wall_s();
  const auto book = rules::load_rules({rules, ""});
  if (!book) return fail(book.error().message);
  const double after_rules = cpu_s();
  const auto table = read_parquet(log, book->vocabulary);
  if (!table) return fail(table.error().message);
  const double after_read = cpu_s();
  bench::WorkCells cells(*book, *table);
  const double after_traits = cpu_s();
  const auto tally = engine::assess(*book, *table, options, cells);
  if (!tally) return fail(tally.error().message);
  const double after_assess = cpu_s();
  const auto sums = cells.sums();
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  fmt::print(
      "{{\"events\": {}, \"read_by_duty\": {}, \"obligations\": {}, \"cells\": {}, \"kept\": {}, \"late\": {}, "
      "\"open\": {}, \"overdue\": {}, "
      "\"late_by\": {}, \"checked\": {}, \"unexpected\": {}, \"rules_cpu_s\": {:.3f}, \"read_cpu_s\": {:.3f}, "
      "\"traits_cpu_s\": {:.3f}, "
      "\"assess_cpu_s\": {:.3f}, \"cpu_s\": {:.3f}, \"wall_s\": {:.3f}, \"peak_mb\": {}, \"table_mb\": {}}}\n",
      tally->events, tally->read_by_duty, tally->obligations, sums.cells, sums.outcomes[0], sums.outcomes[1],
      sums.outcomes[2], sums.outcomes[3], sums.late_by, sums.checked, sums.unexpected, after_rules,
      after_read - after_rules, after_traits - after_read, after_assess - after_traits, cpu_s(), wall_s(),
      used.ru_maxrss / 1024, table->memory_bytes() >> 20);
  return 0;
}
