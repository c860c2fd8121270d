#pragma once
#include <cstdint>
#include <thread>
#include <vector>

namespace kept::engine {

/// How many parts work on so many rows is worth dividing into.
inline uint32_t parts_for(uint32_t rows, int threads) {
  constexpr uint32_t least = 65536;  // below this a thread costs more than it saves
  return rows < least || threads < 2 ? 1 : static_cast<uint32_t>(threads);
}

/// Calls `work(part, from, to)` for neighbouring ranges that together are 0 to count - 1, in their order, each on a
/// thread of its own. Returns when all are done.
template <class Work>
void in_parts(uint32_t count, uint32_t parts, Work work) {
  const auto cut = [&](uint32_t part) { return static_cast<uint32_t>(uint64_t{count} * part / parts); };
  std::vector<std::thread> others;
  for (uint32_t part = 1; part < parts; ++part)
    others.emplace_back([&, part] { work(part, cut(part), cut(part + 1)); });
  work(0u, 0u, cut(1));
  for (std::thread& other : others) other.join();
}

}  // namespace kept::engine
