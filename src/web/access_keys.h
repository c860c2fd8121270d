#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/chance.h"
#include "base/disk.h"
#include "base/result.h"

namespace kept::web {

/// Who may ask, until people can sign in: operators, and feeds for themselves. A key is shown once, when it is made;
/// the file holds its SHA-256 only.
class AccessKeys {
 public:
  /// Reads the file; none is no keys. Errors: invalid, naming the line; io.
  static base::Result<AccessKeys> open(base::Disk& disk, const std::string& path);

  /// Makes a key for `operator` or `feed` NAME and appends it to the file. What is returned is the only copy.
  /// Errors: io.
  base::Result<std::string> make(const std::string& role, const std::string& name, base::Chance& chance);

  /// `operator:NAME` or `feed:NAME`; none for a key that is not known.
  std::optional<std::string> caller(std::string_view key) const;
  bool empty() const { return callers_.empty(); }

 private:
  AccessKeys(base::Disk& disk, std::string path) : disk_(&disk), path_(std::move(path)) {}
  base::Disk* disk_;
  std::string path_;
  std::map<std::string, std::string, std::less<>> callers_;  ///< by digest
};

}  // namespace kept::web
