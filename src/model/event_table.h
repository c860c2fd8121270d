#pragma once
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/moment.h"
#include "model/sparse_columns.h"
#include "model/symbols.h"
#include "model/vocabulary.h"

namespace kept::model {

/// One value of `detail`, as the engine reads it. `value` by FieldKind: 0/1, number, word index, code symbol, index
/// into moments.
struct DetailValue {
  uint16_t field;
  int64_t value;
};

/// A DetailValue in eight bytes, as the table keeps it: the field, whether it is the row's last, and the value, or
/// where a value that does not fit is.
class PackedDetail {
 public:
  static constexpr uint64_t last = uint64_t{1} << 47;
  static constexpr uint64_t elsewhere = uint64_t{1} << 46;
  static bool fits(int64_t value) { return value >= -(int64_t{1} << 45) && value < int64_t{1} << 45; }
  static uint64_t of(uint16_t field, int64_t value) {
    return uint64_t{field} << 48 | (static_cast<uint64_t>(value) & (elsewhere - 1));
  }
  static uint16_t field(uint64_t packed) { return static_cast<uint16_t>(packed >> 48); }
  static int64_t value(uint64_t packed) { return static_cast<int64_t>(packed << 18) >> 18; }
};

/// The detail values of one row, to be walked once or more.
class Details {
 public:
  class Iterator {
   public:
    Iterator(const uint64_t* at, const std::vector<int64_t>* great) : at_(at), great_(great) {}
    DetailValue operator*() const {
      const int64_t value = PackedDetail::value(*at_);
      const bool elsewhere = (*at_ & PackedDetail::elsewhere) != 0;
      return {PackedDetail::field(*at_), elsewhere ? (*great_)[static_cast<std::size_t>(value)] : value};
    }
    Iterator& operator++() {
      at_ = (*at_ & PackedDetail::last) != 0 ? nullptr : at_ + 1;
      return *this;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const uint64_t* at_;  ///< null: past the last
    const std::vector<int64_t>* great_;
  };
  Details(const uint64_t* first, const std::vector<int64_t>* great) : first_(first), great_(great) {}
  Iterator begin() const { return {first_, great_}; }
  Iterator end() const { return {nullptr, great_}; }
  bool empty() const { return first_ == nullptr; }
  std::size_t size() const;

 private:
  const uint64_t* first_;
  const std::vector<int64_t>* great_;
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
  /// For a table of a few people out of very many. Precondition: it is empty.
  void expect_few() {
    for (Symbols* names : {&participants, &crimes, &suspects, &hearings, &keys, &sources, &agencies, &urns, &codes})
      names->expect_few();
  }

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
  const Moment& moment(int64_t index) const { return *moments_.at(static_cast<std::size_t>(index)); }

  uint32_t size() const { return static_cast<uint32_t>(code_.size()); }
  const Vocabulary& vocabulary() const { return *vocabulary_; }
  const std::shared_ptr<const Vocabulary>& shared_vocabulary() const { return vocabulary_; }

  uint16_t code(uint32_t row) const { return code_[row]; }
  int64_t lo_ms(uint32_t row) const { return lo_ms_[row]; }
  Precision precision(uint32_t row) const { return static_cast<Precision>(precision_[row]); }
  Moment occurred(uint32_t row) const;
  bool has_known(uint32_t row) const { return known_[row] != 0; }
  Moment known(uint32_t row) const { return *moments_.at(known_[row] - 1); }
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
  Details detail(uint32_t row) const { return detail_from(first_detail(row)); }
  /// Where the row's detail lies, for callers that come back to it; null where it has none.
  const uint64_t* first_detail(uint32_t row) const {
    const uint32_t at = detail_at_[row];
    return at == 0 ? nullptr : details_.at(at - 1);
  }
  Details detail_from(const uint64_t* first) const { return {first, &great_values_}; }
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

  /// Room for so many rows in all, in the columns that turn out to be used.
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
  RareColumn<int64_t> coarse_hi_ms_;
  RareColumn<uint32_t> known_;  ///< index into moments_ + 1
  SparseColumn<uint8_t> recorded_assumed_;
  SparseColumn<uint32_t> participant_, crime_, suspect_, hearing_, key_, source_, agency_, urn_;
  SparseColumn<uint64_t> id_;
  RareColumn<uint64_t> corrects_, retracts_;
  SparseColumn<uint32_t> detail_at_;  ///< where its PackedDetails are in details_ + 1
  Runs<uint64_t> details_;
  std::vector<uint64_t> packed_;       ///< scratch of set_detail
  std::vector<int64_t> great_values_;  ///< those that a PackedDetail has no room for
  Runs<Moment> moments_;
  Runs<char> arena_;
};

}  // namespace kept::model
