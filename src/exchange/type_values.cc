#include "exchange/type_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/rejects.h"
#include "exchange/seen_values.h"

namespace kept::exchange {
namespace {

constexpr std::size_t longest_shown = 60;

}  // namespace

void TypeValues::listed(const std::string& column, std::string_view value) {
  listed_.emplace(column, value);
  known_.insert(column);
}

void TypeValues::unlisted(const std::string& column, std::string_view value, bool set_aside) {
  Unlisted& unlisted = unlisted_[column];
  if (set_aside) ++unlisted.set_aside;
  auto found = unlisted.values.find(value);
  if (found == unlisted.values.end()) {
    if (unlisted.values.size() >= most_values) return;
    found = unlisted.values.emplace(value, Count()).first;
  }
  ++found->second.rows;
  if (set_aside) ++found->second.set_aside;
}

std::vector<std::string> TypeValues::notes(const Mapping* mapping) const {
  std::vector<std::string> out;
  const auto look_at = [&](const std::optional<TypeTable>& types) {
    if (!types || types->table.empty()) return;
    TableSeen table;
    table.name = fmt::format("the mapping's table for \"{}\"", shown(types->column, longest_shown));
    for (const auto& [value, choice] : types->table) table.listed.push_back(value);
    table.occurred = [&](const std::string& value) { return listed_.contains({types->column, value}); };
    table.any_known = known_.contains(types->column);
    if (const auto found = unlisted_.find(types->column); found != unlisted_.end()) {
      for (const auto& [value, count] : found->second.values) table.others.push_back(value);
    }
    for (std::string& note : unseen_notes(table)) out.push_back(std::move(note));
  };
  if (mapping != nullptr) {
    look_at(mapping->types);
    for (const EventMapping& event : mapping->events) look_at(event.types);
  }
  for (const auto& [column, unlisted] : unlisted_) {
    if (unlisted.set_aside > 0) out.push_back(set_aside_note(column, unlisted));
  }
  return out;
}

std::string TypeValues::set_aside_note(const std::string& column, const Unlisted& unlisted) const {
  const std::string name = shown(column, longest_shown);
  const std::size_t distinct = unlisted.values.size();
  if (!may_be_shown(known_.contains(column), distinct)) {
    return fmt::format(
        "rows set aside, because nothing lists their value of \"{}\": {} (different values: {}{}). They are not shown "
        "here, because {}",
        name, unlisted.set_aside, distinct >= most_values ? "at least " : "", distinct,
        known_.contains(column) ? "so many are no kinds of event and may be names"
                                : "no value of this column is one that the mapping knows: is it the right column?");
  }
  std::vector<std::pair<std::string, uint64_t>> order;
  for (const auto& [value, count] : unlisted.values) {
    if (count.set_aside > 0) order.emplace_back(value, count.set_aside);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text = fmt::format("set aside, because nothing lists these values of \"{}\": ", name);
  for (std::size_t i = 0; i < std::min(order.size(), most_shown); ++i) {
    text += fmt::format("{}\"{}\" ({})", i == 0 ? "" : ", ", shown(order[i].first, longest_shown), order[i].second);
  }
  if (order.size() > most_shown) text += fmt::format(" and {} more", order.size() - most_shown);
  return text;
}

}  // namespace kept::exchange
