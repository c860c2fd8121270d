// The real log of docs/how-to/assess-another-log.md, from its mapping and its rules alone.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>

#include "engine/assess.h"
#include "exchange/read_events.h"
#include "rules/rule_set.h"

namespace kept {
namespace {

namespace fs = std::filesystem;

struct Counts : engine::Sink {
  explicit Counts(const engine::RuleBook& rule_book) : book(rule_book) {}
  void take(const model::Obligation* first, std::size_t count) override {
    for (std::size_t i = 0; i < count; ++i)
      ++by_duty[book.duties[first[i].duty].id][static_cast<std::size_t>(first[i].outcome)];
  }
  std::unique_ptr<engine::Sink> fork() override { return std::make_unique<Counts>(book); }
  void join(engine::Sink& part) override {
    for (const auto& [duty, outcomes] : dynamic_cast<Counts&>(part).by_duty) {
      for (std::size_t i = 0; i < outcomes.size(); ++i) by_duty[duty][i] += outcomes[i];
    }
  }
  std::array<int, 3> of(const std::string& duty) {
    const auto& outcomes = by_duty[duty];
    const auto at = [&](model::Outcome outcome) { return outcomes[static_cast<std::size_t>(outcome)]; };
    return {at(model::Outcome::kept), at(model::Outcome::late), at(model::Outcome::overdue)};
  }
  const engine::RuleBook& book;
  std::map<std::string, std::array<int, model::outcome_count>> by_duty;
};

class Sepsis : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(log_)) GTEST_SKIP() << "needs ../shared/data/logs/sepsis.csv";
  }
  void judge(const std::string& rules, std::array<int, 3> antibiotics, std::array<int, 3> lactic_acid) {
    const auto book = rules::load_rules({rules, ""});
    ASSERT_TRUE(book) << book.error().message;
    auto mapping = exchange::Mapping::load(KEPT_SOURCE_DIR "/docs/how-to/sepsis/mapping.yaml");
    ASSERT_TRUE(mapping) << mapping.error().message;
    exchange::ReadRequest request;
    request.files = {log_};
    request.mapping = &*mapping;
    request.vocabulary = book->vocabulary;
    const auto read = exchange::read_events(request);
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->counts.rows, 15214u);
    EXPECT_EQ(read->counts.rejected, 0u);
    engine::AssessOptions options;
    options.as_at = read->last_recorded_at;
    EXPECT_TRUE(read->complete) << "a finished log: no coverage is asked about";
    Counts counts(*book);
    const auto tally = engine::assess(*book, read->table, options, counts);
    ASSERT_TRUE(tally) << tally.error().message;
    EXPECT_EQ(counts.of("SEPSIS-antibiotics"), antibiotics);
    EXPECT_EQ(counts.of("SEPSIS-lactic-acid"), lactic_acid);
  }
  const std::string log_ = KEPT_SOURCE_DIR "/../shared/data/logs/sepsis.csv";
  const std::string rules_ = KEPT_SOURCE_DIR "/docs/how-to/sepsis/rules.yaml";
};

TEST_F(Sepsis, KeptLateOverdue) { judge(rules_, {342, 481, 226}, {711, 28, 310}); }

TEST_F(Sepsis, AMeasurementBeforeTriageCountsWhereTheRuleSaysSo) {
  std::ostringstream text;
  text << std::ifstream(rules_).rdbuf();
  std::string rules = text.str();
  const std::string fulfilled = "    fulfilled_by: {any_of: [{event: lactic_acid}]}\n";
  ASSERT_NE(rules.find(fulfilled), std::string::npos);
  rules.insert(rules.find(fulfilled), "    earlier_counts: true\n");
  const fs::path path = fs::temp_directory_path() / ("kept-sepsis-" + std::to_string(::getpid()) + ".yaml");
  std::ofstream(path) << rules;
  const auto book = rules::load_rules({path.string(), ""});
  ASSERT_TRUE(book) << book.error().message;
  judge(path.string(), {342, 481, 226}, {848, 11, 190});
  fs::remove(path);
}

}  // namespace
}  // namespace kept
