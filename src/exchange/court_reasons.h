#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace kept::exchange {

/// Why a trial did not go ahead, as the courts code it. A code means one thing only together with its result: `A` is
/// both a reason for a cracked and for a vacated trial.
struct CourtReason {
  enum Jurisdiction : uint8_t { both, magistrates, crown };
  std::string_view id;      ///< the courts' reference data
  std::string_view code;    ///< `A`, `M1`
  std::string_view result;  ///< cracked, ineffective or vacated: the words of `trial_result`
  Jurisdiction jurisdiction;
  std::string_view says;
};

/// The 61 of them: 12 cracked, 30 ineffective, 19 vacated.
std::span<const CourtReason> court_reasons();
/// Null: not one of them.
const CourtReason* court_reason(std::string_view id);

}  // namespace kept::exchange
