#pragma once
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace kept::engine {

/// How many threads work on so many rows is worth dividing between.
inline uint32_t workers_for(uint32_t rows, int threads) {
  constexpr uint32_t least = 65536;  // below this a thread costs more than it saves
  return rows < least || threads < 2 ? 1 : static_cast<uint32_t>(threads);
}

/// How many parts for so many threads: more than threads, because parts of as many rows are not as much work.
inline uint32_t parts_for(uint32_t workers) {
  constexpr uint32_t each = 8;
  return workers < 2 ? 1 : workers * each;
}

/// Calls `work(part, from, to)` for neighbouring ranges that together are 0 to count - 1, on several threads, each of
/// which takes the next part when it has done one. Returns when all are done.
template <class Work>
void in_parts(uint32_t count, uint32_t parts, uint32_t workers, Work work) {
  const auto cut = [&](uint32_t part) { return static_cast<uint32_t>(uint64_t{count} * part / parts); };
  std::atomic<uint32_t> next{0};
  const auto take_parts = [&] {
    for (uint32_t part = next++; part < parts; part = next++) work(part, cut(part), cut(part + 1));
  };
  std::vector<std::thread> others;
  for (uint32_t worker = 1; worker < std::min(workers, parts); ++worker) others.emplace_back(take_parts);
  take_parts();
  for (std::thread& other : others) other.join();
}

}  // namespace kept::engine
