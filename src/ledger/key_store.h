#pragma once
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/chance.h"
#include "base/result.h"
#include "ledger/seal.h"

namespace kept::ledger {

/// The keys that personal fields are sealed with, one for each name (a person, a row in quarantine), in an SQLite file
/// of its own that only its owner may read. Destroying a key is how what it sealed is erased: afterwards its bytes are
/// in no file of the store. (Copies of the file are the affair of whoever makes them; a disk may keep old blocks:
/// encrypt it.) Safe for several threads; another process that changes the file is noticed. Names are opaque: no
/// person's own name.
class KeyStore {
 public:
  /// Opens the file, made when there is none. `vfs`: SQLite's, null for the disk.
  /// Errors: invalid when others may read the file, or it is no key store, with the mend; unsupported; io.
  static base::Result<std::unique_ptr<KeyStore>> open(const std::string& path, base::Chance& chance,
                                                      const char* vfs = nullptr);
  ~KeyStore();
  KeyStore(const KeyStore&) = delete;
  KeyStore& operator=(const KeyStore&) = delete;

  /// The key of a name, made and durable when there was none. Errors: not_found when it was destroyed: it is never made
  /// anew; io.
  base::Result<SealingKey> get_or_create(const std::string& name);

  /// Makes the keys that are missing, all in one commit; destroyed ones are passed over. A batch that does this first
  /// takes one sync instead of one a person. Errors: io.
  base::Status create_missing(std::span<const std::string> names);

  /// The key of a name. Errors: not_found when it was destroyed; conflict when there never was one: what is sealed
  /// belongs to another key store, or this is an older copy; io.
  base::Result<SealingKey> find(const std::string& name);

  /// Destroys the key of a name for good, there or not: from now on none is ever made for it. Done when it is durable.
  /// Errors: io; then it may stand or not, and is to be destroyed again.
  base::Status destroy(const std::string& name);

  /// The names whose key was destroyed, in order. Errors: io.
  base::Result<std::vector<std::string>> destroyed();

  /// Copies the whole file as it stands at one moment to a new one that only its owner may read; durable when it
  /// returns Done. Errors: conflict when there is one; io.
  base::Status copy_to(const std::string& path);

  /// How many keys stand, and how many were destroyed.
  struct Counts {
    uint64_t keys, destroyed;
  };
  base::Result<Counts> counts();

 private:
  class File;
  explicit KeyStore(std::unique_ptr<File> file, base::Chance& chance);

  std::mutex mutex_;
  std::unique_ptr<File> file_;
  base::Chance& chance_;
};

}  // namespace kept::ledger
