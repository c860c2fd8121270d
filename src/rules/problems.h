#pragma once
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace kept::rules {

/// One mistake in a rule file: where it stands, what it is, and the mend.
struct Problem {
  std::string file;
  int line = 0;
  std::string message;
};

/// Every mistake found so far, so that a writer mends a file in one go. Bounded: 50 a file, the rest counted.
class Problems {
 public:
  static constexpr std::size_t most_per_file = 50;

  void add(const std::string& file, int line, std::string message);
  bool empty() const { return list_.empty(); }
  std::size_t size() const { return list_.size(); }
  const std::vector<Problem>& list() const { return list_; }
  /// All of them as one refusal: a line each, `file:line: message`, by file and line. Precondition: not empty.
  base::Error error() const;

 private:
  std::vector<Problem> list_;
  std::map<std::string, std::size_t> count_;
};

/// Text from a rule file as a message may repeat it: short, printable.
std::string shown(std::string_view text);

/// The candidate nearest to what was written, when it is near enough to be meant; empty otherwise.
/// Distance: letters inserted, dropped, replaced or swapped with their neighbour; one in a word of
/// three letters, two in one of eight, three in longer ones. The beginning of a longer candidate is near too.
std::string nearest(std::string_view written, const std::vector<std::string>& candidates);

/// "; did you mean `x`?", or "; it may be: a, b, c" when nothing is near and the list is short, or nothing.
std::string suggestion(std::string_view written, const std::vector<std::string>& candidates);

}  // namespace kept::rules
