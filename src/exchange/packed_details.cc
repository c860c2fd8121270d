#include "exchange/packed_details.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

namespace kept::exchange {

namespace dom = simdjson::dom;

struct PackedDetails::Parser {
  dom::parser parser;
};

PackedDetails::PackedDetails() : parser_(std::make_unique<Parser>()) {}
PackedDetails::PackedDetails(PackedDetails&&) noexcept = default;
PackedDetails& PackedDetails::operator=(PackedDetails&&) noexcept = default;
PackedDetails::~PackedDetails() = default;

bool PackedDetails::fail(RejectReason reason, std::string_view name, std::string why) {
  fault_ = {reason, std::string(name), std::move(why)};
  return false;
}

/// The plain form, `{"name":"value","name":12}`, without blanks, escapes or anything else: nearly all that is ever met.
/// False: it is not that, or a name stands twice; nothing is said of it.
bool PackedDetails::read_plain(std::string_view text) {
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') return false;
  std::size_t at = 1;
  const std::size_t end = text.size() - 1;
  const auto quoted = [&](std::string_view* out) {
    if (at >= end || text[at] != '"') return false;
    const std::size_t from = ++at;
    while (at < end && text[at] != '"') {
      if (text[at] == '\\' || static_cast<unsigned char>(text[at]) < 0x20) return false;
      ++at;
    }
    *out = text.substr(from, at - from);
    return at++ < end;
  };
  while (at < end) {
    Entry entry;
    if (entries_.size() == 16 || !quoted(&entry.name) || at >= end || text[at++] != ':') return false;
    if (at < end && text[at] == '"') {
      if (!quoted(&entry.value)) return false;
    } else {
      const std::size_t from = at;
      while (at < end && text[at] != ',') ++at;
      entry.value = text.substr(from, at - from);
      if (entry.value == "true") {
        entry.value = "yes";
      } else if (entry.value == "false") {
        entry.value = "no";
      } else if (entry.value.empty() || entry.value.size() > 15 || (entry.value[0] == '0' && entry.value.size() > 1) ||
                 entry.value.find_first_not_of("0123456789") != std::string_view::npos) {
        return false;
      }
    }
    for (const Entry& other : entries_)
      if (other.name == entry.name) return false;
    entries_.push_back(entry);
    if (at < end && (text[at++] != ',' || at == end)) return false;
  }
  std::erase_if(entries_, [](const Entry& entry) { return entry.value.empty(); });
  return true;
}

bool PackedDetails::read(std::string_view text) {
  entries_.clear();
  if (read_plain(text)) return true;
  entries_.clear();
  made_.clear();
  dom::object object;
  if (parser_->parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS)
    return fail(RejectReason::malformed, {}, "this is not one JSON object: {\"about\": \"arrest\", ...}");
  std::vector<std::string_view> names;
  for (const auto& [name, value] : object) {
    if (std::find(names.begin(), names.end(), name) != names.end())
      return fail(RejectReason::duplicate_key, name, "the name stands twice in one object; keep one");
    names.push_back(name);
    std::string said;
    switch (value.type()) {
      case dom::element_type::STRING:
        said = value.get_string().value_unsafe();
        break;
      case dom::element_type::INT64:
        said = std::to_string(value.get_int64().value_unsafe());
        break;
      case dom::element_type::UINT64:
        said = std::to_string(value.get_uint64().value_unsafe());
        break;
      case dom::element_type::DOUBLE:
        said = fmt::format("{}", value.get_double().value_unsafe());
        break;
      case dom::element_type::BOOL:
        said = value.get_bool().value_unsafe() ? "yes" : "no";
        break;
      case dom::element_type::NULL_VALUE:
        break;
      default:
        return fail(RejectReason::malformed, name, "this is one value, not a list or an object");
    }
    if (names.size() > most_names)
      return fail(RejectReason::too_large, {}, fmt::format("more than {} names in one object", most_names));
    if (!said.empty()) entries_.push_back({made_.emplace_back(name), made_.emplace_back(std::move(said))});
  }
  return true;
}

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void pack_detail(std::string& out, std::string_view name, std::string_view value) {
  out += out.empty() ? '{' : ',';
  append_json_text(out, name);
  out += ':';
  append_json_text(out, value);
}

}  // namespace kept::exchange
