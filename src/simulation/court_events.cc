#include "simulation/court_events.h"

#include <fmt/format.h>

#include <cassert>
#include <string_view>

#include "exchange/court_reasons.h"
#include "simulation/court_lists.h"
#include "simulation/fact_values.h"

namespace kept::simulation {
namespace {

/// The id of a reason with this code: of vacated trials where they have it, else of the others.
std::string_view reason_id(std::string_view code) {
  const exchange::CourtReason* found = nullptr;
  for (const exchange::CourtReason& reason : exchange::court_reasons()) {
    if (reason.code == code && (found == nullptr || reason.result == "vacated")) found = &reason;
  }
  assert(found != nullptr);
  return found->id;
}

}  // namespace

std::string_view called_by_courts(std::string_view kind) {
  if (kind == "first_hearing") return "First hearing";
  if (kind == "plea_and_trial_preparation") return "Plea and Trial Preparation";
  if (kind == "sentence") return "Sentence";
  assert(kind == "trial");
  return "Trial";
}

uint64_t append_court_events(std::string& text, const Fact& fact, const exchange::CourtRoute* court) {
  const exchange::NamedValues values = values_of(fact);
  const auto value = [&](const char* name) {
    const auto found = values.find(name);
    return found == values.end() ? std::string_view() : std::string_view(found->second);
  };
  const auto begin = [&](std::string_view event, std::string_view id) {
    text += fmt::format(R"({{"_metadata":{{"id":"{}","name":"public.listing.{}","createdAt":"{}"}})", id, event,
                        value("occurred_at"));
  };
  if (fact.type == Type::hearing_vacated) {
    begin("vacated-trial-updated", value("id"));
    text += fmt::format(R"(,"hearingId":"{}","isVacated":true,"vacatedTrialReasonId":"{}","allocated":false}})",
                        value("hearing"), reason_id(value("listing_reason")));
    text += '\n';
    return 1;
  }
  assert(fact.type == Type::hearing_listed);
  const std::string_view kind = value("hearing_kind");
  const bool first = !kind.empty();
  if (first) {
    begin("hearing-listed", fmt::format("{}-case", value("id")));
    text += fmt::format(R"(,"hearingId":"{}","hearingType":"{}","caseUrns":[{{"caseURN":"{}"}}]}})", value("hearing"),
                        called_by_courts(kind), value("urn"));
    text += '\n';
  }
  begin(first ? "hearing-confirmed" : "hearing-updated", value("id"));
  text += fmt::format(R"(,"{}":{{"id":"{}",)", first ? "confirmedHearing" : "updatedHearing", value("hearing"));
  if (first) text += fmt::format(R"("type":{{"description":"{}"}},)", called_by_courts(kind));
  if (court != nullptr)
    text += fmt::format(R"("jurisdictionType":"{}","courtCentre":{{"code":"{}","name":"{}"}},)",
                        fact.feed == Feed::crown ? "CROWN" : "MAGISTRATES", code_of(*court), court->name);
  text += fmt::format(
      R"("hearingDays":[{{"sittingDay":"{}T10:00:00.000Z"}}],"prosecutionCases":[{{"prosecutionCaseIdentifier":)"
      R"({{"caseURN":"{}"}},"defendants":[{{"id":"{}"}}]}}]}},"sendNotificationToParties":true}})",
      value("hearing_on"), value("urn"), value("suspect"));
  text += '\n';
  return first ? 2 : 1;
}

}  // namespace kept::simulation
