#include "app/listing_changes.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

#include "app/court_facts.h"
#include "calendar/london_time.h"
#include "exchange/court_reasons.h"

namespace kept::app {
namespace {

using exchange::CourtRoute;
using exchange::CourtRoutes;

/// Of a court that is in no table: when it sits and when its results are looked for.
const CourtRoute& any_court() {
  static const CourtRoute any;
  return any;
}

/// Which court a hearing is at, by what its listings said up to a moment.
class CourtsOfHearings {
 public:
  CourtsOfHearings(const model::EventTable& table, const CourtRoutes& routes) : table_(table), routes_(routes) {
    const int32_t field = table.vocabulary().field_id("court");
    if (field < 0) return;
    for (uint32_t row = 0; row < table.size(); ++row) {
      int64_t value = 0;
      if (table.hearing(row) == 0 || !table.detail_value(row, static_cast<uint16_t>(field), &value)) continue;
      said_[table.hearing(row)].push_back({table.lo_ms(row), table.recorded_at(row), static_cast<uint32_t>(value)});
    }
    for (auto& [hearing, said] : said_) std::sort(said.begin(), said.end());
  }
  /// The court's code or name as its listings have it; empty: none had.
  std::string called(uint32_t hearing, int64_t at) const {
    const auto found = said_.find(hearing);
    if (found == said_.end()) return {};
    uint32_t code = std::get<2>(found->second.front());
    for (const auto& [said_at, recorded_at, name] : found->second)
      if (said_at <= at) code = name;
    return table_.codes.name(code);
  }
  /// Null: not in the table of courts.
  const CourtRoute* route(uint32_t hearing, int64_t at) const { return routes_.find(called(hearing, at)); }
  HearingCourt court(uint32_t hearing, int64_t at) const {
    const std::string name = called(hearing, at);
    const CourtRoute* const found = routes_.find(name);
    return found != nullptr ? HearingCourt{found->name, found->unit} : HearingCourt{name, ""};
  }

 private:
  const model::EventTable& table_;
  const CourtRoutes& routes_;
  std::unordered_map<uint32_t, std::vector<std::tuple<int64_t, int64_t, uint32_t>>> said_;
};

/// Which days listing events gave to hearings of which case file.
class StatedDays {
 public:
  void read(const model::EventTable& table) {
    const int32_t field = table.vocabulary().field_id("hearing_on");
    if (field < 0) return;
    for (uint32_t row = 0; row < table.size(); ++row) {
      int64_t value = 0;
      if (table.urn(row) == 0 || table.vocabulary().type_of(table.code(row)).name != "hearing.listed" ||
          !table.detail_value(row, static_cast<uint16_t>(field), &value))
        continue;
      const model::Moment& moment = table.moment(value);
      if (moment.precision != model::Precision::coarse)
        days_.emplace(table.urns.name(table.urn(row)), moment.on().days);
    }
  }
  bool has(const std::string& urn, const std::optional<calendar::LocalDate>& on) const {
    return on && !urn.empty() && days_.contains({urn, on->days});
  }

 private:
  std::set<std::pair<std::string, int32_t>> days_;
};

/// The URN of a row where a published list is all that says it; otherwise empty.
std::string listed_urn(const model::EventTable& table, uint32_t row) {
  const bool by_list = table.vocabulary().type_of(table.code(row)).name == "hearing.published";
  return by_list ? table.urns.name(table.urn(row)) : std::string();
}

bool is_asked_for(const HearingCourt& court, const std::string& name, const std::string& unit,
                  const CourtRoutes& routes) {
  if (!unit.empty() && court.unit != unit) return false;
  if (name.empty()) return true;
  const CourtRoute* const wanted = routes.find(name);
  return court.name == (wanted != nullptr ? wanted->name : name);
}

Notice notice_of(int64_t at, const std::optional<calendar::LocalDate>& on, const CourtRoute& court,
                 const calendar::WorkingDays& working_days) {
  Notice notice{at, {}, {}};
  if (!on) return notice;
  constexpr int64_t hour_ms = 3'600'000;
  const int64_t left = exchange::sits_at(court, *on) - at;
  notice.hours = left >= 0 ? left / hour_ms : -((-left + hour_ms - 1) / hour_ms);
  const calendar::LocalDate known = calendar::london_date(at);
  if (known >= *on) {
    notice.working_days = 0;
  } else if (working_days.covers(known - 1) && working_days.covers(*on)) {
    notice.working_days = working_days.between(known - 1, *on - 1);
  }
  return notice;
}

}  // namespace

base::Result<std::vector<ListingChange>> listing_changes(Store& store, const CourtRoutes& courts,
                                                         const ChangesRequest& request) {
  const calendar::WorkingDays working_days =
      store.rules().book.calendar->known_on(calendar::london_date(request.as_at));
  std::vector<ListingChange> changes;
  std::vector<std::string> by_list;  ///< of each change: the URN where a published list said it
  StatedDays stated;
  base::Status typed_known = base::Done{};
  const base::Status done = each_court_facts(store, CourtScope::victims, [&](const CourtFacts& facts) -> base::Status {
    const model::EventTable& table = facts.table;
    const CourtsOfHearings places(table, courts);
    stated.read(table);
    std::set<uint32_t> typed;  // rows whose batch came at a moment that a person typed
    const auto carried_at = [&](uint32_t row) -> std::optional<int64_t> {
      const CourtRoute* const route = places.route(table.hearing(row), table.lo_ms(row));
      if (route == nullptr || !route->carried || facts.historic[row]) return std::nullopt;
      const auto is_typed = is_receipt_typed(store, facts.batch[row]);
      if (!is_typed) typed_known = is_typed.error();
      if (is_typed && *is_typed) typed.insert(row);
      return facts.received_at[row];
    };
    for (const ListingNotice& notice : listing_notices(table, request.as_at, carried_at)) {
      if (!facts.hearings.contains(notice.hearing)) continue;
      const calendar::LocalDate made_on = calendar::london_date(notice.made_at);
      if (made_on < request.from || request.to < made_on) continue;
      ListingChange change;
      change.court = places.court(notice.hearing, notice.made_at);
      if (!is_asked_for(change.court, request.court, request.unit, courts)) continue;
      const CourtRoute* const route = places.route(notice.hearing, notice.made_at);
      const CourtRoute& court = route != nullptr ? *route : any_court();
      change.hearing = table.hearings.name(notice.hearing);
      change.change = notice.change;
      change.on = notice.on;
      change.made = notice_of(notice.made_at, notice.on, court, working_days);
      if (notice.on) {
        const auto due = exchange::list_due(court, "daily", *notice.on, working_days);
        change.after_list = due && *due < notice.made_at;
      }
      change.receipt = typed.contains(notice.row) ? ListingNotice::Receipt::typed : notice.receipt;
      if (notice.unit_had_at) change.unit_had = notice_of(*notice.unit_had_at, notice.on, court, working_days);
      for (const ToldOfListing& victim : notice.told) {
        ++change.victims;
        if (!victim.told_at) continue;
        ++change.told;
        change.too_late += victim.too_late;
        change.victims_had.push_back(notice_of(*victim.told_at, notice.on, court, working_days));
      }
      change.unlinked = notice.unlinked;
      changes.push_back(std::move(change));
      by_list.push_back(listed_urn(table, notice.row));
    }
    return typed_known;
  });
  if (!done) return done.error();
  std::vector<ListingChange> own;
  for (std::size_t i = 0; i < changes.size(); ++i)
    if (!stated.has(by_list[i], changes[i].on)) own.push_back(std::move(changes[i]));
  changes = std::move(own);
  std::sort(changes.begin(), changes.end(), [](const ListingChange& a, const ListingChange& b) {
    return std::tie(a.made.at, a.hearing, a.change) < std::tie(b.made.at, b.hearing, b.change);
  });
  return changes;
}

base::Result<std::vector<UnresultedHearing>> unresulted_hearings(Store& store, const CourtRoutes& courts,
                                                                 calendar::LocalDate day,
                                                                 std::optional<int64_t> recorded_by,
                                                                 const std::string& court, const std::string& unit) {
  std::set<int64_t> mornings{exchange::results_due(any_court(), day)};
  for (const CourtRoute& each : courts.all()) mornings.insert(exchange::results_due(each, day));
  std::vector<UnresultedHearing> out;
  std::vector<std::string> by_list;
  StatedDays stated;
  const base::Status done = each_court_facts(store, CourtScope::hearings, [&](const CourtFacts& facts) -> base::Status {
    const CourtsOfHearings places(facts.table, courts);
    stated.read(facts.table);
    for (const int64_t morning : mornings) {
      for (const HearingWithoutResult& each :
           hearings_without_result(facts.table, day, recorded_by.value_or(morning))) {
        const int64_t at = calendar::end_of(day);
        const CourtRoute* const route = places.route(each.hearing, at);
        const int64_t due = exchange::results_due(route != nullptr ? *route : any_court(), day);
        if (due != morning) continue;
        UnresultedHearing found{facts.table.hearings.name(each.hearing), places.court(each.hearing, at), each.held,
                                due};
        if (!is_asked_for(found.court, court, unit, courts)) continue;
        out.push_back(std::move(found));
        by_list.push_back(listed_urn(facts.table, each.listing));
      }
    }
    return base::Done{};
  });
  if (!done) return done.error();
  std::vector<UnresultedHearing> own;
  for (std::size_t i = 0; i < out.size(); ++i)
    if (!stated.has(by_list[i], day)) own.push_back(std::move(out[i]));
  out = std::move(own);
  std::sort(out.begin(), out.end(), [](const UnresultedHearing& a, const UnresultedHearing& b) {
    return std::tie(a.court, a.hearing) < std::tie(b.court, b.hearing);
  });
  return out;
}

namespace {

/// What the courts mean by a code with this result; without a result only where all that have the code mean the same.
std::string reason_words(std::string_view code, std::string_view result, const CourtRoute* court) {
  std::string_view says;
  for (const exchange::CourtReason& reason : exchange::court_reasons()) {
    if (reason.code != code || (!result.empty() && reason.result != result)) continue;
    const auto of = reason.jurisdiction == exchange::CourtReason::crown         ? "crown"
                    : reason.jurisdiction == exchange::CourtReason::magistrates ? "magistrates"
                                                                                : "";
    if (*of != '\0' && court != nullptr && court->kind != of) continue;
    if (!says.empty() && says != reason.says)
      return "(one of several reasons with this code: the events do not say which)";
    says = reason.says;
  }
  return std::string(says);
}

}  // namespace

base::Result<std::vector<ReasonCount>> reason_counts(Store& store, const CourtRoutes& courts,
                                                     const ChangesRequest& request) {
  std::map<std::tuple<std::string, std::string, std::string>, uint64_t> counts;
  const base::Status done = each_court_facts(store, CourtScope::hearings, [&](const CourtFacts& facts) -> base::Status {
    const model::EventTable& table = facts.table;
    const CourtsOfHearings places(table, courts);
    for (const CodedReason& reason : coded_reasons(table, request.as_at)) {
      const calendar::LocalDate on = calendar::london_date(table.lo_ms(reason.row));
      const uint32_t hearing = table.hearing(reason.row);
      if (on < request.from || request.to < on || !facts.hearings.contains(hearing)) continue;
      const int64_t at = table.lo_ms(reason.row);
      if (!is_asked_for(places.court(hearing, at), request.court, request.unit, courts)) continue;
      const std::string says = reason_words(reason.code, reason.result, places.route(hearing, at));
      ++counts[{std::string(reason.result), reason.code, says}];
    }
    return base::Done{};
  });
  if (!done) return done.error();
  std::vector<ReasonCount> out;
  for (const auto& [key, count] : counts) out.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
  return out;
}

}  // namespace kept::app
