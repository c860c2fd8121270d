#include "web/access_keys.h"

#include <fmt/format.h>

#include "ledger/hash.h"

namespace kept::web {
namespace {

constexpr std::size_t key_bytes = 24;

std::string digest_of(std::string_view key) { return ledger::to_hex(ledger::sha256(key)); }

}  // namespace

base::Result<AccessKeys> AccessKeys::open(base::Disk& disk, const std::string& path) {
  AccessKeys keys(disk, path);
  const auto text = disk.read(path);
  if (!text && text.error().code == base::ErrorCode::not_found) return keys;
  if (!text) return text.error();
  const auto is_private = disk.is_private(path);
  if (!is_private) return is_private.error();
  if (!*is_private)
    return base::invalid(
        fmt::format("{} can be read by others: chmod 600 it, and make new keys if it was copied", path));
  std::size_t line = 0;
  for (std::size_t at = 0; at < text->size();) {
    ++line;
    const std::size_t end = std::min(text->find('\n', at), text->size());
    const std::string_view row = std::string_view(*text).substr(at, end - at);
    at = end + 1;
    const std::size_t first = row.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : row.find(' ', first + 1);
    const std::string_view role = row.substr(0, first);
    if (second == std::string_view::npos || (role != "operator" && role != "feed") ||
        !ledger::hash_from_hex(row.substr(second + 1)))
      return base::invalid(
          fmt::format("{}:{}: a line is `operator NAME DIGEST` or `feed NAME DIGEST`; take it out and "
                      "make the key anew with `kept key`",
                      path, line));
    keys.callers_.emplace(row.substr(second + 1),
                          fmt::format("{}:{}", role, row.substr(first + 1, second - first - 1)));
  }
  return keys;
}

base::Result<std::string> AccessKeys::make(const std::string& role, const std::string& name, base::Chance& chance) {
  const std::string key = base::hex_of_chance(chance, key_bytes);
  const std::string digest = digest_of(key);
  auto file = disk_->open_to_append(path_);
  if (!file) return file.error();
  if (base::Status done = (*file)->append(fmt::format("{} {} {}\n", role, name, digest)); !done) return done.error();
  if (base::Status done = (*file)->sync(); !done) return done.error();
  callers_.emplace(digest, role + ":" + name);
  return key;
}

std::optional<std::string> AccessKeys::caller(std::string_view key) const {
  // Looked up by digest: how long it takes says nothing about the key.
  const auto found = callers_.find(digest_of(key));
  if (found == callers_.end()) return std::nullopt;
  return found->second;
}

}  // namespace kept::web
