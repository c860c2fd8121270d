#pragma once
#include <memory>
#include <string>

#include "base/result.h"
#include "ledger/store_lock.h"

namespace kept::app {

/// A folder that appears whole or not at all: written beside its place under another name (`PLACE.partial`), brought to
/// the disk, then renamed. What was broken off is cleared away by the next one for the same place. Only the owner may
/// read it.
class DraftFolder {
 public:
  /// Errors: conflict when something is at the place, or another program is writing to it; io.
  static base::Result<std::unique_ptr<DraftFolder>> begin(const std::string& place);
  ~DraftFolder();
  DraftFolder(const DraftFolder&) = delete;
  DraftFolder& operator=(const DraftFolder&) = delete;

  std::string file(const std::string& name) const { return draft_ + "/" + name; }
  const std::string& path() const { return draft_; }
  /// Nothing is written afterwards. Errors: conflict when something came to be at the place meanwhile; io.
  base::Status finish();

 private:
  explicit DraftFolder(const std::string& place) : place_(place), draft_(place + ".partial") {}
  std::string place_, draft_;
  std::unique_ptr<ledger::StoreLock> lock_;
  bool is_finished_ = false;
};

/// Brings a file, or a folder's list of names, to the disk. Errors: io.
base::Status sync_path(const std::string& path);

}  // namespace kept::app
