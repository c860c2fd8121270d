#pragma once
#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kept::exchange {

/// Why a row was not taken. Closed.
enum class RejectReason : uint8_t {
  not_text,        ///< bytes that are not UTF-8 (or not the mapping's encoding)
  malformed,       ///< the row breaks the file's own syntax: a quote, JSON, XML
  ragged,          ///< more or fewer fields than the heading
  too_large,       ///< a field, row or nesting past its bound
  duplicate_key,   ///< the same name twice in one JSON object or XES event
  unknown_field,   ///< a name the vocabulary does not have
  unknown_type,    ///< no such type of event
  unlisted_value,  ///< a mapping's table does not list it, and says `unlisted: reject`
  missing,         ///< a needed reference, field or time is absent
  not_carried,     ///< the type may not carry this reference or field
  bad_word,        ///< not one of the field's words
  bad_number,
  bad_yes_no,
  bad_time,       ///< not a date or time in an accepted form, or one that does not exist
  out_of_range,   ///< a year outside 1900-2199, a number too large
  clock_gap,      ///< a local time skipped when the clocks went forward
  clock_overlap,  ///< a local time that occurred twice when the clocks went back
  contradiction,  ///< corrects and retracts at once, or an event that names itself
  conflict,       ///< the same source and id as an earlier event, with other content
};
inline constexpr std::size_t reject_reason_count = 19;
/// `bad_time`, ... : a stable key for machines.
const char* reason_key(RejectReason reason);
/// `no date or time that can be read`, ... : the same for people, to stand inside a sentence.
const char* reason_words(RejectReason reason);

/// One row that was not taken. The views live only during the call that passes them.
struct Reject {
  std::string_view file;
  uint64_t number = 0;     ///< of the row among those received, from 1, over all files
  uint64_t line = 0;       ///< 1-based line (CSV, JSON Lines, XES) or row (Parquet); 0 where it cannot be told
  std::string_view field;  ///< the column as the input names it; empty: the row as a whole
  std::string_view value;  ///< as received, unmasked; empty when `personal`
  bool personal = false;   ///< the vocabulary marks the field personal: its value is never shown
  RejectReason reason = RejectReason::malformed;
  std::string_view why;  ///< one plain sentence: what is wrong and the mend; holds no value of a personal field
  std::string_view row;  ///< the row as received (CSV, JSON Lines), or its fields joined (Parquet, XES)
};

/// Where rejected rows go. Called in the order of the input.
class Rejects {
 public:
  virtual ~Rejects() = default;
  /// Errors: io, when the row cannot be kept; reading then stops, because nothing may be dropped.
  virtual base::Status take(const Reject& reject) = 0;
};

/// Writes `rejects.csv`: file, line, field, value, reason, explanation, row. The value is cut at 200 characters,
/// control characters are escaped, personal values read `(personal)`; a cell that a spreadsheet would run as a formula
/// is put behind an apostrophe. The row is whole (up to 64 KiB, then marked as cut), so that it can be mended and sent
/// again: keep the file as you keep the input.
class RejectsFile : public Rejects {
 public:
  /// Creates the file at once (with its heading), so that an empty one says "none".
  static base::Result<std::unique_ptr<RejectsFile>> create(const std::string& path);
  ~RejectsFile() override;
  base::Status take(const Reject& reject) override;
  /// Flushes and closes. Errors: io, naming the path.
  base::Status close();
  const std::string& path() const { return path_; }

 private:
  RejectsFile(std::string path, std::FILE* file) : path_(std::move(path)), file_(file) {}
  std::string path_;
  std::FILE* file_;
  std::string line_;
};

/// Keeps rejects in memory, for tests and small inputs.
struct KeptReject {
  std::string file;
  uint64_t line;
  std::string field, value;
  RejectReason reason;
  std::string why, row;
};
class RejectList : public Rejects {
 public:
  base::Status take(const Reject& reject) override;
  std::vector<KeptReject> rows;
};

/// `text` with control characters, line ends and broken UTF-8 as escapes, cut after `limit` characters with a mark.
std::string shown(std::string_view text, std::size_t limit);

}  // namespace kept::exchange
