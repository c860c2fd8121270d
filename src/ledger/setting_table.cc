#include "ledger/setting_table.h"

#include <cassert>

namespace kept::ledger {
namespace {

constexpr Statement read_value{"SELECT value FROM setting WHERE name = $1"};
constexpr Statement read_some{"SELECT name, value FROM setting WHERE name LIKE $1 ORDER BY name"};
constexpr Statement add_one{"INSERT INTO setting (name, value) VALUES ($1, $2)"};
constexpr Statement put_one{
    "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value"};

}  // namespace

base::Result<std::optional<std::string>> SettingTable::read(std::string_view name) {
  std::optional<std::string> value;
  const base::Status done = database_.ask(read_value, {name}, [&](std::size_t, const Answer& answer) -> base::Status {
    value = std::string(answer.bytes(0));
    return base::Done{};
  });
  if (!done) return done.error();
  return value;
}

base::Status SettingTable::each_of(std::string_view prefix, const Visit& visit) {
  assert(prefix.find_first_of("%_") == std::string_view::npos);
  const std::string pattern = std::string(prefix) + '%';
  return database_.ask(read_some, {std::string_view(pattern)}, [&](std::size_t, const Answer& answer) {
    return visit(answer.bytes(0).substr(prefix.size()), answer.bytes(1));
  });
}

base::Status SettingTable::add(std::string_view name, std::string_view value) {
  return database_.run(add_one, {name, value});
}

base::Status SettingTable::put(std::string_view name, std::string_view value) {
  return database_.run(put_one, {name, value});
}

}  // namespace kept::ledger
