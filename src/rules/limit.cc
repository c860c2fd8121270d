#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "rules/terms.h"

namespace kept::rules {
namespace {

using engine::TimeLimit;
using Kind = TimeLimit::Kind;

constexpr int32_t longest = 10'000;

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(' ', at);
    if (begin == std::string::npos) break;
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    at = end;
  }
  return words;
}

bool read_number(const std::string& text, int32_t* number) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return failed == std::errc() && end == text.data() + text.size();
}

/// Moves past `5 working days` and the like; nothing when the words at `at` are no unit.
std::optional<Kind> read_unit(const std::vector<std::string>& words, std::size_t* at) {
  if (*at >= words.size()) return std::nullopt;
  const std::string& word = words[*at];
  if (word == "working" && *at + 1 < words.size() && (words[*at + 1] == "day" || words[*at + 1] == "days")) {
    *at += 2;
    return Kind::working_days;
  }
  if (word == "calendar" && *at + 1 < words.size() && (words[*at + 1] == "day" || words[*at + 1] == "days")) {
    *at += 2;
    return Kind::days;
  }
  static const std::vector<std::pair<std::string, Kind>> units = {{"hour", Kind::hours},
                                                                  {"day", Kind::days},
                                                                  {"week", Kind::weeks},
                                                                  {"month", Kind::months},
                                                                  {"year", Kind::years}};
  for (const auto& [name, kind] : units) {
    if (word == name || word == name + "s") {
      ++*at;
      return kind;
    }
  }
  return std::nullopt;
}

}  // namespace

TimeLimit read_limit(Yaml node, const std::vector<const model::EventType*>& trigger, const Terms& terms) {
  TimeLimit limit;
  const std::vector<std::string> words = words_of(node.text());
  const auto refuse = [&](const std::string& why) {
    terms.problem(node, fmt::format("\"{}\" is not a limit: {}; write for example 5 working days, 24 hours, 28 days, 3 "
                                    "months, until age 18, agreed, with DUTY, 28 days before FIELD, none",
                                    shown(node.text()), why));
    return limit;
  };
  if (!node.is_text() || words.empty()) return refuse("it must be text on one line");
  if (words.size() == 1 && words[0] == "none") return limit;
  if (words.size() == 1 && words[0] == "agreed") {
    limit.kind = Kind::agreed;
    const auto& types = terms.vocabulary->types();
    if (std::none_of(types.begin(), types.end(),
                     [](const auto& type) { return type.meaning == model::Meaning::contact_agreed; })) {
      terms.problem(node, "`agreed` needs an event with `means: contact_agreed` in the vocabulary; add one");
    }
    return limit;
  }
  if (words[0] == "with") {
    limit.kind = Kind::with_duty;
    if (words.size() != 2) return refuse("after `with` comes the id of one duty");
    const auto found = terms.duties.find(words[1]);
    if (found == terms.duties.end()) {
      std::vector<std::string> known;
      for (const auto& [id, index] : terms.duties) known.push_back(id);
      terms.problem(node, fmt::format("the limit is that of `{}`, but there is no such duty{}", shown(words[1]),
                                      suggestion(words[1], known)));
    } else {
      limit.duty = found->second;
    }
    return limit;
  }
  if (words[0] == "until") {
    limit.kind = Kind::until_age;
    if (words.size() != 3 || words[1] != "age" || !read_number(words[2], &limit.count))
      return refuse("an age is written `until age 18`");
    if (limit.count < 1 || limit.count > 120) return refuse("an age lies between 1 and 120");
    return limit;
  }
  if (!read_number(words[0], &limit.count))
    return refuse("it begins with neither a number nor a word that limits begin with");
  if (limit.count < 0 || limit.count > longest)
    return refuse(fmt::format("the number must lie between 0 and {}", longest));
  std::size_t at = 1;
  const auto unit = read_unit(words, &at);
  if (!unit) return refuse("after the number comes hours, days, working days, weeks, months or years");
  if (at == words.size()) {
    limit.kind = *unit;
    return limit;
  }
  if (words[at] != "before" || at + 2 != words.size()) return refuse("after the unit there may only be `before FIELD`");
  limit.kind = Kind::before;
  limit.unit = *unit;
  if (*unit != Kind::days && *unit != Kind::working_days && *unit != Kind::hours && *unit != Kind::weeks) {
    return refuse("what is counted back is counted in days, weeks, working days or hours");
  }
  if (*unit == Kind::weeks) {
    limit.unit = Kind::days;
    limit.count *= 7;
  }
  const std::string& name = words[at + 1];
  const int32_t field = terms.vocabulary->field_id(name);
  const bool carried =
      field >= 0 && !trigger.empty() && std::all_of(trigger.begin(), trigger.end(), [&](const auto* type) {
        return carries_field(*type, static_cast<uint16_t>(field));
      });
  if (!carried || terms.vocabulary->fields()[static_cast<std::size_t>(field)].kind != model::FieldKind::date) {
    std::vector<std::string> dates;
    for (const auto* type : trigger) {
      for (const uint16_t id : type->fields) {
        if (terms.vocabulary->fields()[id].kind == model::FieldKind::date)
          dates.push_back(terms.vocabulary->fields()[id].name);
      }
    }
    terms.problem(
        node, fmt::format(
                  "`before {}` counts back from a date that every trigger must carry, and `{}` is not such a field{}{}",
                  shown(name), shown(name), suggestion(name, dates),
                  dates.empty() ? "; add a field of kind date to the trigger's event in the vocabulary" : ""));
    return limit;
  }
  limit.field = static_cast<uint16_t>(field);
  return limit;
}

}  // namespace kept::rules
