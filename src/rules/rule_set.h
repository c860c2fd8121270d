#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/rule_book.h"
#include "rules/document.h"
#include "rules/example.h"
#include "rules/vocabulary_section.h"

namespace kept::rules {

/// Where rules come from.
struct RulesPaths {
  std::string rules;     ///< a folder, or one file; empty: the Victims' Code that comes with the program
  std::string calendar;  ///< a calendar file; empty: that of the rules, and where they bring none, that of the program
};

/// The folder of the rules that come with the program: rules/ in KEPT_HOME, or where it was built.
std::string built_in_rules();

/// A class of applicability or a rule of Enhanced Rights with what a reader wants to know beside what the engine reads.
struct CitedRule {
  std::string id, says, why, file;
  int line = 0;
  engine::Source source;
};

/// A row of the researched law that no duty encodes, and why.
struct RowNotEncoded {
  std::string row, why, file;
  int line = 0;
};

/// When an edition is in force, how that was read, and where.
struct EditionNote {
  std::string id, note, url;
  engine::ReadAs from_read = engine::ReadAs::recalled, to_read = engine::ReadAs::recalled;
};

/// Everything a set of rule files says: what the engine reads, and what people read.
struct RuleSet {
  engine::RuleBook book;
  std::vector<Example> examples;
  std::map<std::string, TypeNote> types;  ///< by name of the type of event
  std::vector<CitedRule> classes, enhanced;
  std::vector<RowNotEncoded> not_encoded;
  std::vector<EditionNote> editions;
  std::string where;               ///< the folder or file they were read from
  std::vector<std::string> notes;  ///< what a person should be told: a calendar taken from elsewhere
  std::vector<std::shared_ptr<const Document>> documents;  ///< what the examples point into
};

/// Reads rules. Every file under the folder is read by what it says (`duties:`, `events:`, `editions:` and so on), so
/// one file may hold a whole set. Examples are parsed, not run: `check_examples` runs them. Errors: not_found; io;
/// invalid with every mistake found, `file:line: what, and the mend`, a line each, at most 50 a file.
base::Result<RuleSet> load_rule_set(const RulesPaths& paths);

/// What the engine needs of it. `notes`, where given, gets what a person should be told (RuleSet::notes).
base::Result<engine::RuleBook> load_rules(const RulesPaths& paths, std::vector<std::string>* notes = nullptr);

/// Rules written inside another file (a scenario) as one map with `vocabulary editions duties` and the rest. `over`
/// gives the calendar, and the vocabulary, editions and classes where the text brings none. Nothing after a problem.
struct InlineRules {
  std::shared_ptr<const Document> document;
  std::vector<Yaml> vocabularies;  ///< empty: those of `over`
  Yaml editions, duties, heading;
  bool needs_examples = false;
};
std::unique_ptr<RuleSet> read_inline_rules(const InlineRules& rules, const RuleSet& over, Problems* problems);

/// One file of rules as text, for tests and fuzzing; `path` is only named in messages. The calendar is `calendar`'s.
base::Result<RuleSet> parse_rules(const std::string& text, const std::string& path,
                                  std::shared_ptr<const calendar::WorkingDayCalendar> calendar,
                                  bool needs_examples = true);

}  // namespace kept::rules
