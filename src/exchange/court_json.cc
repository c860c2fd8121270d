#include "exchange/court_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "model/moment.h"

namespace kept::exchange {

namespace dom = simdjson::dom;

std::optional<CourtJson::Element> CourtJson::at(const Element& from, std::initializer_list<std::string_view> path) {
  Element here = from;
  for (const std::string_view name : path) {
    dom::object object;
    Element next;
    if (here.get(object) != simdjson::SUCCESS || object.at_key(name).get(next) != simdjson::SUCCESS || next.is_null())
      return std::nullopt;
    here = next;
  }
  return here;
}

void CourtJson::note(std::initializer_list<std::string_view> path, const char* why) {
  if (fault_) return;
  std::string field;
  for (const std::string_view name : path) field += (field.empty() ? "" : ".") + std::string(name);
  fault_ = Fault{RejectReason::malformed, field, why};
}

std::string CourtJson::text(const Element& from, std::initializer_list<std::string_view> path) {
  const auto found = at(from, path);
  if (!found) return {};
  switch (found->type()) {
    case dom::element_type::STRING:
      return std::string(found->get_string().value_unsafe());
    case dom::element_type::INT64:
      return std::to_string(found->get_int64().value_unsafe());
    case dom::element_type::UINT64:
      return std::to_string(found->get_uint64().value_unsafe());
    case dom::element_type::BOOL:
      return found->get_bool().value_unsafe() ? "true" : "false";
    default:
      note(path, "this is one value: a text, a whole number or a truth");
      return {};
  }
}

std::vector<CourtJson::Element> CourtJson::list(const Element& from, std::initializer_list<std::string_view> path) {
  const auto found = at(from, path);
  if (!found) return {};
  dom::array array;
  if (found->get(array) != simdjson::SUCCESS) {
    note(path, "this is a list");
    return {};
  }
  return {array.begin(), array.end()};
}

std::optional<std::string> CourtJson::duplicate_name(const Element& element) {
  dom::array array;
  if (element.get(array) == simdjson::SUCCESS) {
    for (const Element each : array) {
      if (auto twice = duplicate_name(each)) return twice;
    }
    return std::nullopt;
  }
  dom::object object;
  if (element.get(object) != simdjson::SUCCESS) return std::nullopt;
  std::vector<std::string_view> names;
  for (const auto& [name, value] : object) {
    names.push_back(name);
    if (auto twice = duplicate_name(value)) return twice;
  }
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  return twice == names.end() ? std::nullopt : std::optional<std::string>(*twice);
}

std::size_t CourtRow::place(std::string_view column) const {
  const auto found = std::find(heading_.begin(), heading_.end(), column);
  assert(found != heading_.end());
  return static_cast<std::size_t>(found - heading_.begin());
}

void CourtRow::set(std::string_view column, std::string value) {
  if (value.empty()) return;
  kept_.push_back(std::move(value));
  cells_[place(column)] = Cell::of(kept_.back());
}

std::string_view CourtRow::get(std::string_view column) const { return cells_[place(column)].text(); }

void CourtRow::clear() {
  std::fill(cells_.begin(), cells_.end(), Cell());
  kept_.clear();
}

std::string hearing_kind(std::string_view called) {
  if (called.empty()) return {};
  std::string low(called);
  for (char& c : low) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  // In this order: "application for bail" is about bail, "plea and trial preparation" is no trial.
  static constexpr std::pair<const char*, const char*> words[] = {
      {"plea and trial", "plea_and_trial_preparation"},
      {"ptph", "plea_and_trial_preparation"},
      {"pcmh", "plea_and_trial_preparation"},
      {"plea and case", "plea_and_trial_preparation"},
      {"bail", "bail"},
      {"breach", "breach"},
      {"appeal", "appeal"},
      {"sentence", "sentence"},
      {"first hearing", "first_hearing"},
      {"first appearance", "first_hearing"},
      {"case management", "case_management"},
      {"pre-trial", "case_management"},
      {"pre trial", "case_management"},
      {"mention", "case_management"},
      {"application", "application"},
      {"trial", "trial"},
  };
  for (const auto& [word, kind] : words) {
    if (low.find(word) != std::string::npos) return kind;
  }
  return "other";
}

std::string london_day(const std::string& text) {
  const auto moment = model::parse_moment(text);
  if (!moment || moment->precision == model::Precision::coarse) return text;
  return calendar::to_string(moment->on());
}

std::string only_one(const std::vector<std::string>& ids) {
  std::string one;
  for (const std::string& id : ids) {
    if (id.empty()) continue;
    if (!one.empty() && id != one) return {};
    one = id;
  }
  return one;
}

base::Result<simdjson::padded_string> read_document(const std::string& head, ByteSource& source, std::size_t most_bytes,
                                                    const std::string& file) {
  std::string text = head;
  char bytes[65536];
  for (;;) {
    const auto count = source.read(bytes, sizeof bytes);
    if (!count) return count.error();
    if (*count == 0) break;
    text.append(bytes, *count);
    if (text.size() > most_bytes) {
      return base::Error{base::ErrorCode::too_large,
                         fmt::format("{}: a document of JSON has at most {} MiB; ask for it in parts, or for one event "
                                     "on each line",
                                     file, most_bytes >> 20)};
    }
  }
  if (text.starts_with("\xef\xbb\xbf")) text.erase(0, 3);
  return simdjson::padded_string(text);
}

}  // namespace kept::exchange
