#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/hash.h"
#include "ledger/signing_key.h"

namespace kept::app {

/// What a backup holds, signed by the ledger whose it is: docs/formats/backup.md.
struct BackupManifest {
  enum class Holds { ledger, keys };
  struct OfTree {
    uint64_t size = 0;
    ledger::Hash root{};
  };
  struct File {
    std::string name;
    uint64_t bytes = 0;
    ledger::Hash digest{};
  };
  Holds holds = Holds::ledger;
  std::string ledger;  ///< its id
  int64_t made_at = 0;
  int shape = 0;                  ///< how many steps of its shape the store had taken
  std::array<OfTree, 2> trees;    ///< facts, audit: of keys, how long the trees were when they were copied
  std::vector<File> files;        ///< in the order of their names
  ledger::PublicKey signed_by{};  ///< proves something only to who has it from elsewhere
};

/// The file's text, with its signature.
std::string manifest_text(BackupManifest manifest, const ledger::SigningKey& key);
/// Reads it; every other spelling is refused. Errors: unsupported (a later version, in words); invalid, saying what.
base::Result<BackupManifest> read_manifest(std::string_view text);

}  // namespace kept::app
