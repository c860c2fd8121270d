#include "app/spoken_time.h"

#include <fmt/format.h>

#include "app/assess_files.h"
#include "calendar/london_time.h"

namespace kept::app {

using calendar::LocalDate;

std::string weekday_name(LocalDate on) {
  static const char* const names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
  return names[calendar::weekday(on)];
}

std::string long_date(LocalDate on) {
  return fmt::format("{} {}", weekday_name(on), clock_words(calendar::end_of(on)));
}

std::string instant_words(int64_t at_ms) {
  const LocalDate on = calendar::london_date(at_ms);
  const int64_t seconds = at_ms / 1000 + calendar::london_offset_minutes(at_ms) * 60;
  const int64_t of_day = ((seconds % 86400) + 86400) % 86400;
  const std::string time = of_day % 60 == 0
                               ? fmt::format("{:02}:{:02}", of_day / 3600, of_day / 60 % 60)
                               : fmt::format("{:02}:{:02}:{:02}", of_day / 3600, of_day / 60 % 60, of_day % 60);
  return fmt::format("on {} at {}", long_date(on), time);
}

std::string moment_words(const model::Moment& moment) {
  switch (moment.precision) {
    case model::Precision::instant:
      return instant_words(moment.lo_ms);
    case model::Precision::date:
      return fmt::format("on {} (the day is known, not the time)", long_date(moment.on()));
    case model::Precision::coarse:
      return fmt::format("between {} and {} (it is not known more exactly)", long_date(moment.on()),
                         long_date(calendar::london_date(moment.hi_ms)));
  }
  return "";
}

}  // namespace kept::app
