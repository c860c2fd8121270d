#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "app/records.h"
#include "measures/crime_traits.h"
#include "measures/duty_label.h"
#include "measures/figures.h"
#include "measures/report.h"

namespace kept::app {

/// What `kept assess` is asked for.
struct AssessRequest {
  RecordsRequest records;
  std::string out;            ///< a folder for obligations, cells, rejects and the report; empty: none are written
  std::string explain_words;  ///< what to write after the id to explain an obligation of this run: files and options
  std::function<void(const std::string& stage)> stage;  ///< told what is being done
};

/// One run: what was read, what every obligation came to, and where it was written. Not moved once made: its parts
/// point at each other.
struct Assessment {
  explicit Assessment(Records read) : records(std::move(read)) {}
  Assessment(const Assessment&) = delete;
  Assessment& operator=(const Assessment&) = delete;

  Records records;
  measures::DutyLabels labels;
  measures::CrimeTraitsTable traits;           ///< read only for what is written into a folder
  std::unique_ptr<measures::Figures> figures;  ///< without a folder, only the summary
  engine::Tally tally;
  std::vector<std::string> written;  ///< paths, in the order written
  uint64_t under_code = 0;           ///< people under the Code: every rate starts from this count
};

/// Reads, judges and, where asked, writes. The same files and options give the same bytes, whatever the number of
/// threads. Errors: those of `read_records`; not_covered where as_at lies past the calendar; io for the folder.
/// `stopped_by_reject`: as for read_records.
base::Result<std::unique_ptr<Assessment>> assess_files(const AssessRequest& request, bool* stopped_by_reject = nullptr);

/// Obligations of all duties that cannot be told because a feed is not known to have been complete.
uint64_t untold_for_want_of_coverage(const Assessment& assessment);

/// The report's words about when, from what, and on which assumptions.
measures::ReportSetting report_setting(const Assessment& assessment, const std::string& explain_words);

/// `31 December 2024`, with the time where the instant is not the end of a London day.
std::string clock_words(int64_t at_ms);

}  // namespace kept::app
