#include <fmt/format.h>

#include "exchange/form_readers.h"

namespace kept::exchange {

base::Status add_case_links(Reading& reading, const Mapping& mapping) {
  const model::Vocabulary& vocabulary = *reading.request.vocabulary;
  const model::EventType* link = nullptr;
  for (const auto& type : vocabulary.types()) {
    if (type.meaning == model::Meaning::links_victim) {
      link = &type;
      break;
    }
  }
  if (link == nullptr) {
    return base::invalid(fmt::format(
        "{}: `link: each case` needs a type of event that `means: links_victim`; declare one in the rules' vocabulary, "
        "such as  link.victim: {{says: ..., means: links_victim, needs: [participant, crime]}}",
        mapping.file));
  }
  ReadResult& result = reading.result;
  for (std::size_t participant = 1; participant < reading.cases.size(); ++participant) {
    const Reading::FirstEvent& first = reading.cases[participant];
    if (!first.seen) continue;
    model::EventRow row;
    row.code = link->first_code;
    row.occurred = first.occurred;
    row.recorded_at = first.occurred.lo_ms;
    row.recorded_assumed = true;
    row.participant = static_cast<uint32_t>(participant);
    row.crime = first.crime;
    row.source = first.source;
    row.agency = first.agency;
    result.table.append(row);
    ++result.counts.events;
    ++result.counts.links_added;
    ++result.counts.recorded_assumed;
    if (row.recorded_at > result.last_recorded_at || result.last_recorded_at == 0)
      result.last_recorded_at = row.recorded_at;
  }
  return base::Done{};
}

}  // namespace kept::exchange
