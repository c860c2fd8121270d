#include "exchange/seen_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/rejects.h"
#include "exchange/row_checker.h"

namespace kept::exchange {
namespace {

constexpr std::size_t longest_shown = 60;

/// The same but for capitals, blanks and signs; empty: none is.
std::string alike(const std::string& value, const std::vector<std::string>& others) {
  const auto found =
      std::find_if(others.begin(), others.end(), [&](const auto& other) { return slug(other) == slug(value); });
  return found == others.end() ? std::string() : *found;
}

}  // namespace

bool may_be_shown(bool any_listed_occurred, std::size_t distinct_others) {
  return any_listed_occurred && distinct_others <= most_kinds;
}

std::vector<std::string> unseen_notes(const TableSeen& table) {
  std::vector<std::string> missing;
  for (const std::string& value : table.listed) {
    if (!table.occurred(value)) missing.push_back(value);
  }
  std::vector<std::string> out;
  const bool none = missing.size() == table.listed.size() && !table.any_known;
  const bool shows = may_be_shown(!none, table.others.size());
  if (none && missing.size() > 1) {
    out.push_back(
        fmt::format("none of the {} values that {} lists occurs in the rows read; is it the right column? Values are "
                    "compared exactly, capitals included",
                    missing.size(), table.name));
  }
  for (const std::string& value : missing) {
    const std::string near = shows ? closest(value, table.others) : alike(value, table.others);
    if (!out.empty() && none && near.empty()) continue;
    out.push_back(fmt::format("{} lists \"{}\", which never occurs in the rows read{}", table.name,
                              shown(value, longest_shown),
                              near.empty() ? "" : fmt::format("; did you mean \"{}\"?", shown(near, longest_shown))));
  }
  return out;
}

SeenValues::SeenValues(const std::vector<std::pair<std::string, std::string>>& table) : unseen_(0) {
  listed_.reserve(table.size());
  for (const auto& [value, to] : table) listed_.push_back(value);
  for (const std::string& value : listed_) occurred_.try_emplace(value, false);
  unseen_ = occurred_.size();
}

void SeenValues::note(std::string_view value) {
  if (value.empty()) return;
  if (const auto found = occurred_.find(value); found != occurred_.end()) {
    if (!found->second.load(std::memory_order_relaxed) && !found->second.exchange(true)) --unseen_;
    return;
  }
  if (full_.load(std::memory_order_relaxed) || value.size() > longest_other) return;
  const std::scoped_lock lock(mutex_);
  if (others_.size() > most_kinds) {
    full_ = true;
  } else if (!others_.contains(value)) {
    others_.emplace(value);
  }
}

std::vector<std::string> SeenValues::notes(const std::string& column) const {
  if (!watched_) return {};
  TableSeen table;
  table.name = fmt::format("the mapping's table of values for \"{}\"", shown(column, longest_shown));
  table.listed = listed_;
  table.occurred = [&](const std::string& value) { return occurred_.at(value).load(); };
  // Which of more were remembered depends on the threads.
  if (others_.size() <= most_kinds) table.others.assign(others_.begin(), others_.end());
  return unseen_notes(table);
}

}  // namespace kept::exchange
