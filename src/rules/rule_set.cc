#include "rules/rule_set.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/digest.h"
#include "rules/calendar_file.h"
#include "rules/duty_section.h"
#include "rules/terms.h"

namespace kept::rules {
namespace {

namespace fs = std::filesystem;
using calendar::LocalDate;
using engine::DutyClass;
using engine::Edition;

constexpr std::size_t most_files = 2'000;
constexpr std::size_t most_duties = 20'000;
const std::vector<std::string> class_words = {"code", "related", "local"};  // in the order of DutyClass
// Nothing counts as the Victims' Code that does not say so.
constexpr DutyClass unstated_class = DutyClass::local;
const std::vector<std::string> read_words = {"official", "reproduction", "recalled"};

const std::vector<std::string>& top_keys() {
  static const std::vector<std::string> keys = {"vocabulary", "family",  "says",   "fields",   "events",  "agencies",
                                                "editions",   "classes", "source", "enhanced", "rows",    "edition",
                                                "right",      "title",   "duties", "note",     "calendar"};
  return keys;
}

/// The parts of all files by what they are.
struct Parts {
  std::vector<Yaml> vocabularies, editions, classes, enhanced, rows;
  struct Duties {
    Yaml heading, list;
  };
  std::vector<Duties> duties;
  Yaml calendar;
  bool built_in_vocabulary = false;
};

class RuleSetReader {
 public:
  RuleSetReader(Problems* problems, bool needs_examples)
      : problems_(problems), needs_examples_(needs_examples), set_(std::make_unique<RuleSet>()) {}

  void add(std::shared_ptr<const Document> document) {
    const Yaml root = document->root();
    // A mapping file may lie beside the rules for the log that it reads; it is not one of them.
    for (const auto& [key, value] : root.entries()) {
      if (key.text() == "mapping") return;
    }
    set_->documents.push_back(document);
    const Fields map(root, "a rule file", top_keys(), problems_);
    if (!map.is_map()) return;
    if (map.has("events") || map.has("fields") || map.has("agencies")) {
      for (const char* key : {"duties", "classes", "editions", "enhanced", "rows"}) {
        if (map.has(key))
          map.problem(map.get(key), fmt::format("`{}:` stands beside `events:`; in a file that holds more than a "
                                                "vocabulary, put fields, events and agencies under `vocabulary:`",
                                                key));
      }
      parts_.vocabularies.push_back(root);
      return;
    }
    const Yaml vocabulary = map.get("vocabulary");
    if (vocabulary.is_list()) {
      for (const Yaml& item : vocabulary.items()) parts_.vocabularies.push_back(item);
    } else if (vocabulary.is_text()) {
      parts_.built_in_vocabulary = vocabulary.text() == "built-in";
      if (!parts_.built_in_vocabulary)
        map.problem(vocabulary,
                    "`vocabulary:` is a map with fields and events, or the word built-in for that of the program");
    } else if (vocabulary) {
      parts_.vocabularies.push_back(vocabulary);
    }
    if (map.has("editions")) parts_.editions.push_back(map.get("editions"));
    if (map.has("classes")) parts_.classes.push_back(root);
    if (map.has("enhanced")) parts_.enhanced.push_back(map.get("enhanced"));
    if (map.has("rows")) parts_.rows.push_back(map.get("rows"));
    if (map.has("duties")) parts_.duties.push_back({root, map.get("duties")});
    if (map.has("calendar")) parts_.calendar = map.get("calendar");
    const bool empty = !vocabulary && !map.has("editions") && !map.has("classes") && !map.has("enhanced") &&
                       !map.has("rows") && !map.has("duties") && !map.has("calendar");
    if (empty)
      map.problem(
          "the file holds no rules: it has none of duties, vocabulary, events, editions, classes, enhanced, rows");
  }

  Parts& parts() { return parts_; }
  RuleSet& set() { return *set_; }

  /// `over`: whose vocabulary, editions and classes are used where the parts bring none.
  std::unique_ptr<RuleSet> read(const RuleSet* over) {
    read_vocabulary(over);
    read_editions(over);
    find_names(over);
    read_classes();
    read_enhanced();
    read_duties();
    read_rows();
    if (problems_->empty()) find_contradictions(set_->book.duties, problems_);
    // Examples are told here, so that a mistake in an event has its line, and judged only by check_examples.
    for (const Example& example : set_->examples) tell(example.story, set_->book.vocabulary, problems_);
    if (!problems_->empty()) return nullptr;
    if (over != nullptr && parts_.classes.empty()) set_->book.applicability = over->book.applicability;
    if (over != nullptr && parts_.enhanced.empty()) set_->book.enhanced = over->book.enhanced;
    set_->book.index();
    return std::move(set_);
  }

 private:
  void read_vocabulary(const RuleSet* over) {
    if (parts_.vocabularies.empty() && over != nullptr) {
      set_->book.vocabulary = over->book.vocabulary;
      set_->types = over->types;
      // Conditions of the other set name open codes by their place.
      set_->book.code_words = over->book.code_words;
    } else {
      auto vocabulary = std::make_shared<model::Vocabulary>();
      VocabularyReader(vocabulary.get(), &set_->types, problems_).read(parts_.vocabularies);
      set_->book.vocabulary = vocabulary;
      if (vocabulary->types().empty() && !set_->documents.empty() && problems_->empty()) {
        problems_->add(set_->documents.front()->path(), 1,
                       "no file defines an event; add `vocabulary: {events: {...}}`, or `vocabulary: built-in` for the "
                       "events of the Victims' Code");
      }
    }
    terms_.vocabulary = set_->book.vocabulary.get();
    terms_.code_words = &set_->book.code_words;
    terms_.problems = problems_;
  }

  LocalDate date_or(const Fields& map, const char* key, LocalDate otherwise) {
    if (!map.has(key)) return otherwise;
    const auto read = calendar::parse_date(map.get(key).text());
    if (read) return *read;
    map.problem(map.get(key), fmt::format("`{}:` {}", key, read.error().message));
    return otherwise;
  }

  static LocalDate no_end() { return calendar::local_date({2099, 12, 31}); }
  static LocalDate no_beginning() { return calendar::local_date({1900, 1, 1}); }

  void read_editions(const RuleSet* over) {
    for (const Yaml& part : parts_.editions) {
      for (const Yaml& item : part.items()) read_edition(item, {});
      for (const auto& [id, value] : part.entries()) read_edition(value, id);
      if (part.items().empty() && part.entries().empty())
        problems_->add(part.file(), part.line(), "`editions:` is a list, each with id, title, from and to");
    }
    if (parts_.editions.empty() && over != nullptr) {
      set_->book.editions = over->book.editions;
      set_->editions = over->editions;
    }
    if (!set_->book.editions.empty() || !parts_.editions.empty()) return;
    // A small set of rules need not say since when: one edition without beginning or end for each name used.
    for (const Parts::Duties& duties : parts_.duties) {
      std::string id = "rules";
      for (const auto& [key, value] : duties.heading.entries()) {
        if (key.text() == "edition" && value.is_text()) id = value.text();
      }
      if (find_edition(id) == nullptr)
        set_->book.editions.push_back({id, id, unstated_class, no_beginning(), no_end()});
    }
  }

  void read_edition(Yaml node, Yaml id) {
    const Fields map(node, "an edition", {"id", "title", "class", "from", "to", "read", "note", "url", "document"},
                     problems_);
    if (!map.is_map()) return;
    Edition edition;
    edition.id = id ? id.text() : map.need_text("id", "give it a short name that duties use as `edition:`");
    edition.title = map.has("title") ? map.text("title") : edition.id;
    edition.duty_class = unstated_class;
    if (const auto one = map.one_of("class", class_words)) edition.duty_class = static_cast<DutyClass>(*one);
    edition.from = date_or(map, "from", no_beginning());
    edition.to = date_or(map, "to", no_end());
    if (edition.from > edition.to)
      map.problem(fmt::format("the edition {} ends on {} before it begins on {}; exchange from and to",
                              shown(edition.id), to_string(edition.to), to_string(edition.from)));
    if (find_edition(edition.id) != nullptr)
      map.problem(fmt::format("the edition {} is defined twice; keep one", shown(edition.id)));
    EditionNote note;
    note.id = edition.id;
    note.note = map.text("note");
    note.url = map.has("url") ? map.text("url") : map.text("document");
    if (map.get("read").is_map()) {
      const Fields read(map.get("read"), "`read:`", {"from", "to"}, problems_);
      if (const auto one = read.one_of("from", read_words)) note.from_read = static_cast<engine::ReadAs>(*one);
      if (const auto one = read.one_of("to", read_words)) note.to_read = static_cast<engine::ReadAs>(*one);
    } else if (const auto one = map.one_of("read", read_words)) {
      note.from_read = note.to_read = static_cast<engine::ReadAs>(*one);
    }
    set_->editions.push_back(std::move(note));
    set_->book.editions.push_back(std::move(edition));
  }

  const Edition* find_edition(const std::string& id) const {
    const auto found = std::find_if(set_->book.editions.begin(), set_->book.editions.end(),
                                    [&](const Edition& one) { return one.id == id; });
    return found == set_->book.editions.end() ? nullptr : &*found;
  }

  /// Names first, so that rules may name each other in any order.
  void find_names(const RuleSet* over) {
    std::map<std::string, Yaml> seen;
    for (const Parts::Duties& part : parts_.duties) {
      for (const Yaml& duty : part.list.items()) {
        Yaml id;
        for (const auto& [key, value] : duty.entries()) {
          if (key.text() == "id") id = value;
        }
        if (!duty.is_map()) continue;
        if (!id.is_text() || id.text().empty() || id.text().size() > 64 ||
            id.text().find_first_of(" \t,:=") != std::string::npos) {
          problems_->add(duty.file(), duty.line(),
                         "a duty needs an `id:` of its own: up to 64 letters, digits, `-`, `.` and `_`");
          continue;
        }
        const auto [other, is_new] = seen.emplace(id.text(), id);
        if (!is_new) {
          problems_->add(duty.file(), id.line(),
                         fmt::format("the duty {} is defined twice (the other is at {}:{}); rename one", id.text(),
                                     other->second.file(), other->second.line()));
          continue;
        }
        terms_.duties.emplace(id.text(), static_cast<uint16_t>(terms_.duties.size()));
        order_.push_back({duty, part.heading});
      }
    }
    // `duties` maps ids to places; give places in the order written, not in that of the names.
    for (std::size_t i = 0; i < order_.size(); ++i) {
      for (const auto& [key, value] : order_[i].duty.entries()) {
        if (key.text() == "id") terms_.duties[value.text()] = static_cast<uint16_t>(i);
      }
    }
    if (order_.size() > most_duties && !set_->documents.empty())
      problems_->add(set_->documents.front()->path(), 1,
                     fmt::format("there are {} duties, more than the {} read here", order_.size(), most_duties));
    for (const Yaml& part : parts_.classes) {
      for (const Yaml& item : class_list(part)) {
        for (const auto& [key, value] : item.entries()) {
          if (key.text() == "id") terms_.classes.emplace(value.text(), static_cast<uint16_t>(terms_.classes.size()));
        }
      }
    }
    if (parts_.classes.empty() && over != nullptr) {
      for (std::size_t i = 0; i < over->book.applicability.size(); ++i)
        terms_.classes.emplace(over->book.applicability[i].id, static_cast<uint16_t>(i));
    }
  }

  static std::vector<Yaml> class_list(Yaml part) {
    for (const auto& [key, value] : part.entries()) {
      if (key.text() == "classes") return value.items();
    }
    return {};
  }

  void read_classes() {
    for (const Yaml& part : parts_.classes) {
      Yaml shared;
      for (const auto& [key, value] : part.entries()) {
        if (key.text() == "source") shared = value;
      }
      const std::vector<Yaml> items = class_list(part);
      for (std::size_t i = 0; i < items.size(); ++i) {
        const Fields map(items[i], "a class", {"id", "says", "under_code", "why", "when", "source", "examples", "note"},
                         problems_);
        if (!map.is_map()) continue;
        engine::ApplicabilityClass one;
        one.id = map.need_text("id", "give it a short name that conditions use: applies: [child]");
        one.says = map.need_text("says", "say in one line who is in it");
        one.under_code = map.yes_no("under_code", true);
        CitedRule cited = {one.id, one.says, map.text("why"), items[i].file(), items[i].line(), {}};
        if (!one.under_code && cited.why.empty())
          map.problem(fmt::format("the class {} is not under the Code but does not say why; add `why:`", one.id));
        cited.source = read_source(map.get("source"), shared, {}, "the class " + one.id, problems_);
        map.need("when", "write a condition, or `when: always` for the last class");
        one.when = read_condition(map.get("when"), {}, terms_);
        if (one.when.empty() && i + 1 != items.size())
          map.problem(fmt::format(
              "the class {} holds for everybody but is not the last; the classes after it can never hold", one.id));
        if (needs_examples_) map.need("examples", "add at least one: {why, events, expect: CLASS}");
        for (const Yaml& item : map.get("examples").items()) {
          if (auto example = read_example(item, Example::Of::applicability, one.id, "police", problems_))
            set_->examples.push_back(std::move(*example));
        }
        set_->classes.push_back(std::move(cited));
        set_->book.applicability.push_back(std::move(one));
      }
    }
  }

  void read_enhanced() {
    for (const Yaml& part : parts_.enhanced) {
      if (!part.is_list())
        problems_->add(part.file(), part.line(),
                       "`enhanced:` is a list, each with edition, by_fact, source and examples");
      for (const Yaml& item : part.items()) {
        const Fields map(item, "a rule of Enhanced Rights",
                         {"edition", "says", "from", "to", "by_fact", "source", "examples", "note"}, problems_);
        if (!map.is_map()) continue;
        engine::EnhancedRule rule;
        rule.edition = map.need_text("edition", "name the edition it belongs to");
        const Edition* edition = find_edition(rule.edition);
        if (edition == nullptr) {
          unknown_edition(rule.edition, map.get("edition") ? map.get("edition") : item);
          continue;
        }
        rule.from = date_or(map, "from", edition->from);
        rule.to = date_or(map, "to", edition->to);
        map.need("by_fact", "write the condition that gives Enhanced Rights");
        rule.by_fact = read_condition(map.get("by_fact"), {}, terms_);
        // Asked at a trigger: what was true by then, unless the rule says `when: ever`.
        asked_at_trigger(&rule.by_fact, map.get("by_fact"));
        CitedRule cited = {rule.edition, map.text("says"), {}, item.file(), item.line(), {}};
        cited.source =
            read_source(map.get("source"), {}, rule.edition, "Enhanced Rights of " + rule.edition, problems_);
        if (!map.has("source"))
          map.problem("a rule of Enhanced Rights has no `source:`; say where it stands and how it was read");
        if (needs_examples_) map.need("examples", "add at least one: {why, events, expect: enhanced}");
        for (const Yaml& one : map.get("examples").items()) {
          if (auto example = read_example(one, Example::Of::enhanced, rule.edition, "police", problems_))
            set_->examples.push_back(std::move(*example));
        }
        set_->enhanced.push_back(std::move(cited));
        set_->book.enhanced.push_back(std::move(rule));
      }
    }
  }

  /// Without a trigger of its own a fact is read as `ever`; here there is a day to ask at.
  static void asked_at_trigger(engine::Condition* condition, Yaml node) {
    const auto says_ever = [](auto&& self, Yaml at) -> bool {
      for (const auto& [key, value] : at.entries()) {
        if ((key.text() == "when" && value.text() == "ever") || self(self, value)) return true;
      }
      for (const Yaml& item : at.items()) {
        if (self(self, item)) return true;
      }
      return false;
    };
    if (says_ever(says_ever, node)) return;
    for (engine::ConditionNode& one : condition->nodes) {
      if (one.op == engine::ConditionNode::Op::fact_ever) one.op = engine::ConditionNode::Op::fact;
    }
  }

  void unknown_edition(const std::string& id, Yaml at) {
    std::vector<std::string> known;
    for (const Edition& edition : set_->book.editions) known.push_back(edition.id);
    problems_->add(
        at.file(), at.line(),
        fmt::format("there is no edition `{}`{}; editions are named in `editions:`", shown(id), suggestion(id, known)));
  }

  void read_duties() {
    for (const Parts::Duties& part : parts_.duties) {
      if (!part.list.is_list())
        problems_->add(part.list.file(), part.list.line(), "`duties:` is a list: each duty starts with `- id:`");
    }
    set_->book.duties.resize(order_.size());
    for (std::size_t i = 0; i < order_.size(); ++i) {
      const Fields file(order_[i].heading, "a file of duties", {}, problems_);
      DutyFileHeading heading;
      heading.edition = file.text("edition");
      heading.right = file.text("right");
      heading.title = file.text("title");
      heading.source = file.get("source");
      const Edition* edition = find_edition(heading.edition);
      if (edition == nullptr && heading.edition.empty() && set_->book.editions.size() == 1) {
        edition = &set_->book.editions.front();
        heading.edition = edition->id;
      }
      if (edition == nullptr) {
        if (heading.edition.empty()) {
          file.problem("the file has duties but no `edition:`; name the edition they belong to");
        } else {
          unknown_edition(heading.edition, file.get("edition"));
        }
        continue;
      }
      set_->book.duties[i] = read_duty(order_[i].duty, heading, *edition, terms_, needs_examples_, &set_->examples);
    }
  }

  void read_rows() {
    for (const Yaml& part : parts_.rows) {
      if (!part.is_map())
        problems_->add(part.file(), part.line(),
                       "`rows:` is a map from a row of the law to the reason why it is not encoded");
      for (const auto& [row, why] : part.entries()) {
        if (!why.is_text() || why.text().size() < 10) {
          problems_->add(
              row.file(), row.line(),
              fmt::format("the row {} gives no reason; say in a sentence why no duty encodes it", shown(row.text())));
          continue;
        }
        for (const engine::Duty& duty : set_->book.duties) {
          if (std::find(duty.law_rows.begin(), duty.law_rows.end(), row.text()) != duty.law_rows.end()) {
            problems_->add(
                row.file(), row.line(),
                fmt::format("the row {} is listed as not encoded, but the duty {} ({}:{}) encodes it; remove one",
                            row.text(), duty.id, duty.file, duty.line));
          }
        }
        set_->not_encoded.push_back({row.text(), why.text(), row.file(), row.line()});
        set_->book.not_encoded.emplace_back(row.text(), why.text());
      }
    }
  }

  struct Ordered {
    Yaml duty, heading;
  };
  Problems* problems_;
  bool needs_examples_;
  std::unique_ptr<RuleSet> set_;
  Parts parts_;
  Terms terms_;
  std::vector<Ordered> order_;
};

base::Result<std::string> read_text(const std::string& path) {
  std::error_code failed;
  const std::uintmax_t bytes = fs::file_size(path, failed);
  if (!failed && bytes > Document::largest_bytes) {
    return base::Error{base::ErrorCode::too_large,
                       fmt::format("{}:1: the file has {} bytes, more than the {} read here; split it", path, bytes,
                                   Document::largest_bytes)};
  }
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad())
    return base::Error{base::ErrorCode::io, fmt::format("{}:1: the file cannot be read; check its permissions", path)};
  return text;
}

bool is_yaml(const fs::path& path) { return path.extension() == ".yaml" || path.extension() == ".yml"; }

/// The rule files of a folder, sorted; those of its calendars/ apart.
base::Result<std::vector<std::string>> list_files(const std::string& where, std::vector<std::string>* calendars) {
  std::error_code failed;
  std::vector<std::string> files;
  if (fs::is_regular_file(where, failed)) return std::vector<std::string>{where};
  if (!fs::is_directory(where, failed))
    return base::Error{base::ErrorCode::not_found,
                       fmt::format("{}: there is no such folder or file of rules; give the path of one", where)};
  for (auto it = fs::recursive_directory_iterator(where, fs::directory_options::none, failed);
       !failed && it != fs::recursive_directory_iterator(); it.increment(failed)) {
    if (it.depth() > 8) it.disable_recursion_pending();
    if (!it->is_regular_file(failed) || !is_yaml(it->path())) continue;
    const bool is_calendar = it->path().parent_path().filename() == "calendars";
    (is_calendar ? *calendars : files).push_back(it->path().string());
    if (files.size() > most_files)
      return base::Error{
          base::ErrorCode::too_large,
          fmt::format("{}: holds more than {} YAML files; give the folder of the rules themselves", where, most_files)};
  }
  if (failed)
    return base::Error{base::ErrorCode::io, fmt::format("{}: the folder cannot be read: {}", where, failed.message())};
  std::sort(files.begin(), files.end());
  std::sort(calendars->begin(), calendars->end());
  if (files.empty())
    return base::Error{base::ErrorCode::not_found, fmt::format("{}: the folder holds no .yaml file of rules", where)};
  return files;
}

}  // namespace

std::string built_in_rules() {
  const char* home = std::getenv("KEPT_HOME");
  return std::string(home != nullptr && *home != '\0' ? home : KEPT_SOURCE_DIR) + "/rules";
}

base::Result<RuleSet> load_rule_set(const RulesPaths& paths) {
  const std::string where = paths.rules.empty() ? built_in_rules() : paths.rules;
  std::vector<std::string> calendars;
  const auto files = list_files(where, &calendars);
  if (!files) return files.error();

  Problems problems;
  RuleSetReader reader(&problems, true);
  uint64_t first = 0;
  uint64_t second = 0;
  for (const std::string& path : *files) {
    const auto text = read_text(path);
    if (!text) return text.error();
    // Order matters and so does the name: a duty moved between files is another version.
    const std::string name = fs::path(path).lexically_relative(where).string();
    first = base::digest(name + '\n' + *text, first);
    second = base::digest(*text + '\n' + name, second + 1);
    std::shared_ptr<const Document> document = Document::parse(*text, path, &problems);
    if (document) reader.add(std::move(document));
  }
  if (!problems.empty() && reader.set().documents.empty()) return problems.error();
  if (reader.set().documents.empty()) {
    return base::invalid(fmt::format("{}: holds only mapping files and no rules; add a file with `duties:`", where));
  }

  std::unique_ptr<RuleSet> built_in;
  if (reader.parts().built_in_vocabulary && reader.parts().vocabularies.empty()) {
    auto loaded = load_rule_set({});
    if (!loaded) return loaded.error();
    built_in = std::make_unique<RuleSet>(std::move(*loaded));
    // Only the vocabulary is borrowed; the rules of this folder stand alone.
    built_in->book.editions.clear();
    built_in->editions.clear();
    built_in->book.enhanced.clear();
    built_in->book.applicability.clear();
  }

  std::string calendar_path = paths.calendar;
  std::vector<std::string> notes;
  if (calendar_path.empty() && reader.parts().calendar) {
    calendar_path = (fs::path(reader.parts().calendar.file()).parent_path() / reader.parts().calendar.text()).string();
  }
  if (calendar_path.empty() && calendars.size() == 1) calendar_path = calendars.front();
  if (calendar_path.empty() && calendars.size() > 1) {
    return base::invalid(fmt::format(
        "{}: holds {} calendars; say which with --calendar, or with `calendar: calendars/NAME.yaml` in a rule file",
        where, calendars.size()));
  }
  if (calendar_path.empty()) {
    calendar_path = built_in_rules() + "/calendars/england-and-wales.yaml";
    notes.emplace_back("The rules bring no calendar: working days are those of England and Wales.");
  }
  auto calendar = read_calendar(calendar_path);
  if (!calendar) return calendar.error();
  const auto calendar_text = read_text(calendar_path);
  if (calendar_text) first = base::digest(*calendar_text, first);

  auto set = reader.read(built_in.get());
  if (!set) return problems.error();
  set->where = where;
  set->notes = std::move(notes);
  set->book.calendar = std::make_shared<const calendar::WorkingDayCalendar>(std::move(*calendar));
  set->book.version = fmt::format("{:016x}{:016x}", first, second);
  return std::move(*set);
}

base::Result<engine::RuleBook> load_rules(const RulesPaths& paths, std::vector<std::string>* notes) {
  auto set = load_rule_set(paths);
  if (!set) return set.error();
  if (notes != nullptr) *notes = std::move(set->notes);
  return std::move(set->book);
}

std::unique_ptr<RuleSet> read_inline_rules(const InlineRules& rules, const RuleSet& over, Problems* problems) {
  RuleSetReader reader(problems, rules.needs_examples);
  reader.parts().vocabularies = rules.vocabularies;
  if (rules.editions) reader.parts().editions.push_back(rules.editions);
  if (rules.duties) reader.parts().duties.push_back({rules.heading, rules.duties});
  reader.set().documents.push_back(rules.document);
  auto set = reader.read(rules.vocabularies.empty() ? &over : nullptr);
  if (!set) return nullptr;
  set->where = rules.document->path();
  set->book.calendar = over.book.calendar;
  set->book.version = over.book.version;
  return set;
}

base::Result<RuleSet> parse_rules(const std::string& text, const std::string& path,
                                  std::shared_ptr<const calendar::WorkingDayCalendar> calendar, bool needs_examples) {
  Problems problems;
  RuleSetReader reader(&problems, needs_examples);
  std::shared_ptr<const Document> document = Document::parse(text, path, &problems);
  if (!document) return problems.error();
  reader.add(std::move(document));
  auto set = reader.read(nullptr);
  if (!set) return problems.error();
  set->where = path;
  set->book.calendar = std::move(calendar);
  set->book.version = fmt::format("{:016x}", base::digest(text));
  return std::move(*set);
}

}  // namespace kept::rules
