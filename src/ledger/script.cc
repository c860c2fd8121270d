#include "ledger/script.h"

#include <cassert>

namespace kept::ledger {

std::string in_dialect(std::string_view script, std::string_view kind) {
  const bool is_sqlite = kind == "sqlite";
  std::string out;
  for (std::size_t at = 0; at < script.size();) {
    if (script[at] != '{') {
      out += script[at++];
      continue;
    }
    const std::size_t end = script.find('}', at);
    assert(end != std::string_view::npos);
    const std::string_view piece = script.substr(at + 1, end - at - 1);
    if (piece == "bytes") {
      out += is_sqlite ? "BLOB" : "bytea";
    } else if (piece == "number") {
      out += is_sqlite ? "INTEGER" : "bigint";
    } else if (piece == "text") {
      // By bytes on both: the same order on every machine, and an index that no change of locale breaks.
      out += is_sqlite ? "TEXT" : "text COLLATE \"C\"";
    } else {
      const std::size_t colon = piece.find(": ");
      assert(colon != std::string_view::npos);
      if (piece.substr(0, colon) == kind) out += piece.substr(colon + 2);
    }
    at = end + 1;
  }
  return out;
}

}  // namespace kept::ledger
