#include "rules/calendar_file.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace kept::rules {
namespace {

using base::Error;
using base::Result;
using calendar::BankHoliday;
using calendar::LocalDate;
using calendar::WorkingDayCalendar;

constexpr std::uintmax_t largest_bytes = std::uintmax_t{4} << 20;

/// One YAML map whose keys are all known and each given once.
class Keys {
 public:
  static Result<Keys> of(const YAML::Node& node, const std::string& path, std::string_view what,
                         std::initializer_list<std::string_view> known) {
    Keys keys(node, path, what);
    if (!node.IsMap()) return keys.refuse(node, fmt::format("{} must be a list of `key: value`", what));
    for (const auto& pair : node) {
      if (!pair.first.IsScalar()) return keys.refuse(pair.first, fmt::format("a key of {} must be one word", what));
      const std::string key = pair.first.Scalar();
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        return keys.refuse(pair.first, fmt::format("{} has no key \"{}\"; it may have: {}", what, key.substr(0, 40),
                                                   fmt::join(known, ", ")));
      }
      if (!keys.values_.emplace(key, pair.second).second) {
        return keys.refuse(pair.first, fmt::format("\"{}\" is given twice in {}; keep one", key, what));
      }
    }
    return keys;
  }

  Error refuse(const YAML::Node& at, std::string_view message) const {
    return base::invalid(fmt::format("{}:{}: {}", path_, at.Mark().line + 1, message));
  }
  Error refuse(std::string_view message) const { return refuse(node_, message); }

  const YAML::Node* find(const std::string& key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? nullptr : &found->second;
  }
  Result<YAML::Node> node(const std::string& key) const {
    const YAML::Node* found = find(key);
    if (found == nullptr) return refuse(fmt::format("{} has no `{}:`; add it", what_, key));
    return *found;
  }
  Result<std::string> text(const std::string& key) const {
    auto found = node(key);
    if (!found) return found.error();
    if (!found->IsScalar() || found->Scalar().empty()) {
      return refuse(*found, fmt::format("`{}:` of {} must be text; write it on the same line", key, what_));
    }
    return found->Scalar();
  }
  Result<std::string> one_of(const std::string& key, std::initializer_list<std::string_view> words) const {
    auto word = text(key);
    if (!word) return word.error();
    if (std::find(words.begin(), words.end(), *word) == words.end()) {
      return refuse(*find(key), fmt::format("`{}: {}` is not known; write one of: {}", key, word->substr(0, 40),
                                            fmt::join(words, ", ")));
    }
    return word;
  }
  Result<LocalDate> date(const std::string& key) const {
    auto written = text(key);
    if (!written) return written.error();
    auto read = calendar::parse_date(*written);
    if (!read) return refuse(*find(key), fmt::format("`{}:` {}", key, read.error().message));
    return read;
  }

 private:
  Keys(const YAML::Node& node, std::string path, std::string_view what)
      : node_(node), path_(std::move(path)), what_(what) {}

  YAML::Node node_;
  std::string path_;
  std::string what_;
  std::map<std::string, YAML::Node> values_;
};

Result<BankHoliday> read_holiday(const YAML::Node& node, const std::string& path) {
  auto keys = Keys::of(node, path, "a holiday", {"on", "title", "announced_on", "withdrawn_on", "read"});
  if (!keys) return keys.error();
  auto on = keys->date("on");
  if (!on) return on.error();
  auto title = keys->text("title");
  if (!title) return title.error();
  BankHoliday holiday = {*on, *title, std::nullopt, std::nullopt};
  for (const auto& [key, into] :
       {std::pair{"announced_on", &holiday.announced_on}, std::pair{"withdrawn_on", &holiday.withdrawn_on}}) {
    if (keys->find(key) == nullptr) continue;
    auto day = keys->date(key);
    if (!day) return day.error();
    *into = *day;
  }
  const bool is_dated = holiday.announced_on || holiday.withdrawn_on;
  if (is_dated) {
    auto read = keys->one_of("read", {"official", "reproduction", "recalled"});
    if (!read) return read.error();
    holiday.recalled = *read == "recalled";
  } else if (keys->find("read") != nullptr) {
    return keys->refuse(
        *keys->find("read"),
        "`read:` says how announced_on or withdrawn_on was read, and this holiday has neither; remove it");
  }
  return holiday;
}

Result<CalendarFile> read_root(const YAML::Node& root, const std::string& path) {
  auto keys =
      Keys::of(root, path, "a calendar", {"calendar", "title", "first", "last", "source", "licence", "holidays"});
  if (!keys) return keys.error();
  auto id = keys->text("calendar");
  if (!id) return id.error();
  auto title = keys->text("title");
  if (!title) return title.error();
  auto licence = keys->text("licence");
  if (!licence) return licence.error();
  auto first = keys->date("first");
  if (!first) return first.error();
  auto last = keys->date("last");
  if (!last) return last.error();

  auto source_node = keys->node("source");
  if (!source_node) return source_node.error();
  auto source = Keys::of(*source_node, path, "a source", {"title", "url", "read", "as_of"});
  if (!source) return source.error();
  auto source_title = source->text("title");
  if (!source_title) return source_title.error();
  auto source_url = source->text("url");
  if (!source_url) return source_url.error();
  auto source_read = source->one_of("read", {"official", "reproduction", "recalled"});
  if (!source_read) return source_read.error();
  if (source->find("as_of") != nullptr) {
    auto as_of = source->date("as_of");
    if (!as_of) return as_of.error();
  }

  auto list = keys->node("holidays");
  if (!list) return list.error();
  if (!list->IsSequence())
    return keys->refuse(*list,
                        "`holidays:` must be a list; start each line with `- {on: 2026-12-25, title: Christmas Day}`");
  std::vector<BankHoliday> holidays;
  std::vector<YAML::Node> nodes;
  for (const YAML::Node& node : *list) {
    auto holiday = read_holiday(node, path);
    if (!holiday) return holiday.error();
    holidays.push_back(std::move(*holiday));
    nodes.push_back(node);
  }
  if (const auto problem = WorkingDayCalendar::problem(*first, *last, holidays)) {
    return keys->refuse(problem->holiday ? nodes[*problem->holiday] : *keys->find("last"), problem->message);
  }
  auto calendar = WorkingDayCalendar::make(*first, *last, std::move(holidays));
  if (!calendar) return calendar.error();
  return CalendarFile{*id, *title, *source_title, *source_url, *source_read, *licence, std::move(*calendar)};
}

}  // namespace

base::Result<CalendarFile> parse_calendar_file(const std::string& text, const std::string& path) {
  if (text.size() > largest_bytes) {
    return Error{base::ErrorCode::too_large,
                 fmt::format("{}: the calendar file has {} bytes, more than {}; it should be a few kilobytes of YAML",
                             path, text.size(), largest_bytes)};
  }
  // yaml-cpp reports broken text by throwing; it goes no further than here.
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.size() != 1 || documents.front().IsNull()) {
      return base::invalid(fmt::format("{}:1: a calendar file holds one calendar; this one holds {}", path,
                                       documents.empty() || documents.front().IsNull() ? "none" : "several"));
    }
    return read_root(documents.front(), path);
  } catch (const YAML::Exception& broken) {
    return base::invalid(fmt::format("{}:{}: this is not YAML: {}; compare with rules/calendars/england-and-wales.yaml",
                                     path, std::max(broken.mark.line, 0) + 1, broken.msg));
  }
}

base::Result<CalendarFile> read_calendar_file(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed)) {
    return Error{
        base::ErrorCode::not_found,
        fmt::format("{}: there is no such calendar file; give the path of a .yaml file with --calendar", path)};
  }
  const std::uintmax_t bytes = std::filesystem::file_size(path, failed);
  if (!failed && bytes > largest_bytes) {
    return Error{base::ErrorCode::too_large,
                 fmt::format("{}: the calendar file has {} bytes, more than {}; it should be a few kilobytes of YAML",
                             path, bytes, largest_bytes)};
  }
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    return Error{base::ErrorCode::io, fmt::format("{}: the calendar file cannot be read; check its permissions", path)};
  }
  return parse_calendar_file(text, path);
}

base::Result<calendar::WorkingDayCalendar> read_calendar(const std::string& path) {
  auto file = read_calendar_file(path);
  if (!file) return file.error();
  return std::move(file->calendar);
}

}  // namespace kept::rules
