#pragma once
#include <cstdint>

namespace kept {

/// How much less of a long test is run where every memory access is checked: ten to twenty times as slow, and looking
/// for other mistakes. The build without checks runs all of it.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr uint64_t part_when_checked = 10;
#else
inline constexpr uint64_t part_when_checked = 1;
#endif

}  // namespace kept
