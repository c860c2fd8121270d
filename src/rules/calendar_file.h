#pragma once
#include <string>

#include "base/result.h"
#include "calendar/working_days.h"

namespace kept::rules {

/// A calendar as its file states it: who says so, under which licence, and the dated holidays.
struct CalendarFile {
  std::string id;  ///< the file's `calendar:`, for example england-and-wales
  std::string title;
  std::string source_title;
  std::string source_url;
  std::string source_read;  ///< official | reproduction | recalled: how the source was read
  std::string licence;
  calendar::WorkingDayCalendar calendar;
};

/// Reads a calendar file (rules/calendars/*.yaml; docs/how-to/add-a-bank-holiday.md shows its keys).
/// Errors: `not_found` or `io` when it cannot be read; `invalid` with file:line and the mend for broken YAML, an
/// unknown, missing or repeated key, a date that does not exist, an end before its start, a day that is a holiday twice
/// at once or lies outside the calendar, a holiday announced or withdrawn after its own date, a dated row that does not
/// say how its date was read; `too_large` above 4 MiB.
base::Result<CalendarFile> read_calendar_file(const std::string& path);

/// The same, when only the days matter.
base::Result<calendar::WorkingDayCalendar> read_calendar(const std::string& path);

/// As `read_calendar_file`, from text; `path` is only named in messages.
base::Result<CalendarFile> parse_calendar_file(const std::string& text, const std::string& path);

}  // namespace kept::rules
