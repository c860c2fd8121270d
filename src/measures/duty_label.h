#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace kept::measures {

/// Where a duty's figures stand. They are never added to each other (C13, C26; local commitments are a class of their
/// own).
enum class Standing : uint8_t {
  code,        ///< the Code, its text read in a source: the headline
  unverified,  ///< the Code, recalled or recalled in part: stands apart until a named specialist has checked it
  related,     ///< a scheme beside the Code
  local,       ///< a local commitment
  chain,       ///< two legs seen as one: each leg is already counted
  window,      ///< the victim's own time to act: never compliance
};
inline constexpr int standing_count = 6;

/// What the figures need to know of a duty. In the order of the rule book: the index is Obligation::duty.
struct DutyLabel {
  std::string id;
  std::string says;
  std::string right;
  std::string right_title;
  std::string bearer;
  std::string edition;
  std::string unverified;  ///< which part is only recalled, in words; empty: none
  Standing standing = Standing::code;
  bool of_the_code = true;  ///< by its class, whatever its standing: a window or a chain of the Code is
  bool verified = true;     ///< read in a source, nothing recalled
  bool has_number = true;   ///< false: "without unjustified delay": done or not done
};

using DutyLabels = std::vector<DutyLabel>;

}  // namespace kept::measures
