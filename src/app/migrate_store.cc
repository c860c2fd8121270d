#include "app/migrate_store.h"

#include <fmt/format.h>

#include <filesystem>

#include "app/outbox.h"
#include "ledger/migrations.h"
#include "ledger/postgres_database.h"
#include "ledger/sqlite_database.h"

namespace kept::app {
namespace {

base::Result<std::unique_ptr<ledger::Database>> open_store(StoreRequest request, bool read_only) {
  const StorePaths paths(request.data);
  std::error_code failed;
  if (request.database.empty() && !std::filesystem::exists(paths.database, failed))
    return base::Error{base::ErrorCode::not_found,
                       fmt::format("there is no store in {}: import something first", request.data)};
  if (base::Status whole = check_not_restoring(paths); !whole) return whole.error();
  request.read_only = read_only;
  return open_database(request);
}

StoreShape in_words(const ledger::MigrationPlan& plan) {
  StoreShape shape;
  shape.stands_at = plan.stands_at;
  for (const ledger::Migration* step : plan.to_apply)
    shape.to_apply.push_back(fmt::format("{}: {}", step->number, step->name));
  return shape;
}

}  // namespace

base::Result<std::unique_ptr<ledger::Database>> open_database(const StoreRequest& request) {
  if (request.database.empty()) {
    ledger::SqliteOptions sqlite;
    sqlite.path = StorePaths(request.data).database;
    sqlite.read_only = request.read_only;
    return ledger::open_sqlite(sqlite);
  }
  if (!ledger::is_postgres_url(request.database))
    return base::invalid("--database is an address of PostgreSQL: postgresql://user@host/database");
  ledger::PostgresOptions postgres;
  postgres.where = request.database;
  postgres.read_only = request.read_only;
  return ledger::open_postgres(postgres);
}

base::Result<StoreShape> shape_of_store(const StoreRequest& request) {
  auto database = open_store(request, true);
  if (!database) return database.error();
  const auto plan = ledger::plan_migrations(**database);
  if (!plan) return plan.error();
  return in_words(*plan);
}

base::Result<StoreShape> migrate_store(const StoreRequest& request) {
  StoreShape shape;
  {
    auto lock = ledger::StoreLock::take(StorePaths(request.data).lock);
    if (!lock) return lock.error();
    auto database = open_store(request, false);
    if (!database) return database.error();
    const auto plan = ledger::plan_migrations(**database);
    if (!plan) return plan.error();
    if (base::Status applied = ledger::apply_migrations(**database, *plan, request.clock->now_ms()); !applied)
      return applied.error();
    shape = in_words(*plan);
  }
  auto store = Store::open(request);
  // Other rules are switched to by a command of their own, which describes the rows, too.
  if (!store) return shape;
  ledger::Ledger& ledger = (*store)->ledger();
  if (base::Status begun = ledger.begin(); !begun) return begun.error();
  const auto described = describe_outbox(ledger.database(), (*store)->rules().book);
  if (!described) {
    (void)ledger.roll_back();
    return described.error();
  }
  if (base::Status kept = ledger.commit(); !kept) return kept.error();
  return shape;
}

}  // namespace kept::app
