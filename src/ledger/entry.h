#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace kept::ledger {

/// The version of the encoding that `encode_entry` writes. Fields are only ever added, under a new version.
inline constexpr int entry_version = 1;

/// What a leaf of a ledger records. The numbers are written down: never renumbered, never used again.
enum class EntryKind : uint8_t {
  event = 1,        ///< an event as an agency recorded it; `body` is its canonical encoding without personal fields
  quarantined = 2,  ///< a row that could not be taken; its bytes are sealed
  settled = 3,      ///< what became of a quarantined row: put right and driven again, or set aside, by whom and why
  batch = 4,        ///< a feed's batch, wholly received: its number, rows and what became of them
  feed = 5,         ///< a feed's contract from here on
  withdrawn = 6,    ///< a feed's window that is no longer believed
  erased = 7,       ///< a person's key was destroyed
  restored = 8,     ///< the ledger was put back from a backup
  rules = 9,        ///< the rules and calendar that obligations follow from here on
  commit = 10,      ///< audit: what one commit added and changed
  clock = 11,       ///< audit: the timer visited what changed with time alone
  looked = 12,      ///< audit: somebody looked at a row put aside
};
const char* entry_kind_name(EntryKind kind);

/// One leaf of a tree. Either `body` (an event's canonical bytes) or `fields` says what it is.
struct Entry {
  EntryKind kind = EntryKind::event;
  uint64_t batch = 0;       ///< the feed's batch it came with, as `batch` numbers them in this ledger; 0: none
  uint64_t row = 0;         ///< in the batch, from 1; 0: none
  int64_t received_at = 0;  ///< when it reached this ledger, milliseconds UTC
  bool own_clock = false;   ///< the sender did not say when it was recorded: `recorded_at` is our receipt
  bool historic = false;    ///< older on arrival than its feed allows, or of a first load: it never speaks (C1)
  std::string body;
  std::map<std::string, std::string> fields;  ///< nothing personal
  std::map<std::string, std::string> sealed;  ///< name -> sealed bytes
  bool operator==(const Entry&) const = default;
};

/// Deterministic CBOR: docs/formats/ledger-entry.md. Errors: too_large.
base::Result<std::string> encode_entry(const Entry& entry);
/// Reads what `encode_entry` of this or an older version wrote; any other spelling is refused. Errors: unsupported for
/// a newer version, in words; invalid naming the byte; too_large.
base::Result<Entry> decode_entry(std::string_view bytes);

}  // namespace kept::ledger
