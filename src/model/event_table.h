#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/moment.h"
#include "model/symbols.h"
#include "model/vocabulary.h"

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
      if (row != values_.size()) fill_to(row);
      values_.push_back(value);
    }
  }
  /// The values of rows `row` to `row + count - 1`, none of them set before.
  void append(std::size_t row, const T* values, std::size_t count) {
    if (row != values_.size()) fill_to(row);
    values_.insert(values_.end(), values, values + count);
  }
  void reserve(std::size_t rows) { values_.reserve(rows); }
  const std::vector<T>& values() const { return values_; }  ///< may be shorter than the table
  void clear() {
    values_.clear();
    values_.shrink_to_fit();
  }

 private:
  void fill_to(std::size_t row) {
    if (values_.capacity() <= row) values_.reserve(row + row / 2 + 16);
    values_.resize(row, absent_);
  }

  T absent_;
  std::vector<T> values_;
};

/// One value of `detail`, as the engine reads it. `value` by FieldKind: 0/1, number, word index, code symbol, index
/// into moments.
struct DetailValue {
  uint16_t field;
  int64_t value;
};

/// One event on its way into the table: everything already checked against the vocabulary and turned into codes (0 =
/// absent).
struct EventRow {
  uint16_t code = 0;
  Moment occurred;
  bool has_known = false;
  Moment known;
  int64_t recorded_at = 0;
  bool recorded_assumed = false;  ///< a mapping supplied it: a missing fact where C17-C19 turn on it
  uint32_t participant = 0, crime = 0, suspect = 0, hearing = 0, key = 0;
  uint32_t source = 0, agency = 0, urn = 0;
  std::string_view id;        ///< empty: the row's number stands for it; at most 65,535 bytes, as the next two
  std::string_view corrects;  ///< id within the same source
  std::string_view retracts;
  const DetailValue* detail = nullptr;
  std::size_t detail_count = 0;
};

/// Rows on their way into the table as whole columns, checked as an EventRow's values are. A null column: none of the
/// rows has the value.
struct EventColumns {
  std::size_t count = 0;
  const uint16_t* code = nullptr;
  const int64_t* lo_ms = nullptr;
  const uint8_t* precision = nullptr;    ///< null: all are instants
  const int64_t* recorded_at = nullptr;  ///< null: each at its own first moment
  const uint8_t* recorded_assumed = nullptr;
  const uint32_t* participant = nullptr;
  const uint32_t* crime = nullptr;
  const uint32_t* suspect = nullptr;
  const uint32_t* hearing = nullptr;
  const uint32_t* key = nullptr;
  const uint32_t* source = nullptr;
  const uint32_t* agency = nullptr;
  const uint32_t* urn = nullptr;
  const std::string_view* id = nullptr;
};

/// Events as columns: what readers fill and the engine judges. Append only; rows keep their number.
/// Memory: about 30 bytes an event plus its id and the optional columns in use.
class EventTable {
 public:
  explicit EventTable(std::shared_ptr<const Vocabulary> vocabulary) : vocabulary_(std::move(vocabulary)) {}
  static constexpr uint32_t none = std::numeric_limits<uint32_t>::max();

  Symbols participants, crimes, suspects, hearings, keys, sources, agencies, urns, codes;

  /// Returns the row's number. Precondition: fewer than 2^32-1 rows.
  uint32_t append(const EventRow& row);
  /// Many rows at once; returns the first one's number. What few rows have is set afterwards, with the next three.
  uint32_t append(const EventColumns& columns);
  /// The last moment of a row whose precision is coarse.
  void set_coarse_end(uint32_t row, int64_t hi_ms) { coarse_hi_ms_.set(row, hi_ms); }
  void set_known(uint32_t row, const Moment& known) { known_.set(row, static_cast<uint32_t>(add_moment(known)) + 1); }
  /// Gives a row its detail. Precondition: it has none.
  void set_detail(uint32_t row, const DetailValue* detail, std::size_t count);
  /// Index under which a DetailValue of kind date refers to `moment`.
  int64_t add_moment(const Moment& moment);
  const Moment& moment(int64_t index) const { return moments_[static_cast<std::size_t>(index)]; }

  uint32_t size() const { return static_cast<uint32_t>(code_.size()); }
  const Vocabulary& vocabulary() const { return *vocabulary_; }
  const std::shared_ptr<const Vocabulary>& shared_vocabulary() const { return vocabulary_; }

  uint16_t code(uint32_t row) const { return code_[row]; }
  int64_t lo_ms(uint32_t row) const { return lo_ms_[row]; }
  Precision precision(uint32_t row) const { return static_cast<Precision>(precision_[row]); }
  Moment occurred(uint32_t row) const;
  bool has_known(uint32_t row) const { return known_[row] != 0; }
  Moment known(uint32_t row) const { return moments_[known_[row] - 1]; }
  int64_t recorded_at(uint32_t row) const { return row < recorded_at_.size() ? recorded_at_[row] : lo_ms_[row]; }
  /// True while no event was recorded at another moment than its own first one.
  bool recorded_with_occurrence() const { return recorded_at_.empty(); }
  bool any_recorded_assumed() const { return !recorded_assumed_.empty(); }
  bool recorded_assumed(uint32_t row) const { return recorded_assumed_[row] != 0; }
  uint32_t participant(uint32_t row) const { return participant_[row]; }
  uint32_t crime(uint32_t row) const { return crime_[row]; }
  uint32_t suspect(uint32_t row) const { return suspect_[row]; }
  uint32_t hearing(uint32_t row) const { return hearing_[row]; }
  uint32_t key(uint32_t row) const { return key_[row]; }
  uint32_t source(uint32_t row) const { return source_[row]; }
  uint32_t agency(uint32_t row) const { return agency_[row]; }
  uint32_t urn(uint32_t row) const { return urn_[row]; }
  /// The event's id within its source; the row's number in decimal where the input gave none.
  std::string id(uint32_t row) const;
  /// The id as the input gave it; empty where it gave none.
  std::string_view given_id(uint32_t row) const { return text(id_[row]); }
  std::string_view corrects(uint32_t row) const { return text(corrects_[row]); }
  std::string_view retracts(uint32_t row) const { return text(retracts_[row]); }
  bool any_corrections() const { return !corrects_.empty() || !retracts_.empty(); }
  bool has_ids() const { return !id_.empty(); }
  /// The row's detail values, in the order given.
  std::pair<const DetailValue*, const DetailValue*> detail(uint32_t row) const;
  /// The value of one field, or false when absent. The word that distinguishes a type comes from its code.
  bool detail_value(uint32_t row, uint16_t field, int64_t* value) const;

  // Whole columns, for grouping. Sparse ones may be shorter than the table (missing tail = absent).
  const std::vector<uint16_t>& code_column() const { return code_; }
  const std::vector<int64_t>& lo_column() const { return lo_ms_; }
  const std::vector<uint8_t>& precision_column() const { return precision_; }
  const SparseColumn<uint32_t>& participant_column() const { return participant_; }
  const SparseColumn<uint32_t>& crime_column() const { return crime_; }
  const SparseColumn<uint32_t>& suspect_column() const { return suspect_; }
  const SparseColumn<uint32_t>& hearing_column() const { return hearing_; }
  const SparseColumn<uint32_t>& key_column() const { return key_; }

  /// Asks the processor for what is usually read of this row, for callers that meet rows at random.
  void fetch_ahead(uint32_t row) const {
    if (!recorded_at_.empty()) __builtin_prefetch(recorded_at_.data() + row);
    for (const SparseColumn<uint32_t>* column : {&crime_, &suspect_, &hearing_, &agency_, &detail_at_})
      if (!column->empty()) __builtin_prefetch(column->values().data() + row);
  }

  void reserve(std::size_t rows);
  std::size_t memory_bytes() const;

 private:
  std::string_view text(uint64_t reference) const;  ///< (offset << 16 | length) + 1; 0 is empty
  uint64_t keep_text(std::string_view text);

  std::shared_ptr<const Vocabulary> vocabulary_;
  std::vector<uint16_t> code_;
  std::vector<int64_t> lo_ms_;
  std::vector<uint8_t> precision_;
  std::vector<int64_t> recorded_at_;  ///< empty while every event was recorded at its own first moment
  SparseColumn<int64_t> coarse_hi_ms_;
  SparseColumn<uint32_t> known_;  ///< index into moments_ + 1
  SparseColumn<uint8_t> recorded_assumed_;
  SparseColumn<uint32_t> participant_, crime_, suspect_, hearing_, key_, source_, agency_, urn_;
  SparseColumn<uint64_t> id_, corrects_, retracts_;
  SparseColumn<uint32_t> detail_at_;  ///< index into details_ + 1 of a header value whose `value` is the count
  std::vector<DetailValue> details_;
  std::vector<Moment> moments_;
  std::string arena_;
};

}  // namespace kept::model
