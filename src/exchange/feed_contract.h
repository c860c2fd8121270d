#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "calendar/local_date.h"
#include "exchange/mapping.h"
#include "exchange/rhythm.h"
#include "model/vocabulary.h"

namespace kept::exchange {

/// What an agency and the users of Kept agreed about one feed. Format: docs/formats/feeds.md.
struct FeedContract {
  std::string file;  ///< where it was read, for messages
  std::string name;  ///< the file's: `police-custody`
  std::string says;
  std::string owner_role;  ///< who answers for it: a function, never a person
  std::string contact;     ///< the function's address
  std::string agency;      ///< of every event; as rules/vocabulary/agencies.yaml names it
  std::string source;      ///< the system: ids are unique within it
  calendar::LocalDate since;
  std::vector<std::string> sends;  ///< types of event, sorted; another type is outside the contract
  std::string mapping_file;        ///< as the contract names it, from its own folder; empty: the project's own form
  Rhythm rhythm;
  std::string batch;                 ///< what a batch holds, in words
  int64_t late_after_ms = 0;         ///< a fact older than this on arrival is historic (C1)
  uint64_t volume_a_day = 0;         ///< rows expected
  uint32_t hold_above = 0;           ///< a day of more than this many times `volume_a_day` is held for a person
  std::unique_ptr<Mapping> mapping;  ///< null: the project's own form; `source` and `agency` are filled in

  bool may_send(std::string_view type) const;
  /// C1. Shape: a fact that arrives exactly `late_after_ms` old is not yet historic.
  bool is_historic(int64_t occurred_at_ms, int64_t received_at_ms) const {
    return received_at_ms - occurred_at_ms > late_after_ms;
  }
  /// Rows above which a day's batches are held.
  uint64_t held_above_rows() const { return volume_a_day * hold_above; }

  /// Reads a contract, and its mapping beside it. Errors: invalid, with file:line and the mend: an unknown key, a type
  /// that the vocabulary lacks, a type that the mapping cannot give, a name that is not the file's; unsupported for a
  /// newer version; the mapping's.
  static base::Result<FeedContract> load(const std::string& path, const model::Vocabulary& vocabulary);
  /// Without reading the mapping. `name` stands for the file in messages.
  static base::Result<FeedContract> parse(std::string_view yaml, const std::string& name,
                                          const model::Vocabulary& vocabulary);
};

/// Every contract of a folder, by name.
using FeedContracts = std::map<std::string, FeedContract, std::less<>>;

/// Reads `FOLDER/*.yaml` except `courts.yaml`. Errors: not_found (the folder), the contracts', and invalid where two
/// feeds of one system may send the same type.
base::Result<FeedContracts> load_contracts(const std::string& folder, const model::Vocabulary& vocabulary);

/// Types of event that rows read by `mapping` can become, sorted. A table that reads `by_name` gives every type.
std::vector<std::string> types_of(const Mapping& mapping, const model::Vocabulary& vocabulary);

}  // namespace kept::exchange
