#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "exchange/court_json.h"
#include "exchange/court_reasons.h"
#include "exchange/form_readers.h"
#include "exchange/json_lines.h"
#include "model/moment.h"

namespace kept::exchange {
namespace {

namespace dom = simdjson::dom;
using Element = CourtJson::Element;

/// What a mapping may name. docs/formats/courts.md says what each holds.
const std::vector<std::string> heading = {"event",    "name",       "event_id",     "created_at",   "hearing",
                                          "case_urn", "defendant",  "hearing_type", "hearing_kind", "hearing_on",
                                          "court",    "court_name", "court_kind",   "reason_code",  "reason_result"};

/// The name without the context that published it; empty: not of the listing context.
std::string_view short_name(std::string_view name) {
  for (const std::string_view prefix : {"public.listing.events.", "public.listing.", "listing.events."}) {
    if (name.starts_with(prefix) && name.size() > prefix.size()) return name.substr(prefix.size());
  }
  return {};
}

/// What has been read already, and then the rest.
class Replayed : public ByteSource {
 public:
  Replayed(std::string head, ByteSource& rest) : head_(std::move(head)), rest_(rest) {}
  base::Result<std::size_t> read(char* into, std::size_t capacity) override {
    if (at_ == head_.size()) return rest_.read(into, capacity);
    const std::size_t count = std::min(capacity, head_.size() - at_);
    std::memcpy(into, head_.data() + at_, count);
    at_ += count;
    return count;
  }
  uint64_t bytes_done() const override { return rest_.bytes_done(); }

 private:
  std::string head_;
  ByteSource& rest_;
  std::size_t at_ = 0;
};

/// Lays one event out as cells.
class Listing {
 public:
  explicit Listing(RowChecker& checker) : checker_(checker), row_(heading) {}

  /// False: stop.
  bool take(const Element& event, uint64_t number, std::string_view raw) {
    if (!event.is_object()) {
      return checker_.reject(number, raw, RejectReason::malformed, {}, {},
                             "each event is one JSON object with `_metadata`, its name in it, and its content");
    }
    if (const auto twice = CourtJson::duplicate_name(event)) {
      return checker_.reject(number, raw, RejectReason::duplicate_key, *twice, {},
                             "the name stands twice in one object; keep one");
    }
    json_.clear();
    row_.clear();
    // Beside its content, as it travels; or around it, as it is stored.
    const bool beside = CourtJson::at(event, {"_metadata"}).has_value();
    const Element metadata = beside ? *CourtJson::at(event, {"_metadata"}) : event;
    const auto stored = CourtJson::at(event, {"payload"});
    const Element content = beside || !stored ? event : *stored;
    const std::string name = json_.text(metadata, {"name"});
    const std::string_view plain = short_name(name);
    if (!json_.fault() && name.empty()) {
      return checker_.reject(number, raw, RejectReason::missing, "_metadata.name", {},
                             "an event of the courts says its name, such as public.listing.hearing-confirmed");
    }
    if (!json_.fault() && plain.empty()) {
      return checker_.reject(number, raw, RejectReason::unlisted_value, "_metadata.name", name,
                             "this is no event of the listing context (public.listing., listing.events.)");
    }
    row_.set("name", name);
    row_.set("event_id", json_.text(metadata, {"id"}));
    row_.set("created_at", json_.text(metadata, {"createdAt"}));
    lay_out(content, std::string(plain));
    if (json_.fault()) {
      const auto& fault = *json_.fault();
      return checker_.reject(number, raw, fault.reason, fault.field, {}, fault.why);
    }
    return checker_.take(row_.cells(), number, raw);
  }

 private:
  void lay_out(const Element& content, std::string event) {
    Element body = content;
    for (const std::string_view part : {"confirmedHearing", "updatedHearing", "hearing"}) {
      const auto inside = CourtJson::at(content, {part});
      if (inside && inside->is_object()) {
        body = *inside;
        break;
      }
    }
    std::string hearing = json_.text(content, {"hearingId"});
    if (hearing.empty()) hearing = json_.text(content, {"hearingIdToBeUpdated"});
    if (hearing.empty()) hearing = json_.text(body, {"id"});
    row_.set("hearing", std::move(hearing));

    std::string type = json_.text(body, {"type", "description"});
    if (type.empty() && !CourtJson::at(content, {"hearingType", "description"}))
      type = json_.text(content, {"hearingType"});
    if (type.empty())
      type = CourtJson::at(content, {"hearingType", "description"})
                 ? json_.text(content, {"hearingType", "description"})
                 : std::string();
    row_.set("hearing_kind", hearing_kind(type));
    row_.set("hearing_type", std::move(type));
    row_.set("hearing_on", day(content, body));

    std::string court = json_.text(body, {"courtCentre", "code"});
    if (court.empty()) court = json_.text(body, {"courtCentre", "id"});
    if (court.empty()) court = json_.text(content, {"courtCentreId"});
    row_.set("court", std::move(court));
    row_.set("court_name", json_.text(body, {"courtCentre", "name"}));
    const std::string jurisdiction = json_.text(body, {"jurisdictionType"});
    if (jurisdiction == "CROWN") row_.set("court_kind", "crown");
    if (jurisdiction == "MAGISTRATES") row_.set("court_kind", "magistrates");

    cases(content, body);

    // Two of the events say in a field whether they are what they are called.
    if (json_.text(content, {"isVacated"}) == "false") event += " isVacated=false";
    row_.set("event", std::move(event));
    const std::string reason = json_.text(content, {"vacatedTrialReasonId"});
    if (reason.empty()) return;
    const CourtReason* const known = court_reason(reason);
    // A reason that the courts have added since takes no news away from anybody.
    row_.set("reason_code", known == nullptr ? "unknown" : std::string(known->code));
    if (known != nullptr) row_.set("reason_result", std::string(known->result));
  }

  /// The first day that stands.
  std::string day(const Element& content, const Element& body) {
    std::string first;
    auto days = json_.list(body, {"hearingDays"});
    if (days.empty()) days = json_.list(content, {"hearingDays"});
    for (const Element& each : days) {
      if (json_.text(each, {"isCancelled"}) == "true") continue;
      std::string on;
      for (const std::string_view name : {"sittingDay", "hearingDate", "startTime"}) {
        if (on.empty()) on = json_.text(each, {name});
      }
      on = london_day(on);
      if (!on.empty() && (first.empty() || on < first)) first = on;
    }
    for (const std::string_view name : {"hearingDateTime", "startDateTime", "startDate", "hearingDate"}) {
      if (first.empty()) first = london_day(json_.text(content, {name}));
    }
    if (!first.empty()) return first;
    for (const Element& from : {body, content}) {
      const std::string begins = json_.text(from, {"weekCommencingStartDate"});
      const std::string ends = json_.text(from, {"weekCommencingEndDate"});
      if (!begins.empty()) return ends.empty() || ends == begins ? begins : begins + ".." + ends;
    }
    return {};
  }

  void cases(const Element& content, const Element& body) {
    std::vector<std::string> urns, defendants;
    for (const Element& each : json_.list(content, {"caseUrns"})) urns.push_back(json_.text(each, {"caseURN"}));
    for (const std::string_view name : {"prosecutionCases", "listedCases"}) {
      for (const Element& one : json_.list(body, {name})) {
        for (const std::initializer_list<std::string_view> path :
             {std::initializer_list<std::string_view>{"prosecutionCaseIdentifier", "caseURN"},
              std::initializer_list<std::string_view>{"caseIdentifier", "caseReference"}})
          urns.push_back(json_.text(one, path));
        for (const Element& defendant : json_.list(one, {"defendants"}))
          defendants.push_back(json_.text(defendant, {"id"}));
      }
    }
    row_.set("case_urn", only_one(urns));
    row_.set("defendant", only_one(defendants));
  }

  RowChecker& checker_;
  CourtJson json_;
  CourtRow row_;
};

const char* problem_of(simdjson::error_code error, RejectReason* reason) {
  *reason = RejectReason::malformed;
  if (error == simdjson::UTF8_ERROR) {
    *reason = RejectReason::not_text;
    return "this is not UTF-8; save the file as UTF-8";
  }
  if (error == simdjson::DEPTH_ERROR) {
    *reason = RejectReason::too_large;
    return "this is nested deeper than it may be";
  }
  return "this is not JSON: one event on each line, or a list of them";
}

}  // namespace

base::Status read_court_events(Reading& reading, const Mapping* mapping, const std::string& file, ByteSource& source,
                               const Progress& progress) {
  auto made = RowChecker::make(reading, mapping, file, &heading);
  if (!made) return made.error();
  RowChecker& checker = *made;
  const ReadLimits& limits = reading.request.limits;
  Listing listing(checker);

  // A list begins with a bracket: see past a byte order mark and blanks.
  std::string head;
  std::size_t begin = std::string::npos;
  while (begin == std::string::npos && head.size() < limits.row_bytes) {
    char bytes[4096];
    const auto count = source.read(bytes, sizeof bytes);
    if (!count) return count.error();
    if (*count == 0) break;
    head.append(bytes, *count);
    if (head.size() < 3) continue;
    begin = head.find_first_not_of(" \t\r\n", head.starts_with("\xef\xbb\xbf") ? 3 : 0);
  }
  dom::parser parser(limits.document_bytes);
  if (begin != std::string::npos && head[begin] == '[') {
    const auto text = read_document(head, source, limits.document_bytes, file);
    if (!text) return text.error();
    if (parser.allocate(text->size(), limits.document_depth) != simdjson::SUCCESS)
      return base::Error{base::ErrorCode::too_large, file + ": not enough memory for the document"};
    dom::array events;
    RejectReason reason = RejectReason::malformed;
    if (const auto error = parser.parse(*text).get(events); error != simdjson::SUCCESS) {
      const char* const why = problem_of(error, &reason);
      if (!checker.reject(1, std::string_view(*text).substr(0, 65536), reason, {}, {}, why)) return checker.error();
      return base::Done{};
    }
    uint64_t number = 0;
    for (const Element event : events) {
      const std::string raw = simdjson::minify(event);
      ++number;
      const bool goes_on = raw.size() > limits.row_bytes
                               ? checker.reject(number, std::string_view(raw).substr(0, 65536), RejectReason::too_large,
                                                {}, {}, "the event is longer than a row may be")
                               : listing.take(event, number, raw);
      if (!goes_on) return checker.error();
      if (progress && number % 1024 == 0) progress(source.bytes_done());
    }
    return base::Done{};
  }

  if (parser.allocate(limits.row_bytes, limits.document_depth) != simdjson::SUCCESS)
    return base::Error{base::ErrorCode::too_large, file + ": not enough memory for one row"};
  Replayed whole(std::move(head), source);
  const auto read = each_line(
      whole, limits,
      {[&](uint64_t number, std::string_view text) {
         RejectReason reason = RejectReason::too_large;
         if (text.size() > limits.row_bytes)
           return checker.reject(number, text, reason, {}, {}, "the row is longer than a row may be");
         Element event;
         if (const auto error = parser.parse(text.data(), text.size(), false).get(event); error != simdjson::SUCCESS) {
           const char* const why = problem_of(error, &reason);
           return checker.reject(number, text, reason, {}, {}, why);
         }
         return listing.take(event, number, text);
       },
       [&](uint64_t number, std::string_view beginning) {
         return checker.reject(number, beginning, RejectReason::too_large, {}, {},
                               "the row is longer than a row may be");
       }},
      progress);
  if (!read) return read.error();
  if (!*read) return checker.error();
  return base::Done{};
}

}  // namespace kept::exchange
