// Working days agree with an independent implementation (tests/oracles/working_days.py) for every date of 2012-2028,
// limits of 0-60 in both directions, refusals past either end included, as known at the end and around each one-off
// announcement.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "calendar/working_days.h"
#include "rules/calendar_file.h"

namespace kept {
namespace {

using calendar::LocalDate;
using calendar::WorkingDays;

constexpr int32_t limits = 61;  // 0 to 60

struct CloseProcess {
  void operator()(std::FILE* process) const { exit_code = pclose(process); }
  static inline int exit_code = -1;
};

/// Takes the next word off the front of a line.
std::string_view next_word(std::string_view* line) {
  const std::size_t end = line->find_first_of(" \n");
  const std::string_view word = line->substr(0, end);
  line->remove_prefix(end == std::string_view::npos ? line->size() : end + 1);
  return word;
}

std::string ours(const WorkingDays& days, LocalDate from, int32_t limit, bool back) {
  LocalDate found;
  const bool covered = back ? days.nth_before(from, limit, &found) : days.nth_after(from, limit, &found);
  if (!covered) return "x";
  return std::to_string(back ? from.days - found.days : found.days - from.days);
}

TEST(WorkingDaysOracle, agrees_on_every_date_limit_direction_and_day_of_knowledge) {
  const auto calendar = rules::read_calendar(KEPT_SOURCE_DIR "/rules/calendars/england-and-wales.yaml");
  ASSERT_TRUE(calendar.ok()) << calendar.error().message;

  std::set<std::pair<LocalDate, LocalDate>> asked;
  std::set<LocalDate> knowledge;
  int64_t answers = 0;
  int64_t refusals = 0;
  {
    const std::unique_ptr<std::FILE, CloseProcess> oracle(
        popen("python3 -B '" KEPT_SOURCE_DIR "/tests/oracles/working_days.py'", "r"));
    ASSERT_NE(oracle, nullptr);
    std::array<char, 4096> buffer{};
    while (std::fgets(buffer.data(), static_cast<int>(buffer.size()), oracle.get()) != nullptr) {
      std::string_view line(buffer.data());
      const auto known_on = calendar::parse_date(next_word(&line));
      const auto from = calendar::parse_date(next_word(&line));
      ASSERT_TRUE(known_on.ok() && from.ok()) << buffer.data();
      const WorkingDays days = calendar->known_on(*known_on);
      for (const bool back : {false, true}) {
        for (int32_t limit = 0; limit < limits; ++limit) {
          const std::string_view expected = next_word(&line);
          ASSERT_EQ(ours(days, *from, limit, back), expected)
              << limit << " working days " << (back ? "before " : "after ") << to_string(*from) << " as known on "
              << to_string(*known_on);
          ++answers;
          refusals += expected == "x" ? 1 : 0;
        }
      }
      ASSERT_TRUE(line.empty()) << buffer.data();
      asked.insert({*known_on, *from});
      knowledge.insert(*known_on);
    }
  }
  ASSERT_EQ(CloseProcess::exit_code, 0);

  // The comparison is only worth something if it was of everything: each date once, and every change of knowledge from
  // both sides.
  const int64_t dates = calendar->last().days - calendar->first().days + 1;
  EXPECT_GE(dates, 6210) << "2012-2028";
  EXPECT_TRUE(knowledge.contains(calendar->last()));
  for (const auto& holiday : calendar->holidays()) {
    for (const auto& change : {holiday.announced_on, holiday.withdrawn_on}) {
      if (!change) continue;
      EXPECT_TRUE(knowledge.contains(*change)) << to_string(*change);
      EXPECT_TRUE(knowledge.contains(*change - 1)) << to_string(*change);
    }
  }
  EXPECT_EQ(static_cast<int64_t>(asked.size()), dates * static_cast<int64_t>(knowledge.size()));
  EXPECT_EQ(answers, static_cast<int64_t>(asked.size()) * 2 * limits);
  EXPECT_GT(refusals, 0);
  RecordProperty("answers", std::to_string(answers));
  RecordProperty("refusals", std::to_string(refusals));
  std::printf("%lld answers compared, %lld of them refusals\n", static_cast<long long>(answers),
              static_cast<long long>(refusals));
}

}  // namespace
}  // namespace kept
