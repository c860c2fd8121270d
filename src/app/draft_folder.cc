#include "app/draft_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace kept::app {
namespace {

namespace fs = std::filesystem;
using base::Error;
using base::ErrorCode;

constexpr const char* lock_name = "/being-written";

Error there_already(const std::string& place) {
  return {
      ErrorCode::conflict,
      fmt::format("{} is there already, and a backup never takes the place of anything: name another folder", place)};
}

Error refused(const std::string& path, const char* what) {
  return {ErrorCode::io, fmt::format("{} cannot be {}: {}", path, what, std::strerror(errno))};
}

}  // namespace

base::Status sync_path(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return refused(path, "opened");
  const bool is_synced = ::fsync(file) == 0;
  const Error error = refused(path, "brought to the disk");
  ::close(file);
  if (!is_synced) return error;
  return base::Done{};
}

base::Result<std::unique_ptr<DraftFolder>> DraftFolder::begin(const std::string& place) {
  std::string plain = fs::path(place).lexically_normal().string();
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  std::error_code failed;
  if (fs::symlink_status(plain, failed).type() != fs::file_type::not_found) return there_already(plain);
  std::unique_ptr<DraftFolder> draft(new DraftFolder(plain));
  fs::create_directories(draft->draft_, failed);
  if (failed) return Error{ErrorCode::io, fmt::format("{} cannot be made: {}", draft->draft_, failed.message())};
  fs::permissions(draft->draft_, fs::perms::owner_all, failed);
  if (failed)
    return Error{ErrorCode::io, fmt::format("{} cannot be kept from others: {}", draft->draft_, failed.message())};
  auto lock = ledger::StoreLock::take(draft->draft_ + lock_name);
  if (!lock) {
    draft->is_finished_ = true;  // It is somebody else's.
    if (lock.error().code != ErrorCode::conflict) return lock.error();
    return Error{ErrorCode::conflict, fmt::format("another program is writing a backup to {}", plain)};
  }
  draft->lock_ = std::move(*lock);
  for (const auto& left : fs::directory_iterator(draft->draft_, failed))
    if (left.path() != draft->draft_ + lock_name) fs::remove_all(left.path(), failed);
  if (failed) return Error{ErrorCode::io, fmt::format("{} cannot be cleared: {}", draft->draft_, failed.message())};
  return draft;
}

DraftFolder::~DraftFolder() {
  std::error_code ignored;
  if (!is_finished_) fs::remove_all(draft_, ignored);
}

base::Status DraftFolder::finish() {
  std::error_code failed;
  for (const auto& one : fs::directory_iterator(draft_, failed))
    if (base::Status synced = sync_path(one.path().string()); !synced) return synced;
  if (::unlink((draft_ + lock_name).c_str()) != 0) return refused(draft_ + lock_name, "removed");
  if (base::Status synced = sync_path(draft_); !synced) return synced;
  if (::renameat2(AT_FDCWD, draft_.c_str(), AT_FDCWD, place_.c_str(), RENAME_NOREPLACE) != 0) {
    if (errno == EEXIST) return there_already(place_);
    // A file system that cannot say "only if nothing is there" is asked first.
    if (errno != EINVAL && errno != ENOSYS) return refused(draft_, "put in its place");
    if (fs::symlink_status(place_, failed).type() != fs::file_type::not_found) return there_already(place_);
    if (::rename(draft_.c_str(), place_.c_str()) != 0) return refused(draft_, "put in its place");
  }
  is_finished_ = true;
  const fs::path parent = fs::path(place_).parent_path();
  return sync_path(parent.empty() ? "." : parent.string());
}

}  // namespace kept::app
