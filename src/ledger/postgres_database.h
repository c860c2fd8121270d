#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "ledger/database.h"

namespace kept::ledger {

struct PostgresOptions {
  /// `postgresql://user@host/database?sslmode=verify-full`, or libpq's `host=... dbname=...`. A password belongs into
  /// ~/.pgpass or a service file, not here.
  std::string where;
  std::string schema = "kept";  ///< a-z, 0-9 and _; made when there is none and the role may
  bool read_only = false;
  int lock_wait_ms = 5000;  ///< how long a writer waits for another to go: the server may notice its end late
};

/// A ledger's database in one schema of PostgreSQL 15 or later. A writer holds an advisory lock on the schema as long
/// as it is open; the server lets it go when the connection ends. Nothing is written through a server that would
/// acknowledge a commit before it is durable. A connection that is lost stays lost: every later call is refused.
/// Errors: io; invalid (the address or the schema's name); conflict (another writer, or a server that is set to forget,
/// in words); unsupported (an older server, or one that only follows another).
base::Result<std::unique_ptr<Database>> open_postgres(const PostgresOptions& options);

/// SQL for whoever runs the database: lets the role `service` read a ledger and add to it, and neither change nor
/// delete a fact or an audit entry. Run it as the schema's owner, again after each migration.
/// Precondition: both names are a-z, 0-9 and _.
std::string postgres_roles(std::string_view schema, std::string_view service);

/// Whether a ledger is asked for in PostgreSQL: `postgresql://` or `postgres://`.
bool is_postgres_url(std::string_view where);

}  // namespace kept::ledger
