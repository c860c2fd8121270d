#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"
#include "exchange/form_readers.h"

namespace kept::exchange {

/// What to do with each line of a file.
struct LineTaker {
  /// Lines are counted from 1; blank ones are counted and not handed over. Behind `text` lie as many bytes as simdjson
  /// reads past an end. False: stop.
  std::function<bool(uint64_t number, std::string_view text)> take;
  /// A line longer than a row may be, its beginning; the rest is skipped. False: stop.
  std::function<bool(uint64_t number, std::string_view beginning)> too_long;
};

/// Hands over a file line by line, in memory of one row and one block. A byte order mark is skipped. Returns false
/// when the taker stopped. Errors: the source's.
base::Result<bool> each_line(ByteSource& source, const ReadLimits& limits, const LineTaker& taker,
                             const Progress& progress);

}  // namespace kept::exchange
