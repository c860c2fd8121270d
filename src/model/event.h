#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "model/moment.h"

namespace kept::model {

/// One event on its own, in names: what crosses a boundary (a file, a ledger, another organisation). Inside, events are
/// rows of an EventTable. An empty text means absent.
struct Event {
  /// One value of `detail`: yes/no, whole number, text (a word, a code or free text: the vocabulary says which), or a
  /// time.
  using Value = std::variant<bool, int64_t, std::string, Moment>;

  std::string id;  ///< unique within `source`
  std::string source;
  std::string type;    ///< `suspect.arrested`
  std::string agency;  ///< who recorded it
  Moment occurred_at;
  std::optional<Moment> known_at;
  int64_t recorded_at = 0;        ///< milliseconds since 1970 UTC
  bool recorded_assumed = false;  ///< nobody said when it was recorded: a mapping filled it in
  std::string crime, urn, participant, suspect, hearing, key, actor;
  std::string corrects, retracts;  ///< id within the same source
  std::map<std::string, Value> detail;

  bool operator==(const Event&) const = default;
};

}  // namespace kept::model
