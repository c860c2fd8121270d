#pragma once
#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <memory>
#include <vector>

namespace kept::model {

/// A column that takes no memory until a value other than its default is set.
template <class T>
class SparseColumn {
 public:
  explicit SparseColumn(T absent = T{}) : absent_(absent) {}
  bool empty() const { return values_.empty(); }
  T operator[](std::size_t row) const { return row < values_.size() ? values_[row] : absent_; }
  void set(std::size_t row, T value) {
    if (row < values_.size()) {
      values_[row] = value;
    } else if (value != absent_) {
      make_room(row + 1);
      if (row != values_.size()) values_.resize(row, absent_);
      values_.push_back(value);
    }
  }
  /// The values of rows `row` to `row + count - 1`, none of them set before.
  void append(std::size_t row, const T* values, std::size_t count) {
    make_room(row + count);
    if (row != values_.size()) values_.resize(row, absent_);
    values_.insert(values_.end(), values, values + count);
  }
  /// Room for so many rows, taken at once when the first value comes: memory is dear where it is first touched, and a
  /// column that grows by copying itself touches it twice or thrice.
  void expect(std::size_t rows) { expected_ = rows; }
  const std::vector<T>& values() const { return values_; }  ///< may be shorter than the table
  std::size_t memory_bytes() const { return values_.capacity() * sizeof(T); }

 private:
  void make_room(std::size_t size) {
    if (size > values_.capacity()) values_.reserve(std::max(expected_, size + size / 2 + 16));
  }

  T absent_;
  std::size_t expected_ = 0;
  std::vector<T> values_;
};

/// A column that few rows have a value in: two bits a row, and the values themselves.
template <class T>
class RareColumn {
 public:
  bool empty() const { return values_.empty(); }
  T operator[](std::size_t row) const {
    if (row / 64 >= words_.size()) return T{};
    const Word& word = words_[row / 64];
    if ((word.has >> (row % 64) & 1) == 0) return T{};
    return values_[word.before + static_cast<std::size_t>(std::popcount(word.has & (bit(row) - 1)))];
  }
  /// Precondition: no value was set of this row or a later one.
  void set(std::size_t row, T value) {
    if (row / 64 >= words_.size()) words_.resize(row / 64 + 1, Word{0, values_.size()});
    assert(row / 64 + 1 == words_.size() && words_.back().has < bit(row));
    words_.back().has |= bit(row);
    values_.push_back(value);
  }
  std::size_t memory_bytes() const { return values_.capacity() * sizeof(T) + words_.capacity() * sizeof(Word); }

 private:
  struct Word {
    uint64_t has;        ///< a bit for each of 64 rows
    std::size_t before;  ///< how many values rows before them have
  };
  static uint64_t bit(std::size_t row) { return uint64_t{1} << (row % 64); }
  std::vector<Word> words_;
  std::vector<T> values_;
};

/// Short runs of values, one after another, each in one piece. It grows by a chunk and never moves what it holds.
template <class T>
class Runs {
 public:
  static constexpr std::size_t longest = (std::size_t{1} << 16) / sizeof(T);  ///< a chunk: 64 KiB
  /// Where the run begins. Precondition: it is not longer than `longest`.
  std::size_t add(const T* values, std::size_t count) {
    assert(count <= longest);
    if (count > chunks_.size() * longest - end_) {
      end_ = chunks_.size() * longest;
      chunks_.push_back(std::make_unique_for_overwrite<T[]>(longest));
    }
    std::copy_n(values, count, chunks_.back().get() + end_ % longest);
    end_ += count;
    return end_ - count;
  }
  const T* at(std::size_t place) const { return chunks_[place / longest].get() + place % longest; }
  std::size_t end() const { return end_; }
  std::size_t memory_bytes() const { return chunks_.size() * longest * sizeof(T); }

 private:
  std::vector<std::unique_ptr<T[]>> chunks_;
  std::size_t end_ = 0;  ///< one past the last run's last value
};

}  // namespace kept::model
