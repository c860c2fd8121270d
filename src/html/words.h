#pragma once
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kept::html {

/// Words that people read, by key, in one language. The texts lie in content/; this only holds them.
/// Shape: a text may hold `{name}` places, filled by `say`. Keys are dotted: `outcome.kept.name`.
class Words {
 public:
  void set(std::string key, std::string text) { texts_[std::move(key)] = std::move(text); }
  bool has(std::string_view key) const { return texts_.find(key) != texts_.end(); }
  /// Every key, in order: what a test compares with the keys that the program asks for.
  std::vector<std::string> keys() const;
  /// The text with its places filled. A key that is not there gives the key in double angle brackets, and a place that
  /// is not given stays as it is: both are seen by whoever reads the page and by the tests, and neither stops a report.
  std::string say(std::string_view key,
                  std::initializer_list<std::pair<std::string_view, std::string>> places = {}) const;

 private:
  std::map<std::string, std::string, std::less<>> texts_;
};

}  // namespace kept::html
