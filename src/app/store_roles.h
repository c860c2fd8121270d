#pragma once
#include <string>

#include "app/store_folder.h"
#include "base/result.h"

namespace kept::app {

/// SQL that lets a role of PostgreSQL run the service on a store, and neither change nor delete a fact or an audit
/// entry. Errors: invalid (a name that is not a-z, 0-9 and _, or is longer than a role's may be).
base::Result<std::string> roles_text(const std::string& service);

/// Runs it, as the owner of the schema, all or nothing. Errors: invalid (the store is not in PostgreSQL; the name);
/// not_found (no store yet); conflict (a program has the store open to write); io (the role may not do this).
base::Status apply_roles(const StoreRequest& request, const std::string& service);

}  // namespace kept::app
