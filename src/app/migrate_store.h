#pragma once
#include <memory>
#include <string>
#include <vector>

#include "app/store_folder.h"
#include "base/result.h"
#include "ledger/database.h"

namespace kept::app {

/// The database of a store, open as the request says, its shape not looked at. Errors: those of the databases.
base::Result<std::unique_ptr<ledger::Database>> open_database(const StoreRequest& request);

/// What stands between a store's shape and this build.
struct StoreShape {
  int stands_at = 0;
  std::vector<std::string> to_apply;  ///< the steps, in words, in order
};
/// Looks, and changes nothing. Errors: not_found (no store); unsupported (a newer one); conflict.
base::Result<StoreShape> shape_of_store(const StoreRequest& request);
/// Takes the steps, each in a transaction of its own; killed between two, the next call goes on. Then rows that an
/// earlier build wrote are told what it did not know, where the store follows the rules in use (otherwise that happens
/// when it is switched to them). Returns the steps taken.
/// Errors: the same, and conflict when another program has the store.
base::Result<StoreShape> migrate_store(const StoreRequest& request);

}  // namespace kept::app
