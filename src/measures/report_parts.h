#pragma once
#include "html/markup.h"
#include "measures/grouping.h"
#include "measures/report.h"

namespace kept::measures {

// The sections of the report, each a <section> with its heading, pictures and tables. Used by report.cc only.

void open_section(html::Markup& page, const ReportInput& input, const char* id);
std::string number(uint64_t count);
/// The heading that names a duty, and what stands under it: its id, what is owed, by whom; further ones follow.
std::vector<html::Column> duty_columns(std::vector<html::Column> further);
std::string duty_cell(const DutyLabel& label, const html::Words& words);
/// Bars of the shown outcomes; the key leaves out outcomes that no bar has.
html::StackedBars outcome_bars(const ReportInput& input, html::Caption caption);
std::vector<int64_t> shown_counts(const OutcomeCounts& counts);
/// Headings and cells for every outcome of what fell due and what cannot be told, after `first` columns.
std::vector<html::Column> outcome_columns(const ReportInput& input, std::vector<html::Column> first);
void append_outcome_cells(const ReportInput& input, const OutcomeCounts& counts, std::vector<std::string>* cells);

void add_by_right(html::Markup& page, const ReportInput& input, const Grouping& code);
void add_trend(html::Markup& page, const ReportInput& input, const Grouping& code);
void add_by_borough(html::Markup& page, const ReportInput& input, const Grouping& code);
void add_by_offence(html::Markup& page, const ReportInput& input, const Grouping& code);
void add_enhanced(html::Markup& page, const ReportInput& input, const Grouping& code);
void add_how_late(html::Markup& page, const ReportInput& input);
void add_too_late_to_use(html::Markup& page, const ReportInput& input, const Grouping& code);

void add_cannot_tell(html::Markup& page, const ReportInput& input);
void add_apart(html::Markup& page, const ReportInput& input);
void add_assumed(html::Markup& page, const ReportInput& input);
void add_trust(html::Markup& page, const ReportInput& input);
void add_examples(html::Markup& page, const ReportInput& input);
void add_how_counted(html::Markup& page, const ReportInput& input);

}  // namespace kept::measures
