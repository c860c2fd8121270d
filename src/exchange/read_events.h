#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exchange/event_places.h"
#include "exchange/mapping.h"
#include "exchange/rejects.h"
#include "model/event.h"
#include "model/event_table.h"
#include "model/vocabulary.h"

namespace kept::exchange {

/// Bounds on hostile input. A field, row or nesting past its bound is a reject; a file past one of the others is
/// refused.
struct ReadLimits {
  std::size_t field_bytes = 64 * 1024;
  std::size_t row_bytes = 1024 * 1024;
  std::size_t columns = 1000;
  std::size_t depth = 16;
  std::size_t document_bytes = 32 * 1024 * 1024;  ///< a JSON document that is not read line by line
  std::size_t document_depth = 32;                ///< of a document and of the courts' events
  std::size_t reference_bytes = 256;              ///< id, participant, crime and the other references
  std::size_t block_bytes =
      128 * 1024;  ///< how much is read at a time: with its index it stays in the cache; tests use tiny ones
};

/// A row that was taken, whole: what a ledger keeps, free text and personal fields included.
struct WholeRow {
  uint64_t row = 0;                  ///< received rows, from 1, over all files
  uint64_t line = 0;                 ///< as in Reject
  std::string_view text;             ///< the row as received, or its fields joined; lives only during the call
  std::vector<model::Event> events;  ///< at least one; what the input did not say is empty, `recorded_assumed` set
};

/// Where whole rows go. Called in the order of the input, between calls of Rejects.
class WholeRows {
 public:
  virtual ~WholeRows() = default;
  /// Errors: whatever stops the reading.
  virtual base::Status take(WholeRow& row) = 0;
};

/// What to read. Files are read in the order given; each file's form is guessed from its ending (`.csv .tsv .txt .jsonl
/// .ndjson .parquet .xes`, each but Parquet also with `.gz`) unless the mapping names it.
struct ReadRequest {
  std::vector<std::string> files;
  const Mapping* mapping = nullptr;  ///< null: the project's own event form
  std::shared_ptr<const model::Vocabulary> vocabulary;
  bool strict = false;         ///< the first reject is an error that names it
  Rejects* rejects = nullptr;  ///< null: rejects are only counted
  /// Not null: taken rows go here and not into the table, a row at a time. Rows are not compared with each other then:
  /// who keeps them knows which are there already.
  WholeRows* whole = nullptr;
  /// Called now and then with bytes done and bytes in all (of the files as they lie on disk).
  std::function<void(uint64_t done, uint64_t total)> progress;
  ReadLimits limits;
  int threads = 1;          ///< 2 or more: a file is read and checked beside the thread that fills the table
  bool row_by_row = false;  ///< every row in the general way, never many at once: what tests compare with
};

/// Rows received = taken + rejected + ignored + duplicates, always.
struct ReadCounts {
  uint64_t rows = 0;              ///< rows received (CSV rows, JSON lines, Parquet rows, XES events)
  uint64_t taken = 0;             ///< rows that gave at least one event
  uint64_t rejected = 0;          ///< conflicts included
  uint64_t ignored = 0;           ///< set aside by the mapping (`unlisted: ignore`, `only:`, no event's `when`)
  uint64_t duplicates = 0;        ///< the same source and id with the same content again
  uint64_t events = 0;            ///< events in the table; a row may give several, and links are added
  uint64_t links_added = 0;       ///< by the mapping's `link: each case`
  uint64_t recorded_assumed = 0;  ///< events whose `recorded_at` was not given and is taken to be when they occurred
  uint64_t values_left_out = 0;   ///< mapped values that the event's type does not carry
  std::array<uint64_t, reject_reason_count> by_reason{};  ///< indexed by RejectReason
};

struct ReadResult {
  model::EventTable table;
  ReadCounts counts;
  bool complete = false;           ///< the mapping says this is a finished log
  int64_t last_recorded_at = 0;    ///< the latest `recorded_at` read, rows the mapping sets aside included: how far the
                                   ///< input reaches; 0 when there is no event
  std::vector<std::string> notes;  ///< what a person should know: columns not used, forms guessed
  EventPlaces places = {};         ///< of events without an id
};

/// Reads events from files into one table.
/// Errors: not_found or io (a file that cannot be read), invalid (a heading, a Parquet or XML file that is broken, the
/// first reject under `strict`), too_large (a bound), unsupported (a form or encoding this build does not read).
/// Messages name file and line.
base::Result<ReadResult> read_events(const ReadRequest& request);

}  // namespace kept::exchange
