#include "model/event_table.h"

#include <algorithm>
#include <cassert>

namespace kept::model {
namespace {

template <class T>
std::size_t bytes_of(const SparseColumn<T>& column) {
  return column.values().capacity() * sizeof(T);
}

}  // namespace

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
  assert(detail_at_[row] == 0 && details_.size() + count < none);
  detail_at_.set(row, static_cast<uint32_t>(details_.size()) + 1);
  details_.push_back({0, static_cast<int64_t>(count)});
  details_.insert(details_.end(), detail, detail + count);
}

int64_t EventTable::add_moment(const Moment& moment) {
  assert(moments_.size() < none - 1);
  moments_.push_back(moment);
  return static_cast<int64_t>(moments_.size() - 1);
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

std::pair<const DetailValue*, const DetailValue*> EventTable::detail(uint32_t row) const {
  const uint32_t at = detail_at_[row];
  if (at == 0) return {nullptr, nullptr};
  const DetailValue* header = details_.data() + (at - 1);
  return {header + 1, header + 1 + header->value};
}

bool EventTable::detail_value(uint32_t row, uint16_t field, int64_t* value) const {
  const auto [first, last] = detail(row);
  for (const DetailValue* it = first; it != last; ++it) {
    if (it->field == field) {
      *value = it->value;
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
  participant_.reserve(rows);
}

std::size_t EventTable::memory_bytes() const {
  std::size_t bytes = code_.capacity() * sizeof(uint16_t) + lo_ms_.capacity() * sizeof(int64_t) +
                      precision_.capacity() + recorded_at_.capacity() * sizeof(int64_t) + bytes_of(coarse_hi_ms_) +
                      bytes_of(known_) + bytes_of(recorded_assumed_) + bytes_of(participant_) + bytes_of(crime_) +
                      bytes_of(suspect_) + bytes_of(hearing_) + bytes_of(key_) + bytes_of(source_) + bytes_of(agency_) +
                      bytes_of(urn_) + bytes_of(id_) + bytes_of(corrects_) + bytes_of(retracts_) +
                      bytes_of(detail_at_) + details_.capacity() * sizeof(DetailValue) +
                      moments_.capacity() * sizeof(Moment) + arena_.capacity();
  for (const Symbols* symbols :
       {&participants, &crimes, &suspects, &hearings, &keys, &sources, &agencies, &urns, &codes}) {
    bytes += symbols->memory_bytes();
  }
  return bytes;
}

std::string_view EventTable::text(uint64_t reference) const {
  if (reference == 0) return {};
  const uint64_t packed = reference - 1;
  return std::string_view(arena_).substr(packed >> 16, packed & 0xffff);
}

uint64_t EventTable::keep_text(std::string_view text) {
  // Readers refuse longer ids (as rejects, with their line); here it would be a bug.
  assert(text.size() <= 0xffff);
  const uint64_t packed = uint64_t{arena_.size()} << 16 | text.size();
  arena_.append(text);
  return packed + 1;
}

}  // namespace kept::model
