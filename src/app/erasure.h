#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/store_folder.h"
#include "base/result.h"

namespace kept::app {

/// What was erased.
struct Erased {
  uint64_t entry = 0;  ///< where the erasure stands among the facts
  bool again = false;  ///< it was done before; whatever came since was erased now
  uint64_t rows =
      0;  ///< rows put aside that name the person, of which nothing can be read any more: those of this call
  uint64_t batches = 0;  ///< batches on the spool that name the person and were taken long ago: deleted
};

/// Destroys the key that a person's personal fields are sealed with, and those of the rows put aside that name the
/// person: what they sealed can be read in no file of the store nor any copy of its database. The facts stay, without
/// what was personal in them, and so do the trees. Whatever comes of that person later keeps nothing personal. A row
/// names somebody when their reference stands in it as a word of its own; it errs towards erasing. Copies of the key
/// store made earlier are beyond this store's reach. Killed in the middle, the same call finishes it.
/// Errors: invalid (nobody named, no reason); not_found (no fact and no row names the person); conflict (a batch that
/// names the person is still being received); io.
base::Result<Erased> erase_person(Store& store, const std::string& person, const std::string& who,
                                  const std::string& why);

/// Everybody who was erased, by reference.
base::Result<std::vector<std::string>> erased_people(ledger::Ledger& ledger);

/// Whether a reference stands in a text as a word of its own: not as a part of a longer one.
bool names_person(std::string_view text, std::string_view person);

}  // namespace kept::app
