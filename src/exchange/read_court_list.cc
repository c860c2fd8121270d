#include <fmt/format.h>

#include "exchange/court_json.h"
#include "exchange/form_readers.h"

namespace kept::exchange {
namespace {

namespace dom = simdjson::dom;
using Element = CourtJson::Element;

/// What a mapping may name. docs/formats/courts.md says what each holds. Names, ages and addresses of people are in the
/// lists and in none of these.
const std::vector<std::string> heading = {"list",  "document",   "version",    "entry",        "published_at",
                                          "case",  "case_urn",   "hearing_on", "hearing_type", "hearing_kind",
                                          "court", "court_name", "court_kind", "room",         "sitting_at",
                                          "fixed", "defendants"};

/// Walks one published list and lays each hearing out as cells.
class CourtList {
 public:
  explicit CourtList(RowChecker& checker) : checker_(checker), row_(heading) {}

  /// False: stop.
  bool take(const Element& root) {
    for (const auto& [name, list] : {std::pair("DailyList", "daily"), {"FirmList", "firm"}, {"WarnedList", "warned"}}) {
      const auto found = CourtJson::at(root, {name});
      if (!found) continue;
      list_ = list;
      return crown(*found);
    }
    if (CourtJson::at(root, {"courtLists"}) && CourtJson::at(root, {"document"})) {
      list_ = "magistrates";
      return magistrates(root);
    }
    return checker_.reject(1, {}, RejectReason::malformed, {}, {},
                           "this is no court list: a document with DailyList, FirmList or WarnedList, or with document "
                           "and courtLists");
  }

 private:
  /// Where one hearing stands.
  struct Place {
    std::string court, court_name, room, sitting_at, day, entry;
    bool fixed = true;
  };

  bool crown(const Element& list) {
    document_ = json_.text(list, {"DocumentID", "UniqueID"});
    version_ = json_.text(list, {"ListHeader", "Version"});
    published_ = json_.text(list, {"ListHeader", "PublishedTime"});
    const std::string from = json_.text(list, {"ListHeader", "StartDate"});
    const std::string to = json_.text(list, {"ListHeader", "EndDate"});
    const std::string span = to.empty() || from == to ? from : from + ".." + to;
    std::size_t house = 0;
    for (const Element& each : json_.list(list, {"CourtLists"})) {
      Place place;
      place.court = json_.text(each, {"CourtHouse", "CourtHouseCode"});
      place.court_name = json_.text(each, {"CourtHouse", "CourtHouseName"});
      const std::string sitting_day = json_.text(each, {"SittingDate"});
      place.day = sitting_day.empty() ? span : sitting_day;
      ++house;
      if (!sittings(each, place, house)) return false;
      for (const auto& [name, fixed] : {std::pair("WithFixedDate", true), {"WithoutFixedDate", false}}) {
        place.fixed = fixed;
        if (!warned(each, name, span, place, house)) return false;
      }
    }
    // Hearings that come in when others fall out: listed for the day, in no room yet.
    std::size_t reserve = 0;
    for (const Element& each : json_.list(list, {"ReserveList"})) {
      Place place;
      place.court = json_.text(list, {"CrownCourt", "CourtHouseCode"});
      place.court_name = json_.text(list, {"CrownCourt", "CourtHouseName"});
      place.day = span;
      place.fixed = false;
      place.entry = fmt::format("reserve.{}", ++reserve);
      if (!hearing(each, place)) return false;
    }
    return true;
  }

  bool sittings(const Element& house_list, Place place, std::size_t house) {
    std::size_t sitting = 0;
    for (const Element& each : json_.list(house_list, {"Sittings"})) {
      place.room = json_.text(each, {"CourtRoomNumber"});
      place.sitting_at = json_.text(each, {"SittingAt"});
      ++sitting;
      std::size_t number = 0;
      for (const Element& one : json_.list(each, {"Hearings"})) {
        place.entry = fmt::format("{}.{}.{}", house, sitting, ++number);
        if (!hearing(one, place)) return false;
      }
    }
    return true;
  }

  bool hearing(const Element& one, Place place) {
    const std::string day = json_.text(one, {"HearingDetails", "HearingDate"});
    if (!day.empty()) place.day = day;
    std::vector<std::string> urns;
    const auto defendants = json_.list(one, {"Defendants"});
    for (const Element& each : defendants) urns.push_back(json_.text(each, {"URN"}));
    std::string called = json_.text(one, {"HearingDetails", "HearingDescription"});
    if (called.empty()) called = json_.text(one, {"HearingDetails", "HearingType"});
    return row(place, json_.text(one, {"CaseNumber"}), urns, defendants.size(), std::move(called), "crown");
  }

  bool warned(const Element& house_list, const char* name, const std::string& span, Place place, std::size_t house) {
    std::size_t number = 0;
    for (const Element& group : json_.list(house_list, {name})) {
      for (const Element& fixture : json_.list(group, {"Fixture"})) {
        const std::string fixed_on = json_.text(fixture, {"FixedDate"});
        for (const Element& one : json_.list(fixture, {"Cases"})) {
          // Without a fixed date the case may come on any day of the list.
          place.day = place.fixed && !fixed_on.empty() ? fixed_on : span;
          place.entry = fmt::format("{}.{}.{}", house, place.fixed ? "fixed" : "warned", ++number);
          std::vector<std::string> urns;
          const auto defendants = json_.list(one, {"Defendants"});
          for (const Element& each : defendants) urns.push_back(json_.text(each, {"URN"}));
          const auto hearings = json_.list(one, {"Hearing"});
          std::string called = hearings.empty() ? std::string() : json_.text(hearings.front(), {"HearingDescription"});
          if (!row(place, json_.text(one, {"CaseNumber"}), urns, defendants.size(), std::move(called), "crown"))
            return false;
        }
      }
    }
    return true;
  }

  bool magistrates(const Element& root) {
    published_ = json_.text(root, {"document", "publicationDate"});
    std::size_t house = 0;
    for (const Element& each : json_.list(root, {"courtLists"})) {
      Place place;
      place.court_name = json_.text(each, {"courtHouse", "courtHouseName"});
      place.court = json_.text(each, {"courtHouse", "courtHouseCode"});
      document_ = fmt::format("{} {}", place.court_name, published_);
      ++house;
      std::size_t number = 0;
      for (const Element& room : json_.list(each, {"courtHouse", "courtRoom"})) {
        place.room = json_.text(room, {"courtRoomName"});
        for (const Element& session : json_.list(room, {"session"})) {
          for (const Element& sitting : json_.list(session, {"sittings"})) {
            place.sitting_at = json_.text(sitting, {"sittingStart"});
            place.day = london_day(place.sitting_at);
            for (const Element& one : json_.list(sitting, {"hearing"})) {
              std::string called = json_.text(one, {"hearingType"});
              for (const Element& matter : json_.list(one, {"case"})) {
                place.entry = fmt::format("{}.{}", house, ++number);
                const std::string urn = json_.text(matter, {"caseUrn"});
                std::size_t defendants = 0;
                for (const Element& party : json_.list(matter, {"party"}))
                  defendants += json_.text(party, {"partyRole"}) == "DEFENDANT" ? 1u : 0u;
                if (!row(place, urn, {urn}, defendants, called, "magistrates")) return false;
              }
            }
          }
        }
      }
    }
    return true;
  }

  bool row(const Place& place, std::string number, const std::vector<std::string>& urns, std::size_t defendants,
           std::string called, const char* court_kind) {
    ++rows_;
    row_.clear();
    row_.set("list", list_);
    row_.set("document", document_);
    row_.set("version", version_);
    row_.set("entry", place.entry);
    row_.set("published_at", published_);
    row_.set("case", std::move(number));
    row_.set("case_urn", only_one(urns));
    row_.set("hearing_on", place.day);
    row_.set("hearing_kind", hearing_kind(called));
    row_.set("hearing_type", std::move(called));
    row_.set("court", place.court);
    row_.set("court_name", place.court_name);
    row_.set("court_kind", court_kind);
    row_.set("room", place.room);
    row_.set("sitting_at", place.sitting_at);
    row_.set("fixed", place.fixed ? "yes" : "no");
    row_.set("defendants", std::to_string(defendants));
    if (json_.fault()) {
      const CourtJson::Fault fault = *json_.fault();
      json_.clear();
      return checker_.reject(rows_, {}, fault.reason, fault.field, {}, fault.why);
    }
    return checker_.take(row_.cells(), rows_, {});
  }

 public:
  /// A fault after the last hearing, or where there is none: the list as a whole.
  bool end() {
    if (!json_.fault()) return true;
    return checker_.reject(rows_ + 1, {}, json_.fault()->reason, json_.fault()->field, {}, json_.fault()->why);
  }

 private:
  RowChecker& checker_;
  CourtJson json_;
  CourtRow row_;
  std::string list_, document_, version_, published_;
  uint64_t rows_ = 0;
};

}  // namespace

base::Status read_court_list(Reading& reading, const Mapping* mapping, const std::string& file, ByteSource& source,
                             const Progress&) {
  auto made = RowChecker::make(reading, mapping, file, &heading);
  if (!made) return made.error();
  RowChecker& checker = *made;
  const ReadLimits& limits = reading.request.limits;
  const auto text = read_document({}, source, limits.document_bytes, file);
  if (!text) return text.error();
  dom::parser parser(limits.document_bytes);
  if (parser.allocate(text->size(), limits.document_depth) != simdjson::SUCCESS)
    return base::Error{base::ErrorCode::too_large, file + ": not enough memory for the document"};
  Element root;
  const auto error = parser.parse(*text).get(root);
  const std::string_view beginning = std::string_view(*text).substr(0, 65536);
  if (error == simdjson::DEPTH_ERROR) {
    if (!checker.reject(1, beginning, RejectReason::too_large, {}, {}, "the document is nested deeper than it may be"))
      return checker.error();
    return base::Done{};
  }
  if (error != simdjson::SUCCESS || !root.is_object()) {
    if (!checker.reject(1, beginning, error == simdjson::UTF8_ERROR ? RejectReason::not_text : RejectReason::malformed,
                        {}, {}, "a court list is one JSON document in UTF-8"))
      return checker.error();
    return base::Done{};
  }
  if (const auto twice = CourtJson::duplicate_name(root)) {
    if (!checker.reject(1, beginning, RejectReason::duplicate_key, *twice, {},
                        "the name stands twice in one object; keep one"))
      return checker.error();
    return base::Done{};
  }
  CourtList list(checker);
  if (!list.take(root) || !list.end()) return checker.error();
  return base::Done{};
}

}  // namespace kept::exchange
