#include "sample_events.h"

// The same bytes as listing events of the courts and as a published court list.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace kept;
  const auto mapping = [](const char* yaml) {
    auto made = exchange::Mapping::parse(yaml, "mapping.yaml");
    assert(made);
    return std::move(made).value();
  };
  static const exchange::Mapping events = mapping(
      "mapping: 1\nformat: court-events\ntype: victim.informed about=arrest\n"
      "only: {event: {not: [court-room-changed-for-hearing]}}\n"
      "columns: {id: event_id, occurred_at: created_at, participant: hearing, hearing: hearing, urn: case_urn, "
      "suspect: defendant, until: hearing_on, offence: reason_code}\n");
  static const exchange::Mapping list = mapping(
      "mapping: 1\nformat: court-list\ntype: victim.informed about=bail\n"
      "columns: {id: \"{document}/{version}/{entry}\", occurred_at: published_at, participant: case, hearing: case, "
      "urn: case_urn, until: hearing_on, offence: hearing_kind}\n");
  fuzz::read_twice(&exchange::read_court_events, &events, data, size);
  fuzz::read_twice(&exchange::read_court_list, &list, data, size);
  return 0;
}
