#include "app/assess_files.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "app/content.h"
#include "app/duty_labels.h"
#include "app/obligation_sink.h"
#include "measures/cells_file.h"
#include "measures/grouping.h"

namespace kept::app {
namespace {

using calendar::LocalDate;
using measures::NamedCount;
using measures::ReportSetting;

base::Status write_text(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file)
    return base::Error{
        base::ErrorCode::io,
        fmt::format("{} could not be written. Is there room on the disk, and may this folder be written to?", path)};
  return base::Done{};
}

std::string in_folder(const std::string& folder, const char* name) {
  return (std::filesystem::path(folder) / name).string();
}

uint64_t flagged(const Assessment& assessment, uint32_t flag) {
  uint64_t total = 0;
  const auto bit = static_cast<std::size_t>(__builtin_ctz(flag));
  for (const auto& flags : assessment.figures->flags_by_duty()) total += flags[bit];
  return total;
}

void add_some(std::vector<NamedCount>* list, std::string name, uint64_t count, std::string remark) {
  if (count > 0) list->push_back({std::move(name), count, std::move(remark)});
}

std::vector<NamedCount> assumed(const Assessment& assessment) {
  const Records& records = assessment.records;
  const exchange::ReadCounts& counts = records.read.counts;
  const engine::Tally& tally = assessment.tally;
  std::vector<NamedCount> out;
  switch (records.coverage_origin) {
    case CoverageOrigin::inferred:
      out.push_back({"Obligations that rest on inferred coverage", flagged(assessment, model::flag_inferred_coverage),
                     "No coverage file was given: each agency counts as covered for a type of event from its first to "
                     "its last event of that type"});
      add_some(
          &out, "Obligations that cannot be told for want of coverage", untold_for_want_of_coverage(assessment),
          "Give --coverage FILE, or say complete: yes in a mapping if the files hold everything that was recorded");
      break;
    case CoverageOrigin::given:
      out.push_back({"Agencies in the coverage file", records.coverage->agencies().size(),
                     "What no line of it names is not covered"});
      break;
    case CoverageOrigin::finished_log:
      out.push_back({"Events of a finished log", tally.events,
                     "The mapping says complete: yes. What is not in it did not happen"});
      break;
  }
  uint64_t unverified = 0;
  const std::vector<measures::OutcomeCounts> by_duty = assessment.figures->outcomes_by_duty();
  for (std::size_t duty = 0; duty < by_duty.size(); ++duty)
    unverified += assessment.labels[duty].verified ? 0 : measures::sum(by_duty[duty]);
  add_some(&out, "Obligations of duties recalled from memory", unverified,
           "Their text could not be read; they stand apart");
  add_some(&out, "Obligations whose edition follows from the date of the trigger",
           flagged(assessment, model::flag_edition_by_assumption),
           "The case began under an earlier edition, and another reading would judge these by it");
  add_some(&out, "Obligations judged by the reading kinder to the victim",
           flagged(assessment, model::flag_kinder_reading), "A date or a fact is not known exactly");
  add_some(&out, "Obligations with a good reason entered after they were due",
           flagged(assessment, model::flag_reason_after_due), "A second person had agreed to it");
  add_some(&out, "Obligations moved later by a correction after they were due",
           flagged(assessment, model::flag_moved_after_due), "");
  add_some(&out, "Obligations whose due date changed with a bank holiday announced later",
           flagged(assessment, model::flag_holiday_announced_since), "");
  add_some(&out, "Obligations due past the end of the calendar", flagged(assessment, model::flag_beyond_calendar),
           "They stay open, and are marked");
  add_some(&out, "Events whose time of recording was assumed", counts.recorded_assumed,
           "It was not given, and is taken to be when they happened");
  add_some(&out, "Rows rejected", counts.rejected, "Each with its reason in rejects.csv");
  add_some(&out, "Rows set aside by the mapping", counts.ignored, "");
  add_some(&out, "Rows received twice", counts.duplicates, "The same source and id with the same content");
  add_some(&out, "Events whose id was seen before", tally.repeated_ids, "The first recorded stands");
  add_some(&out, "Corrections that wait for the event they correct", tally.waiting, "Without effect until it arrives");
  add_some(&out, "Corrections that point at each other", tally.cycles, "Refused");
  add_some(&out, "Events about a suspect or a hearing that no crime names", tally.without_link,
           "Nothing is owed for them until link.suspect or link.hearing is recorded");
  add_some(&out, "Events that had not yet happened", tally.after_as_at, "");
  add_some(&out, "Events recorded later than asked about", tally.after_recorded_by, "");
  return out;
}

base::Status write_all(const AssessRequest& request, Assessment* assessment) {
  const std::string& folder = request.out;
  for (const char* name : {"cells.parquet", "cells.csv"}) {
    const std::string path = in_folder(folder, name);
    if (const base::Status written =
            measures::write_cells(assessment->figures->cells(), assessment->labels, assessment->traits, path);
        !written)
      return written.error();
    assessment->written.push_back(path);
  }
  const auto words = read_words(home_folder() + "/content/en");
  if (!words) return words.error();
  const ReportSetting setting = report_setting(*assessment, request.explain_words);
  const std::string path = in_folder(folder, "report.html");
  const std::string page = measures::report_page(
      {*assessment->figures, assessment->labels, assessment->records.read.table, assessment->traits, setting, *words});
  if (const base::Status written = write_text(path, page); !written) return written.error();
  assessment->written.push_back(path);
  return base::Done{};
}

}  // namespace

uint64_t untold_for_want_of_coverage(const Assessment& assessment) {
  uint64_t all = 0;
  for (const auto& [missing, count] : assessment.figures->missing()) {
    if (missing.reason == model::Reason::no_coverage) all += count.obligations;
  }
  return all;
}

std::string clock_words(int64_t at_ms) {
  const LocalDate on = calendar::london_date(at_ms);
  const calendar::YearMonthDay parts = calendar::year_month_day(on);
  static const char* const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                       "July",    "August",   "September", "October", "November", "December"};
  const std::string date = fmt::format("{} {} {}", parts.day, months[parts.month - 1], parts.year);
  if (at_ms == calendar::end_of(on)) return date;
  const int64_t local_minutes = at_ms / 60000 + calendar::london_offset_minutes(at_ms);
  const int64_t minutes = ((local_minutes % 1440) + 1440) % 1440;
  return fmt::format("{}, {:02}:{:02}", date, minutes / 60, minutes % 60);
}

ReportSetting report_setting(const Assessment& assessment, const std::string& explain_words) {
  const Records& records = assessment.records;
  ReportSetting setting;
  setting.as_at = clock_words(records.options.as_at);
  setting.recorded_by = records.options.recorded_by ? clock_words(*records.options.recorded_by)
                                                    : clock_words(records.read.last_recorded_at);
  setting.as_at_month = measures::month_of(calendar::london_date(records.options.as_at));
  setting.version = KEPT_VERSION;
  setting.rules = records.book.version;
  setting.calendar_end = clock_words(calendar::end_of(records.book.calendar->last()));
  setting.files = explain_words;
  if (records.book.applicability.empty()) {
    setting.places.push_back(
        {"Everyone in the records: these rules do not say who they apply to", true, assessment.tally.participants});
  }
  for (std::size_t i = 0; i < records.book.applicability.size(); ++i) {
    const engine::ApplicabilityClass& one = records.book.applicability[i];
    setting.places.push_back({one.says.empty() ? one.id : one.says, one.under_code,
                              i < assessment.tally.by_class.size() ? assessment.tally.by_class[i] : 0});
  }
  setting.assumed = assumed(assessment);
  return setting;
}

base::Result<std::unique_ptr<Assessment>> assess_files(const AssessRequest& request, bool* stopped_by_reject) {
  const auto tell = [&](const std::string& stage) {
    if (request.stage) request.stage(stage);
  };
  std::vector<std::string> written;
  std::unique_ptr<exchange::RejectsFile> rejects;
  if (!request.out.empty()) {
    std::error_code failed;
    std::filesystem::create_directories(request.out, failed);
    if (failed)
      return base::Error{base::ErrorCode::io,
                         fmt::format("The folder {} cannot be made: {}.", request.out, failed.message())};
    auto created = exchange::RejectsFile::create(in_folder(request.out, "rejects.csv"));
    if (!created) return created.error();
    rejects = std::move(*created);
  }
  tell("Reading");
  auto records = read_records(request.records, rejects.get(), stopped_by_reject);
  if (!records) return records.error();
  if (rejects) {
    if (const base::Status closed = rejects->close(); !closed) return closed.error();
    written.push_back(rejects->path());
  }
  auto assessment = std::make_unique<Assessment>(std::move(*records));
  assessment->written = std::move(written);
  const Records& read = assessment->records;
  assessment->labels = duty_labels(read.book);
  // What is printed breaks nothing down by place or offence; the files and the report do.
  const bool writes = !request.out.empty();
  if (writes) assessment->traits = measures::crime_traits(read.read.table, read.options.recorded_by);
  measures::Figures empty(assessment->labels, read.read.table, assessment->traits, read.book.calendar.get(),
                          calendar::london_date(read.options.as_at),
                          writes ? measures::Figures::Scope::report : measures::Figures::Scope::summary);

  tell("Judging");
  engine::AssessOptions options = read.options;
  if (!writes) {
    FiguresSink sink(std::move(empty));
    auto tally = engine::assess(read.book, read.read.table, options, sink);
    if (!tally) return tally.error();
    assessment->tally = *tally;
    assessment->figures = std::make_unique<measures::Figures>(std::move(sink.figures()));
  } else {
    std::vector<measures::ObligationsFile> files;
    for (const char* name : {"obligations.parquet", "obligations.csv"}) {
      const std::string path = in_folder(request.out, name);
      auto opened = measures::ObligationsFile::open(path, assessment->labels, read.read.table, assessment->traits);
      if (!opened) return opened.error();
      files.push_back(std::move(*opened));
      assessment->written.push_back(path);
    }
    WritingSink sink(std::move(empty), std::move(files));
    options.threads = 1;
    auto tally = engine::assess(read.book, read.read.table, options, sink);
    if (!tally) return tally.error();
    assessment->tally = *tally;
    if (const base::Status finished = sink.finish(); !finished) return finished.error();
    assessment->figures = std::make_unique<measures::Figures>(std::move(sink.figures()));
  }
  if (read.book.applicability.empty()) {
    assessment->under_code = assessment->tally.participants;
  } else {
    for (std::size_t i = 0; i < assessment->tally.by_class.size(); ++i) {
      if (read.book.applicability[i].under_code) assessment->under_code += assessment->tally.by_class[i];
    }
  }
  if (writes) {
    tell("Writing the report");
    if (const base::Status all = write_all(request, assessment.get()); !all) return all.error();
  }
  return assessment;
}

}  // namespace kept::app
