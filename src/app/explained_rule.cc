// The rule, its source and edition, and whether the limit for Enhanced Rights applies.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "app/assess_files.h"
#include "app/content.h"
#include "app/explained.h"
#include "app/spoken_time.h"
#include "calendar/london_time.h"
#include "measures/grouping.h"
#include "rules/wording.h"

namespace kept::app {
namespace {

using calendar::LocalDate;
using engine::Step;
using model::Obligation;

/// A path within the project's own folder without that folder's name.
std::string within_home(const std::string& path) {
  const std::string home = home_folder() + "/";
  return path.rfind(home, 0) == 0 ? path.substr(home.size()) : path;
}

void add_source(PlainText& page, const Explained& of) {
  const engine::Source& source = of.duty.source;
  const bool numbered =
      !source.paragraph.empty() && std::isdigit(static_cast<unsigned char>(source.paragraph.front())) != 0;
  const bool seen = !source.paragraph.empty() && source.paragraph != "not seen";
  std::string title = of.duty.edition;
  for (const engine::Edition& known : of.book.editions) {
    if (known.id == of.duty.edition) title = known.title;
  }
  page.sentence(of.say("rule", {{"id", of.duty.id},
                                {"edition", title},
                                {"right", measures::right_text(of.duty.right)},
                                {"paragraph", !seen      ? of.say("no_paragraph")
                                              : numbered ? "paragraph " + source.paragraph
                                                         : source.paragraph}}));
  if (seen && source.paragraph_read == engine::ReadAs::recalled) page.sentence(of.say("paragraph_recalled"));
  const char* const read = source.read == engine::ReadAs::official       ? "read_official"
                           : source.read == engine::ReadAs::reproduction ? "read_reproduction"
                                                                         : "read_recalled";
  page.sentence(of.say(read, {{"url", source.url}}));
  if (!source.unverified.empty()) page.sentence(of.say("unverified_part", {{"part", source.unverified}}));
  if (!source.note.empty()) page.sentence(of.say("source_note", {{"note", source.note}}));
  if (!of.duty.file.empty())
    page.sentence(of.say("rule_file", {{"file", within_home(of.duty.file)}, {"line", std::to_string(of.duty.line)}}));
  const LocalDate on = calendar::london_date(of.table.lo_ms(of.one.trigger_row));
  page.sentence(of.say(
      "edition",
      {{"title", title}, {"force", rules::force_words(of.duty.from, of.duty.to)}, {"on", rules::date_words(on)}}));
  if (of.one.interval > 1) page.sentence(of.say("edition_interval"));
  if (of.flagged(model::flag_edition_by_assumption)) page.sentence(of.say("edition_straddles"));
}

void add_limit(PlainText& page, const Explained& of) {
  if (of.is_chain()) {
    const engine::Duty& first = of.book.duties[of.duty.leg_one];
    const engine::Duty& second = of.book.duties[of.duty.leg_two];
    page.sentence(of.say("limit_chain", {{"first", rules::limits_words(first, of.book)},
                                         {"first_id", first.id},
                                         {"second", rules::limits_words(second, of.book)},
                                         {"second_id", second.id}}));
    return;
  }
  const engine::DatedLimit& values = of.dated(of.duty);
  if (values.standard.kind == engine::TimeLimit::Kind::no_number) {
    page.sentence(of.say("limit_none"));
  } else if (values.standard == values.enhanced) {
    page.sentence(of.say("limit", {{"standard", rules::limit_words(values.standard, of.book)}}));
  } else {
    page.sentence(of.say("limit_both", {{"standard", rules::limit_words(values.standard, of.book)},
                                        {"enhanced", rules::limit_words(values.enhanced, of.book)}}));
  }
}

/// What of an event the rule of Enhanced Rights looks at, as ` (offence group: harassment)`.
std::string looked_at(const Explained& of, const engine::Pattern& pattern, uint32_t row) {
  std::string out;
  for (const engine::FieldTest& test : pattern.tests) {
    const std::string value = of.events.detail(row, test.field);
    const std::string said =
        fmt::format("{}: {}", measures::spaced(of.table.vocabulary().fields()[test.field].name), value);
    if (!value.empty() && out.find(said) == std::string::npos) out += (out.empty() ? " (" : ", ") + said;
  }
  return out.empty() ? out : out + ")";
}

/// Events of the kinds and with the details that the rule of Enhanced Rights by fact looks for, as the record has them.
void add_enhancing_facts(PlainText& page, const Explained& of) {
  const LocalDate on = calendar::london_date(of.table.lo_ms(of.one.trigger_row));
  struct Fact {
    uint32_t row;
    std::string details;
  };
  std::vector<Fact> found;
  for (const engine::EnhancedRule& rule : of.book.enhanced) {
    if (on < rule.from || rule.to < on) continue;
    for (uint32_t row = 0; row < of.table.size(); ++row) {
      if (!of.concerns_us(row) || of.table.occurred(row).on() > on) continue;
      for (const engine::ConditionNode& node : rule.by_fact.nodes) {
        const bool asks = node.op == engine::ConditionNode::Op::fact || node.op == engine::ConditionNode::Op::fact_ever;
        if (!asks || !of.fits(node.pattern, row)) continue;
        found.push_back({row, looked_at(of, node.pattern, row)});
        break;
      }
    }
  }
  if (found.empty()) return;
  std::stable_sort(found.begin(), found.end(),
                   [&](const Fact& a, const Fact& b) { return of.table.lo_ms(a.row) < of.table.lo_ms(b.row); });
  page.sentence(of.say("enhanced_facts"));
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 6); ++i) {
    const uint32_t row = found[i].row;
    page.item(of.say("enhanced_fact_row", {{"event", of.events.event(row)},
                                           {"details", found[i].details},
                                           {"when", of.events.when(row)},
                                           {"named", of.named(row)}}));
  }
}

}  // namespace

void add_rule(PlainText& page, const Explained& of) {
  page.section(of.say("section_rule"));
  add_source(page, of);
  if (const Step* step = of.find(Step::Kind::condition)) {
    const char* const held = step->value == 1   ? "condition_yes"
                             : step->value == 0 ? "condition_no"
                                                : "condition_unknown";
    page.sentence(of.say("condition", {{"condition", unmarked(rules::condition_words(of.duty.condition, of.book))},
                                       {"held", of.say(held)}}));
  }
  if (of.one.reason == model::Reason::with_not_owed) add_limit(page, of);
  if (of.never_arose()) return;
  add_limit(page, of);
  page.sentence(of.say("fulfilled_by",
                       {{"events", unmarked(rules::patterns_words(of.fulfilled_by(), of.duty.all_of, of.book))}}));
  std::string same;
  const auto add_same = [&](uint8_t bit, const char* name) {
    if ((of.duty.same & bit) != 0) same += (same.empty() ? "" : " and ") + std::string(name);
  };
  add_same(engine::same_suspect, "suspect");
  add_same(engine::same_hearing, "hearing");
  add_same(engine::same_key, "reference");
  add_same(engine::same_participant, "person");
  if (!same.empty()) page.sentence(of.say("same", {{"keys", same}}));
  if (of.duty.earlier_counts) page.sentence(of.say("earlier"));
}

void add_enhanced(PlainText& page, const Explained& of) {
  page.section(of.say("section_enhanced"));
  if (!of.enhanced_differs()) {
    page.sentence(of.say("enhanced_same"));
    return;
  }
  for (const Step& step : of.steps) {
    if (step.kind != Step::Kind::enhanced_by_assessment || step.row == Obligation::no_row) continue;
    page.sentence(of.say_of(step.value != 0 ? "enhanced_assessed" : "enhanced_assessed_not", step.row));
    break;
  }
  if (of.has(Step::Kind::enhanced_by_fact)) {
    page.sentence(of.say("enhanced_fact"));
    add_enhancing_facts(page, of);
  }
  page.sentence(of.say(!of.flagged(model::flag_enhanced) ? "enhanced_no"
                       : of.is_chain()                   ? "enhanced_yes_chain"
                                                         : "enhanced_yes"));
}

}  // namespace kept::app
