#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "rules/terms.h"
#include "rules/vocabulary_section.h"

namespace kept::rules {
namespace {

using engine::Compare;
using engine::FieldTest;
using engine::Pattern;
using model::EventType;
using model::Field;
using model::FieldKind;

std::vector<std::string> field_names(const std::vector<const EventType*>& types, const model::Vocabulary& vocabulary) {
  std::vector<std::string> names;
  for (const EventType* type : types) {
    for (const uint16_t id : type->fields) {
      const std::string& name = vocabulary.fields()[id].name;
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::string type_list(const std::vector<const EventType*>& types) {
  std::string text;
  for (const EventType* type : types) text += (text.empty() ? "`" : ", `") + type->name + "`";
  return text;
}

/// `>= 12` is a comparison and a value; anything else compares for equality.
std::pair<Compare, std::string> split_operator(const std::string& text) {
  static const std::vector<std::pair<std::string, Compare>> operators = {{">=", Compare::greater_or_equal},
                                                                         {"<=", Compare::less_or_equal},
                                                                         {"!=", Compare::not_equal},
                                                                         {">", Compare::greater},
                                                                         {"<", Compare::less}};
  for (const auto& [sign, compare] : operators) {
    if (!text.starts_with(sign)) continue;
    std::string value = text.substr(sign.size());
    value.erase(0, value.find_first_not_of(' '));
    return {compare, value};
  }
  return {Compare::equal, text};
}

/// The encoded value of one text for this field, or nothing after a problem.
std::optional<int64_t> encode(const Field& field, const std::string& text, Yaml at, const Terms& terms) {
  switch (field.kind) {
    case FieldKind::yes_no:
      if (text == "true" || text == "yes") return 1;
      if (text == "false" || text == "no") return 0;
      terms.problem(at, fmt::format("`{}` is yes or no, not \"{}\"", field.name, shown(text)));
      return std::nullopt;
    case FieldKind::number: {
      int64_t value = 0;
      const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (failed == std::errc() && end == text.data() + text.size()) return value;
      terms.problem(at, fmt::format("`{}` is a whole number, not \"{}\"; write for example `\">= 12\"`", field.name,
                                    shown(text)));
      return std::nullopt;
    }
    case FieldKind::word: {
      const auto found = std::find(field.words.begin(), field.words.end(), text);
      if (found != field.words.end()) return found - field.words.begin();
      terms.problem(
          at, fmt::format("`{}` is not a word of `{}`{}", shown(text), field.name, suggestion(text, field.words)));
      return std::nullopt;
    }
    case FieldKind::code: {
      auto& words = *terms.code_words;
      const auto found = std::find(words.begin(), words.end(), text);
      if (found != words.end()) return found - words.begin();
      words.push_back(text);
      return static_cast<int64_t>(words.size() - 1);
    }
    case FieldKind::date: {
      const auto date = calendar::parse_date(text);
      if (date) return date->days;
      terms.problem(at, fmt::format("`{}` is a date: {}", field.name, date.error().message));
      return std::nullopt;
    }
    case FieldKind::text:
      break;
  }
  return std::nullopt;
}

/// The test of one entry `field: value`; nothing after a problem.
std::optional<FieldTest> read_test(const Field& field, uint16_t id, Yaml value, const Terms& terms) {
  FieldTest test;
  test.field = id;
  if (value.is_list()) {
    test.compare = Compare::one_of;
    bool good = true;
    for (const Yaml& item : value.items()) {
      const auto encoded = encode(field, item.text(), item, terms);
      if (encoded) test.values.push_back(*encoded);
      good = good && encoded.has_value();
    }
    if (test.values.empty() && good) {
      terms.problem(value, fmt::format("`{}: []` can never hold; list the values it may have", field.name));
      return std::nullopt;
    }
    std::sort(test.values.begin(), test.values.end());
    if (!good) return std::nullopt;
    return test;
  }
  if (!value.is_text()) {
    terms.problem(
        value, fmt::format("`{}:` must be one value, a list of values, or a comparison such as \">= 12\"", field.name));
    return std::nullopt;
  }
  if (value.text() == "absent") {
    test.compare = Compare::is_absent;
    return test;
  }
  auto [compare, text] = split_operator(value.text());
  test.compare = compare;
  const bool ordered = compare != Compare::equal && compare != Compare::not_equal;
  if (ordered && field.kind != FieldKind::number && field.kind != FieldKind::date) {
    terms.problem(value, fmt::format("`{}` is of kind {} and cannot be compared with {}; only numbers and dates can",
                                     field.name, kind_word(field.kind), shown(value.text())));
    return std::nullopt;
  }
  const auto encoded = encode(field, text, value, terms);
  if (!encoded) return std::nullopt;
  test.value = *encoded;
  return test;
}

bool passes(const FieldTest& test, int64_t word) {
  switch (test.compare) {
    case Compare::equal:
      return word == test.value;
    case Compare::not_equal:
      return word >= 0 && word != test.value;
    case Compare::one_of:
      return std::binary_search(test.values.begin(), test.values.end(), word);
    case Compare::is_absent:
      return word < 0;
    default:
      return false;
  }
}

}  // namespace

std::vector<const EventType*> types_of(const Pattern& pattern, const model::Vocabulary& vocabulary) {
  std::vector<const EventType*> types;
  for (const uint16_t code : pattern.codes) {
    const EventType* type = &vocabulary.type_of(code);
    if (std::find(types.begin(), types.end(), type) == types.end()) types.push_back(type);
  }
  return types;
}

bool carries_field(const EventType& type, uint16_t field) {
  return std::find(type.fields.begin(), type.fields.end(), field) != type.fields.end();
}

std::vector<FieldTest> read_tests(Yaml node, const std::vector<const EventType*>& types, const Terms& terms,
                                  const std::string& what, std::vector<uint16_t>* codes) {
  std::vector<FieldTest> tests;
  if (!node) return tests;
  const model::Vocabulary& vocabulary = *terms.vocabulary;
  const Fields map(node, what, {}, terms.problems);
  for (const auto& [key, value] : node.entries()) {
    const int32_t id = vocabulary.field_id(key.text());
    const bool carried = id >= 0 && std::any_of(types.begin(), types.end(), [&](const EventType* type) {
                           return carries_field(*type, static_cast<uint16_t>(id));
                         });
    if (!carried) {
      terms.problem(key, fmt::format("{} {} no field `{}`{}", type_list(types), types.size() == 1 ? "has" : "have",
                                     shown(key.text()), suggestion(key.text(), field_names(types, vocabulary))));
      continue;
    }
    const Field& field = vocabulary.fields()[static_cast<std::size_t>(id)];
    if (!field.column) {
      terms.problem(key, fmt::format("a rule may not read `{}`: it is {}; record what the rule needs in a field of its "
                                     "own (yes_no, number, word, code)",
                                     field.name, field.personal ? "personal" : "free text"));
      continue;
    }
    const auto test = read_test(field, static_cast<uint16_t>(id), value, terms);
    if (!test) continue;
    const bool distinguishes = codes != nullptr && std::all_of(types.begin(), types.end(), [&](const EventType* type) {
                                 return type->distinguished_by == id;
                               });
    if (!distinguishes) {
      tests.push_back(*test);
      continue;
    }
    std::erase_if(
        *codes, [&](uint16_t code) { return !passes(*test, int64_t{code} - vocabulary.type_of(code).first_code - 1); });
  }
  std::sort(tests.begin(), tests.end(), [](const FieldTest& a, const FieldTest& b) { return a.field < b.field; });
  return tests;
}

Pattern read_pattern(Yaml node, const Terms& terms, std::string what, const std::vector<std::string>& more_keys) {
  Pattern pattern;
  std::vector<std::string> keys = {"event", "where"};
  keys.insert(keys.end(), more_keys.begin(), more_keys.end());
  const Fields map(node, what, keys, terms.problems);
  if (!map.is_map()) return pattern;
  map.need("event", "name a type of event: {event: suspect.arrested}");
  std::vector<const EventType*> types;
  for (const std::string& name : map.texts("event")) {
    const EventType* type = terms.vocabulary->find(name);
    if (type == nullptr) {
      terms.problem(map.get("event"), fmt::format("there is no event `{}` in the vocabulary{}", shown(name),
                                                  suggestion(name, type_names(*terms.vocabulary))));
      continue;
    }
    types.push_back(type);
    for (uint16_t i = 0; i < type->codes; ++i) pattern.codes.push_back(static_cast<uint16_t>(type->first_code + i));
  }
  if (types.empty()) return pattern;
  std::sort(pattern.codes.begin(), pattern.codes.end());
  pattern.codes.erase(std::unique(pattern.codes.begin(), pattern.codes.end()), pattern.codes.end());
  // With several types, a word that distinguishes one of them is tested type by type.
  const std::size_t before = terms.problems->size();
  if (types.size() == 1 || !map.has("where")) {
    pattern.tests = read_tests(map.get("where"), types, terms, "`where:`", &pattern.codes);
  } else {
    std::vector<uint16_t> codes = pattern.codes;
    pattern.tests = read_tests(map.get("where"), types, terms, "`where:`", &codes);
    pattern.codes = std::move(codes);
  }
  if (pattern.codes.empty() && terms.problems->size() == before) {
    terms.problem(node, fmt::format("{} can never match: no event passes every test of its `where:`", what));
  }
  return pattern;
}

PatternList read_patterns(Yaml node, const Terms& terms, const std::string& what,
                          const std::vector<std::string>& more_keys) {
  PatternList list;
  Yaml items = node;
  if (node.is_map()) {
    Yaml any, all;
    for (const auto& [key, value] : node.entries()) {
      if (key.text() == "any_of") any = value;
      if (key.text() == "all_of") all = value;
    }
    if (any || all) {
      std::vector<std::string> keys = {"any_of", "all_of"};
      keys.insert(keys.end(), more_keys.begin(), more_keys.end());
      const Fields map(node, what, keys, terms.problems);
      if (any && all) terms.problem(node, fmt::format("{} has both `any_of:` and `all_of:`; keep one", what));
      items = any ? any : all;
      list.all_of = !any;
      if (!items.is_list()) {
        terms.problem(
            items,
            fmt::format("`any_of:` and `all_of:` of {} take a list of patterns: [{{event: ...}}, {{event: ...}}]",
                        what));
        return list;
      }
    } else {
      list.patterns.push_back(read_pattern(node, terms, what, more_keys));
      return list;
    }
  }
  if (!items.is_list()) {
    terms.problem(node,
                  fmt::format("{} must be a pattern such as {{event: suspect.arrested}}, or a list of them", what));
    return list;
  }
  for (const Yaml& item : items.items()) {
    Pattern pattern = read_pattern(item, terms, "a pattern of " + what);
    const auto same_tests = [&](const Pattern& other) {
      return other.tests.size() == pattern.tests.size() &&
             std::equal(other.tests.begin(), other.tests.end(), pattern.tests.begin(),
                        [](const FieldTest& a, const FieldTest& b) { return equal(a, b); });
    };
    const auto merge =
        list.all_of ? list.patterns.end() : std::find_if(list.patterns.begin(), list.patterns.end(), same_tests);
    if (merge == list.patterns.end()) {
      list.patterns.push_back(std::move(pattern));
    } else {
      merge->codes.insert(merge->codes.end(), pattern.codes.begin(), pattern.codes.end());
      std::sort(merge->codes.begin(), merge->codes.end());
      merge->codes.erase(std::unique(merge->codes.begin(), merge->codes.end()), merge->codes.end());
    }
  }
  if (list.patterns.empty()) terms.problem(node, fmt::format("{} lists no pattern; name at least one event", what));
  return list;
}

bool equal(const FieldTest& a, const FieldTest& b) {
  return a.field == b.field && a.compare == b.compare && a.value == b.value && a.values == b.values;
}

bool equal(const Pattern& a, const Pattern& b) {
  return a.codes == b.codes && a.tests.size() == b.tests.size() &&
         std::equal(a.tests.begin(), a.tests.end(), b.tests.begin(),
                    [](const FieldTest& x, const FieldTest& y) { return equal(x, y); });
}

}  // namespace kept::rules
