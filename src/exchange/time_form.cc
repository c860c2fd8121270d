#include "exchange/time_form.h"

#include "exchange/rejects.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <optional>

namespace kept::exchange {
namespace {

using calendar::LocalDate;
using model::Moment;

constexpr int64_t ms_in_day = 86'400'000;
constexpr int32_t first_year = 1900;
constexpr int32_t last_year = 2199;

/// Day number of the first of each month from January 1900 to January 2200.
struct MonthStarts {
  std::array<int32_t, (last_year - first_year + 1) * 12 + 1> day{};
  constexpr MonthStarts() {
    constexpr int lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int32_t at = -25567;  // 1900-01-01
    std::size_t index = 0;
    for (int year = first_year; year <= last_year; ++year) {
      const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
      for (int month = 0; month < 12; ++month) {
        day[index++] = at;
        at += lengths[month] + (month == 1 && leap ? 1 : 0);
      }
    }
    day[index] = at;
  }
};
constexpr MonthStarts months;

/// Precondition: year in range, month 1-12. False when the month has no such day.
bool day_number(int year, int month, int day, int32_t* out) {
  const auto index = static_cast<std::size_t>((year - first_year) * 12 + month - 1);
  if (day < 1 || months.day[index] + day > months.day[index + 1]) return false;
  *out = months.day[index] + day - 1;
  return true;
}

uint64_t eight(const char* text) {
  uint64_t word = 0;
  std::memcpy(&word, text, 8);
  return word;
}

/// Are the bytes that `where` selects (0xff each) all digits, and the others exactly as in `fixed`?
bool shaped(uint64_t word, uint64_t where, uint64_t fixed) {
  if ((word & ~where) != fixed) return false;
  const uint64_t digits = (word & where) | (~where & 0x3030303030303030ULL);
  // Above '9' the first sum sets a byte's top bit; below '0' the second difference does.
  return (((digits + 0x4646464646464646ULL) | (digits - 0x3030303030303030ULL)) & 0x8080808080808080ULL) == 0;
}

int two(const char* text) { return (text[0] - '0') * 10 + (text[1] - '0'); }

/// What a strptime-like format found.
struct Parts {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, milliseconds = 0;
  int day_of_year = 0;
  int afternoon = -1;  ///< 0 AM, 1 PM
  bool has_month = false, has_day = false, has_time = false, has_offset = false;
  int offset_minutes = 0;
};

constexpr const char* month_names[12] = {"january", "february", "march",     "april",   "may",      "june",
                                         "july",    "august",   "september", "october", "november", "december"};
constexpr const char* day_names[7] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

/// Reads from `least` to `most` digits.
bool number(std::string_view text, std::size_t* at, int least, int most, int* out) {
  int value = 0;
  int count = 0;
  while (count < most && *at < text.size() && text[*at] >= '0' && text[*at] <= '9') {
    value = value * 10 + (text[*at] - '0');
    ++*at;
    ++count;
  }
  *out = value;
  return count >= least;
}

/// A name in full or by its first three letters; -1 when none.
template <std::size_t N>
int name_of(std::string_view text, std::size_t* at, const char* const (&names)[N]) {
  for (std::size_t i = 0; i < N; ++i) {
    const std::string_view name = names[i];
    for (const std::size_t length : {name.size(), std::size_t{3}}) {
      if (text.size() - *at < length) continue;
      bool same = true;
      for (std::size_t k = 0; k < length && same; ++k) same = lower(text[*at + k]) == name[k];
      if (!same) continue;
      *at += length;
      return static_cast<int>(i);
    }
  }
  return -1;
}

bool offset(std::string_view text, std::size_t* at, Parts* parts) {
  parts->has_offset = true;
  if (*at >= text.size()) return false;
  if (text[*at] == 'Z' || text[*at] == 'z') {
    ++*at;
    return true;
  }
  const char sign = text[*at];
  if (sign != '+' && sign != '-') return false;
  ++*at;
  int hours = 0;
  int minutes = 0;
  if (!number(text, at, 2, 2, &hours)) return false;
  if (*at < text.size() && text[*at] == ':') ++*at;
  if (*at < text.size() && text[*at] >= '0' && text[*at] <= '9' && !number(text, at, 2, 2, &minutes)) return false;
  if (hours > 18 || minutes > 59) return false;
  parts->offset_minutes = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
  return true;
}

bool fraction(std::string_view text, std::size_t* at, Parts* parts) {
  int places = 0;
  for (; *at < text.size() && text[*at] >= '0' && text[*at] <= '9'; ++*at, ++places) {
    if (places < 3) parts->milliseconds = parts->milliseconds * 10 + (text[*at] - '0');
  }
  for (int i = places; i < 3; ++i) parts->milliseconds *= 10;
  return places >= 1 && places <= 9;
}

bool follows(std::string_view format, std::string_view text, Parts* parts) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (c == ' ') {  // one blank in the format is one or more in the text
      if (at >= text.size() || text[at] != ' ') return false;
      while (at < text.size() && text[at] == ' ') ++at;
      continue;
    }
    if (c != '%') {
      if (at >= text.size() || text[at] != c) return false;
      ++at;
      continue;
    }
    ++i;
    switch (format[i]) {
      case 'Y':
        if (!number(text, &at, 4, 4, &parts->year)) return false;
        break;
      case 'y':
        if (!number(text, &at, 2, 2, &parts->year)) return false;
        parts->year += parts->year < 69 ? 2000 : 1900;
        break;
      case 'm':
        if (!number(text, &at, 1, 2, &parts->month)) return false;
        parts->has_month = true;
        break;
      case 'b':
      case 'B':
        parts->month = name_of(text, &at, month_names) + 1;
        if (parts->month == 0) return false;
        parts->has_month = true;
        break;
      case 'a':
      case 'A':
        if (name_of(text, &at, day_names) < 0) return false;
        break;
      case 'd':
        if (!number(text, &at, 1, 2, &parts->day)) return false;
        parts->has_day = true;
        break;
      case 'j':
        if (!number(text, &at, 1, 3, &parts->day_of_year)) return false;
        parts->has_day = true;
        parts->has_month = true;
        break;
      case 'H':
      case 'I':
        if (!number(text, &at, 1, 2, &parts->hour)) return false;
        if (format[i] == 'I' && (parts->hour < 1 || parts->hour > 12)) return false;
        parts->has_time = true;
        break;
      case 'M':
        if (!number(text, &at, 1, 2, &parts->minute)) return false;
        break;
      case 'S':
        if (!number(text, &at, 1, 2, &parts->second)) return false;
        break;
      case 'f':
        if (!fraction(text, &at, parts)) return false;
        break;
      case 'p': {
        if (text.size() - at < 2 || lower(text[at + 1]) != 'm') return false;
        const char half = lower(text[at]);
        if (half != 'a' && half != 'p') return false;
        parts->afternoon = half == 'p' ? 1 : 0;
        at += 2;
        break;
      }
      case 'z':
        if (!offset(text, &at, parts)) return false;
        break;
      default:  // %%; `make` refused the rest
        if (at >= text.size() || text[at] != '%') return false;
        ++at;
    }
  }
  return at == text.size();
}

base::Status check_format(const std::string& format) {
  bool year = false;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    ++i;
    if (i == format.size() || std::strchr("YymbBaAdjHIMSfpz%", format[i]) == nullptr) {
      return base::invalid(
          fmt::format("the time format \"{}\" has a part that is not known; use %Y %y %m %b %B %d %j %a %A %H %I %p %M "
                      "%S %f %z %%, "
                      "or one of iso, epoch_seconds, epoch_milliseconds, excel_days",
                      format));
    }
    year = year || format[i] == 'Y' || format[i] == 'y';
  }
  if (!year) {
    return base::invalid(
        fmt::format("the time format \"{}\" has no year (%Y or %y); a date and a time in two columns are "
                    "joined with a pattern such as \"{{Date}} {{Time}}\"",
                    format));
  }
  return base::Done{};
}

TimeProblem from_number(std::string_view text, double unit_ms, double shift_ms, Moment* moment, int64_t* local_ms) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return TimeProblem::form;
  const double at = value * unit_ms + shift_ms;
  if (at < -2.3e12 || at > 7.3e12) return TimeProblem::out_of_range;
  *local_ms = static_cast<int64_t>(std::llround(at));
  *moment = Moment::instant(*local_ms);
  return TimeProblem::none;
}

}  // namespace

bool in_range(const Moment& moment) {
  constexpr int64_t earliest = -25567 * ms_in_day;     // 1900-01-01
  constexpr int64_t end = int64_t{84006} * ms_in_day;  // 2200-01-01
  static_assert(months.day.back() == 84006);
  return moment.lo_ms >= earliest && moment.hi_ms < end;
}

bool read_plain_instant(const char* text, std::size_t size, LastDate* last, int64_t* at_ms) {
  if ((size != 20 && size != 24) || text[size - 1] != 'Z') return false;
  // 2026-03- 02T10:00 :00
  const uint64_t middle = eight(text + 8);
  if (eight(text) != eight(last->text.data()) || std::memcmp(text + 8, last->text.data() + 8, 2) != 0) {
    if (!shaped(eight(text), 0x00ffff00ffffffffULL, 0x2d00002d00000000ULL)) return false;
    if (!shaped(middle & 0xffff, 0xffff, 0)) return false;
    const int year = two(text) * 100 + two(text + 2);
    const int month = two(text + 5);
    int32_t day = 0;
    if (year < first_year || year > last_year || month < 1 || month > 12 ||
        !day_number(year, month, two(text + 8), &day))
      return false;
    std::memcpy(last->text.data(), text, 10);
    last->starts_ms = day * ms_in_day;
  }
  if (!shaped(middle & ~uint64_t{0xffff}, 0xffff00ffff000000ULL, 0x00003a0000540000ULL)) return false;
  if (text[16] != ':' || text[17] < '0' || text[17] > '5' || text[18] < '0' || text[18] > '9') return false;
  const int hour = two(text + 11);
  const int minute = two(text + 14);
  if (hour > 23 || minute > 59) return false;
  int milliseconds = 0;
  if (size == 24) {
    if (text[19] != '.') return false;
    for (int i = 20; i < 23; ++i) {
      if (text[i] < '0' || text[i] > '9') return false;
      milliseconds = milliseconds * 10 + (text[i] - '0');
    }
  }
  *at_ms = last->starts_ms + ((hour * 60 + minute) * 60 + two(text + 17)) * int64_t{1000} + milliseconds;
  return true;
}

struct TimeReader::State {
  std::vector<std::string> formats;
  const date::time_zone* zone = nullptr;
  Ambiguous ambiguous = Ambiguous::reject;
  std::string accepts;
  LastDate last_date;
  // The stretch of local time, well inside one offset, last seen.
  int64_t sure_from_ms = 1, sure_to_ms = 0, sure_offset_ms = 0;

  TimeProblem local(int64_t local_ms, Moment* moment);
  TimeProblem iso(std::string_view text, Moment* moment);
  TimeProblem from_parts(const Parts& parts, Moment* moment);
  TimeProblem by_format(const std::string& format, std::string_view text, Moment* moment);
};

TimeProblem TimeReader::State::local(int64_t local_ms, Moment* moment) {
  if (!in_range(Moment::instant(local_ms))) return TimeProblem::out_of_range;
  if (local_ms >= sure_from_ms && local_ms < sure_to_ms) {
    *moment = Moment::instant(local_ms - sure_offset_ms);
    return TimeProblem::none;
  }
  if (zone == nullptr) return TimeProblem::no_zone;
  using std::chrono::milliseconds;
  using std::chrono::seconds;
  const auto whole = std::chrono::floor<seconds>(milliseconds(local_ms));
  const date::local_info info = zone->get_info(date::local_seconds(whole));
  if (info.result == date::local_info::nonexistent) return TimeProblem::gap;
  if (info.result == date::local_info::ambiguous) {
    if (ambiguous == Ambiguous::reject) return TimeProblem::overlap;
    // `first` is the offset before the change: the larger, so the earlier instant.
    const auto off = ambiguous == Ambiguous::earlier ? info.first.offset : info.second.offset;
    *moment = Moment::instant(local_ms - milliseconds(off).count());
    return TimeProblem::none;
  }
  const int64_t offset_ms = milliseconds(info.first.offset).count();
  // A day from each end is past any overlap or gap.
  constexpr int64_t far = 4'000'000'000'000'000;
  const int64_t begin_s = std::max<int64_t>(info.first.begin.time_since_epoch().count(), -far / 1000);
  const int64_t end_s = std::min<int64_t>(info.first.end.time_since_epoch().count(), far / 1000);
  sure_from_ms = begin_s * 1000 + offset_ms + ms_in_day;
  sure_to_ms = end_s * 1000 + offset_ms - ms_in_day;
  sure_offset_ms = offset_ms;
  *moment = Moment::instant(local_ms - offset_ms);
  return TimeProblem::none;
}

TimeProblem TimeReader::State::from_parts(const Parts& parts, Moment* moment) {
  if (parts.year < first_year || parts.year > last_year) return TimeProblem::out_of_range;
  if (parts.has_month && parts.day_of_year == 0 && (parts.month < 1 || parts.month > 12)) return TimeProblem::no_such;
  int32_t day = 0;
  if (!parts.has_month) {
    if (parts.has_day || parts.has_time) return TimeProblem::form;
    day_number(parts.year, 1, 1, &day);
    *moment = {calendar::start_of({day}), calendar::start_of(calendar::add_months({day}, 12)) - 1,
               model::Precision::coarse};
    return TimeProblem::none;
  }
  if (!parts.has_day) {
    if (parts.has_time) return TimeProblem::form;
    day_number(parts.year, parts.month, 1, &day);
    *moment = {calendar::start_of({day}), calendar::start_of(calendar::add_months({day}, 1)) - 1,
               model::Precision::coarse};
    return TimeProblem::none;
  }
  if (parts.day_of_year != 0) {
    int32_t last = 0;
    day_number(parts.year, 1, 1, &day);
    day_number(parts.year, 12, 31, &last);
    day += parts.day_of_year - 1;
    if (day > last) return TimeProblem::no_such;
  } else if (!day_number(parts.year, parts.month, parts.day, &day)) {
    return TimeProblem::no_such;
  }
  if (!parts.has_time) {
    *moment = Moment::date({day});
    return TimeProblem::none;
  }
  int hour = parts.hour;
  if (parts.afternoon >= 0) hour = hour % 12 + 12 * parts.afternoon;
  if (hour > 23 || parts.minute > 59 || parts.second > 59) return TimeProblem::no_such;
  const int64_t local_ms =
      day * ms_in_day + ((hour * 60 + parts.minute) * 60 + parts.second) * int64_t{1000} + parts.milliseconds;
  if (!parts.has_offset) return local(local_ms, moment);
  *moment = Moment::instant(local_ms - parts.offset_minutes * int64_t{60'000});
  return TimeProblem::none;
}

TimeProblem TimeReader::State::iso(std::string_view text, Moment* moment) {
  int64_t at_ms = 0;
  if (read_plain_instant(text.data(), text.size(), &last_date, &at_ms)) {
    *moment = Moment::instant(at_ms);
    return TimeProblem::none;
  }
  // A day, or a day with a time that may lack its offset; months, years and ranges are the model's.
  if (text.size() >= 10 && text.find("..") == std::string_view::npos) {
    Parts parts;
    std::size_t at = 0;
    const auto skip = [&](char c) { return at < text.size() && text[at] == c ? (++at, true) : false; };
    if (!number(text, &at, 4, 4, &parts.year) || !skip('-') || !number(text, &at, 2, 2, &parts.month) || !skip('-') ||
        !number(text, &at, 2, 2, &parts.day)) {
      return TimeProblem::form;
    }
    parts.has_month = parts.has_day = true;
    if (at == text.size()) return from_parts(parts, moment);
    parts.has_time = true;
    if ((!skip('T') && !skip(' ')) || !number(text, &at, 2, 2, &parts.hour) || !skip(':') ||
        !number(text, &at, 2, 2, &parts.minute)) {
      return TimeProblem::form;
    }
    if (skip(':')) {
      if (!number(text, &at, 2, 2, &parts.second)) return TimeProblem::form;
      if ((skip('.') || skip(',')) && !fraction(text, &at, &parts)) return TimeProblem::form;
    }
    if (at < text.size() && text[at] == ' ') ++at;
    if (at < text.size() && !offset(text, &at, &parts)) return TimeProblem::form;
    return at == text.size() ? from_parts(parts, moment) : TimeProblem::form;
  }
  const auto parsed = model::parse_moment(text);
  if (!parsed) return TimeProblem::form;
  *moment = *parsed;
  return in_range(*moment) ? TimeProblem::none : TimeProblem::out_of_range;
}

TimeProblem TimeReader::State::by_format(const std::string& format, std::string_view text, Moment* moment) {
  if (format == "iso") return iso(text, moment);
  int64_t at_ms = 0;
  if (format == "epoch_seconds") return from_number(text, 1000, 0, moment, &at_ms);
  if (format == "epoch_milliseconds") return from_number(text, 1, 0, moment, &at_ms);
  if (format == "excel_days") {
    // Day 25569 of the 1900 system is 1970-01-01; a whole number is a date.
    const TimeProblem problem = from_number(text, 86'400'000, -25569.0 * 86'400'000, moment, &at_ms);
    if (problem != TimeProblem::none) return problem;
    if (text.find('.') != std::string_view::npos) return local(at_ms, moment);
    *moment = Moment::date(LocalDate{static_cast<int32_t>(std::floor(static_cast<double>(at_ms) / 86'400'000))});
    return TimeProblem::none;
  }
  Parts parts;
  if (!follows(format, text, &parts)) return TimeProblem::form;
  return from_parts(parts, moment);
}

TimeReader::TimeReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
TimeReader::TimeReader(TimeReader&&) noexcept = default;
TimeReader& TimeReader::operator=(TimeReader&&) noexcept = default;
TimeReader::~TimeReader() = default;
const std::string& TimeReader::accepts() const { return state_->accepts; }

TimeReader TimeReader::iso() {
  auto state = std::make_unique<State>();
  state->formats = {"iso"};
  state->accepts = "2026-03-02T10:00:00Z (any offset), 2026-03-02, 2026-03, 2026 or FROM..TO of these";
  return TimeReader(std::move(state));
}

base::Result<TimeReader> TimeReader::make(const TimeForm& form) {
  TimeReader reader = iso();
  State& state = *reader.state_;
  state.ambiguous = form.ambiguous;
  if (!form.formats.empty()) {
    state.formats = form.formats;
    state.accepts.clear();
    for (const auto& format : form.formats) {
      const bool named =
          format == "iso" || format == "epoch_seconds" || format == "epoch_milliseconds" || format == "excel_days";
      if (!named) {
        const auto checked = check_format(format);
        if (!checked) return checked.error();
      }
      if (!state.accepts.empty()) state.accepts += " or ";
      state.accepts += format;
    }
  }
  if (form.zone.empty()) return reader;
  try {
    state.zone = date::locate_zone(form.zone);
  } catch (const std::exception&) {
    return base::invalid(
        fmt::format("the time zone \"{}\" is not in this system's tzdata; write a name such as "
                    "Europe/London, Europe/Amsterdam or UTC (package tzdata must be installed)",
                    shown(form.zone, 60)));
  }
  return reader;
}

TimeProblem TimeReader::read(std::string_view text, Moment* moment) {
  TimeProblem worst = TimeProblem::form;
  for (const auto& format : state_->formats) {
    TimeProblem problem = state_->by_format(format, text, moment);
    if (problem == TimeProblem::none && !in_range(*moment)) problem = TimeProblem::out_of_range;
    if (problem == TimeProblem::none) return problem;
    // The form that came closest says most: 31/02 in the right form rather than "in no form".
    if (problem != TimeProblem::form && worst == TimeProblem::form) worst = problem;
  }
  return worst;
}

TimeProblem TimeReader::from_local(int64_t local_ms, bool utc_without_zone, Moment* moment) {
  if (state_->zone == nullptr && utc_without_zone) {
    *moment = Moment::instant(local_ms);
    return in_range(*moment) ? TimeProblem::none : TimeProblem::out_of_range;
  }
  return state_->local(local_ms, moment);
}

}  // namespace kept::exchange
