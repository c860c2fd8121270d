// A rule file is refused in words or it loads and its examples run; nothing else happens.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "rules/calendar_file.h"
#include "rules/examples.h"
#include "rules/rule_set.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kept;
  static const auto calendar = [] {
    auto read = rules::read_calendar(KEPT_SOURCE_DIR "/rules/calendars/england-and-wales.yaml");
    if (!read) std::abort();
    return std::make_shared<const calendar::WorkingDayCalendar>(std::move(*read));
  }();
  const std::string text(reinterpret_cast<const char*>(data), size);
  const auto rules = rules::parse_rules(text, "fuzz.yaml", calendar);
  if (!rules) {
    if (rules.error().message.empty()) std::abort();
    return 0;
  }
  rules::check_examples(*rules);
  return 0;
}
