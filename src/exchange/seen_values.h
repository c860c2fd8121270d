#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace kept::exchange {

/// A column with more distinct values than this that no table lists holds no kinds of things: it may hold names of
/// people. None of them is ever shown.
inline constexpr std::size_t most_kinds = 200;

/// A table of a mapping beside what its column held.
struct TableSeen {
  std::string name;                 ///< of the table, for people: the mapping's table for "Activity"
  std::vector<std::string> listed;  ///< in the order written
  std::function<bool(const std::string& value)> occurred;
  std::vector<std::string> others;  ///< values that are not listed
  bool any_known = false;           ///< some value was understood without being listed
};

/// For people: each listed value that never occurred, with the unlisted one that was probably meant. Where none of them
/// occurred this may be the wrong column, of names for example: then no value is shown but those that differ from a
/// listed one in capitals, blanks and signs alone.
std::vector<std::string> unseen_notes(const TableSeen& table);

/// May values of such a column that nothing lists be shown where a log is kept?
bool may_be_shown(bool any_listed_occurred, std::size_t distinct_others);

/// Which values of a mapping's `values` for one column occurred in the rows read, whatever became of them. Several
/// threads may note what they see.
class SeenValues {
 public:
  explicit SeenValues(const std::vector<std::pair<std::string, std::string>>& table);
  /// The column fills something: without that its values are not looked at.
  void watch() { watched_ = true; }
  void note(std::string_view value);
  /// All listed values have occurred: there is nothing more to note.
  bool settled() const { return unseen_.load(std::memory_order_relaxed) == 0; }
  /// Empty where the column is not watched.
  std::vector<std::string> notes(const std::string& column) const;

 private:
  static constexpr std::size_t longest_other = 256;
  std::vector<std::string> listed_;
  std::unordered_map<std::string_view, std::atomic<bool>> occurred_;  ///< by a text of listed_
  std::atomic<std::size_t> unseen_;
  std::atomic<bool> watched_ = false;
  std::atomic<bool> full_ = false;
  std::mutex mutex_;
  std::set<std::string, std::less<>> others_;  ///< under mutex_; at most one more than most_kinds
};

}  // namespace kept::exchange
