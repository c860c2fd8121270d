#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kept::http {

/// The headers of a request in their order: names in lower case, values without the spaces around them.
class Headers {
 public:
  void add(std::string name, std::string value) { all_.emplace_back(std::move(name), std::move(value)); }
  /// The value of the header of this name (lower case) where it stands exactly once.
  std::optional<std::string_view> find(std::string_view name) const {
    std::optional<std::string_view> found;
    for (const auto& [each, value] : all_) {
      if (each != name) continue;
      if (found) return std::nullopt;
      found = value;
    }
    return found;
  }
  std::size_t count(std::string_view name) const {
    std::size_t found = 0;
    for (const auto& header : all_) found += header.first == name;
    return found;
  }
  std::size_t size() const { return all_.size(); }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

}  // namespace kept::http
