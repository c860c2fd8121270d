#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "app/backup_manifest.h"
#include "app/rebuild.h"
#include "app/store_folder.h"
#include "base/result.h"
#include "ledger/store_copy.h"

namespace kept::app {

/// The files of a backup.
inline constexpr const char* backup_database = "ledger.sqlite";
inline constexpr const char* backup_heads = "heads";
inline constexpr const char* backup_manifest = "manifest";
inline constexpr const char* backup_keys = "keys.sqlite";
inline constexpr const char* backup_signing_key = "signing.key";

struct BackupRequest {
  StoreRequest store;
  std::string to;       ///< a folder that is not there yet
  std::string keys_to;  ///< another; empty: no keys are copied
  Progress progress;
};

/// What was written, as it was read back.
struct BackupMade {
  BackupManifest manifest;
  uint64_t bytes = 0;
  uint64_t rows = 0;
  uint64_t keys = 0, keys_destroyed = 0;  ///< where they were copied
};

/// Copies a store as it is at one moment, while others read and write it: every table into an SQLite file, whatever
/// database it is in; the file of signed heads beside it; a signed manifest. It is read back, its trees made again and
/// held against every signed head. The folder is there whole or not at all. Keys, without which nothing personal can be
/// read, go to a folder of their own or nowhere.
/// Errors: not_found (no store); conflict (something is there already; the store is damaged, in words); invalid (the
/// places lie in one another or in the store); io.
base::Result<BackupMade> make_backup(const BackupRequest& request);

/// What a backup was held against, and what did not agree.
struct BackupCheck {
  BackupManifest manifest;
  std::array<uint64_t, 2> heads{};  ///< signed ones that its trees were held against
  std::vector<std::string> wrong;
  bool is_trusted = false;  ///< signed by a key that was given
  bool is_good() const { return wrong.empty(); }
};

/// Reads a backup (of a ledger or of keys) whole: its manifest's signature, each file against its digest, every entry
/// against its leaf, the trees against their nodes, the manifest and every signed head. `keys`: whose signature counts;
/// none: that of the key that the manifest names. `visit`: is shown every entry.
/// Errors: io; not_found. What is wrong in the backup is no error.
base::Result<BackupCheck> check_backup(const std::string& folder, const std::vector<ledger::PublicKey>& keys,
                                       const Progress& progress, const ledger::EntryVisit& visit = nullptr);
std::string backup_check_text(const BackupCheck& check);

/// Whether one folder is the other or lies in it.
bool lies_in(const std::string& inner, const std::string& outer);

}  // namespace kept::app
