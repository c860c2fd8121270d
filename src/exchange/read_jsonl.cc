#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <deque>

#include "exchange/form_readers.h"
#include "exchange/json_lines.h"

namespace kept::exchange {
namespace {

namespace dom = simdjson::dom;

/// One line's object laid out as cells.
class Line {
 public:
  Line(RowChecker& checker, const ReadLimits& limits)
      : checker_(checker), limits_(limits), cells_(checker.width()), seen_(checker.width()) {}

  struct Fault {
    RejectReason reason;
    std::string field, value, why;
  };

  void clear() {
    for (const uint32_t slot : used_) {
      cells_[slot] = {};
      seen_[slot] = 0;
    }
    used_.clear();
    kept_.clear();
    names_ = 0;
  }
  /// False: `fault` says why.
  bool object(const dom::object& object, const std::string& prefix) {
    std::vector<std::string_view> keys;
    for (const auto& [key, value] : object) {
      if (++names_ > limits_.columns)
        return fail(RejectReason::too_large, {}, {}, fmt::format("more than {} names in one row", limits_.columns));
      keys.push_back(key);
    }
    // Few names: comparing each with each is quicker than a table; many are sorted.
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) {
      return fail(RejectReason::duplicate_key, prefix + std::string(*twice), {},
                  "the name stands twice in one object; keep one");
    }
    for (const auto& [key, value] : object) {
      const std::string name = prefix.empty() ? std::string(key) : prefix + std::string(key);
      if (value.is_object()) {
        const int32_t slot = checker_.slot(name);
        if (slot < 0) {
          if (!this->object(value.get_object().value_unsafe(), name + ".")) return false;
          continue;
        }
        return fail(RejectReason::malformed, name, {}, "this is one value, not an object");
      }
      if (value.is_null()) continue;
      const int32_t slot = checker_.slot(name);
      if (slot == RowChecker::not_used) continue;
      if (slot == RowChecker::not_known) {
        return fail(RejectReason::unknown_field, name, {},
                    "neither a part of an event nor a key or field of the vocabulary; correct the name, or describe "
                    "the file in a mapping");
      }
      const auto index = static_cast<uint32_t>(slot);
      if (seen_[index] != 0)
        return fail(RejectReason::duplicate_key, name, {}, "the name stands twice, once inside `detail`; keep one");
      seen_[index] = 1;
      used_.push_back(index);
      if (!scalar(name, value, &cells_[index])) return false;
    }
    return true;
  }
  const Cell* cells() const { return cells_.data(); }
  const Fault& fault() const { return fault_; }

 private:
  bool fail(RejectReason reason, std::string field, std::string value, std::string why) {
    fault_ = {reason, std::move(field), std::move(value), std::move(why)};
    return false;
  }
  bool scalar(const std::string& name, const dom::element& value, Cell* cell) {
    switch (value.type()) {
      case dom::element_type::STRING:
        *cell = Cell::of(value.get_string().value_unsafe());
        return true;
      case dom::element_type::INT64:
        *cell = Cell::of(Cell::Kind::whole, value.get_int64().value_unsafe());
        return true;
      case dom::element_type::UINT64:
        kept_.push_back(std::to_string(value.get_uint64().value_unsafe()));
        *cell = Cell::of(kept_.back());
        return true;
      case dom::element_type::DOUBLE:
        cell->kind = Cell::Kind::real;
        cell->real = value.get_double().value_unsafe();
        return true;
      case dom::element_type::BOOL:
        *cell = Cell::of(Cell::Kind::yes_no, value.get_bool().value_unsafe() ? 1 : 0);
        return true;
      default:
        return fail(RejectReason::malformed, name, {}, "this is one value, not a list");
    }
  }

  RowChecker& checker_;
  const ReadLimits& limits_;
  std::vector<Cell> cells_;
  std::vector<uint8_t> seen_;
  std::vector<uint32_t> used_;
  std::deque<std::string> kept_;
  std::size_t names_ = 0;
  Fault fault_{};
};

}  // namespace

base::Status read_jsonl(Reading& reading, const Mapping* mapping, const std::string& file, ByteSource& source,
                        const Progress& progress) {
  auto made = RowChecker::make(reading, mapping, file, nullptr);
  if (!made) return made.error();
  RowChecker& checker = *made;
  const ReadLimits& limits = reading.request.limits;
  dom::parser parser(limits.row_bytes);
  if (parser.allocate(limits.row_bytes, limits.depth) != simdjson::SUCCESS) {
    return base::Error{base::ErrorCode::too_large, file + ": not enough memory for one row"};
  }
  Line line(checker, limits);

  const auto take = [&](uint64_t number, std::string_view text) {
    if (text.size() > limits.row_bytes) {
      return checker.reject(number, text, RejectReason::too_large, {}, {}, "the row is longer than a row may be");
    }
    dom::element root;
    const auto error = parser.parse(text.data(), text.size(), false).get(root);
    if (error == simdjson::UTF8_ERROR) {
      return checker.reject(number, text, RejectReason::not_text, {}, {},
                            "the row is not UTF-8; save the file as UTF-8, or name its encoding in a mapping");
    }
    if (error == simdjson::DEPTH_ERROR) {
      return checker.reject(number, text, RejectReason::too_large, {}, {},
                            fmt::format("the row is nested more than {} deep", limits.depth));
    }
    if (error != simdjson::SUCCESS) {
      return checker.reject(number, text, RejectReason::malformed, {}, {},
                            fmt::format("this is not one JSON object on one line: {}", simdjson::error_message(error)));
    }
    dom::object object;
    if (root.get(object) != simdjson::SUCCESS) {
      return checker.reject(number, text, RejectReason::malformed, {}, {},
                            "each line is one JSON object: {\"type\": ..., \"occurred_at\": ...}");
    }
    line.clear();
    if (!line.object(object, {})) {
      const auto& fault = line.fault();
      return checker.reject(number, text, fault.reason, fault.field, fault.value, fault.why);
    }
    return checker.take(line.cells(), number, text);
  };

  const auto read = each_line(source, limits,
                              {take,
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
