#pragma once
#include <map>
#include <string>
#include <vector>

#include "model/vocabulary.h"
#include "rules/document.h"

namespace kept::rules {

/// Where a type of event is defined, and why it is there when no duty reads it.
struct TypeNote {
  std::string file;
  int line = 0;
  std::string
      recorded_for;  ///< the type's `for:`: recorded, but nothing in the rules reads it, and why; empty otherwise
};

/// Reads every part of a vocabulary: fields and agencies first, then events, since families share fields.
/// `parts` are maps with `family says fields events agencies`; mistakes go to `problems`.
class VocabularyReader {
 public:
  VocabularyReader(model::Vocabulary* vocabulary, std::map<std::string, TypeNote>* notes, Problems* problems)
      : vocabulary_(vocabulary), notes_(notes), problems_(problems) {}
  void read(const std::vector<Yaml>& parts);

  static const std::vector<std::string>& keys();

 private:
  void read_field(const std::string& name, Yaml node);
  void read_event(const std::string& family, Yaml name, Yaml node);
  void check_meaning(const model::EventType& type, Yaml at);

  model::Vocabulary* vocabulary_;
  std::map<std::string, TypeNote>* notes_;
  Problems* problems_;
  std::map<std::string, std::string> field_defined_at_;  ///< name -> file:line
};

/// Names of the references an event carries besides its own key, in the order of CarriedBits: crime urn participant
/// suspect hearing.
const std::vector<std::string>& reference_names();
/// The keys of an event that a vocabulary cannot use as names of fields or keys.
bool is_envelope_key(std::string_view name);
/// The word of a meaning as the vocabulary writes it: `links_victim`; `nothing` has none.
std::string meaning_word(model::Meaning meaning);
/// The word of a kind as the vocabulary writes it: `yes_no`.
std::string kind_word(model::FieldKind kind);
std::vector<std::string> type_names(const model::Vocabulary& vocabulary);

}  // namespace kept::rules
