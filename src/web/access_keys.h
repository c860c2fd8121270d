#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/chance.h"
#include "base/disk.h"
#include "base/result.h"

namespace kept::web {

/// Who may ask, until people can sign in: operators, and feeds for themselves. A key is shown once, when it is made;
/// the file holds its SHA-256 only. Safe for several threads.
class AccessKeys {
 public:
  /// Reads the file; none is no keys. Errors: invalid, naming the line; io.
  static base::Result<std::unique_ptr<AccessKeys>> open(base::Disk& disk, const std::string& path);

  /// Reads the file again if it has changed since it was last looked at, and says whether it had. Errors: as `open`,
  /// and not_found when it is gone, once for each change; the keys stay as they were.
  base::Result<bool> take_up();

  /// Makes a key for `operator` or `feed` NAME and appends it to the file. What is returned is the only copy.
  /// Errors: io.
  base::Result<std::string> make(const std::string& role, const std::string& name, base::Chance& chance);

  /// `operator:NAME` or `feed:NAME`; none for a key that is not known.
  std::optional<std::string> caller(std::string_view key) const;
  bool empty() const;

 private:
  using Callers = std::map<std::string, std::string, std::less<>>;
  AccessKeys(base::Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}
  base::Result<Callers> read(const std::string& text) const;

  base::Disk& disk_;
  const std::string path_;
  mutable std::mutex mutex_;
  std::optional<std::string> seen_;  ///< the file's text when it was last looked at; none: it was not there
  Callers callers_;                  ///< by digest
};

}  // namespace kept::web
