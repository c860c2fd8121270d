#include "model/moment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace kept::model {
namespace {

int64_t at(int32_t year, int32_t month, int32_t day, int32_t hour = 0, int32_t minute = 0) {
  return (int64_t{calendar::local_date({year, month, day}).days} * 24 + hour) * 3'600'000 + minute * int64_t{60'000};
}

TEST(Moment, ReadsWhatIsWritten) {
  struct Row {
    const char* why;
    const char* text;
    Moment expected;
    const char* printed;
  };
  const Row rows[] = {
      {"an instant in UTC", "2026-03-02T10:00:00Z", Moment::instant(at(2026, 3, 2, 10)), "2026-03-02T10:00:00Z"},
      {"seconds may be left out", "2026-03-02T10:00Z", Moment::instant(at(2026, 3, 2, 10)), "2026-03-02T10:00:00Z"},
      {"an offset ahead of UTC", "2026-07-02T00:30:00+01:00", Moment::instant(at(2026, 7, 1, 23, 30)),
       "2026-07-01T23:30:00Z"},
      {"an offset behind, without colon", "2026-07-02T00:30:00-0530", Moment::instant(at(2026, 7, 2, 6)),
       "2026-07-02T06:00:00Z"},
      {"a fraction of one digit", "2026-03-02T10:00:00.5Z", Moment::instant(at(2026, 3, 2, 10) + 500),
       "2026-03-02T10:00:00.500Z"},
      {"finer than a millisecond is cut", "2026-03-02T10:00:00.0019999Z", Moment::instant(at(2026, 3, 2, 10) + 1),
       "2026-03-02T10:00:00.001Z"},
      {"before 1970", "1969-12-31T23:59:59.999Z", Moment::instant(-1), "1969-12-31T23:59:59.999Z"},
      {"a winter date", "2026-03-02", {at(2026, 3, 2), at(2026, 3, 3) - 1, Precision::date}, "2026-03-02"},
      {"a summer date starts an hour before in UTC",
       "2026-07-02",
       {at(2026, 7, 1, 23), at(2026, 7, 2, 23) - 1, Precision::date},
       "2026-07-02"},
      {"the short day of the spring change",
       "2026-03-29",
       {at(2026, 3, 29), at(2026, 3, 29, 23) - 1, Precision::date},
       "2026-03-29"},
      {"a month", "2026-02", {at(2026, 2, 1), at(2026, 3, 1) - 1, Precision::coarse}, "2026-02"},
      {"a year", "2025", {at(2025, 1, 1), at(2026, 1, 1) - 1, Precision::coarse}, "2025"},
      {"a range of dates",
       "2026-01-05..2026-01-09",
       {at(2026, 1, 5), at(2026, 1, 10) - 1, Precision::coarse},
       "2026-01-05..2026-01-09"},
      {"a range of whole months is printed as one",
       "2026-01-01..2026-02-28",
       {at(2026, 1, 1), at(2026, 3, 1) - 1, Precision::coarse},
       "2026-01..2026-02"},
      {"a range of instants",
       "2026-01-05T10:00Z..2026-01-05T12:00Z",
       {at(2026, 1, 5, 10), at(2026, 1, 5, 12), Precision::coarse},
       "2026-01-05T10:00:00Z..2026-01-05T12:00:00Z"},
      {"a range of one date is that date", "2026-01-05..2026-01-05", Moment::date(calendar::local_date({2026, 1, 5})),
       "2026-01-05"},
      {"a range of one instant is that instant", "2026-01-05T10:00Z..2026-01-05T10:00Z",
       Moment::instant(at(2026, 1, 5, 10)), "2026-01-05T10:00:00Z"},
      {"two years", "2024..2025", {at(2024, 1, 1), at(2026, 1, 1) - 1, Precision::coarse}, "2024..2025"},
      {"a leap day", "2024-02-29", Moment::date(calendar::local_date({2024, 2, 29})), "2024-02-29"},
  };
  for (const Row& row : rows) {
    const auto read = parse_moment(row.text);
    ASSERT_TRUE(read.ok()) << row.why << ": " << read.error().message;
    EXPECT_EQ(*read, row.expected) << row.why << " " << read->lo_ms << " " << read->hi_ms;
    EXPECT_EQ(to_string(*read), row.printed) << row.why;
    const auto again = parse_moment(to_string(*read));
    ASSERT_TRUE(again.ok()) << row.why;
    EXPECT_EQ(*again, *read) << row.why << ": what is printed reads back the same";
  }
}

TEST(Moment, RefusesWithTheTextAndTheForms) {
  struct Row {
    const char* text;
    const char* why;
  };
  const Row rows[] = {
      {"", "it does not start with a year of four digits"},
      {"yesterday", "it does not start with a year of four digits"},
      {"0000", "there is no year 0000"},
      {"2026-13", "the month must be 01 to 12"},
      {"2026/03/02", "a `-` must follow the year"},
      {"2026-02-29", "there is no such day"},
      {"2026-03-02T10:00:00", "a time of day needs its offset from UTC (`Z` or `+01:00`)"},
      {"2026-03-02T24:00:00Z", "the hour must be 00 to 23"},
      {"2026-03-02T10:00:60Z", "the second must be 00 to 59"},
      {"2026-03-02T10:00:00.Z", "a fraction of a second has one to nine digits"},
      {"2026-03-02T10:00:00+25:00", "an offset has at most 18 hours"},
      {"2026-03-02T10:00:00Zulu", "something follows the time"},
      {"2026-03-03..2026-03-02", "it ends before it begins"},
      {"2026..2027..2028", "a `-` must follow the year"},
  };
  for (const Row& row : rows) {
    const auto read = parse_moment(row.text);
    ASSERT_FALSE(read.ok()) << row.text;
    EXPECT_THAT(read.error().message, testing::HasSubstr(row.why)) << row.text;
    EXPECT_THAT(read.error().message, testing::HasSubstr("write 2026-03-02T10:00:00Z, 2026-03-02, 2026-03, 2026 or"));
  }
  EXPECT_THAT(parse_moment(std::string(1000, 'x')).error().message.size(), testing::Lt(250u));
}

}  // namespace
}  // namespace kept::model
