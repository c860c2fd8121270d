#include "web/access_keys.h"

#include <fmt/format.h>

#include "ledger/hash.h"

namespace kept::web {
namespace {

constexpr std::size_t key_bytes = 24;

std::string digest_of(std::string_view key) { return ledger::to_hex(ledger::sha256(key)); }

}  // namespace

base::Result<std::unique_ptr<AccessKeys>> AccessKeys::open(base::Disk& disk, const std::string& path) {
  std::unique_ptr<AccessKeys> keys(new AccessKeys(disk, path));
  if (auto read = keys->take_up(); !read) return read.error();
  return keys;
}

base::Result<bool> AccessKeys::take_up() {
  auto text = disk_.read(path_);
  if (!text && text.error().code != base::ErrorCode::not_found) return text.error();
  const std::lock_guard<std::mutex> lock(mutex_);
  std::optional<std::string> found;
  if (text) found = std::move(*text);
  if (found == seen_) return false;
  seen_ = std::move(found);
  if (!seen_)
    return base::Error{
        base::ErrorCode::not_found,
        fmt::format("{} is gone: the keys that it held are still taken; put it back, or stop the service", path_)};
  auto callers = read(*seen_);
  if (!callers) return callers.error();
  callers_ = std::move(*callers);
  return true;
}

base::Result<AccessKeys::Callers> AccessKeys::read(const std::string& text) const {
  const auto is_private = disk_.is_private(path_);
  if (!is_private) return is_private.error();
  if (!*is_private)
    return base::invalid(
        fmt::format("{} can be read by others: chmod 600 it, and make new keys if it was copied", path_));
  Callers callers;
  std::size_t line = 0;
  for (std::size_t at = 0; at < text.size();) {
    ++line;
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view row = std::string_view(text).substr(at, end - at);
    at = end + 1;
    const std::size_t first = row.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : row.find(' ', first + 1);
    const std::string_view role = row.substr(0, first);
    if (second == std::string_view::npos || (role != "operator" && role != "feed") ||
        !ledger::hash_from_hex(row.substr(second + 1)))
      return base::invalid(
          fmt::format("{}:{}: a line is `operator NAME DIGEST` or `feed NAME DIGEST`; take it out and "
                      "make the key anew with `kept key`",
                      path_, line));
    callers.emplace(row.substr(second + 1), fmt::format("{}:{}", role, row.substr(first + 1, second - first - 1)));
  }
  return callers;
}

base::Result<std::string> AccessKeys::make(const std::string& role, const std::string& name, base::Chance& chance) {
  const std::string key = base::hex_of_chance(chance, key_bytes);
  const std::string digest = digest_of(key);
  const std::lock_guard<std::mutex> lock(mutex_);
  auto file = disk_.open_to_append(path_);
  if (!file) return file.error();
  if (base::Status done = (*file)->append(fmt::format("{} {} {}\n", role, name, digest)); !done) return done.error();
  if (base::Status done = (*file)->sync(); !done) return done.error();
  callers_.emplace(digest, role + ":" + name);
  return key;
}

std::optional<std::string> AccessKeys::caller(std::string_view key) const {
  // Looked up by digest: how long it takes says nothing about the key.
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto found = callers_.find(digest_of(key));
  if (found == callers_.end()) return std::nullopt;
  return found->second;
}

bool AccessKeys::empty() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return callers_.empty();
}

}  // namespace kept::web
