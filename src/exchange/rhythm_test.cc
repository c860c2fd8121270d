#include "exchange/rhythm.h"

#include <gtest/gtest.h>

#include "model/moment.h"

namespace kept::exchange {
namespace {

int64_t at(const char* text) { return model::parse_moment(text)->lo_ms; }

/// 2026 with Good Friday, Easter Monday and two Mondays in May.
const calendar::WorkingDayCalendar& year() {
  static const auto made = [] {
    const auto day = [](const char* text) { return *calendar::parse_date(text); };
    std::vector<calendar::BankHoliday> holidays;
    for (const char* on : {"2026-04-03", "2026-04-06", "2026-05-04"}) holidays.push_back({day(on), "holiday", {}, {}});
    auto calendar = calendar::WorkingDayCalendar::make(day("2026-01-01"), day("2026-12-31"), holidays);
    EXPECT_TRUE(calendar);
    return std::move(calendar).value();
  }();
  return made;
}

std::string text(const std::optional<int64_t>& at_ms) { return at_ms ? model::instant_text(*at_ms) : "none"; }
std::string after(const Rhythm& rhythm, int32_t times, const char* since) {
  return text(after_rhythms(rhythm, times, at(since), year().known_on(year().last())));
}
std::string silent(const Rhythm& rhythm, const char* last) {
  return text(silent_from(rhythm, at(last), year().known_on(year().last())));
}

const WorkingTime office{true, 9 * 60, 17 * 60};

TEST(Rhythm, HoursRoundTheClockAreHours) {
  const Rhythm each_four{4, Rhythm::Unit::hours, {}};
  EXPECT_EQ(after(each_four, 1, "2026-01-10T22:00:00Z"), "2026-01-11T02:00:00Z");
  EXPECT_EQ(after(each_four, 2, "2026-01-10T22:00:00Z"), "2026-01-11T06:00:00Z");
  // The night of 29 March has 23 hours; four of them are four.
  EXPECT_EQ(after(each_four, 1, "2026-03-28T23:00:00Z"), "2026-03-29T03:00:00Z");
}

TEST(Rhythm, OfficeHoursPassOnlyInTheOffice) {
  const Rhythm each_four{4, Rhythm::Unit::hours, office};
  EXPECT_EQ(after(each_four, 1, "2026-01-09T15:00:00Z"), "2026-01-12T11:00:00Z");  // Friday to Monday
  EXPECT_EQ(after(each_four, 1, "2026-01-10T12:00:00Z"), "2026-01-12T13:00:00Z");  // from a Saturday
  EXPECT_EQ(after(each_four, 2, "2026-04-02T12:00:00Z"), "2026-04-07T12:00:00Z");  // over Easter: 4, then 4 on Tuesday
}

TEST(Rhythm, AWorkingDayIsOneWhateverTheClocksDo) {
  const Rhythm daily{1, Rhythm::Unit::working_days, office};
  EXPECT_EQ(after(daily, 1, "2026-01-09T17:00:00Z"), "2026-01-12T17:00:00Z");
  EXPECT_EQ(after(daily, 1, "2026-03-27T17:00:00Z"), "2026-03-30T16:00:00Z");  // 17:00 summer time
  const Rhythm nightly{1, Rhythm::Unit::days, {}};
  EXPECT_EQ(after(nightly, 1, "2026-03-29T00:00:00Z"), "2026-03-29T23:00:00Z");  // midnight to midnight
  EXPECT_EQ(after(nightly, 7, "2026-01-01T00:00:00Z"), "2026-01-08T00:00:00Z");
}

TEST(Rhythm, AFeedIsSilentAtTwiceItsRhythmAndAtMostADayAfterItWasDue) {
  const Rhythm each_four{4, Rhythm::Unit::hours, {}};
  EXPECT_EQ(silent(each_four, "2026-01-10T22:00:00Z"), "2026-01-11T06:00:00Z");
  const Rhythm weekly{7, Rhythm::Unit::days, {}};
  EXPECT_EQ(silent(weekly, "2026-01-05T00:00:00Z"), "2026-01-13T00:00:00Z");
}

TEST(Rhythm, PastTheCalendarsEndNothingIsGuessed) {
  const Rhythm weekly{7, Rhythm::Unit::days, {}};
  EXPECT_EQ(after(weekly, 1, "2026-12-29T00:00:00Z"), "none");
  EXPECT_EQ(silent(weekly, "2026-12-29T00:00:00Z"), "none");
}

}  // namespace
}  // namespace kept::exchange
