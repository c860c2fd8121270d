#include "rules/examples.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <fmt/format.h>

namespace kept::rules {
namespace {

using model::Obligation;

/// Takes everything, for a table of a few events.
class Gatherer : public engine::Sink {
 public:
  void take(const Obligation* first, std::size_t count) override {
    obligations.insert(obligations.end(), first, first + count);
  }
  void participant(uint32_t symbol, int32_t applicability_class) override {
    classes.emplace_back(symbol, applicability_class);
  }
  std::unique_ptr<Sink> fork() override { return std::make_unique<Gatherer>(); }
  void join(Sink& part) override {
    auto& other = dynamic_cast<Gatherer&>(part);
    obligations.insert(obligations.end(), other.obligations.begin(), other.obligations.end());
    classes.insert(classes.end(), other.classes.begin(), other.classes.end());
  }

  std::vector<Obligation> obligations;
  std::vector<std::pair<uint32_t, int32_t>> classes;
};

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "; ") + part;
  return text.empty() ? "nothing owed" : text;
}

class ExampleRun {
 public:
  ExampleRun(const RuleSet& rules, const Example& example) : rules_(rules), example_(example) {}

  std::optional<ExampleFailure> run() {
    if (example_.of == Example::Of::duty) return check_duty();
    return example_.of == Example::Of::applicability ? check_class() : check_enhanced();
  }

 private:
  ExampleFailure failure(std::string expected, std::string got) const {
    return {example_.file, example_.line, example_.subject, example_.why, std::move(expected), std::move(got)};
  }

  std::optional<JudgedStory> judged(const engine::RuleBook& book, std::string* why_not) const {
    Problems problems;
    // Refusals stand at the line of the example.
    auto result = judge(book, example_.story, {example_.as_at, example_.recorded_by, example_.coverage}, example_.as_at,
                        &problems);
    if (!result) *why_not = problems.empty() ? "it could not be judged" : problems.list().front().message;
    return result;
  }

  std::optional<ExampleFailure> check_duty() const {
    std::string why_not;
    std::string expected;
    for (const Expectation& one : example_.expect) expected += (expected.empty() ? "" : "; ") + one.text;
    const auto story = judged(rules_.book, &why_not);
    if (!story) return failure(expected, why_not);
    const uint16_t duty_index = rules_.book.find(example_.subject);
    const engine::Duty& duty = rules_.book.duties[duty_index];
    std::vector<const Obligation*> owed;
    std::vector<std::string> got;
    for (const Obligation& one : story->obligations) {
      if (one.duty != duty_index) continue;
      owed.push_back(&one);
      got.push_back(expectation_text(one, duty));
    }
    if (example_.expect.size() == 1 && example_.expect.front().outcome == "not owed") {
      const bool none = std::all_of(owed.begin(), owed.end(),
                                    [&](const Obligation* one) { return meets(example_.expect.front(), *one, duty); });
      if (none) return std::nullopt;
      return failure(expected, joined(got));
    }
    bool good = owed.size() == example_.expect.size();
    for (std::size_t i = 0; good && i < owed.size(); ++i) good = meets(example_.expect[i], *owed[i], duty);
    if (good) return std::nullopt;
    return failure(expected, joined(got));
  }

  std::optional<ExampleFailure> check_class() const {
    std::string why_not;
    const auto story = judged(rules_.book, &why_not);
    if (!story) return failure(example_.expect_text, why_not);
    std::string got = "no class";
    const uint32_t who = story->table.participants.find("V");
    for (const auto& [participant, index] : story->classes) {
      if (participant == who && index >= 0) got = rules_.book.applicability[static_cast<std::size_t>(index)].id;
    }
    if (got == example_.expect_text) return std::nullopt;
    return failure(example_.expect_text, got);
  }

  /// Asked at the last event: a duty without number triggered by it shows whether the person had Enhanced Rights then.
  std::optional<ExampleFailure> check_enhanced() const {
    if (example_.story.lines.empty()) return failure(example_.expect_text, "there is no event to ask at");
    Problems problems;
    Story last = example_.story;
    last.lines = {example_.story.lines.back()};
    last.links_explicit = true;
    const auto trigger = tell(last, rules_.book.vocabulary, &problems);
    if (!trigger) return failure(example_.expect_text, problems.list().front().message);
    engine::RuleBook book = rules_.book;
    const auto edition = std::find_if(book.editions.begin(), book.editions.end(),
                                      [&](const auto& one) { return one.id == example_.subject; });
    engine::Duty asked;
    asked.id = "asked";
    asked.bearer = "police";
    asked.edition = example_.subject;
    asked.from = edition->from;
    asked.to = edition->to;
    asked.trigger.codes = {trigger->code(0)};
    asked.limits.push_back({asked.from, asked.to, {}, {}});
    book.duties = {asked};
    book.index();
    std::string why_not;
    const auto story = judged(book, &why_not);
    if (!story) return failure(example_.expect_text, why_not);
    std::string got = "no such trigger for this person";
    for (const Obligation& one : story->obligations) {
      if (story->table.participants.name(one.participant) != "V" || one.outcome == model::Outcome::not_owed) continue;
      got = (one.flags & model::flag_enhanced) != 0 ? "enhanced" : "standard";
      if ((one.flags & model::flag_entitled_not_recognised) != 0) got += ", entitled but not recognised";
      if ((one.flags & model::flag_kinder_reading) != 0) got += ", kinder reading";
    }
    // The words beside the answer are only compared where the example gives them.
    std::size_t at = 0;
    bool good = true;
    for (bool first = true; at <= example_.expect_text.size(); first = false) {
      const std::size_t end = std::min(example_.expect_text.find(',', at), example_.expect_text.size());
      std::string part = example_.expect_text.substr(at, end - at);
      part.erase(0, part.find_first_not_of(' '));
      good = good && (first ? got.substr(0, got.find(',')) == part : got.find(part) != std::string::npos);
      at = end + 1;
    }
    if (good) return std::nullopt;
    return failure(example_.expect_text, got);
  }

  const RuleSet& rules_;
  const Example& example_;
};

}  // namespace

std::optional<JudgedStory> judge(const engine::RuleBook& book, const Story& story, const StoryClocks& clocks, Yaml at,
                                 Problems* problems) {
  auto table = tell(story, book.vocabulary, problems);
  if (!table) return std::nullopt;
  JudgedStory judged = {std::move(*table), {}, {}, nullptr, {}};
  const std::size_t before = problems->size();
  judged.coverage = std::make_unique<engine::Coverage>(read_coverage(clocks.coverage, &judged.table, problems));
  engine::AssessOptions& options = judged.options;
  options.as_at = engine::last_recorded_at(judged.table);
  if (clocks.as_at) options.as_at = read_clock(clocks.as_at, problems).value_or(options.as_at);
  if (clocks.recorded_by) options.recorded_by = read_clock(clocks.recorded_by, problems);
  options.coverage = judged.coverage.get();
  if (problems->size() != before) return std::nullopt;
  Gatherer gatherer;
  const auto tally = engine::assess(book, judged.table, options, gatherer);
  if (!tally) {
    problems->add(at.file(), at.line(), tally.error().message);
    return std::nullopt;
  }
  judged.obligations = std::move(gatherer.obligations);
  judged.classes = std::move(gatherer.classes);
  const model::EventTable& events = judged.table;
  std::stable_sort(judged.obligations.begin(), judged.obligations.end(), [&](const Obligation& a, const Obligation& b) {
    const auto key = [&](const Obligation& one) {
      const int64_t when = one.trigger_row == Obligation::no_row ? 0 : events.lo_ms(one.trigger_row);
      return std::tuple(when, one.trigger_row, one.participant, one.interval);
    };
    return key(a) < key(b);
  });
  return judged;
}

std::vector<ExampleFailure> check_examples(const RuleSet& rules, std::size_t* ran) {
  std::vector<ExampleFailure> failures;
  for (const Example& example : rules.examples) {
    if (auto failure = ExampleRun(rules, example).run()) failures.push_back(std::move(*failure));
  }
  if (ran != nullptr) *ran = rules.examples.size();
  return failures;
}

std::string failure_text(const ExampleFailure& failure) {
  return fmt::format("{}:{}: {}: \"{}\" should give: {}\n    but gives: {}", failure.file, failure.line,
                     failure.subject, failure.why, failure.expected, failure.got);
}

}  // namespace kept::rules
