#pragma once
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "exchange/form_readers.h"

namespace kept::fuzz {

/// A vocabulary with every kind of field, for the targets that read events.
inline std::shared_ptr<const model::Vocabulary> vocabulary() {
  using namespace model;
  static const auto made = [] {
    auto out = std::make_shared<Vocabulary>();
    EventType told;
    told.name = "victim.informed";
    told.needs = carries_participant;
    told.carries = carries_crime | carries_suspect | carries_hearing | carries_urn;
    told.fields = {*out->add_field({"about", FieldKind::word, "", false, true, {"arrest", "bail"}}),
                   *out->add_field({"offence", FieldKind::code, "", false, true, {}}),
                   *out->add_field({"enhanced", FieldKind::yes_no, "", false, true, {}}),
                   *out->add_field({"amount", FieldKind::number, "", false, true, {}}),
                   *out->add_field({"until", FieldKind::date, "", false, true, {}}),
                   *out->add_field({"note", FieldKind::text, "", true, false, {}})};
    told.distinguished_by = told.fields[0];
    EventType link;
    link.name = "link.victim";
    link.meaning = Meaning::links_victim;
    link.needs = carries_participant | carries_crime;
    EventType complaint;
    complaint.name = "complaint.received";
    complaint.needs = carries_participant;
    complaint.key = "complaint";
    for (const auto& type : {told, link, complaint}) {
      const auto added = out->add_type(type);
      assert(added);
      (void)added;
    }
    return out;
  }();
  return made;
}

using Reader = base::Status (*)(exchange::Reading&, const exchange::Mapping*, const std::string&, exchange::ByteSource&,
                                const exchange::Progress&);

/// Reads the bytes whole and in small blocks: the same rows, and every row accounted for.
inline void read_twice(Reader reader, const exchange::Mapping* mapping, const std::uint8_t* data, std::size_t size) {
  uint64_t rows[2] = {0, 0};
  uint64_t taken[2] = {0, 0};
  bool read[2] = {false, false};
  for (int pass = 0; pass < 2; ++pass) {
    exchange::ReadRequest request;
    exchange::RejectList rejects;
    request.vocabulary = vocabulary();
    request.rejects = &rejects;
    request.limits.row_bytes = 4096;
    request.limits.field_bytes = 1024;
    if (pass == 1) request.limits.block_bytes = 61;
    exchange::Reading reading(request);
    const auto source = exchange::ByteSource::of(reinterpret_cast<const char*>(data), size);
    read[pass] = reader(reading, mapping, "input", *source, {}).ok();
    const auto& counts = reading.result.counts;
    assert(counts.rows == counts.taken + counts.rejected + counts.ignored + counts.duplicates);
    assert(counts.rejected == rejects.rows.size());
    rows[pass] = counts.rows;
    taken[pass] = counts.taken;
  }
  assert(read[0] == read[1]);
  assert(!read[0] || (rows[0] == rows[1] && taken[0] == taken[1]));
}

}  // namespace kept::fuzz
