#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/store_folder.h"
#include "base/result.h"

namespace kept::app {

/// A row that was put aside. It stays listed after it was settled.
struct QuarantinedRow {
  uint64_t position = 0;  ///< of the entry among the facts: how it is called
  std::string feed;
  uint64_t batch = 0, row = 0;  ///< as the sender numbers batches; the row in it, from 1
  std::string reason, why;
  int64_t received_at = 0;
  std::optional<std::string> settled;  ///< how, by whom and why, in words
};

/// Rows put aside of one feed (empty: all), newest first, at most `most`. Errors: the ledger's.
base::Result<std::vector<QuarantinedRow>> quarantined_rows(Store& store, const std::string& feed, bool open_only,
                                                           uint64_t most);

/// The row as it was received. That somebody looked is in the audit before anything is shown. Errors: not_found;
/// invalid (nobody named, or the row's key was destroyed).
base::Result<std::string> quarantined_bytes(Store& store, uint64_t position, const std::string& who);

/// What somebody decided about a row that was put aside.
struct Settlement {
  uint64_t position = 0;
  std::string who, why;        ///< kept for good and in the clear: a function and a reason, no victim's name
  std::string corrected_file;  ///< the row put right, in the feed's own form; empty: set aside for good
};

/// What came of it.
struct Settled {
  uint64_t entry = 0;  ///< where that it was settled stands among the facts
  uint64_t rows = 0, events = 0;
  LiveTally live;
};

/// Settles a row: puts it right, by rows of a file that are held against the feed's own contract as if they had come
/// with its batch, or sets it aside for good. What is driven again is historic: it makes tasks, never messages (C1).
/// Errors: not_found; conflict (settled already); invalid (nobody named, no reason, or a row of the file cannot be
/// taken: then none is, and all reasons are named).
base::Result<Settled> settle_quarantined(Store& store, const Settlement& settlement);

/// Somebody or some reason that is recorded for good. Errors: invalid when it is empty, longer than 500 bytes or has
/// control characters. `what`: how the option is called.
base::Status check_said(const std::string& text, const char* what);

}  // namespace kept::app
