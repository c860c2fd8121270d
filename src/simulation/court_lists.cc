#include "simulation/court_lists.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "calendar/london_time.h"
#include "simulation/court_events.h"
#include "simulation/fact_values.h"

namespace kept::simulation {

bool CourtLists::Due::operator<(const Due& other) const {
  return std::tuple(at, from, std::string_view(list)) < std::tuple(other.at, other.from, std::string_view(other.list));
}

const exchange::CourtRoute* court_of_case(const exchange::CourtRoutes& courts, std::string_view kind, uint32_t urn) {
  std::vector<const exchange::CourtRoute*> of_kind;
  for (const exchange::CourtRoute& court : courts.all())
    if (court.kind == kind) of_kind.push_back(&court);
  return of_kind.empty() ? nullptr : of_kind[urn % of_kind.size()];
}

const std::string& code_of(const exchange::CourtRoute& court) {
  return court.codes.empty() ? court.name : court.codes.front();
}

CourtLists::CourtLists(const exchange::CourtRoutes& courts, const std::string& kind, const Plan& plan,
                       const calendar::WorkingDays& working_days)
    : courts_(courts), kind_(kind) {
  const exchange::CourtRoute* const court = court_of_case(courts, kind, 0);
  if (court == nullptr) return;
  const int64_t begins = calendar::start_of(plan.from), ends = calendar::end_of(plan.to);
  const auto plan_list = [&](const char* list, calendar::LocalDate first, calendar::LocalDate from,
                             calendar::LocalDate to) {
    const auto at = exchange::list_due(*court, list, first, working_days);
    if (at && begins <= *at && *at <= ends) due_.push_back({*at, list, from, to});
  };
  constexpr int32_t furthest_days = 40;  // that a list is published ahead
  calendar::LocalDate last_working = plan.from - 1;
  calendar::LocalDate week_ends = plan.from - 1;
  for (calendar::LocalDate day = plan.from; day <= plan.to + furthest_days && working_days.covers(day); day = day + 1) {
    if (!working_days.is_working(day)) continue;
    plan_list("daily", day, last_working + 1, day);
    last_working = day;
    if (day <= week_ends) continue;
    constexpr int32_t thursday = 3;  // 1 January 1970 was one: Monday is 0
    week_ends = day + (6 - ((day.days + thursday) % 7 + 7) % 7);
    for (const char* list : {"firm", "warned"}) plan_list(list, day, day, week_ends);
  }
  std::sort(due_.begin(), due_.end());
}

void CourtLists::take(const Fact& fact) {
  const bool is_of_kind = fact.feed == (kind_ == "crown" ? Feed::crown : Feed::magistrates);
  if (!is_of_kind || (fact.type != Type::hearing_listed && fact.type != Type::hearing_vacated)) return;
  Standing& hearing = hearings_[fact.hearing];
  if (fact.urn != 0) hearing.urn = fact.urn;
  for (std::size_t i = 0; i < fact.detail_count; ++i)
    if (fact.details[i].field == Detail::hearing_kind)
      hearing.kind = reinterpret_cast<const char*>(static_cast<intptr_t>(fact.details[i].value));
  // What was typed late does not undo what happened since.
  if (fact.occurred_at < hearing.changed_at) return;
  hearing.changed_at = fact.occurred_at;
  hearing.is_listed = fact.type == Type::hearing_listed;
  for (std::size_t i = 0; i < fact.detail_count; ++i)
    if (fact.details[i].field == Detail::hearing_on) hearing.on = {static_cast<int32_t>(fact.details[i].value)};
}

std::vector<PublishedList> CourtLists::published_by(int64_t at_ms) {
  std::vector<PublishedList> lists;
  for (; next_ < due_.size() && due_[next_].at <= at_ms; ++next_)
    lists.push_back(kind_ == "crown" ? crown(due_[next_]) : magistrates(due_[next_]));
  return lists;
}

std::map<const exchange::CourtRoute*, std::vector<const CourtLists::Standing*>> CourtLists::of_days(
    const Due& due) const {
  std::map<const exchange::CourtRoute*, std::vector<const Standing*>> out;
  for (const auto& [number, hearing] : hearings_) {
    if (!hearing.is_listed || hearing.urn == 0 || hearing.on < due.from || due.to < hearing.on) continue;
    out[court_of_case(courts_, kind_, hearing.urn)].push_back(&hearing);
  }
  return out;
}

PublishedList CourtLists::crown(const Due& due) const {
  const std::string_view list = due.list;
  const char* const name = list == "daily" ? "DailyList" : list == "firm" ? "FirmList" : "WarnedList";
  PublishedList made{due.at, {}, 0};
  const std::string from = to_string(due.from), to = to_string(due.to);
  made.text = fmt::format(
      R"({{"{}":{{"DocumentID":{{"UniqueID":"{}-{}-{}"}},"ListHeader":{{"StartDate":"{}","EndDate":"{}","Version":"1.0",)"
      R"("PublishedTime":"{}"}},"CourtLists":[)",
      name, kind_, list, to, from, to, time_text(due.at, Written::instant));
  const char* between_houses = "";
  for (const auto& [court, hearings] : of_days(due)) {
    made.text += fmt::format(R"({}{{"CourtHouse":{{"CourtHouseCode":"{}","CourtHouseName":"{}"}},)", between_houses,
                             code_of(*court), court->name);
    made.text += list == "warned" ? R"("WithFixedDate":[{"Fixture":[)"
                                  : R"("Sittings":[{"CourtRoomNumber":1,"SittingAt":"10:00:00","Hearings":[)";
    const char* between = "";
    for (const Standing* hearing : hearings) {
      const std::string on = to_string(hearing->on);
      const std::string matter =
          fmt::format(R"("CaseNumber":"T{:08}","Defendants":[{{"URN":"{}"}}])", hearing->urn, hearing->urn);
      const std::string_view called = hearing->kind.empty() ? std::string_view() : called_by_courts(hearing->kind);
      made.text +=
          list == "warned"
              ? fmt::format(R"({}{{"FixedDate":"{}","Cases":[{{"Hearing":[{{"HearingDescription":"{}"}}],{}}}]}})",
                            between, on, called, matter)
              : fmt::format(R"({}{{"HearingDetails":{{"HearingDescription":"{}","HearingDate":"{}"}},{}}})", between,
                            called, on, matter);
      between = ",";
      ++made.rows;
    }
    made.text += "]}]}";
    between_houses = ",";
  }
  made.text += "]}}\n";
  return made;
}

PublishedList CourtLists::magistrates(const Due& due) const {
  PublishedList made{due.at, {}, 0};
  made.text =
      fmt::format(R"({{"document":{{"publicationDate":"{}"}},"courtLists":[)", time_text(due.at, Written::instant));
  const char* between_houses = "";
  for (const auto& [court, hearings] : of_days(due)) {
    made.text += fmt::format(
        R"({}{{"courtHouse":{{"courtHouseCode":"{}","courtHouseName":"{}","courtRoom":[{{"courtRoomName":"1","session":[{{"sittings":[)",
        between_houses, code_of(*court), court->name);
    const char* between = "";
    for (const Standing* hearing : hearings) {
      const std::string_view called = hearing->kind.empty() ? std::string_view() : called_by_courts(hearing->kind);
      made.text += fmt::format(
          R"({}{{"sittingStart":"{}T10:00:00.000Z","hearing":[{{"hearingType":"{}","case":[{{"caseUrn":"{}","party":[{{"partyRole":"DEFENDANT"}}]}}]}}]}})",
          between, to_string(hearing->on), called, hearing->urn);
      between = ",";
      ++made.rows;
    }
    made.text += "]}]}]}}";
    between_houses = ",";
  }
  made.text += "]}\n";
  return made;
}

}  // namespace kept::simulation
