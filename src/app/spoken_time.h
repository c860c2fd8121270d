#pragma once
#include <cstdint>
#include <string>

#include "calendar/local_date.h"
#include "model/moment.h"

namespace kept::app {

/// `Tuesday`.
std::string weekday_name(calendar::LocalDate on);
/// `Tuesday 5 March 2024`.
std::string long_date(calendar::LocalDate on);
/// `on Tuesday 5 March 2024 at 14:20`, in London; seconds only where there are any.
std::string instant_words(int64_t at_ms);
/// When something happened, as exactly as it is known and no more.
std::string moment_words(const model::Moment& moment);

}  // namespace kept::app
