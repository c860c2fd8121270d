#include "exchange/court_routes.h"

#include <fmt/format.h>

#include <algorithm>

#include "exchange/rejects.h"
#include "exchange/rhythm.h"
#include "exchange/strict_yaml.h"

namespace kept::exchange {
namespace {

using namespace strict_yaml;

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

class Reader {
 public:
  Reader(std::vector<CourtRoute>& routes, const model::Vocabulary& vocabulary)
      : routes_(routes), vocabulary_(vocabulary) {}

  void read(const YAML::Node& root) {
    static const std::vector<std::string> known = {"courts", "says", "kinds", "rows"};
    if (!root.IsMap() || !root["courts"]) throw Refused{1, "a table of courts begins with its version:  courts: 1"};
    if (scalar(root["courts"], "courts") != "1") {
      throw Refused{line_of(root["courts"]),
                    fmt::format("this table is written in version {} of the form; this build reads version 1: use a "
                                "newer Kept, or the older form",
                                shown(root["courts"].Scalar(), 20)),
                    base::ErrorCode::unsupported};
    }
    const auto all = entries(root, "a table of courts", &known);
    if (!root["kinds"] || !root["rows"]) throw Refused{1, "a table of courts has `kinds` and `rows`"};
    for (const auto& [name, node] : entries(root["kinds"], "kinds", nullptr)) kind(name, node);
    if (!root["rows"].IsSequence()) refuse(root["rows"], "rows lists the courts, one map each");
    for (const auto& node : root["rows"]) row(node);
  }

 private:
  void kind(const std::string& name, const YAML::Node& node) {
    const int32_t field = vocabulary_.field_id("court_kind");
    const bool is_kind =
        field >= 0 && std::ranges::count(vocabulary_.fields()[static_cast<std::size_t>(field)].words, name) == 1;
    if (!is_kind) refuse(node, fmt::format("\"{}\" is no word of court_kind in the vocabulary", shown(name, 40)));
    static const std::vector<std::string> known = {"agency", "lists", "sits", "results_by", "carried"};
    CourtRoute& made = kinds_[name];
    made.kind = name;
    for (const auto& [key, value] : entries(node, "a kind of court", &known)) {
      if (key == "agency") {
        made.agency = agency(value, "hmcts");
        continue;
      }
      if (hours(key, value, &made)) continue;
      if (key == "carried") {
        made.carried = yes_no(value, "carried");
        continue;
      }
      static const std::vector<std::string> times = {"days", "by"};
      for (const auto& [list, time] : entries(value, "lists", nullptr)) {
        ListTime& at = made.lists[list];
        for (const auto& [part, stated] : entries(time, "a list's time", &times)) {
          if (part == "days") {
            at.days = static_cast<int32_t>(number(stated, "days", 0, 100));
          } else {
            at.minute = minute_of(stated, "by");
          }
        }
      }
    }
    if (made.agency.empty()) refuse(node, "a kind of court says its `agency`");
  }

  void row(const YAML::Node& node) {
    static const std::vector<std::string> known = {"name", "codes", "kind", "unit", "sits", "results_by"};
    std::string kind_name;
    CourtRoute route, own;
    bool own_sits = false, own_results = false;
    std::vector<std::string> codes;
    for (const auto& [key, value] : entries(node, "a court", &known)) {
      if (key == "name") {
        route.name = scalar(value, "name");
      } else if (key == "codes") {
        codes = one_or_more(value, "codes");
      } else if (key == "kind") {
        kind_name = scalar(value, "kind");
        if (!kinds_.contains(kind_name))
          refuse(value, fmt::format("\"{}\" is not one of `kinds` above", shown(kind_name, 40)));
      } else if (hours(key, value, &own)) {
        (key == "sits" ? own_sits : own_results) = true;
      } else {
        route.unit = agency(value, "wcu");
      }
    }
    if (route.name.empty() || kind_name.empty() || route.unit.empty())
      refuse(node, "a court has a `name`, a `kind` and the `unit` that is told");
    const CourtRoute& like = kinds_.at(kind_name);
    route.kind = like.kind;
    route.agency = like.agency;
    route.lists = like.lists;
    route.carried = like.carried;
    route.sits = own_sits ? own.sits : like.sits;
    route.results_by = own_results ? own.results_by : like.results_by;
    route.codes = std::move(codes);
    std::vector<std::string> names = route.codes;
    names.push_back(route.name);
    for (const auto& name : names) {
      for (const CourtRoute& other : routes_) {
        if (lower(other.name) == lower(name) || std::ranges::count(other.codes, name) != 0)
          refuse(node, fmt::format("\"{}\" is already the court {}; name each once", shown(name, 60), other.name));
      }
    }
    routes_.push_back(std::move(route));
  }

  bool hours(std::string_view key, const YAML::Node& value, CourtRoute* court) {
    if (key == "sits") {
      court->sits = minute_of(value, "sits");
    } else if (key == "results_by") {
      court->results_by = minute_of(value, "results_by");
    } else {
      return false;
    }
    return true;
  }

  std::string agency(const YAML::Node& node, const char* role) {
    const std::string name = scalar(node, "an agency");
    const auto listed = vocabulary_.roles().find(name);
    if (listed == vocabulary_.roles().end() || listed->second != role) {
      refuse(node, fmt::format("\"{}\" is not listed in rules/vocabulary/agencies.yaml with the role {}",
                               shown(name, 40), role));
    }
    return name;
  }

  std::vector<CourtRoute>& routes_;
  const model::Vocabulary& vocabulary_;
  std::map<std::string, CourtRoute> kinds_;
};

}  // namespace

const CourtRoute* CourtRoutes::find(std::string_view court) const {
  const std::string low = lower(court);
  const auto found = std::ranges::find_if(routes_, [&](const CourtRoute& route) {
    return lower(route.name) == low || std::ranges::find(route.codes, court) != route.codes.end();
  });
  return found == routes_.end() ? nullptr : &*found;
}

base::Result<CourtRoutes> CourtRoutes::parse(std::string_view yaml, const std::string& name,
                                             const model::Vocabulary& vocabulary) {
  CourtRoutes routes;
  const base::Status read =
      parsed(yaml, name, [&](const YAML::Node& root) { Reader(routes.routes_, vocabulary).read(root); });
  if (!read.ok()) return read.error();
  return routes;
}

base::Result<CourtRoutes> CourtRoutes::load(const std::string& path, const model::Vocabulary& vocabulary) {
  constexpr std::size_t most_bytes = 256 * 1024;
  const auto text = read_whole(path, most_bytes);
  if (!text) return text.error();
  if (text->size() > most_bytes)
    return base::Error{base::ErrorCode::too_large, fmt::format("{}: a table of courts has at most 256 KiB", path)};
  return parse(*text, path, vocabulary);
}

int64_t sits_at(const CourtRoute& court, calendar::LocalDate day) { return at_minute(day, court.sits); }
int64_t results_due(const CourtRoute& court, calendar::LocalDate day) { return at_minute(day + 1, court.results_by); }

std::optional<int64_t> list_due(const CourtRoute& court, std::string_view list, calendar::LocalDate for_day,
                                const calendar::WorkingDays& working_days) {
  const auto time = court.lists.find(list);
  calendar::LocalDate on;
  if (time == court.lists.end() || !working_days.covers(for_day) ||
      !working_days.nth_before(for_day, time->second.days, &on))
    return std::nullopt;
  return at_minute(on, time->second.minute);
}

}  // namespace kept::exchange
