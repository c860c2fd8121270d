// The engine's side of the fixed work (bench/work.md). bench/run calls it once for each figure, in a process of its
// own:
//   engine_bench LOG [--reader columns|kept|grouped] [--group FILE] [--mapping FILE] [--threads N] [--rules
//   FILE_OR_FOLDER] [--out OBLIGATIONS.parquet]
// `columns` takes the log's typed columns as they are; `kept` is the reader that `kept assess` uses, with every check
// of a row; `grouped` takes what `--group` wrote: Kept's own columns, grouped by participant. Prints one line of JSON:
// answers, CPU seconds by stage, peak memory.
#include <fmt/format.h>
#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/assess.h"
#include "exchange/mapping.h"
#include "exchange/read_events.h"
#include "rules/rule_set.h"
#include "work_cells.h"
#include "work_columns.h"
#include "work_grouped.h"
#include "work_log.h"
#include "work_obligations.h"

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

int64_t peak_mb() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used.ru_maxrss / 1024;
}

int fail(const std::string& words) {
  std::fprintf(stderr, "engine_bench: %s\n", words.c_str());
  return 1;
}

base::Result<model::EventTable> read_log(const std::string& log, const std::string& reader,
                                         const std::string& mapping_path, int threads,
                                         const std::shared_ptr<const model::Vocabulary>& vocabulary) {
  if (reader == "columns") return bench::read_work_parquet(log, vocabulary);
  if (reader == "grouped") return bench::read_work_grouped(log, vocabulary);
  const auto mapping = exchange::Mapping::load(mapping_path);
  if (!mapping) return mapping.error();
  exchange::ReadRequest request;
  request.files = {log};
  request.mapping = &*mapping;
  request.vocabulary = vocabulary;
  request.threads = threads;
  request.strict = true;  // the first row that is not taken is an error
  auto read = exchange::read_events(request);
  if (!read) return read.error();
  return std::move(read->table);
}

/// For rules that are not those of the fixed work: nothing is kept, the tally counts.
struct Nowhere : engine::Sink {
  void take(const model::Obligation*, std::size_t) override {}
  std::unique_ptr<engine::Sink> fork() override { return std::make_unique<Nowhere>(); }
  void join(engine::Sink&) override {}
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return fail("LOG [--reader columns|kept] [--mapping FILE] [--threads N] [--rules PATH] [--out FILE]");
  const std::string log = argv[1];
  const std::string folder = KEPT_SOURCE_DIR "/bench/work/";
  const bool csv = log.ends_with(".csv");
  std::string reader = csv ? "kept" : "columns";
  std::string mapping = folder + (csv ? "csv-mapping.yaml" : "parquet-mapping.yaml");
  std::string rules = folder + "rules.yaml";
  std::string out;
  std::string group;
  engine::AssessOptions options;
  options.as_at = bench::work_as_at_s * 1000 + 999;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string word = argv[i];
    const std::string value = argv[i + 1];
    if (word == "--reader") reader = value;
    if (word == "--mapping") mapping = value;
    if (word == "--rules") rules = value;
    if (word == "--threads") options.threads = std::atoi(value.c_str());
    if (word == "--out") out = value;
    if (word == "--group") group = value;
  }
  const auto began = std::chrono::steady_clock::now();
  const auto book = rules::load_rules({rules, ""});
  if (!book) return fail(book.error().message);
  const double after_rules = cpu_s();
  const auto table = read_log(log, reader, mapping, options.threads, book->vocabulary);
  if (!table) return fail(table.error().message);
  if (!group.empty()) {
    if (const auto written = bench::write_work_grouped(*table, group); !written) return fail(written.error().message);
    return 0;
  }
  const double after_read = cpu_s();
  const double read_wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const int64_t peak_after_read = peak_mb();

  std::optional<bench::WorkCells> cells;
  std::optional<bench::WorkObligations> obligations;
  Nowhere nowhere;
  engine::Sink* sink = &nowhere;
  if (rules == folder + "rules.yaml" && out.empty()) sink = &cells.emplace(*book, *table);
  if (!out.empty()) {
    auto opened = bench::WorkObligations::open(out, *table);
    if (!opened) return fail(opened.error().message);
    sink = &obligations.emplace(std::move(*opened));
  }
  const double after_sink = cpu_s();
  const auto tally = engine::assess(*book, *table, options, *sink);
  if (!tally) return fail(tally.error().message);
  if (obligations) {
    if (const auto finished = obligations->finish(); !finished) return fail(finished.error().message);
  }
  const auto sums = cells ? cells->sums() : bench::WorkCells::Sums();
  const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  const double cpu = cpu_s();
  fmt::print(
      "{{\"events\": {}, \"read_by_duty\": {}, \"obligations\": {}, \"cells\": {}, \"kept\": {}, \"late\": {}, "
      "\"open\": {}, \"overdue\": {}, "
      "\"late_by\": {}, \"checked\": {}, \"unexpected\": {}, \"rules_cpu_s\": {:.3f}, \"read_cpu_s\": {:.3f}, "
      "\"read_wall_s\": {:.3f}, "
      "\"sink_cpu_s\": {:.3f}, "
      "\"assess_cpu_s\": {:.3f}, \"cpu_s\": {:.3f}, \"wall_s\": {:.3f}, \"read_peak_mb\": {}, \"peak_mb\": {}, "
      "\"table_mb\": {}}}\n",
      tally->events, tally->read_by_duty, tally->obligations, sums.cells, sums.outcomes[0], sums.outcomes[1],
      sums.outcomes[2], sums.outcomes[3], sums.late_by, sums.checked, sums.unexpected, after_rules,
      after_read - after_rules, read_wall, after_sink - after_read, cpu - after_sink, cpu, wall, peak_after_read,
      peak_mb(), table->memory_bytes() >> 20);
  return 0;
}
