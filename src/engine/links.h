#pragma once
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "engine/facts.h"
#include "model/event_table.h"

namespace kept::engine {

/// Lists by a dense symbol: the entries of symbol s are [begin(s), end(s)).
template <class T>
class Index {
 public:
  void make(uint32_t symbols, std::vector<std::pair<uint32_t, T>> pairs) {
    start_.assign(symbols + 1, 0);
    for (const auto& [symbol, value] : pairs) ++start_[symbol + 1];
    for (uint32_t s = 0; s < symbols; ++s) start_[s + 1] += start_[s];
    values_.resize(pairs.size());
    std::vector<uint32_t> next(start_.begin(), start_.end() - 1);
    for (const auto& [symbol, value] : pairs) values_[next[symbol]++] = value;
  }
  const T* begin(uint32_t symbol) const {
    return values_.data() + (symbol + 1 < start_.size() ? start_[symbol] : values_.size());
  }
  const T* end(uint32_t symbol) const {
    return values_.data() + (symbol + 1 < start_.size() ? start_[symbol + 1] : values_.size());
  }
  bool empty() const { return values_.empty(); }

 private:
  std::vector<uint32_t> start_{0};
  std::vector<T> values_;
};

/// Someone or something recorded as part of a crime, from when (the first possible moment of the link).
struct Link {
  uint32_t other;
  int64_t since;
};

/// A participant that an event without a participant is owed to, and the crime through which.
struct Reached {
  uint32_t participant;
  uint32_t crime;
};

/// Who is concerned in which crime (C2): facts follow the suspect and the crime, never the case.
class Links {
 public:
  Links(const model::EventTable& table, const Facts& facts, int64_t as_at, int threads);
  bool empty() const { return empty_; }

  /// Participants that the content of `row`, which names none, is owed to; each once, through the crime of the greatest
  /// name. Empty with `*unlinked` set where the link that would carry it is not recorded: a task, not a guess.
  void reach(uint32_t row, std::vector<Reached>* out, bool* unlinked) const;
  /// Through which crime does `row` reach `participant`? false: it does not.
  bool reaches(uint32_t row, uint32_t participant, uint32_t* crime) const;
  /// Since when `participant` is recorded as a victim of `crime` (0: of any); `no_link`: never was.
  static constexpr int64_t no_link = std::numeric_limits<int64_t>::min();
  int64_t victim_since(uint32_t participant, uint32_t crime) const;
  /// Since when `suspect` is recorded as concerned in `crime`; `never`: not linked.
  int64_t suspect_since(uint32_t suspect, uint32_t crime) const;
  const Index<Link>& victims_of() const { return victims_of_; }
  const Index<Link>& crimes_of_hearing() const { return crimes_of_hearing_; }

 private:
  void crimes_of(uint32_t row, std::vector<uint32_t>* out) const;

  const model::EventTable& table_;
  bool empty_ = true;
  Index<Link> victims_of_, suspects_of_, crimes_of_hearing_, crimes_of_suspect_, crimes_of_participant_;
};

}  // namespace kept::engine
