#include "exchange/type_values.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/rejects.h"
#include "exchange/row_checker.h"

namespace kept::exchange {
namespace {

constexpr std::size_t longest_shown = 60;

}  // namespace

void TypeValues::unlisted(const std::string& column, std::string_view value, bool set_aside) {
  auto& values = unlisted_[column];
  auto found = values.find(value);
  if (found == values.end()) {
    if (values.size() >= most_values) return;
    found = values.emplace(value, Count()).first;
  }
  ++found->second.rows;
  if (set_aside) ++found->second.set_aside;
}

std::vector<std::string> TypeValues::notes(const Mapping* mapping) const {
  std::vector<std::string> out;
  const auto look_at = [&](const std::optional<TypeTable>& types) {
    if (!types) return;
    std::vector<std::string> others;
    if (const auto found = unlisted_.find(types->column); found != unlisted_.end()) {
      for (const auto& [value, count] : found->second) others.push_back(value);
    }
    for (const auto& [value, choice] : types->table) {
      if (listed_.contains({types->column, value})) continue;
      const std::string near = closest(value, others);
      out.push_back(fmt::format("the mapping's table for \"{}\" lists \"{}\", which never occurs in the rows read{}",
                                shown(types->column, longest_shown), shown(value, longest_shown),
                                near.empty() ? "" : fmt::format("; did you mean \"{}\"?", shown(near, longest_shown))));
    }
  };
  if (mapping != nullptr) {
    look_at(mapping->types);
    for (const EventMapping& event : mapping->events) look_at(event.types);
  }
  for (const auto& [column, values] : unlisted_) {
    std::vector<std::pair<std::string, uint64_t>> order;
    for (const auto& [value, count] : values) {
      if (count.set_aside > 0) order.emplace_back(value, count.set_aside);
    }
    if (order.empty()) continue;
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text =
        fmt::format("set aside, because nothing lists these values of \"{}\": ", shown(column, longest_shown));
    for (std::size_t i = 0; i < std::min(order.size(), most_shown); ++i) {
      text += fmt::format("{}\"{}\" ({})", i == 0 ? "" : ", ", shown(order[i].first, longest_shown), order[i].second);
    }
    if (order.size() > most_shown) text += fmt::format(" and {} more", order.size() - most_shown);
    out.push_back(std::move(text));
  }
  return out;
}

}  // namespace kept::exchange
