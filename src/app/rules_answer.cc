#include "app/rules_answer.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "rules/wording.h"

namespace kept::app {
namespace {

using engine::Duty;
using engine::DutyKind;
using engine::RuleBook;

bool needs_verifying(const Duty& duty) { return !rules::unverified_words(duty.source).empty(); }

std::string owed_to(const Duty& duty) {
  if (duty.kind == DutyKind::window) return "a window of the victim's own: time in which to act, never a duty";
  return duty.owed_to_case ? "owed once for the case, and shown on every victim's record" : "owed to each victim";
}

std::string same_words(const Duty& duty, const RuleBook& book) {
  std::vector<std::string> parts;
  if ((duty.same & engine::same_suspect) != 0) parts.emplace_back("suspect");
  if ((duty.same & engine::same_hearing) != 0) parts.emplace_back("hearing");
  if ((duty.same & engine::same_participant) != 0) parts.emplace_back("person");
  if ((duty.same & engine::same_key) != 0) {
    const auto& type = book.vocabulary->type_of(duty.trigger.codes.front());
    parts.push_back(type.key.empty() ? "reference" : type.key);
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " and ") + part;
  return text;
}

std::string counted(std::size_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void line(std::string* out, const char* label, const std::string& text) {
  if (text.empty()) return;
  // A hanging indent at 100 columns.
  constexpr std::size_t width = 84;
  std::string rest = text;
  bool first = true;
  while (!rest.empty()) {
    std::size_t cut = rest.size();
    if (cut > width) {
      cut = rest.rfind(' ', width);
      if (cut == std::string::npos || cut == 0) cut = std::min(rest.find(' '), rest.size());
    }
    *out += fmt::format("  {:<14}{}\n", first ? label : "", rest.substr(0, cut));
    rest.erase(0, std::min(cut + 1, rest.size()));
    first = false;
  }
}

}  // namespace

base::Result<std::string> list_duties(const rules::RuleSet& rules, const DutyFilter& filter) {
  const RuleBook& book = rules.book;
  const bool known = filter.edition.empty() || std::any_of(book.editions.begin(), book.editions.end(),
                                                           [&](const auto& one) { return one.id == filter.edition; });
  if (!known) {
    std::vector<std::string> names;
    for (const auto& one : book.editions) names.push_back(one.id);
    return base::Error{base::ErrorCode::not_found,
                       fmt::format("there is no edition \"{}\" in {}{}", rules::shown(filter.edition), rules.where,
                                   rules::suggestion(filter.edition, names))};
  }
  std::string text;
  std::size_t shown = 0;
  std::size_t marked = 0;
  for (const engine::Edition& edition : book.editions) {
    if (!filter.edition.empty() && edition.id != filter.edition) continue;
    std::string right;
    std::string section;
    for (const Duty& duty : book.duties) {
      if (duty.edition != edition.id || (filter.unverified_only && !needs_verifying(duty))) continue;
      if (section.empty() || duty.right != right) {
        section += section.empty() ? "" : "\n";
        section += fmt::format(
            "  {}{}{}\n",
            duty.right.empty()
                ? ""
                : (std::isdigit(static_cast<unsigned char>(duty.right.front())) != 0 ? "Right " : "") + duty.right,
            duty.title.empty() || duty.right.empty() ? "" : ". ", duty.title);
        right = duty.right;
      }
      const bool mark = needs_verifying(duty);
      section += fmt::format("    {:<24} {:<12} {:<38} {}{}\n", duty.id, duty.bearer, rules::limits_words(duty, book),
                             duty.says, mark ? " [to be verified]" : "");
      if (filter.unverified_only) section += fmt::format("    {:<24}   {}\n", "", rules::unverified_words(duty.source));
      ++shown;
      marked += mark ? 1 : 0;
    }
    if (section.empty()) continue;
    text += fmt::format("{}{} ({}), {}\n\n{}", text.empty() ? "" : "\n", edition.title, edition.id,
                        rules::force_words(edition.from, edition.to), section);
  }
  text += fmt::format(
      "\n{} rules, {} of them with a part that is still to be verified. `kept rules show ID` says everything about "
      "one.\n",
      shown, marked);
  return text;
}

base::Result<std::string> describe_duty(const rules::RuleSet& rules, const std::string& id) {
  const RuleBook& book = rules.book;
  const uint16_t index = book.find(id);
  if (index == engine::no_duty) {
    std::vector<std::string> names;
    for (const Duty& duty : book.duties) names.push_back(duty.id);
    const std::string near = rules::nearest(id, names);
    return base::Error{
        base::ErrorCode::not_found,
        fmt::format("there is no duty \"{}\" in {}{}", rules::shown(id), rules.where,
                    near.empty() ? "; `kept rules list` names them all" : "; did you mean " + near + "?")};
  }
  const Duty& duty = book.duties[index];
  std::string text = fmt::format("{}  {}\n\n", duty.id, duty.says);
  const auto edition =
      std::find_if(book.editions.begin(), book.editions.end(), [&](const auto& one) { return one.id == duty.edition; });
  line(&text, "Where",
       fmt::format("{}{}{}, {}", edition == book.editions.end() ? duty.edition : edition->title,
                   duty.right.empty() ? "" : ", ",
                   std::isdigit(static_cast<unsigned char>(duty.right.empty() ? 'x' : duty.right.front())) != 0
                       ? "Right " + duty.right
                       : duty.right,
                   rules::force_words(duty.from, duty.to)));
  line(&text, "Who", duty.kind == DutyKind::window ? "the victim" : duty.bearer);
  line(&text, "", owed_to(duty));
  line(&text, "Starts with", rules::pattern_words(duty.trigger, book));
  line(&text, "Only if", rules::condition_words(duty.condition, book));
  line(&text, "Clock",
       duty.kind == DutyKind::chain ? std::string()
       : duty.clock_known           ? "from when the one who owes it was told"
                                    : "from when it happened");
  line(&text, duty.kind == DutyKind::window ? "Closes" : "Limit", rules::limits_words(duty, book));
  if (duty.repeats) line(&text, "", "and again and again, each time from the last");
  line(&text, duty.kind == DutyKind::window ? "Used by" : "Kept by",
       rules::patterns_words(duty.fulfilled_by, duty.all_of, book));
  if (duty.same != 0) line(&text, "", "for the same " + same_words(duty, book));
  if (duty.earlier_counts) line(&text, "", "before the trigger counts too");
  line(&text, "Until", rules::patterns_words(duty.until, false, book));
  for (const engine::Cancellation& one : duty.cancelled_by) {
    const std::string successor = one.successor < book.duties.size() ? book.duties[one.successor].id : std::string();
    line(&text, "Lapses with", rules::pattern_words(one.pattern, book) + ", and " + successor + " takes over");
  }
  if (duty.announces >= 0)
    line(&text, "Too late",
         "to use when told after " + book.vocabulary->fields()[static_cast<std::size_t>(duty.announces)].name);
  if (duty.pausable) line(&text, "Pauses", "days under a hold are not counted");
  if (duty.continues < book.duties.size()) line(&text, "Goes on from", book.duties[duty.continues].id);
  line(&text, "Declined as", duty.topic == duty.id ? std::string() : duty.topic);
  line(&text, "Source",
       fmt::format("{}{}",
                   duty.source.paragraph.empty()
                       ? ""
                       : "paragraph " + duty.source.paragraph +
                             (duty.source.paragraph_read == engine::ReadAs::recalled ? " (number recalled); " : "; "),
                   rules::read_words(duty.source.read)));
  line(&text, "", duty.source.url);
  line(&text, "", duty.source.note);
  line(&text, "To verify", rules::unverified_words(duty.source));
  std::string rows;
  for (const std::string& row : duty.law_rows) rows += (rows.empty() ? "" : ", ") + row;
  line(&text, "Law rows", rows);
  line(&text, "Written in", fmt::format("{}:{}", duty.file, duty.line));
  bool first = true;
  for (const rules::Example& example : rules.examples) {
    if (example.of != rules::Example::Of::duty || example.subject != duty.id) continue;
    if (first) text += "\nExamples\n";
    first = false;
    text += fmt::format("  - {}\n", example.why);
    for (const auto& event : example.story.lines)
      text += fmt::format("      {}\n", event.text.substr(event.text.find_first_not_of(' ')));
    for (const auto& expectation : example.expect) text += fmt::format("      => {}\n", expectation.text);
  }
  return text;
}

base::Result<RulesCheck> check_rules(const rules::RulesPaths& paths) {
  const auto rules = rules::load_rule_set(paths);
  if (!rules) return rules.error();
  std::size_t ran = 0;
  const auto failures = rules::check_examples(*rules, &ran);
  RulesCheck check;
  check.good = failures.empty();
  for (const rules::ExampleFailure& failure : failures) check.text += rules::failure_text(failure) + "\n";
  for (const std::string& note : rules->notes) check.text += note + "\n";
  check.text += fmt::format("{}: {}, {}, {} types of event, {} examples, {}.\n", rules->where,
                            counted(rules->book.duties.size(), "rule"), counted(rules->book.editions.size(), "edition"),
                            rules->book.vocabulary->types().size(), ran,
                            failures.empty() ? std::string("all of which come out")
                                             : fmt::format("{} of which do not come out", failures.size()));
  return check;
}

}  // namespace kept::app
