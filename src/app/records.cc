#include "app/records.h"

#include <fmt/format.h>

#include "app/coverage_file.h"
#include "exchange/mapping.h"
#include "rules/rule_set.h"

namespace kept::app {
namespace {

/// Passes on each rejected row, and under `strict` stops at the first.
class StopAtFirst : public exchange::Rejects {
 public:
  explicit StopAtFirst(exchange::Rejects* kept) : kept_(kept) {}
  base::Status take(const exchange::Reject& reject) override {
    if (kept_ != nullptr) {
      if (const base::Status taken = kept_->take(reject); !taken) return taken.error();
    }
    stopped_ = true;
    std::string where(reject.file);
    if (reject.line > 0) where += fmt::format(":{}", reject.line);
    if (!reject.field.empty()) where += fmt::format(", {}", exchange::shown(reject.field, 100));
    if (!reject.personal && !reject.value.empty()) where += fmt::format(" \"{}\"", exchange::shown(reject.value, 100));
    return base::invalid(fmt::format("{}: {} (--strict stops at the first rejected row)", where, reject.why));
  }
  bool stopped() const { return stopped_; }

 private:
  exchange::Rejects* kept_;
  bool stopped_ = false;
};

}  // namespace

base::Result<int64_t> clock_time(const std::string& text, const std::string& option) {
  const auto moment = model::parse_moment(text);
  if (!moment || moment->precision == model::Precision::coarse) {
    return base::invalid(
        fmt::format("{}: \"{}\" is not a date or an instant. Write 2024-12-31 (the end of that day in London) or "
                    "2024-12-31T17:00Z.",
                    option, text));
  }
  return moment->hi_ms;
}

base::Result<Records> read_records(const RecordsRequest& request, exchange::Rejects* rejects, bool* stopped_by_reject) {
  if (request.files.empty())
    return base::invalid("No files were named. Give at least one file of events: .csv, .jsonl, .parquet or .xes.");
  std::optional<int64_t> as_at;
  std::optional<int64_t> recorded_by;
  if (request.as_at) {
    const auto read = clock_time(*request.as_at, "--as-at");
    if (!read) return read.error();
    as_at = *read;
  }
  if (request.recorded_by) {
    const auto read = clock_time(*request.recorded_by, "--recorded-by");
    if (!read) return read.error();
    recorded_by = *read;
  }
  std::vector<std::string> rule_notes;
  auto book = rules::load_rules({request.rules, request.calendar}, &rule_notes);
  if (!book) return book.error();

  exchange::ReadRequest reading;
  reading.files = request.files;
  reading.vocabulary = book->vocabulary;
  StopAtFirst stop_at_first(rejects);
  reading.rejects = request.strict ? &stop_at_first : rejects;
  reading.progress = request.progress;
  reading.threads = request.threads;
  std::optional<exchange::Mapping> mapping;
  if (!request.mapping.empty()) {
    auto loaded = exchange::Mapping::load(request.mapping);
    if (!loaded) return loaded.error();
    mapping = std::move(*loaded);
    reading.mapping = &*mapping;
  }
  auto read = exchange::read_events(reading);
  if (stopped_by_reject != nullptr) *stopped_by_reject = stop_at_first.stopped();
  if (!read) return read.error();
  read->notes.insert(read->notes.begin(), rule_notes.begin(), rule_notes.end());
  if (read->table.size() == 0) {
    return base::invalid(fmt::format(
        "There is no event in {}: {} rows read, {} rejected, {} set aside by the mapping. {}",
        fmt::join(request.files, ", "), read->counts.rows, read->counts.rejected, read->counts.ignored,
        read->counts.rejected > 0 ? "With --out DIR the reasons stand in rejects.csv." : "Is it the right file?"));
  }

  Records records{std::move(*book), std::move(*read), nullptr, CoverageOrigin::inferred, {}, as_at.has_value()};
  if (!request.coverage.empty()) {
    auto coverage = read_coverage_file(request.coverage, &records.read.table);
    if (!coverage) return coverage.error();
    records.coverage = std::make_unique<engine::Coverage>(std::move(*coverage));
    records.coverage_origin = CoverageOrigin::given;
  } else if (records.read.complete) {
    records.coverage_origin = CoverageOrigin::finished_log;
  } else {
    records.coverage = std::make_unique<engine::Coverage>(engine::Coverage::inferred(records.read.table));
  }
  records.options.as_at = as_at.value_or(records.read.last_recorded_at);
  records.options.recorded_by = recorded_by;
  records.options.coverage = records.coverage.get();
  records.options.threads = request.threads;
  return records;
}

}  // namespace kept::app
