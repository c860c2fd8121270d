// Stories a lawyer can read (tests/scenarios; docs/how-to/read-a-scenario.md): those in good/ must come out as they
// say, those in bad/ must be refused in the words they give. KEPT_RERECORD=1 writes what comes out into the files
// instead, so that a change of meaning is reviewed as a diff.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <stdexcept>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/content.h"
#include "app/explanation.h"
#include "app/records.h"
#include "rules/calendar_file.h"
#include "rules/document.h"
#include "rules/examples.h"
#include "rules/rule_set.h"

namespace kept::rules {
namespace {

namespace fs = std::filesystem;
using model::Obligation;
using model::Outcome;

const fs::path folder = fs::path(KEPT_SOURCE_DIR) / "tests" / "scenarios";
const std::string refused_mark = "# Refused: ";

bool rerecording() {
  const char* wanted = std::getenv("KEPT_RERECORD");
  return wanted != nullptr && std::string_view(wanted) == "1";
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void write_file(const fs::path& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

std::vector<fs::path> files_in(const char* name) {
  std::vector<fs::path> files;
  if (!fs::is_directory(folder / name)) return files;
  for (const auto& entry : fs::directory_iterator(folder / name)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// `care17-told-late.yaml` is the test Care17_told_late.
std::string test_name(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem().string();
  for (char& letter : name) {
    if (std::isalnum(static_cast<unsigned char>(letter)) == 0) letter = '_';
  }
  name.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(name.front())));
  return name;
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  return begin == std::string::npos ? "" : text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin);
}

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    parts.push_back(trimmed(text.substr(at, end - at)));
    at = end + 1;
  }
  return parts;
}

std::string problems_text(const Problems& problems) {
  std::string text;
  for (const Problem& one : problems.list()) {
    text += fmt::format("{}:{}: {}\n", fs::path(one.file).filename().string(), one.line, one.message);
  }
  return text;
}

/// The rules of the Code that come with the program, read once.
const RuleSet& code() {
  static const base::Result<RuleSet> loaded = load_rule_set({});
  if (!loaded) throw std::runtime_error(loaded.error().message);
  return *loaded;
}

/// tests/scenarios/plain-rules.yaml: a small invented set for limits the Code does not have.
const RuleSet& plain() {
  static const std::unique_ptr<RuleSet> loaded = [] {
    Problems problems;
    const fs::path path = folder / "plain-rules.yaml";
    InlineRules rules;
    rules.document = Document::parse(read_file(path), path.string(), &problems);
    if (rules.document) {
      const Fields map(rules.document->root(), "a rule file", {"edition", "title", "editions", "duties"}, &problems);
      rules.editions = map.get("editions");
      rules.duties = map.get("duties");
      rules.heading = rules.document->root();
    }
    std::unique_ptr<RuleSet> set = rules.duties ? read_inline_rules(rules, code(), &problems) : nullptr;
    if (!set) throw std::runtime_error(problems_text(problems));
    return set;
  }();
  return *loaded;
}

/// One line of `expect:`: whose obligation, and the words it must come out in.
struct Expected {
  std::string of;  ///< DUTY, or DUTY for WHOM
  std::string words;
};

/// One story, with what it inherits from its file.
struct Scenario {
  std::string why;
  Story story;
  StoryClocks clocks;
  Yaml at, expect;
  std::vector<Expected> expected;
};

/// One obligation: whose it is, its complete words, and what else may be asked of it.
struct Got {
  std::string of, words;
  std::map<std::string, std::string> more;  ///< by its first words: `by`, `would have been`, ...
};

/// What the outcome table also reports and an expectation may name. Only what is named is compared.
const std::vector<std::string> more_words = {"first due", "would have been", "missing", "because", "held by", "by"};

/// Everybody in a story is linked long before its events, so that this flag (C30) comes with nearly all of them: it
/// counts only where it is written.
const std::string only_where_written = "edition by assumption";

const char* reason_words(model::Reason reason) {
  switch (reason) {
    case model::Reason::none:
      return "nothing more";
    case model::Reason::condition_false:
      return "the condition is false";
    case model::Reason::died_before:
      return "the victim had died";
    case model::Reason::trigger_retracted:
      return "the trigger was retracted";
    case model::Reason::with_not_owed:
      return "its companion is not owed";
    case model::Reason::lapsed_by_event:
      return "an event cancels it";
    case model::Reason::ended_by_death:
      return "the victim died";
    case model::Reason::ended_by_until:
      return "the repetition ended";
    case model::Reason::no_coverage:
      return "a feed is not covered";
    case model::Reason::rule_u:
      return "rule U";
    case model::Reason::calendar_ends:
      return "the calendar ends";
    case model::Reason::middle_unknown:
      return "the middle is unknown";
    case model::Reason::by_one_of_two:
      return "one of the two";
    case model::Reason::not_involved:
      return "involvement had ended";
  }
  return "";
}

class Judged {
 public:
  Judged(const RuleSet& rules, const JudgedStory& story) : book_(rules.book), story_(story) {}

  Got got(const Obligation& one) const {
    const engine::Duty& duty = book_.duties[one.duty];
    const model::EventTable& events = story_.table;
    Got all;
    all.of = duty.id;
    if (duty.owed_to_case) {
      all.of += " for hearing " + events.hearings.name(one.hearing);
    } else if (events.participants.name(one.participant) != "V") {
      all.of += " for " + events.participants.name(one.participant);
    }
    all.words = expectation_text(one, duty);
    const auto event = [&](uint32_t row) { return row == Obligation::no_row ? std::string() : events.id(row); };
    Obligation first = one;
    first.due_on = one.first_due_on;
    first.late_unit = model::LateUnit::none;
    const std::vector<std::string> words = parts_of(expectation_text(first, duty));
    if (words.size() > 1 && words[1].starts_with("due ")) all.more["first due"] = words[1].substr(4);
    if (one.outcome == Outcome::withdrawn_after_due)
      all.more["would have been"] = model::outcome_name(one.would_have_been);
    all.more["because"] = reason_words(one.reason);
    if (one.outcome == Outcome::kept || one.outcome == Outcome::late || duty.kind == engine::DutyKind::window) {
      all.more["by"] = event(one.fulfilled_row);
    } else {
      all.more["by"] = event(one.decided_row);
    }
    if (one.agency != 0) all.more["held by"] = events.agencies.name(one.agency);
    if (one.missing_code != 0) {
      const auto& types = book_.vocabulary->types();
      const auto type = std::find_if(types.begin(), types.end(), [&](const model::EventType& t) {
        return t.first_code <= one.missing_code && one.missing_code < t.first_code + t.codes;
      });
      all.more["missing"] = type == types.end() ? "" : type->name;
      if (one.missing_agency != 0) all.more["missing"] += " from " + events.agencies.name(one.missing_agency);
      if (one.missing_on != 0) all.more["missing"] += " on " + calendar::to_string(calendar::LocalDate{one.missing_on});
    }
    return all;
  }

 private:
  const engine::RuleBook& book_;
  const JudgedStory& story_;
};

/// `by 3` is (`by`, `3`); what is none of those words is the obligation's own.
std::pair<std::string, std::string> more_of(const std::string& part) {
  for (const std::string& word : more_words) {
    if (part.starts_with(word + " ")) return {word, part.substr(word.size() + 1)};
  }
  return {};
}

/// Every word the engine gives must be written and the other way about, but for what `more_words` says; for `not owed`
/// only what is written counts.
bool agrees(const std::string& expected, const Got& got) {
  std::multiset<std::string> own;
  for (const std::string& part : parts_of(expected)) {
    const auto [word, value] = more_of(part);
    if (word.empty()) {
      own.insert(part);
      continue;
    }
    const auto found = got.more.find(word);
    if (found == got.more.end() || found->second != value) return false;
  }
  std::vector<std::string> words = parts_of(got.words);
  if (words.front() == "not owed") return parts_of(expected).front() == "not owed";
  if (!own.contains(only_where_written)) std::erase(words, only_where_written);
  return own == std::multiset<std::string>(words.begin(), words.end());
}

/// What came out, as it would be written, naming what `like` names.
std::string as_written(const Got& got, const std::string& like) {
  if (got.words.starts_with("not owed")) {
    for (const std::string& part : parts_of(like)) {
      const auto found = got.more.find(more_of(part).first);
      if (found != got.more.end()) return fmt::format("not owed, {} {}", found->first, found->second);
    }
    return "not owed";
  }
  std::string text;
  const std::vector<std::string> wanted = parts_of(like);
  for (const std::string& part : parts_of(got.words)) {
    if (part == only_where_written && std::find(wanted.begin(), wanted.end(), part) == wanted.end()) continue;
    text += (text.empty() ? "" : ", ") + part;
  }
  for (const std::string& part : wanted) {
    const auto found = got.more.find(more_of(part).first);
    if (found != got.more.end() && !found->second.empty()) text += fmt::format(", {} {}", found->first, found->second);
  }
  return text;
}

class ScenarioFile {
 public:
  explicit ScenarioFile(const fs::path& path) : path_(path), text_(read_file(path)) {
    document_ = Document::parse(text_, path.string(), &problems_);
    if (document_) read();
  }

  const Problems& problems() const { return problems_; }
  std::size_t count() const { return scenarios_.size(); }
  const std::string& says() const { return says_; }

  /// Calls `with(rules, judged story)` for every story.
  template <class With>
  void each(With with) {
    for (const Scenario& scenario : scenarios_) {
      auto story = judge(rules_->book, scenario.story, scenario.clocks, scenario.at, &problems_);
      if (story) with(*rules_, *story);
    }
  }

  /// Judges every story; true when it ran to the end.
  void run(bool record) {
    if (!problems_.empty()) return;
    std::vector<std::pair<const Scenario*, std::vector<Expected>>> changes;
    for (const Scenario& scenario : scenarios_) {
      const auto story = judge(rules_->book, scenario.story, scenario.clocks, scenario.at, &problems_);
      if (!story) continue;
      const std::vector<Expected> out = compare(scenario, *story);
      if (!out.empty()) changes.emplace_back(&scenario, out);
    }
    for (auto& [scenario, out] : changes) {
      std::string expected, got;
      for (const Expected& one : scenario->expected) expected += fmt::format("\n    - {}: {}", one.of, one.words);
      for (const Expected& one : out) got += fmt::format("\n    - {}: {}", one.of, one.words);
      if (!record) {
        failures_.push_back(fmt::format("{}:{}: {}\n  should give:{}\n  but gives:{}", path_.string(),
                                        scenario->at.line(), scenario->why, expected, got));
      }
    }
    if (record && !changes.empty()) rewrite(changes);
  }
  const std::vector<std::string>& failures() const { return failures_; }

 private:
  void read() {
    const Yaml root = document_->root();
    const Fields map(
        root, "a scenario file",
        {"says", "rules", "events", "links", "as_at", "recorded_by", "coverage", "agency", "expect", "scenarios"},
        &problems_);
    if (!map.is_map()) return;
    says_ = map.need_text("says", "tell in plain English what happens and why the answer is what it is");
    read_rules(map);
    if (!problems_.empty()) return;
    if (map.has("scenarios")) {
      for (const Yaml& item : map.get("scenarios").items()) {
        const Fields one(item, "a scenario",
                         {"why", "events", "links", "as_at", "recorded_by", "coverage", "agency", "expect"},
                         &problems_);
        read_scenario(one, &map, one.need_text("why", "say in one line what it shows"));
      }
    } else {
      read_scenario(map, nullptr, says_);
    }
  }

  void read_rules(const Fields& map) {
    const Yaml rules = map.need("rules", "name the duties asked about, by their ids, or write them here");
    if (rules.is_map()) {
      const Fields inline_map(rules, "`rules:`", {"edition", "editions", "duties"}, &problems_);
      InlineRules text;
      text.document = document_;
      text.editions = inline_map.get("editions");
      text.duties = inline_map.need("duties", "list the duties");
      text.heading = rules;
      own_ = read_inline_rules(text, code(), &problems_);
      if (!own_) return;
      rules_ = own_.get();
      for (const engine::Duty& duty : rules_->book.duties) asked_.push_back(duty.id);
      return;
    }
    asked_ = texts_of(rules, "`rules:`", &problems_);
    rules_ = !asked_.empty() && plain().book.find(asked_.front()) != engine::no_duty ? &plain() : &code();
    for (const std::string& id : asked_) {
      if (rules_->book.find(id) != engine::no_duty) continue;
      std::vector<std::string> known;
      for (const engine::Duty& duty : rules_->book.duties) known.push_back(duty.id);
      problems_.add(
          path_.string(), rules.line(),
          fmt::format("there is no duty `{}` in {}{}", id,
                      rules_ == &code() ? "the rules of the Code" : "plain-rules.yaml", suggestion(id, known)));
    }
  }

  /// What a scenario does not say, its file may.
  void read_scenario(const Fields& map, const Fields* file, std::string why) {
    if (!map.is_map()) return;
    const auto pick = [&](const char* key) { return map.has(key) || file == nullptr ? map.get(key) : file->get(key); };
    Scenario scenario;
    scenario.why = trimmed(why);
    scenario.at = map.node();
    const Yaml events = pick("events");
    if (!events) map.need("events", "list what happened, a line an event");
    scenario.story.lines = story_lines(events, &problems_);
    scenario.story.agency = pick("agency").is_text() ? pick("agency").text() : "";
    if (scenario.story.agency.empty()) {
      scenario.story.agency = rules_->book.duties[rules_->book.find(asked_.front())].bearer;
    }
    scenario.story.links_explicit = pick("links").text() == "explicit";
    scenario.clocks = {pick("as_at"), pick("recorded_by"), pick("coverage")};
    scenario.expect = map.need("expect", "list what must come out: - DUTY: kept, due 2026-03-09");
    const auto add = [&](Yaml key, Yaml value) {
      const std::string id = key.text().substr(0, key.text().find(' '));
      if (std::find(asked_.begin(), asked_.end(), id) == asked_.end())
        problems_.add(
            path_.string(), key.line(),
            fmt::format("`{}` is not among the duties under `rules:`; add it there, or leave it out here", id));
      check_words(value);
      scenario.expected.push_back({key.text(), trimmed(value.text())});
    };
    for (const Yaml& item : scenario.expect.items()) {
      for (const auto& [key, value] : item.entries()) add(key, value);
      if (!item.is_map()) problems_.add(path_.string(), item.line(), "write DUTY: OUTCOME, due DATE");
    }
    for (const auto& [key, value] : scenario.expect.entries()) add(key, value);
    if (scenario.expect && scenario.expected.empty() && scenario.expect.kind() != Yaml::Kind::list)
      problems_.add(path_.string(), scenario.expect.line(), "`expect:` is a list: - DUTY: kept, due 2026-03-09");
    scenarios_.push_back(std::move(scenario));
  }

  /// The words of an expectation are those that obligations come out in.
  void check_words(Yaml value) {
    std::string own;
    for (const std::string& part : parts_of(value.text())) {
      if (more_of(part).first.empty()) own += (own.empty() ? "" : ", ") + part;
    }
    Problems found;
    const std::string line = "expect: \"" + own + "\"";
    const auto document = Document::parse(line, value.file(), &found);
    if (document) read_expectation(document->root().entries().front().second, &found);
    for (const Problem& one : found.list()) problems_.add(value.file(), value.line(), one.message);
  }

  /// What came out as it would be written, when it is not what was expected; nothing when it is.
  std::vector<Expected> compare(const Scenario& scenario, const JudgedStory& story) const {
    const Judged judged(*rules_, story);
    std::vector<std::string> order;
    std::map<std::string, std::vector<Got>> got;
    for (const Obligation& one : story.obligations) {
      const std::string& id = rules_->book.duties[one.duty].id;
      if (std::find(asked_.begin(), asked_.end(), id) == asked_.end()) continue;
      Got this_one = judged.got(one);
      if (!got.contains(this_one.of)) order.push_back(this_one.of);
      got[this_one.of].push_back(std::move(this_one));
    }
    std::map<std::string, std::vector<std::string>> expected;
    for (const Expected& one : scenario.expected) {
      if (!expected.contains(one.of) && !got.contains(one.of)) order.push_back(one.of);
      expected[one.of].push_back(one.words);
    }
    bool good = true;
    for (const std::string& of : order) {
      const std::vector<Got>& here = got[of];
      const std::vector<std::string>& wanted = expected[of];
      const bool none_owed =
          std::all_of(here.begin(), here.end(), [](const Got& one) { return one.words.starts_with("not owed"); });
      if (none_owed && here.size() != wanted.size() &&
          std::all_of(wanted.begin(), wanted.end(), [](const std::string& words) { return words == "not owed"; }))
        continue;
      good = good && here.size() == wanted.size() &&
             std::equal(here.begin(), here.end(), wanted.begin(),
                        [](const Got& one, const std::string& words) { return agrees(words, one); });
    }
    if (good) return {};
    std::vector<Expected> out;
    for (const std::string& of : order) {
      if (got[of].empty()) out.push_back({of, "not owed"});
      for (std::size_t i = 0; i < got[of].size(); ++i)
        out.push_back({of, as_written(got[of][i], i < expected[of].size() ? expected[of][i] : "")});
    }
    return out;
  }

  /// Puts what came out in the place of each `expect:` that differs.
  void rewrite(std::vector<std::pair<const Scenario*, std::vector<Expected>>> changes) const {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      lines.push_back(text_.substr(at, end - at));
      at = end + 1;
    }
    std::reverse(changes.begin(), changes.end());
    for (const auto& [scenario, out] : changes) {
      std::size_t first = std::min(static_cast<std::size_t>(scenario->expect.line()), lines.size()) - 1;
      while (first > 0 && lines[first].find("expect:") == std::string::npos) --first;
      const std::size_t indent = lines[first].find("expect:");
      std::size_t last = first + 1;
      while (last < lines.size() && lines[last].find_first_not_of(' ') != std::string::npos &&
             lines[last].find_first_not_of(' ') > indent)
        ++last;
      std::vector<std::string> block = {lines[first].substr(0, indent) + "expect:"};
      for (const Expected& one : out)
        block.push_back(std::string(indent + 2, ' ') + fmt::format("- {}: {}", one.of, one.words));
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(first),
                  lines.begin() + static_cast<std::ptrdiff_t>(last));
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(first), block.begin(), block.end());
    }
    write_file(path_, fmt::format("{}\n", fmt::join(lines, "\n")));
  }

  fs::path path_;
  std::string text_, says_;
  Problems problems_;
  std::shared_ptr<const Document> document_;
  std::unique_ptr<RuleSet> own_;
  const RuleSet* rules_ = nullptr;
  std::vector<std::string> asked_;
  std::vector<Scenario> scenarios_;
  std::vector<std::string> failures_;
};

class Good : public testing::TestWithParam<fs::path> {};

TEST_P(Good, ComesOutAsItSays) {
  ScenarioFile file(GetParam());
  file.run(rerecording());
  EXPECT_EQ(problems_text(file.problems()), "");
  for (const std::string& failure : file.failures()) ADD_FAILURE() << failure;
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Good, testing::ValuesIn(files_in("good")), test_name);

/// Without its folder a path in a message would differ from one machine to the next.
std::string without_folder(std::string text, const fs::path& path) {
  const std::string prefix = path.parent_path().string() + "/";
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
    text.erase(at, prefix.size());
  return text;
}

/// Why a file of bad/ is refused: a calendar, a story with `rules:`, or else a file of rules.
std::string refusal_of(const fs::path& path) {
  const std::string text = read_file(path);
  if (text.starts_with("calendar: ") || text.find("\ncalendar: ") != std::string::npos) {
    const auto calendar = read_calendar_file(path.string());
    return calendar ? "" : calendar.error().message;
  }
  if (text.find("\nrules: ") != std::string::npos || text.find("\nrules:\n") != std::string::npos) {
    ScenarioFile file(path);
    file.run(false);
    if (!file.problems().empty()) return file.problems().error().message;
    return {};
  }
  if (text.find("\nrows:") != std::string::npos) {
    const auto rules = load_rule_set({path.string(), ""});
    return rules ? "" : rules.error().message;
  }
  // As load_rule_set does with `vocabulary: built-in`, which would read the whole Code for each file.
  Problems problems;
  InlineRules rules;
  rules.document = Document::parse(text, path.string(), &problems);
  rules.needs_examples = true;
  if (rules.document) {
    rules.heading = rules.document->root();
    for (const auto& [key, value] : rules.heading.entries()) {
      if (key.text() == "editions") rules.editions = value;
      if (key.text() == "duties") rules.duties = value;
    }
    read_inline_rules(rules, code(), &problems);
  }
  return problems.empty() ? "" : problems.error().message;
}

class Bad : public testing::TestWithParam<fs::path> {};

TEST_P(Bad, IsRefusedInTheseWords) {
  const std::string text = read_file(GetParam());
  std::string expected, kept_text;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    if (line.starts_with(refused_mark)) {
      expected += line.substr(refused_mark.size()) + "\n";
    } else {
      kept_text += line + "\n";
    }
    at = end + 1;
  }
  std::string got = without_folder(refusal_of(GetParam()), GetParam());
  if (!got.empty()) got += "\n";
  if (rerecording()) {
    std::string marked;
    for (std::size_t at = 0; at < got.size();) {
      const std::size_t end = got.find('\n', at);
      marked += refused_mark + got.substr(at, end - at) + "\n";
      at = end + 1;
    }
    if (got != expected) write_file(GetParam(), kept_text + marked);
    return;
  }
  EXPECT_FALSE(expected.empty()) << "say at the end of the file how it is refused: " << refused_mark
                                 << "FILE:LINE: WORDS";
  EXPECT_EQ(got, expected);
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Bad, testing::ValuesIn(files_in("bad")), test_name);

TEST(Scenarios, AreMany) {
  std::size_t stories = 0;
  for (const fs::path& path : files_in("good")) stories += ScenarioFile(path).count();
  EXPECT_GE(stories, 150u);
  EXPECT_GE(files_in("bad").size(), 30u);
}

TEST(Scenarios, CoverEveryOutcome) {
  std::string all;
  for (const fs::path& path : files_in("good")) all += read_file(path);
  for (int i = 0; i < model::outcome_count; ++i) {
    const std::string name = model::outcome_name(static_cast<Outcome>(i));
    EXPECT_NE(all.find(": " + name), std::string::npos) << "no scenario comes out as " << name;
  }
}

/// The sentences of content/ that say each kind of step. A switch without a default: a new kind does not compile until
/// it has words.
std::vector<std::string> sentences_of(engine::Step::Kind kind) {
  using Kind = engine::Step::Kind;
  switch (kind) {
    case Kind::trigger:
      return {"trigger"};
    case Kind::condition:
      return {"condition"};
    case Kind::enhanced_by_assessment:
      return {"enhanced_assessed", "enhanced_assessed_not"};
    case Kind::enhanced_by_fact:
      return {"enhanced_fact"};
    case Kind::limit_enhanced:
      return {"enhanced_yes"};
    case Kind::clock_started:
      return {"started", "started_plain"};
    case Kind::told_ahead:
      return {"told_ahead"};
    case Kind::joined_later:
      return {"joined_later"};
    case Kind::no_known_at:
      return {"no_known_at"};
    case Kind::middle_before:
      return {"middle_before"};
    case Kind::due:
      return {"due_date", "due_instant", "closes_date", "closes_instant"};
    case Kind::considered_kept:
      return {"done", "done_last"};
    case Kind::unsure_key:
      return {"why_unsure_key"};
    case Kind::unsure_time:
      return {"why_unsure_time"};
    case Kind::decline_found:
      return {"decline_found"};
    case Kind::decline_too_late:
      return {"decline_too_late"};
    case Kind::decline_ended:
      return {"decline_ended"};
    case Kind::reason_counts:
      return {"reason_counts"};
    case Kind::reason_incomplete:
      return {"reason_incomplete"};
    case Kind::reason_needs_second:
      return {"reason_needs_second"};
    case Kind::lapsed_by:
      return {"lapsed_by"};
    case Kind::died:
      return {"died"};
    case Kind::retracted:
      return {"retracted", "retracted_by", "corrected_away"};
    case Kind::gap:
      return {"gap", "gap_unnamed"};
    case Kind::involvement_ended:
      return {"involvement_ended"};
    case Kind::moved_later:
      return {"moved_later"};
    case Kind::reading_act:
      return {"reading_act"};
    case Kind::reading:
      return {"readings"};
    case Kind::outcome:
      return {"outcome", "window_used", "window_lapsed", "window_open", "window_cannot_tell"};
  }
  return {};
}

/// A text on one line, its words one space apart.
std::string on_one_line(const std::string& text) {
  std::string out;
  for (const char letter : text) {
    if (std::isspace(static_cast<unsigned char>(letter)) == 0) {
      out += letter;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  return out;
}

/// The longest piece of a sentence between its places.
std::string own_words(const std::string& sentence) {
  std::string longest;
  for (std::size_t at = 0; at < sentence.size();) {
    const std::size_t end = std::min(sentence.find('{', at), sentence.size());
    if (end - at > longest.size()) longest = sentence.substr(at, end - at);
    at = end == sentence.size() ? end : sentence.find('}', end) + 1;
  }
  return trimmed(longest);
}

TEST(Scenarios, AreExplainedInWordsForEveryKindOfStep) {
  const html::Words words = *app::read_words(std::string(KEPT_SOURCE_DIR) + "/content/en");
  using Kind = engine::Step::Kind;
  std::set<Kind> recorded, said;
  bool same_fact = false;
  for (const fs::path& path : files_in("good")) {
    ScenarioFile(path).each([&](const RuleSet& rules, JudgedStory& story) {
      const app::Records records = {rules.book,
                                    {std::move(story.table), {}, false, 0, {}},
                                    std::move(story.coverage),
                                    app::CoverageOrigin::given,
                                    story.options,
                                    true};
      for (const Obligation& one : story.obligations) {
        const auto explained = engine::explain(records.book, records.read.table, records.options, one);
        ASSERT_TRUE(explained.ok()) << path << ": " << explained.error().message;
        const std::string text = on_one_line(app::explanation_text(*explained, records, "story", words));
        EXPECT_EQ(text.find("<<"), std::string::npos) << path << ": a key without words in " << text;
        EXPECT_EQ(text.find('{'), std::string::npos) << path << ": a place that was not filled in " << text;
        same_fact = same_fact || text.find(own_words(words.say("explain.same_fact"))) != std::string::npos;
        for (const engine::Step& step : explained->steps) {
          recorded.insert(step.kind);
          if (said.contains(step.kind)) continue;
          for (const std::string& sentence : sentences_of(step.kind)) {
            const std::string own = own_words(words.say("explain." + sentence));
            if (text.find(own) != std::string::npos) said.insert(step.kind);
          }
        }
      }
    });
  }
  for (int kind = 0; kind <= static_cast<int>(Kind::outcome); ++kind) {
    const std::string name = sentences_of(static_cast<Kind>(kind)).front();
    EXPECT_TRUE(recorded.contains(static_cast<Kind>(kind))) << "no story records a step that " << name << " would say";
    EXPECT_TRUE(said.contains(static_cast<Kind>(kind))) << "a step that " << name << " should say is passed over";
  }
  EXPECT_TRUE(same_fact) << "no story tells one fact by two sources";
}

}  // namespace
}  // namespace kept::rules
