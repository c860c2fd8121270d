#pragma once
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "app/calendar_answer.h"

namespace kept::cli {

/// Adds `kept calendar add DATE DAYS` and `kept calendar list [YEAR]` to `app`.
/// `exit_code` is set when a command has run: 0, or 2 after a refusal, whose words went to standard error. It must
/// outlive `app`.
void add_calendar_command(CLI::App& app, int* exit_code);

/// The answer as a person reads it: the date first, then each day counted or skipped and why.
std::string calendar_text(const app::CalendarAnswer& answer, const rules::CalendarFile& calendar);

/// Holidays as a table, with when each was announced or withdrawn.
std::string holidays_text(const std::vector<calendar::BankHoliday>& holidays, const rules::CalendarFile& calendar);

}  // namespace kept::cli
