#pragma once
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace kept::model {

/// Names as dense integer codes. Code 0 is "absent" and has the empty name; others count up from 1 in the order first seen.
/// A name that is a plain decimal number below 2^26 is looked up by value, without hashing (feeds number their people).
/// Codes are never shown to anyone: they depend on the order of arrival.
class Symbols {
 public:
  uint32_t code(std::string_view name);
  uint32_t code_of_number(uint32_t number);
  /// 0 when the name was never seen.
  uint32_t find(std::string_view name) const;
  std::string name(uint32_t code) const;
  /// Number of codes in use, 0 (absent) included: valid codes are below it.
  uint32_t size() const { return next_; }

 private:
  struct Entry {
    uint32_t number_plus_one;  ///< 0: the name is text_[text]
    uint32_t text;
  };
  uint32_t next_ = 1;
  std::vector<Entry> entries_{1};
  std::deque<std::string> text_{std::string()};
  std::vector<uint32_t> by_number_;
  boost::unordered_flat_map<std::string_view, uint32_t> by_text_;
};

}  // namespace kept::model
