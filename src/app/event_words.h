#pragma once
#include <cstdint>
#include <string>

#include "model/event_table.h"

namespace kept::app {

/// The words for recorded events: their type, times, references and what they say, nothing personal and no free text.
class EventWords {
 public:
  explicit EventWords(const model::EventTable& table) : table_(table) {}

  std::string event(uint32_t row) const;       ///< `victim.informed about=arrest`
  std::string means(uint32_t row) const;       ///< the vocabulary's sentence for its type
  std::string when(uint32_t row) const;        ///< as exactly as it is known
  std::string entered_at(uint32_t row) const;  ///< `entered on ...`
  std::string agency(uint32_t symbol) const;
  std::string source(uint32_t row) const;
  /// `, crime 7, suspect 8`: the references it carries.
  std::string keys(uint32_t row) const;
  /// What it says beyond its type, as ` (who: inspector, why: ...)`. `dates`: with its dates as well.
  std::string details(uint32_t row, bool dates = true) const;
  /// The text of one detail; empty where the event does not say it.
  std::string detail(uint32_t row, uint16_t field) const;
  std::string detail(uint32_t row, const char* name) const;

 private:
  std::string value_words(const model::Field& field, int64_t value) const;
  const model::EventTable& table_;
};

}  // namespace kept::app
