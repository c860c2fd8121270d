#pragma once
#include <string>
#include <string_view>

namespace kept::ledger {

/// A migration's text in one database's words: `{bytes}`, `{number}`, `{text}` become its types; `{sqlite: ...}` and
/// `{postgres: ...}` stay for that one only. Pieces do not nest.
std::string in_dialect(std::string_view script, std::string_view kind);

}  // namespace kept::ledger
