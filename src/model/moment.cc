#include "model/moment.h"

#include <fmt/format.h>

namespace kept::model {
namespace {

using calendar::LocalDate;
using calendar::YearMonthDay;

constexpr int64_t ms_in_second = 1000;
constexpr int64_t ms_in_minute = 60 * ms_in_second;
constexpr int64_t ms_in_hour = 60 * ms_in_minute;
constexpr int64_t ms_in_day = 24 * ms_in_hour;

/// The text as it may be repeated in a message: short, printable.
std::string shown(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string out;
  for (const char c : text.substr(0, longest)) out += (c >= ' ' && c <= '~') ? c : '?';
  if (text.size() > longest) out += "...";
  return out;
}

base::Error refuse(std::string_view text, std::string_view why) {
  return base::invalid(
      fmt::format("\"{}\" is not a time: {}; write 2026-03-02T10:00:00Z, 2026-03-02, 2026-03, 2026 or "
                  "FROM..TO of these",
                  shown(text), why));
}

/// Reads exactly `count` digits at `at` and moves past them; -1 when there are none such.
int32_t digits(std::string_view text, std::size_t* at, std::size_t count) {
  if (*at + count > text.size()) return -1;
  int32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const char c = text[*at + i];
    if (c < '0' || c > '9') return -1;
    value = value * 10 + (c - '0');
  }
  *at += count;
  return value;
}

bool skip(std::string_view text, std::size_t* at, char c) {
  if (*at >= text.size() || text[*at] != c) return false;
  ++*at;
  return true;
}

base::Result<Moment> parse_single(std::string_view text) {
  std::size_t at = 0;
  const int32_t year = digits(text, &at, 4);
  if (year < 0) return refuse(text, "it does not start with a year of four digits");
  if (year == 0) return refuse(text, "there is no year 0000");
  if (at == text.size()) {
    return Moment{calendar::start_of(calendar::local_date({year, 1, 1})),
                  calendar::end_of(calendar::local_date({year, 12, 31})), Precision::coarse};
  }
  if (!skip(text, &at, '-')) return refuse(text, "a `-` must follow the year");
  const int32_t month = digits(text, &at, 2);
  if (month < 1 || month > 12) return refuse(text, "the month must be 01 to 12");
  if (at == text.size()) {
    const LocalDate first = calendar::local_date({year, month, 1});
    return Moment{calendar::start_of(first), calendar::end_of(calendar::add_months(first, 1) - 1), Precision::coarse};
  }
  if (!skip(text, &at, '-')) return refuse(text, "a `-` must follow the month");
  const int32_t day = digits(text, &at, 2);
  if (day < 0) return refuse(text, "the day must have two digits");
  if (!calendar::exists({year, month, day})) return refuse(text, "there is no such day");
  const LocalDate date = calendar::local_date({year, month, day});
  if (at == text.size()) return Moment::date(date);

  if (!skip(text, &at, 'T') && !skip(text, &at, ' ')) return refuse(text, "a `T` must stand between date and time");
  const int32_t hour = digits(text, &at, 2);
  if (hour < 0 || hour > 23) return refuse(text, "the hour must be 00 to 23");
  if (!skip(text, &at, ':')) return refuse(text, "a `:` must follow the hour");
  const int32_t minute = digits(text, &at, 2);
  if (minute < 0 || minute > 59) return refuse(text, "the minute must be 00 to 59");
  int32_t second = 0;
  int32_t milliseconds = 0;
  if (skip(text, &at, ':')) {
    second = digits(text, &at, 2);
    if (second < 0 || second > 59) return refuse(text, "the second must be 00 to 59");
    if (skip(text, &at, '.') || skip(text, &at, ',')) {
      std::size_t places = 0;
      for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++places) {
        if (places < 3) milliseconds = milliseconds * 10 + (text[at] - '0');
      }
      if (places == 0 || places > 9) return refuse(text, "a fraction of a second has one to nine digits");
      for (; places < 3; ++places) milliseconds *= 10;
    }
  }
  if (at == text.size()) {
    return refuse(text, "a time of day needs its offset from UTC (`Z` or `+01:00`)");
  }
  int64_t offset_minutes = 0;
  if (!skip(text, &at, 'Z')) {
    const bool ahead = text[at] == '+';
    if (!ahead && text[at] != '-') return refuse(text, "after the time comes `Z` or an offset such as `+01:00`");
    ++at;
    const int32_t hours = digits(text, &at, 2);
    if (hours < 0 || hours > 18) return refuse(text, "an offset has at most 18 hours");
    int32_t minutes = 0;
    if (at < text.size()) {
      skip(text, &at, ':');
      minutes = digits(text, &at, 2);
      if (minutes < 0 || minutes > 59) return refuse(text, "an offset ends in minutes 00 to 59");
    }
    offset_minutes = (hours * 60 + minutes) * (ahead ? 1 : -1);
  }
  if (at != text.size()) return refuse(text, "something follows the time");
  return Moment::instant(date.days * ms_in_day + hour * ms_in_hour + minute * ms_in_minute + second * ms_in_second +
                         milliseconds - offset_minutes * ms_in_minute);
}

bool starts_date(int64_t at_ms) { return calendar::start_of(calendar::london_date(at_ms)) == at_ms; }
bool ends_date(int64_t at_ms) { return calendar::end_of(calendar::london_date(at_ms)) == at_ms; }

}  // namespace

base::Result<Moment> parse_moment(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return parse_single(text);
  const auto from = parse_single(text.substr(0, dots));
  if (!from) return from.error();
  const auto to = parse_single(text.substr(dots + 2));
  if (!to) return to.error();
  if (from->lo_ms > to->hi_ms) return refuse(text, "it ends before it begins");
  Moment range = {from->lo_ms, to->hi_ms, Precision::coarse};
  // One moment has one form, so that equal times compare equal.
  if (range.lo_ms == range.hi_ms) return Moment::instant(range.lo_ms);
  if (range == Moment{calendar::start_of(range.on()), calendar::end_of(range.on()), Precision::coarse}) {
    return Moment::date(range.on());
  }
  return range;
}

std::string instant_text(int64_t at_ms) {
  int64_t day = at_ms / ms_in_day;
  int64_t in_day = at_ms % ms_in_day;
  if (in_day < 0) {
    in_day += ms_in_day;
    --day;
  }
  std::string text = calendar::to_string(LocalDate{static_cast<int32_t>(day)});
  text.reserve(text.size() + sizeof "T00:00:00.000Z");
  const auto put = [&text](char before, int64_t value, int64_t highest) {
    text += before;
    for (; highest != 0; highest /= 10) text += static_cast<char>('0' + value / highest % 10);
  };
  put('T', in_day / ms_in_hour, 10);
  put(':', in_day / ms_in_minute % 60, 10);
  put(':', in_day / ms_in_second % 60, 10);
  if (in_day % ms_in_second != 0) put('.', in_day % ms_in_second, 100);
  text += 'Z';
  return text;
}

std::string to_string(const Moment& moment) {
  if (moment.precision == Precision::instant) return instant_text(moment.lo_ms);
  const LocalDate first = calendar::london_date(moment.lo_ms);
  if (moment.precision == Precision::date) return calendar::to_string(first);
  const LocalDate last = calendar::london_date(moment.hi_ms);
  const bool whole_days = starts_date(moment.lo_ms) && ends_date(moment.hi_ms);
  if (whole_days) {
    const YearMonthDay from = calendar::year_month_day(first);
    const YearMonthDay after = calendar::year_month_day(last + 1);
    const YearMonthDay to = calendar::year_month_day(last);
    if (from.day == 1 && after.day == 1) {
      const bool years = from.month == 1 && to.month == 12;
      const std::string begin =
          years ? fmt::format("{:04}", from.year) : fmt::format("{:04}-{:02}", from.year, from.month);
      const std::string end = years ? fmt::format("{:04}", to.year) : fmt::format("{:04}-{:02}", to.year, to.month);
      return begin == end ? begin : begin + ".." + end;
    }
  }
  return (starts_date(moment.lo_ms) ? calendar::to_string(first) : instant_text(moment.lo_ms)) + ".." +
         (ends_date(moment.hi_ms) ? calendar::to_string(last) : instant_text(moment.hi_ms));
}

}  // namespace kept::model
