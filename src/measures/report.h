#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "html/markup.h"
#include "html/words.h"
#include "measures/crime_traits.h"
#include "measures/duty_label.h"
#include "measures/figures.h"
#include "model/event_table.h"

namespace kept::measures {

/// A count with what it counts, in words ready to be read.
struct NamedCount {
  std::string name;
  uint64_t count = 0;
  std::string remark;  ///< may be empty
};

/// People by their place under the Code.
struct PlaceUnderCode {
  std::string says;
  bool under_code = true;
  uint64_t people = 0;
};

/// What the report says beside the figures: when, from what, on which assumptions. All of it in words or numbers.
struct ReportSetting {
  std::string as_at, recorded_by;  ///< as shown to a person
  int16_t as_at_month = no_month;  ///< the month that is not over
  std::string version, rules, calendar_end;
  std::string files;  ///< what to write after the id on the command line
  std::vector<PlaceUnderCode> places;
  std::vector<NamedCount> assumed;  ///< assumptions and rows set aside
};

/// Everything of one report. All references must outlive the call.
struct ReportInput {
  const Figures& figures;
  const DutyLabels& labels;
  const model::EventTable& table;
  const CrimeTraitsTable& traits;
  const ReportSetting& setting;
  const html::Words& words;
};

/// The report as one self-contained page for people inside the agency: no names and no case references, nothing
/// fetched, no script. Same figures, same page, byte for byte.
std::string report_page(const ReportInput& input);

}  // namespace kept::measures
