#include "rules/vocabulary_section.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace kept::rules {
namespace {

using model::EventType;
using model::Field;
using model::FieldKind;
using model::Meaning;

const std::vector<std::string> kinds = {"yes_no", "number", "word",
                                        "code",   "date",   "text"};  // in the order of FieldKind

// In the order of Meaning, which starts with `nothing`.
const std::vector<std::string> meanings = {
    "links_victim",     "links_suspect",  "links_hearing",     "participant_born",     "participant_died",
    "needs_assessed",   "declined",       "decline_withdrawn", "good_reason",          "held",
    "hold_ended",       "contact_agreed", "involvement_ended", "involvement_reopened", "case_transferred",
    "transfer_accepted"};

/// The detail fields the engine reads from a type with this meaning: without them it would silently read nothing.
struct MeaningFields {
  Meaning meaning;
  std::vector<std::pair<std::string, std::vector<FieldKind>>> fields;
  uint8_t needs;
};
const std::vector<MeaningFields>& meaning_fields() {
  using F = FieldKind;
  static const std::vector<MeaningFields> table = {
      {Meaning::links_victim, {}, model::carries_participant | model::carries_crime},
      {Meaning::links_suspect, {}, model::carries_suspect | model::carries_crime},
      {Meaning::links_hearing, {}, model::carries_hearing | model::carries_crime},
      {Meaning::participant_born, {}, model::carries_participant},
      {Meaning::participant_died, {}, model::carries_participant},
      {Meaning::needs_assessed, {{"enhanced", {F::yes_no}}}, model::carries_participant},
      {Meaning::declined, {{"topic", {F::code, F::word}}}, model::carries_participant},
      {Meaning::decline_withdrawn, {{"topic", {F::code, F::word}}}, model::carries_participant},
      {Meaning::good_reason,
       {{"topic", {F::code, F::word}},
        {"who", {F::code, F::word}},
        {"why", {F::code, F::word}},
        {"evidence", {F::code, F::word}},
        {"from", {F::date}},
        {"until", {F::date}}},
       0},
      {Meaning::hold_ended, {{"hold", {F::code}}}, 0},
      {Meaning::contact_agreed, {{"every", {F::number}}, {"unit", {F::word}}}, model::carries_participant},
      {Meaning::involvement_ended, {}, model::carries_participant},
      {Meaning::involvement_reopened, {}, model::carries_participant},
      {Meaning::case_transferred, {{"to", {F::code, F::word}}}, 0},
  };
  return table;
}

bool is_name(std::string_view text, bool dots) {
  if (text.empty() || text.size() > 100) return false;
  return std::all_of(text.begin(), text.end(), [dots](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           (dots && c == '.');
  });
}

}  // namespace

const std::vector<std::string>& reference_names() {
  static const std::vector<std::string> names = {"crime", "urn", "participant", "suspect", "hearing"};
  return names;
}

bool is_envelope_key(std::string_view name) {
  static const std::vector<std::string> names = {"id",          "source",  "type",     "crime",    "urn",
                                                 "participant", "suspect", "hearing",  "occurred", "known",
                                                 "recorded",    "agency",  "corrects", "retracts", "key"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string meaning_word(Meaning meaning) {
  return meaning == Meaning::nothing ? std::string() : meanings[static_cast<std::size_t>(meaning) - 1];
}

std::string kind_word(FieldKind kind) { return kinds[static_cast<std::size_t>(kind)]; }

std::vector<std::string> type_names(const model::Vocabulary& vocabulary) {
  std::vector<std::string> names;
  for (const EventType& type : vocabulary.types()) names.push_back(type.name);
  return names;
}

const std::vector<std::string>& VocabularyReader::keys() {
  static const std::vector<std::string> names = {"family", "says", "fields", "events", "agencies"};
  return names;
}

void VocabularyReader::read(const std::vector<Yaml>& parts) {
  std::vector<Fields> read;
  for (const Yaml& part : parts) read.emplace_back(part, "a vocabulary", keys(), problems_);
  for (const Fields& part : read) {
    for (const auto& [name, node] : part.get("fields").entries()) read_field(name.text(), node);
    for (const auto& [agency, role] : part.get("agencies").entries()) {
      if (!role.is_text()) {
        part.problem(agency, fmt::format("the agency `{}` has no role; write `{}: police` or another role",
                                         shown(agency.text()), shown(agency.text())));
      } else if (const auto known = vocabulary_->roles().find(agency.text());
                 known != vocabulary_->roles().end() && known->second != role.text()) {
        part.problem(agency, fmt::format("the agency `{}` is given the role {} here and {} elsewhere; keep one",
                                         shown(agency.text()), shown(role.text()), known->second));
      } else {
        vocabulary_->set_role(agency.text(), role.text());
      }
    }
    for (const char* key : {"fields", "events", "agencies"}) {
      const Yaml node = part.get(key);
      if (node && !node.is_map() && node.kind() != Yaml::Kind::empty) {
        part.problem(node, fmt::format("`{}:` must be a map from a name to what it means", key));
      }
    }
  }
  for (const Fields& part : read) {
    const std::string family = part.text("family");
    for (const auto& [name, node] : part.get("events").entries()) read_event(family, name, node);
  }
}

void VocabularyReader::read_field(const std::string& name, Yaml node) {
  const Fields map(node, fmt::format("the field `{}`", shown(name)), {"kind", "says", "personal", "words"}, problems_);
  if (!map.is_map()) return;
  if (!is_name(name, false)) {
    map.problem(fmt::format("`{}` cannot be the name of a field; use letters, digits and _", shown(name)));
    return;
  }
  if (is_envelope_key(name)) {
    map.problem(
        fmt::format("`{}` is one of an event's own keys, so it cannot be a detail field; give it another name", name));
    return;
  }
  Field field;
  field.name = name;
  field.says = map.text("says");
  field.personal = map.yes_no("personal", false);
  map.need("kind", "add one of: yes_no, number, word, code, date, text");
  const auto kind = map.one_of("kind", kinds);
  if (!kind) return;
  field.kind = static_cast<FieldKind>(*kind);
  field.words = map.texts("words");
  if (field.kind == FieldKind::word && field.words.empty()) {
    map.problem(fmt::format(
        "the field `{}` is of kind word but has no `words:`; list them, or use `kind: code` for an open list", name));
  }
  if (field.kind != FieldKind::word && !field.words.empty()) {
    map.problem(map.get("words"),
                fmt::format("the field `{}` lists `words:` but is not of kind word; write `kind: word`", name));
  }
  std::vector<std::string> sorted = field.words;
  std::sort(sorted.begin(), sorted.end());
  if (const auto twice = std::adjacent_find(sorted.begin(), sorted.end()); twice != sorted.end()) {
    map.problem(map.get("words"),
                fmt::format("the word `{}` stands twice in the field `{}`; keep one", shown(*twice), name));
  }
  const auto added = vocabulary_->add_field(std::move(field));
  if (!added) {
    map.problem(fmt::format("{} (the other is at {})", added.error().message, field_defined_at_[name]));
    return;
  }
  field_defined_at_.emplace(name, fmt::format("{}:{}", node.file(), node.line()));
}

void VocabularyReader::read_event(const std::string& family, Yaml name, Yaml node) {
  const Fields map(
      node, fmt::format("the event `{}`", shown(name.text())),
      {"says", "means", "act", "dates_back", "needs", "carries", "key", "fields", "distinguished_by", "for"},
      problems_);
  if (!map.is_map()) return;
  if (!is_name(name.text(), true)) {
    map.problem(name, fmt::format("`{}` cannot be the name of an event; use letters, digits, `.`, `_` and `-`",
                                  shown(name.text())));
    return;
  }
  EventType type;
  type.name = name.text();
  type.family = family;
  type.says = map.text("says");
  if (type.says.empty())
    map.problem(name, fmt::format("the event `{}` has no `says:`; say in one plain sentence what happened", type.name));
  if (const auto meaning = map.one_of("means", meanings)) type.meaning = static_cast<Meaning>(*meaning + 1);
  if (const auto act = map.one_of("act", {"tell", "ask", "refer", "do"})) type.act = static_cast<model::Act>(*act + 1);
  type.dates_back = map.yes_no("dates_back", false);
  type.key = map.text("key");
  if (is_envelope_key(type.key)) {
    map.problem(map.get("key"),
                fmt::format("the key `{}` of the event `{}` is one of an event's own keys; give it another name",
                            type.key, type.name));
  }
  std::vector<std::string> references = reference_names();
  if (!type.key.empty()) {
    references.push_back(type.key);
    type.carries |= model::carries_key;
  }
  const auto bits_of = [&](const char* key) {
    uint8_t bits = 0;
    for (const std::string& reference : map.texts(key)) {
      const auto found = std::find(references.begin(), references.end(), reference);
      if (found == references.end()) {
        map.problem(map.get(key), fmt::format("`{}: [{}]` of the event `{}` is not known{}", key, shown(reference),
                                              type.name, suggestion(reference, references)));
      } else {
        bits = static_cast<uint8_t>(bits | 1u << (found - references.begin()));
      }
    }
    return bits;
  };
  type.needs = bits_of("needs");
  type.carries = static_cast<uint8_t>(type.carries | bits_of("carries") | type.needs);
  for (std::string field : map.texts("fields")) {
    const bool needed = !field.empty() && field.back() == '!';
    if (needed) field.pop_back();
    const int32_t id = vocabulary_->field_id(field);
    if (id < 0) {
      std::vector<std::string> known;
      for (const Field& other : vocabulary_->fields()) known.push_back(other.name);
      map.problem(
          map.get("fields"),
          fmt::format("the event `{}` carries the field `{}`, which no `fields:` defines{}; define it with its kind",
                      type.name, shown(field), suggestion(field, known)));
      continue;
    }
    if (std::find(type.fields.begin(), type.fields.end(), id) != type.fields.end()) {
      map.problem(map.get("fields"),
                  fmt::format("the event `{}` lists the field `{}` twice; keep one", type.name, field));
      continue;
    }
    if (field == type.key)
      map.problem(map.get("fields"),
                  fmt::format("the event `{}` has `{}` both as its key and as a field; rename one", type.name, field));
    type.fields.push_back(static_cast<uint16_t>(id));
    if (needed) type.needed_fields.push_back(static_cast<uint16_t>(id));
  }
  if (map.has("distinguished_by")) {
    const std::string word = map.text("distinguished_by");
    const int32_t id = vocabulary_->field_id(word);
    if (id < 0 || std::find(type.fields.begin(), type.fields.end(), id) == type.fields.end()) {
      map.problem(map.get("distinguished_by"),
                  fmt::format("the event `{}` is distinguished by `{}`, which is not among its `fields:`; add it there",
                              type.name, shown(word)));
    } else {
      type.distinguished_by = id;
    }
  }
  check_meaning(type, name);
  TypeNote note = {name.file(), name.line(), map.text("for")};
  const auto added = vocabulary_->add_type(type);
  if (!added) {
    const auto other = notes_->find(type.name);
    map.problem(name, added.error().message +
                          (other == notes_->end()
                               ? ""
                               : fmt::format(" (the other is at {}:{})", other->second.file, other->second.line)));
    return;
  }
  notes_->emplace(type.name, std::move(note));
}

void VocabularyReader::check_meaning(const EventType& type, Yaml at) {
  for (const MeaningFields& row : meaning_fields()) {
    if (row.meaning != type.meaning) continue;
    for (std::size_t bit = 0; bit < reference_names().size(); ++bit) {
      if ((row.needs >> bit & 1) != 0 && (type.needs >> bit & 1) == 0) {
        problems_->add(at.file(), at.line(),
                       fmt::format("the event `{}` means {}, so it must name a {}; add `needs: [{}]`", type.name,
                                   meaning_word(type.meaning), reference_names()[bit], reference_names()[bit]));
      }
    }
    for (const auto& [field, allowed] : row.fields) {
      const int32_t id = vocabulary_->field_id(field);
      const bool carried = id >= 0 && std::find(type.fields.begin(), type.fields.end(), id) != type.fields.end();
      const bool right_kind =
          carried && std::find(allowed.begin(), allowed.end(),
                               vocabulary_->fields()[static_cast<std::size_t>(id)].kind) != allowed.end();
      if (right_kind) continue;
      problems_->add(
          at.file(), at.line(),
          fmt::format("the event `{}` means {}, which is read from its field `{}` of kind {}; add that field",
                      type.name, meaning_word(type.meaning), field, kind_word(allowed.front())));
    }
  }
}

}  // namespace kept::rules
