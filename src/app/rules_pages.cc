#include "app/rules_pages.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "app/content.h"
#include "rules/wording.h"

namespace kept::app {
namespace {

using engine::Duty;
using engine::DutyClass;
using engine::DutyKind;
using engine::RuleBook;
using model::EventType;
using model::Field;

const char* const generated = "<!-- Made by `kept rules docs` from rules/. Change the rules, not this page. -->\n\n";

/// Text inside a cell of a table: no bars, no line ends.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|')
      out += "\\|";
    else if (c == '\n')
      out += ' ';
    else if (c == '<')
      out += "&lt;";
    else
      out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool is_numbered(const std::string& right) {
  return !right.empty() && std::isdigit(static_cast<unsigned char>(right.front())) != 0;
}

std::string references(const EventType& type, uint8_t bits) {
  std::string text;
  for (std::size_t bit = 0; bit < rules::reference_names().size(); ++bit) {
    if ((bits >> bit & 1) != 0) text += (text.empty() ? "" : ", ") + rules::reference_names()[bit];
  }
  if ((bits & model::carries_key) != 0) text += (text.empty() ? "" : ", ") + type.key;
  return text;
}

/// Which duties read a type, and as what.
std::map<std::string, std::set<std::string>> readers(const RuleBook& book) {
  std::map<std::string, std::set<std::string>> by_type;
  const auto add = [&](const engine::Pattern& pattern, const std::string& reader) {
    for (const uint16_t code : pattern.codes) by_type[book.vocabulary->type_of(code).name].insert(reader);
  };
  const auto add_condition = [&](const engine::Condition& condition, const std::string& reader) {
    for (const auto& node : condition.nodes) add(node.pattern, reader);
  };
  for (const Duty& duty : book.duties) {
    add(duty.trigger, duty.id);
    for (const auto& one : duty.fulfilled_by) add(one, duty.id);
    for (const auto& one : duty.until) add(one, duty.id);
    for (const auto& one : duty.cancelled_by) add(one.pattern, duty.id);
    add_condition(duty.condition, duty.id);
  }
  for (const auto& one : book.enhanced) add_condition(one.by_fact, "Enhanced Rights");
  for (const auto& one : book.applicability) add_condition(one.when, "applicability");
  return by_type;
}

std::string source_cell(const Duty& duty) {
  std::string text;
  if (!duty.source.paragraph.empty())
    text += cell(duty.source.paragraph) +
            (duty.source.paragraph_read == engine::ReadAs::recalled ? " (number recalled)" : "") + "; ";
  // A row may name several addresses.
  std::string links;
  std::string rest = duty.source.url;
  while (!rest.empty()) {
    const std::size_t bar = std::min(rest.find(" | "), rest.size());
    const std::string url = rest.substr(0, bar);
    links += (links.empty() ? "" : ", ") +
             (url.starts_with("http")
                  ? fmt::format("[{}]({})", links.empty() ? rules::read_words(duty.source.read) : "and", cell(url))
                  : cell(url));
    rest.erase(0, std::min(bar + 3, rest.size()));
  }
  text += links.empty() ? rules::read_words(duty.source.read) : links;
  if (!duty.source.note.empty()) text += ". " + cell(duty.source.note);
  const std::string unverified = rules::unverified_words(duty.source);
  if (!unverified.empty()) text += (text.ends_with('.') ? " " : ". ") + ("**To be verified:** " + cell(unverified));
  return text;
}

std::string kept_cell(const Duty& duty, const RuleBook& book) {
  std::string text = cell(rules::patterns_words(duty.fulfilled_by, duty.all_of, book));
  if (duty.earlier_counts) text += "; earlier counts";
  if (!duty.until.empty()) text += "; until " + cell(rules::patterns_words(duty.until, false, book));
  return text;
}

std::string starts_cell(const Duty& duty, const RuleBook& book) {
  std::string text = cell(rules::pattern_words(duty.trigger, book));
  if (duty.clock_known) text += ", when the one who owes it knew";
  const std::string condition = rules::condition_words(duty.condition, book);
  if (!condition.empty()) text += "; only if " + cell(condition);
  return text;
}

void duty_table(std::string* out, const std::vector<const Duty*>& duties, const engine::Edition& edition,
                const RuleBook& book) {
  *out +=
      "| Id | What | Who | Starts with | Limit | Kept by | Source, and how it was read "
      "|\n|---|---|---|---|---|---|---|\n";
  for (const Duty* duty : duties) {
    std::string what = cell(duty->says);
    if (duty->kind == DutyKind::window) what += " *(the victim's own window)*";
    if (duty->kind == DutyKind::chain) what += " *(both legs together)*";
    if (duty->owed_to_case) what += " *(owed to the case)*";
    if (duty->from != edition.from || duty->to != edition.to)
      what += fmt::format(" *({})*", rules::force_words(duty->from, duty->to));
    *out += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", duty->id, what,
                        duty->kind == DutyKind::window ? "victim" : cell(duty->bearer), starts_cell(*duty, book),
                        cell(rules::limits_words(*duty, book)) + (duty->repeats ? ", again and again" : ""),
                        kept_cell(*duty, book), source_cell(*duty));
  }
  *out += "\n";
}

bool has_number(const Duty& duty) {
  return duty.kind == DutyKind::chain || std::any_of(duty.limits.begin(), duty.limits.end(), [](const auto& one) {
           return one.standard.kind != engine::TimeLimit::Kind::no_number;
         });
}

base::Result<std::string> read_page(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open())
    return base::Error{base::ErrorCode::not_found, fmt::format("{} is not there; run: kept rules docs", path)};
  return text;
}

struct Page {
  std::string path, text;
};

base::Result<std::vector<Page>> pages() {
  const auto rules = rules::load_rule_set({});
  if (!rules) return rules.error();
  return std::vector<Page>{{home_folder() + "/docs/events.md", events_page(*rules)},
                           {home_folder() + "/docs/the-code.md", code_page(*rules)}};
}

}  // namespace

std::string events_page(const rules::RuleSet& rules) {
  const RuleBook& book = rules.book;
  const model::Vocabulary& vocabulary = *book.vocabulary;
  const auto read_by = readers(book);
  std::string out = std::string(generated) +
                    "# The events that agencies record\n\n"
                    "This page is the contract with agencies: the types of event that Kept reads, and what each may "
                    "carry. It is made from "
                    "`rules/vocabulary/`; [formats/rules.md](formats/rules.md) says how that is written.\n\n"
                    "Every event has an `id`, unique within its `source`; a `type` from the lists below; `occurred_at` "
                    "(when it happened: an instant, a date, "
                    "a month, a year or a range); `recorded_at` (when this system was told); and the `agency` that "
                    "recorded it. It may have `known_at` (when the "
                    "one who owes a duty because of it was told), `corrects` or `retracts` (the id of an earlier event "
                    "of the same source). Beside these it carries "
                    "the references and the detail named for its type; those in **bold** it must carry.\n\n"
                    "Fields marked *personal* and free text are never read by a rule.\n\n";
  std::vector<std::string> families;
  for (const EventType& type : vocabulary.types()) {
    if (std::find(families.begin(), families.end(), type.family) == families.end()) families.push_back(type.family);
  }
  std::sort(families.begin(), families.end());
  for (const std::string& family : families) {
    out += fmt::format("## {}\n\n| Type | What happened | References | Detail | Read by |\n|---|---|---|---|---|\n",
                       family.empty() ? "other" : family);
    for (const EventType& type : vocabulary.types()) {
      if (type.family != family) continue;
      std::string carried = references(type, type.needs);
      if (!carried.empty()) carried = "**" + carried + "**";
      const std::string may = references(type, static_cast<uint8_t>(type.carries & ~type.needs));
      if (!may.empty()) carried += (carried.empty() ? "" : ", ") + may;
      std::string detail;
      for (const uint16_t id : type.fields) {
        const bool needed =
            std::find(type.needed_fields.begin(), type.needed_fields.end(), id) != type.needed_fields.end();
        const std::string& name = vocabulary.fields()[id].name;
        detail += (detail.empty() ? "" : ", ") + (needed ? "**" + name + "**" : name);
      }
      std::string read;
      const auto found = read_by.find(type.name);
      if (type.meaning != model::Meaning::nothing)
        read = "the engine itself (" + rules::meaning_word(type.meaning) + ")";
      if (found != read_by.end()) {
        const std::size_t count = found->second.size();
        std::string names;
        std::size_t shown = 0;
        for (const std::string& one : found->second) {
          if (shown++ < 3) names += (names.empty() ? "" : ", ") + one;
        }
        read += (read.empty() ? "" : "; ") + names + (count > 3 ? fmt::format(" and {} more", count - 3) : "");
      }
      const auto note = rules.types.find(type.name);
      if (read.empty() && note != rules.types.end() && !note->second.recorded_for.empty())
        read = "recorded only: " + note->second.recorded_for;
      if (read.empty()) read = "no rule: recorded so that a person can follow the case";
      out += fmt::format("| `{}` | {} | {} | {} | {} |\n", type.name, cell(type.says), carried, detail, cell(read));
    }
    out += "\n";
  }
  out +=
      "## Fields of detail\n\nA field has one meaning wherever it stands. Kinds: `yes_no`; `number` (whole); `word` "
      "(one of a closed list); `code` (an open short code); `date` (as exactly as known); `text`.\n\n"
      "| Field | Kind | Meaning |\n|---|---|---|\n";
  std::vector<const Field*> fields;
  for (const Field& field : vocabulary.fields()) fields.push_back(&field);
  std::sort(fields.begin(), fields.end(), [](const Field* a, const Field* b) { return a->name < b->name; });
  for (const Field* field : fields) {
    std::string words;
    for (const std::string& word : field->words) words += (words.empty() ? ": " : ", ") + word;
    out += fmt::format("| `{}` | {}{} | {}{} |\n", field->name, rules::kind_word(field->kind),
                       field->personal ? ", *personal*" : "", cell(field->says), cell(words));
  }
  out +=
      "\n## Agencies and roles\n\nDuties name roles. An agency that is not listed here fills the role of its own "
      "name.\n\n| Agency | Role |\n|---|---|\n";
  for (const auto& [agency, role] : vocabulary.roles()) out += fmt::format("| {} | {} |\n", cell(agency), cell(role));
  return out;
}

std::string code_page(const rules::RuleSet& rules) {
  const RuleBook& book = rules.book;
  std::size_t numbered = 0;
  std::size_t unverified = 0;
  for (const Duty& duty : book.duties) {
    numbered += has_number(duty) ? 1 : 0;
    unverified += rules::unverified_words(duty.source).empty() ? 0 : 1;
  }
  std::string out = std::string(generated) + "# The Code as data\n\n";
  out += fmt::format(
      "Every rule that Kept applies, as it stands in `rules/`: {} rules, {} of them with a number to keep, {} of them "
      "with a part that is still to be verified "
      "against the text of the Code. Only the openings of the official pages could be read; most rules were read in "
      "reproductions about their own "
      "edition, and what was only recalled is marked **To be verified** here and wherever it appears. Paragraph "
      "numbers are recalled unless said otherwise. "
      "Nobody should rely on this page instead of the Code.\n\n"
      "A trigger's own London date is day 0. Working days are Monday to Friday without the bank holidays of England "
      "and Wales. Events are those of [events.md](events.md).\n\n",
      book.duties.size(), numbered, unverified);
  out += "| Edition or scheme | In force | Rules |\n|---|---|---|\n";
  for (const auto& edition : book.editions) {
    const auto count = std::count_if(book.duties.begin(), book.duties.end(),
                                     [&](const Duty& duty) { return duty.edition == edition.id; });
    out += fmt::format("| {} ({}) | {} | {} |\n", cell(edition.title), edition.id,
                       rules::force_words(edition.from, edition.to), count);
  }
  out +=
      "\nThe **Victim Notification Scheme** has no row here: nothing about its limits was found in what could be read, "
      "so no rule was made for it. What is known of contact after a sentence is the Victim Contact Scheme.\n\n";
  const std::pair<DutyClass, const char*> classes[] = {
      {DutyClass::code, "The Victims' Code"},
      {DutyClass::related, "Schemes beside the Code"},
      {DutyClass::local, "Local commitments: never part of the Code's figures"}};
  for (const auto& [duty_class, heading] : classes) {
    bool headed = false;
    for (const auto& edition : book.editions) {
      if (edition.duty_class != duty_class) continue;
      if (!headed) out += fmt::format("## {}\n\n", heading);
      headed = true;
      out +=
          fmt::format("### {} ({}), {}\n\n", edition.title, edition.id, rules::force_words(edition.from, edition.to));
      const auto note = std::find_if(rules.editions.begin(), rules.editions.end(),
                                     [&](const auto& one) { return one.id == edition.id; });
      if (note != rules.editions.end() && !note->note.empty()) {
        out += fmt::format(
            "{}{}\n\n", note->note,
            note->from_read == engine::ReadAs::recalled ? " **The first day is recalled, to be verified.**" : "");
      }
      // Rights in order of number, others in the order written.
      std::vector<std::pair<std::string, std::vector<const Duty*>>> rights;
      for (const Duty& duty : book.duties) {
        if (duty.edition != edition.id) continue;
        auto found =
            std::find_if(rights.begin(), rights.end(), [&](const auto& one) { return one.first == duty.right; });
        if (found == rights.end()) found = rights.insert(rights.end(), {duty.right, {}});
        found->second.push_back(&duty);
      }
      std::stable_sort(rights.begin(), rights.end(), [](const auto& a, const auto& b) {
        return is_numbered(a.first) && is_numbered(b.first) && std::stoi(a.first) < std::stoi(b.first);
      });
      if (rights.empty()) out += "No rule.\n\n";
      for (const auto& [right, duties] : rights) {
        out += fmt::format("#### {}{}{}\n\n", is_numbered(right) ? "Right " : "", right,
                           duties.front()->title.empty() ? "" : ". " + duties.front()->title);
        duty_table(&out, duties, edition, book);
      }
    }
  }
  out +=
      "## Who is under the Code\n\nTried in order; the first that holds is the person's class.\n\n| Class | Who | "
      "Under the Code | When | Source, and how it was read |\n|---|---|---|---|---|\n";
  for (std::size_t i = 0; i < book.applicability.size(); ++i) {
    const auto& one = book.applicability[i];
    const auto& cited = rules.classes[i];
    const std::string when = rules::condition_words(one.when, book);
    const std::string doubt = rules::unverified_words(cited.source);
    out +=
        fmt::format("| {} | {} | {} | {} | {}{} |\n", one.id, cell(one.says),
                    one.under_code ? "yes" : "no: " + cell(cited.why), when.empty() ? "everybody else" : cell(when),
                    rules::read_words(cited.source.read), doubt.empty() ? "" : ". **To be verified:** " + cell(doubt));
  }
  out +=
      "\n## Enhanced Rights by fact\n\nBeside every assessment that found the victim entitled.\n\n| Edition | When | "
      "Source, and how it was read |\n|---|---|---|\n";
  for (std::size_t i = 0; i < book.enhanced.size(); ++i) {
    const auto& cited = rules.enhanced[i];
    const std::string doubt = rules::unverified_words(cited.source);
    out += fmt::format(
        "| {} | {} | {}{} |\n", book.enhanced[i].edition, cell(rules::condition_words(book.enhanced[i].by_fact, book)),
        rules::read_words(cited.source.read), doubt.empty() ? "" : ". **To be verified:** " + cell(doubt));
  }
  out +=
      "\n## Rows of the researched law that no rule encodes\n\nA row is one line of the research behind these rules. "
      "Every row is encoded above or stands here with the reason.\n\n| Row | Why not |\n|---|---|\n";
  for (const auto& row : rules.not_encoded) out += fmt::format("| {} | {} |\n", cell(row.row), cell(row.why));
  out += "\n## Where each researched row is encoded\n\n| Row | Rules |\n|---|---|\n";
  std::map<std::string, std::string> by_row;
  for (const Duty& duty : book.duties) {
    for (const std::string& row : duty.law_rows) by_row[row] += (by_row[row].empty() ? "" : ", ") + duty.id;
  }
  for (const auto& [row, duties] : by_row) out += fmt::format("| {} | {} |\n", cell(row), cell(duties));
  return out;
}

base::Result<PagesAnswer> write_rule_pages() {
  const auto made = pages();
  if (!made) return made.error();
  PagesAnswer answer;
  answer.good = true;
  for (const Page& page : *made) {
    std::ofstream file(page.path, std::ios::binary | std::ios::trunc);
    file << page.text;
    file.close();
    if (!file)
      return base::Error{base::ErrorCode::io, fmt::format("{} cannot be written; check its permissions", page.path)};
    answer.text += fmt::format("Written: {}\n", page.path);
  }
  return answer;
}

base::Result<PagesAnswer> check_rule_pages() {
  const auto made = pages();
  if (!made) return made.error();
  PagesAnswer answer;
  answer.good = true;
  for (const Page& page : *made) {
    const auto there = read_page(page.path);
    const bool current = there && *there == page.text;
    answer.good = answer.good && current;
    answer.text += fmt::format("{}: {}\n", page.path, current ? "current" : "not current; run: kept rules docs");
  }
  return answer;
}

}  // namespace kept::app
