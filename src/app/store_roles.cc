#include "app/store_roles.h"

#include <algorithm>

#include "app/migrate_store.h"
#include "ledger/migrations.h"
#include "ledger/postgres_database.h"

namespace kept::app {

base::Result<std::string> roles_text(const std::string& service) {
  constexpr std::size_t longest = 63;
  const bool is_plain = !service.empty() && service.size() <= longest && (service[0] < '0' || service[0] > '9') &&
                        std::all_of(service.begin(), service.end(), [](char c) {
                          return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                        });
  if (!is_plain) return base::invalid("--service is the name of a role: a-z, 0-9 and _, at most 63, no digit first");
  return ledger::postgres_roles("kept", service);
}

base::Status apply_roles(const StoreRequest& request, const std::string& service) {
  const auto text = roles_text(service);
  if (!text) return text.error();
  if (request.database.empty())
    return base::invalid("a store in SQLite has no roles: say which database with --database postgresql://...");
  auto database = open_database(request);
  if (!database) return database.error();
  const auto plan = ledger::plan_migrations(**database);
  if (!plan) return plan.error();
  if (plan->stands_at == 0)
    return base::Error{base::ErrorCode::not_found, "that database holds no store yet: import something first"};
  if (base::Status begun = (*database)->begin(false); !begun) return begun;
  base::Status done = (*database)->run_script(*text);
  if (done) return (*database)->commit();
  (void)(*database)->roll_back();
  return done;
}

}  // namespace kept::app
