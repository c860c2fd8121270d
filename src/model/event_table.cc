#include "model/event_table.h"

#include <algorithm>
#include <cassert>

namespace kept::model {
std::size_t Details::size() const {
  std::size_t count = 0;
  for (auto each = begin(); each != end(); ++each) ++count;
  return count;
}

uint32_t EventTable::append(const EventRow& row) {
  const std::size_t at = code_.size();
  assert(at < none);
  assert(row.occurred.lo_ms <= row.occurred.hi_ms);
  code_.push_back(row.code);
  lo_ms_.push_back(row.occurred.lo_ms);
  precision_.push_back(static_cast<uint8_t>(row.occurred.precision));
  if (row.occurred.precision == Precision::coarse) coarse_hi_ms_.set(at, row.occurred.hi_ms);
  if (row.recorded_at != row.occurred.lo_ms || !recorded_at_.empty()) {
    // Rows before this one were recorded at their own first moment.
    if (recorded_at_.size() < at) {
      if (recorded_at_.capacity() < lo_ms_.capacity()) recorded_at_.reserve(lo_ms_.capacity());
      recorded_at_.assign(lo_ms_.begin(), lo_ms_.begin() + static_cast<std::ptrdiff_t>(at));
    }
    recorded_at_.push_back(row.recorded_at);
  }
  // Absent values cost nothing: no column is longer than the table.
  if (row.participant != 0) participant_.set(at, row.participant);
  if (row.crime != 0) crime_.set(at, row.crime);
  if (row.suspect != 0) suspect_.set(at, row.suspect);
  if (row.hearing != 0) hearing_.set(at, row.hearing);
  if (row.key != 0) key_.set(at, row.key);
  if (row.source != 0) source_.set(at, row.source);
  if (row.agency != 0) agency_.set(at, row.agency);
  if (row.urn != 0) urn_.set(at, row.urn);
  if (!row.id.empty()) id_.set(at, keep_text(row.id));
  // What few events have is asked for once.
  if (row.has_known || row.recorded_assumed || !row.corrects.empty() || !row.retracts.empty()) {
    if (row.has_known) known_.set(at, static_cast<uint32_t>(add_moment(row.known)) + 1);
    if (row.recorded_assumed) recorded_assumed_.set(at, 1);
    if (!row.corrects.empty()) corrects_.set(at, keep_text(row.corrects));
    if (!row.retracts.empty()) retracts_.set(at, keep_text(row.retracts));
  }
  if (row.detail_count != 0) set_detail(static_cast<uint32_t>(at), row.detail, row.detail_count);
  return static_cast<uint32_t>(at);
}

uint32_t EventTable::append(const EventColumns& columns) {
  const std::size_t at = code_.size();
  const std::size_t count = columns.count;
  assert(at + count < none);
  code_.insert(code_.end(), columns.code, columns.code + count);
  lo_ms_.insert(lo_ms_.end(), columns.lo_ms, columns.lo_ms + count);
  if (columns.precision == nullptr) {
    precision_.insert(precision_.end(), count, static_cast<uint8_t>(Precision::instant));
  } else {
    precision_.insert(precision_.end(), columns.precision, columns.precision + count);
  }
  const int64_t* recorded_at = columns.recorded_at;
  if (recorded_at != nullptr && recorded_at_.empty() && std::equal(recorded_at, recorded_at + count, columns.lo_ms))
    recorded_at = nullptr;
  if (recorded_at != nullptr && recorded_at_.size() < at) {
    recorded_at_.reserve(lo_ms_.capacity());
    recorded_at_.assign(lo_ms_.begin(), lo_ms_.begin() + static_cast<std::ptrdiff_t>(at));
  }
  if (recorded_at != nullptr) {
    recorded_at_.insert(recorded_at_.end(), recorded_at, recorded_at + count);
  } else if (!recorded_at_.empty()) {
    recorded_at_.insert(recorded_at_.end(), columns.lo_ms, columns.lo_ms + count);
  }
  const auto add = [&](auto& column, const auto* values) {
    if (values != nullptr) column.append(at, values, count);
  };
  add(recorded_assumed_, columns.recorded_assumed);
  add(participant_, columns.participant);
  add(crime_, columns.crime);
  add(suspect_, columns.suspect);
  add(hearing_, columns.hearing);
  add(key_, columns.key);
  add(source_, columns.source);
  add(agency_, columns.agency);
  add(urn_, columns.urn);
  for (std::size_t i = 0; columns.id != nullptr && i < count; ++i) {
    if (!columns.id[i].empty()) id_.set(at + i, keep_text(columns.id[i]));
  }
  return static_cast<uint32_t>(at);
}

void EventTable::set_detail(uint32_t row, const DetailValue* detail, std::size_t count) {
  if (count == 0) return;
  assert(detail_at_[row] == 0 && details_.end() + count < none);
  packed_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const auto& [field, value] = detail[i];
    if (PackedDetail::fits(value)) {
      packed_.push_back(PackedDetail::of(field, value));
    } else {
      packed_.push_back(PackedDetail::of(field, static_cast<int64_t>(great_values_.size())) | PackedDetail::elsewhere);
      great_values_.push_back(value);
    }
  }
  packed_.back() |= PackedDetail::last;
  detail_at_.set(row, static_cast<uint32_t>(details_.add(packed_.data(), count)) + 1);
}

int64_t EventTable::add_moment(const Moment& moment) {
  assert(moments_.end() < none - 1);
  return static_cast<int64_t>(moments_.add(&moment, 1));
}

Moment EventTable::occurred(uint32_t row) const {
  const int64_t lo = lo_ms_[row];
  switch (precision(row)) {
    case Precision::instant:
      return {lo, lo, Precision::instant};
    case Precision::date:
      return {lo, calendar::end_of(calendar::london_date(lo)), Precision::date};
    case Precision::coarse:
      break;
  }
  return {lo, coarse_hi_ms_[row], Precision::coarse};
}

std::string EventTable::id(uint32_t row) const {
  const uint64_t reference = id_[row];
  return reference == 0 ? std::to_string(row) : std::string(text(reference));
}

bool EventTable::detail_value(uint32_t row, uint16_t field, int64_t* value) const {
  for (const DetailValue each : detail(row)) {
    if (each.field == field) {
      *value = each.value;
      return true;
    }
  }
  // The word that distinguishes a type is part of its code and need not be kept twice.
  const EventType& type = vocabulary_->type_of(code_[row]);
  if (type.distinguished_by != static_cast<int32_t>(field) || code_[row] == type.first_code) return false;
  *value = code_[row] - type.first_code - 1;
  return true;
}

void EventTable::reserve(std::size_t rows) {
  code_.reserve(rows);
  lo_ms_.reserve(rows);
  precision_.reserve(rows);
  for (SparseColumn<uint32_t>* column :
       {&participant_, &crime_, &suspect_, &hearing_, &key_, &source_, &agency_, &urn_, &detail_at_})
    column->expect(rows);
  id_.expect(rows);
  recorded_assumed_.expect(rows);
}

std::size_t EventTable::memory_bytes() const {
  std::size_t bytes = code_.capacity() * sizeof(uint16_t) + lo_ms_.capacity() * sizeof(int64_t) +
                      precision_.capacity() + recorded_at_.capacity() * sizeof(int64_t) +
                      great_values_.capacity() * sizeof(int64_t);
  const auto add = [&bytes](const auto&... parts) { ((bytes += parts.memory_bytes()), ...); };
  add(coarse_hi_ms_, known_, recorded_assumed_, participant_, crime_, suspect_, hearing_, key_, source_, agency_, urn_,
      id_, corrects_, retracts_, detail_at_, details_, moments_, arena_);
  add(participants, crimes, suspects, hearings, keys, sources, agencies, urns, codes);
  return bytes;
}

std::string_view EventTable::text(uint64_t reference) const {
  if (reference == 0) return {};
  const uint64_t packed = reference - 1;
  return {arena_.at(packed >> 16), packed & 0xffff};
}

uint64_t EventTable::keep_text(std::string_view text) {
  // Readers refuse longer ids (as rejects, with their line); here it would be a bug.
  assert(text.size() <= 0xffff);
  return (uint64_t{arena_.add(text.data(), text.size())} << 16 | text.size()) + 1;
}

}  // namespace kept::model
