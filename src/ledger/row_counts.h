#pragma once
#include <cstdint>

namespace kept::ledger {

/// What became of rows that were received. Rows received = accepted + duplicate + conflict + quarantined + ignored,
/// always. Events are counted apart: a row may give several.
struct RowCounts {
  uint64_t rows = 0;
  uint64_t accepted = 0;     ///< at least one event that was new
  uint64_t duplicate = 0;    ///< every event was there already, with the same content
  uint64_t conflict = 0;     ///< an event is there already with other content: put aside
  uint64_t quarantined = 0;  ///< could not be taken: kept with the reason
  uint64_t ignored = 0;      ///< set aside by the feed's mapping
  uint64_t events = 0;       ///< new facts
  bool add_up() const { return rows == accepted + duplicate + conflict + quarantined + ignored; }
  RowCounts& operator+=(const RowCounts& other) {
    rows += other.rows;
    accepted += other.accepted;
    duplicate += other.duplicate;
    conflict += other.conflict;
    quarantined += other.quarantined;
    ignored += other.ignored;
    events += other.events;
    return *this;
  }
};

}  // namespace kept::ledger
