// Bytes are refused, or they are an entry that is written as exactly these bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ledger/entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto entry = kept::ledger::decode_entry(bytes);
  if (!entry) return 0;
  if (entry->kind < kept::ledger::EntryKind::event || *kept::ledger::entry_kind_name(entry->kind) == '\0') std::abort();
  const auto again = kept::ledger::encode_entry(*entry);
  if (!again || *again != bytes) std::abort();
  return 0;
}
